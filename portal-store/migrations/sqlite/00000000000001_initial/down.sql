DROP TABLE finding;
DROP TABLE relation;
DROP TABLE entity;
DROP TABLE part;
DROP TABLE scope;
DROP TABLE revision;
DROP TABLE head;
