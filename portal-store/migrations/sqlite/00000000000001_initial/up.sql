-- Times are RFC 3339 in UTC. A row of entity or relation is valid from one revision until another; the newest have no end.

CREATE TABLE head (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    revision    BIGINT NOT NULL,
    generation  BIGINT NOT NULL, -- grows with every commit, also one that makes no revision
    rules       TEXT,            -- digest of the rules that the newest state was resolved with
    findings    TEXT             -- digest of all findings
);
INSERT INTO head (id, revision, generation) VALUES (1, 0, 0);

CREATE TABLE revision (
    id       BIGINT PRIMARY KEY NOT NULL,
    made_at  TEXT   NOT NULL,
    cause    TEXT   NOT NULL,
    added    BIGINT NOT NULL, -- entities put, of which some may be changed ones
    retired  BIGINT NOT NULL
);

-- How far each scope was ingested.
CREATE TABLE scope (
    folder    TEXT PRIMARY KEY NOT NULL,
    source    TEXT   NOT NULL,
    scope     TEXT   NOT NULL, -- JSON
    run       BIGINT NOT NULL,
    manifest  TEXT   NOT NULL, -- digest
    read_at   TEXT   NOT NULL
);

-- What is known of each scope x kind.
CREATE TABLE part (
    key           TEXT PRIMARY KEY NOT NULL,
    source        TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    coverage      TEXT   NOT NULL,
    items         BIGINT NOT NULL,
    read_at       TEXT   NOT NULL,
    good_at       TEXT,
    data          TEXT   NOT NULL, -- JSON, all of it
    observations  BLOB             -- JSON, zstd
);

CREATE TABLE entity (
    id          INTEGER PRIMARY KEY NOT NULL,
    ref         TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    ownership   TEXT, -- state; NULL for what has no owner
    team        TEXT, -- slug of the owner
    rule        TEXT,
    product     TEXT,
    account     TEXT,
    region      TEXT,
    created_at  TEXT, -- as the outside system says
    data        TEXT   NOT NULL, -- JSON, without live
    digest      TEXT   NOT NULL,
    live        TEXT, -- JSON; counts of running copies, kept in place
    first_seen  TEXT   NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT
);
CREATE UNIQUE INDEX entity_now ON entity (ref) WHERE valid_to IS NULL;
CREATE INDEX entity_history ON entity (ref, valid_from);
CREATE INDEX entity_name ON entity (name COLLATE NOCASE) WHERE valid_to IS NULL;
CREATE INDEX entity_team ON entity (team) WHERE valid_to IS NULL AND team IS NOT NULL;
CREATE INDEX entity_product ON entity (product) WHERE valid_to IS NULL AND product IS NOT NULL;
CREATE INDEX entity_account ON entity (account) WHERE valid_to IS NULL AND account IS NOT NULL;
CREATE INDEX entity_type ON entity (type) WHERE valid_to IS NULL;

-- Relations that do not follow from one entity: runs_as, uses, depends_on, created_by.
CREATE TABLE relation (
    id          INTEGER PRIMARY KEY NOT NULL,
    from_ref    TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    to_ref      TEXT   NOT NULL,
    evidence    TEXT   NOT NULL, -- JSON
    digest      TEXT   NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT
);
CREATE UNIQUE INDEX relation_now ON relation (from_ref, type, to_ref) WHERE valid_to IS NULL;
CREATE INDEX relation_to ON relation (to_ref) WHERE valid_to IS NULL;
CREATE INDEX relation_history ON relation (from_ref, valid_from);

CREATE TABLE finding (
    id       INTEGER PRIMARY KEY NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT,
    message  TEXT NOT NULL
);
CREATE INDEX finding_subject ON finding (subject);
