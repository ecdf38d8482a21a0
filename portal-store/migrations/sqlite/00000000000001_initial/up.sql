-- Times are RFC 3339 in UTC. A row of entity or relation is valid from one revision until another; the newest have no end.
-- What people read are the views below, the same as in PostgreSQL; SQL.md describes them.

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
    run       BIGINT NOT NULL,
    manifest  TEXT   NOT NULL, -- digest
    read_at   TEXT   NOT NULL,
    data      TEXT   NOT NULL  -- JSON, all of it
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
    id           INTEGER PRIMARY KEY NOT NULL,
    ref          TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    name_folded  TEXT   NOT NULL, -- the name without case
    ownership    TEXT, -- state; NULL for what has no owner
    team         TEXT, -- slug of the owner
    rule         TEXT,
    product      TEXT,
    account      TEXT,
    region       TEXT,
    created_at   TEXT, -- as the outside system says
    stale_since  TEXT,
    data         TEXT   NOT NULL, -- JSON, without live
    digest       TEXT   NOT NULL,
    live         TEXT, -- JSON; counts of running copies, kept in place
    first_seen   TEXT   NOT NULL,
    valid_from   BIGINT NOT NULL,
    valid_to     BIGINT
);
CREATE UNIQUE INDEX entity_newest ON entity (ref) WHERE valid_to IS NULL;
CREATE INDEX entity_earlier ON entity (ref, valid_from) WHERE valid_to IS NOT NULL;
CREATE INDEX entity_name ON entity (name_folded) WHERE valid_to IS NULL;
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
CREATE UNIQUE INDEX relation_newest ON relation (from_ref, type, to_ref) WHERE valid_to IS NULL;
CREATE INDEX relation_to ON relation (to_ref) WHERE valid_to IS NULL;
CREATE INDEX relation_earlier ON relation (from_ref, valid_from) WHERE valid_to IS NOT NULL;

CREATE TABLE finding (
    id       INTEGER PRIMARY KEY NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT,
    message  TEXT NOT NULL
);
CREATE INDEX finding_subject ON finding (subject);

CREATE VIEW product AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'product';

CREATE VIEW team AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.product, e.data->>'contact' AS contact,
    e.data->>'source' AS source, coalesce(e.data->'parents', '[]') AS parents,
    coalesce(e.data->'aliases', '[]') AS aliases, coalesce(e.data->'old_names', '[]') AS old_names,
    coalesce(e.data->'members', '[]') AS members, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'team';

CREATE VIEW service AS
SELECT e.ref, e.name, e.data->>'namespace' AS namespace, e.data->>'type' AS type, e.data->>'kind' AS kind,
    e.ownership, e.team, e.rule, e.product,
    (SELECT json_group_object(t.value->>0, t.value->>1) FROM json_each(e.data, '$.tags') t) AS tags,
    e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'service';

CREATE VIEW workload AS
SELECT e.ref, e.name, e.data->>'kind' AS kind, e.data->>'cluster' AS cluster, e.data->>'namespace' AS namespace,
    e.account, e.region, e.data->>'schedule' AS schedule, coalesce(e.data->'images', '[]') AS images,
    e.live->>'ready' AS ready, e.live->>'desired' AS desired, e.created_at, e.stale_since, e.first_seen,
    r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'workload';

CREATE VIEW resource AS
SELECT e.ref, e.name, e.data->>'type' AS type, e.ownership, e.team, e.rule, e.product, e.account, e.region,
    (SELECT json_group_object(t.value->>0, t.value->>1) FROM json_each(e.data, '$.tags') t) AS tags,
    e.data->>'tags_unread' AS tags_unread, coalesce(e.data->'attributes', '{}') AS attributes, e.created_at,
    e.stale_since, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'resource';

CREATE VIEW environment AS
SELECT e.ref, e.name, e.account, e.data->>'state' AS state, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'environment';

CREATE VIEW ownership_evidence AS
SELECT e.ref, c.key + 1 AS place, c.value->>'rule' AS rule, c.value->>'field' AS field, c.value->>'raw' AS raw,
    c.value->>'team' AS team, c.value->>'won' = 1 AS won, c.value->>'found_on' AS found_on,
    c.value->>'source' AS source, c.value->>'part' AS part
FROM entity e JOIN json_each(e.data, '$.ownership.evidence') c
WHERE e.valid_to IS NULL AND e.type IN ('service', 'resource');

CREATE VIEW relation_now AS
SELECT from_ref, type, to_ref, evidence->0->>'rule' AS rule FROM relation WHERE valid_to IS NULL
UNION ALL
SELECT ref, 'owned_by', 'team:' || team, rule FROM entity
WHERE valid_to IS NULL AND team IS NOT NULL AND type IN ('service', 'resource')
UNION ALL
SELECT ref, 'part_of', 'product:' || product, 'product' FROM entity
WHERE valid_to IS NULL AND product IS NOT NULL AND type IN ('team', 'service')
UNION ALL
SELECT e.ref, 'part_of', 'team:' || p.value, 'team' FROM entity e JOIN json_each(e.data, '$.parents') p
WHERE e.valid_to IS NULL AND e.type = 'team'
UNION ALL
SELECT ref, 'in', 'environment:' || account, 'scope' FROM entity
WHERE valid_to IS NULL AND account IS NOT NULL AND type IN ('workload', 'resource');

CREATE VIEW entity_history AS
SELECT e.ref, e.type, e.name, e.ownership, e.team, e.rule, e.valid_from AS from_revision, f.made_at AS from_time,
    e.valid_to AS to_revision, t.made_at AS to_time
FROM entity e JOIN revision f ON f.id = e.valid_from LEFT JOIN revision t ON t.id = e.valid_to;
