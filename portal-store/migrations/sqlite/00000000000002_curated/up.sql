-- What people say, a layer of its own; what health checks find; API keys. Rows of curated are valid from one revision until
-- another, as those of entity. The views show both layers put together.

CREATE TABLE curated (
    id          INTEGER PRIMARY KEY NOT NULL,
    ref         TEXT    NOT NULL,
    owner       TEXT, -- slug of the owner that a person set
    hidden      BOOLEAN NOT NULL,
    data        TEXT    NOT NULL, -- JSON, all of it
    edited_by   TEXT    NOT NULL,
    first_at    TEXT    NOT NULL, -- when the first edit of the unbroken line was made
    valid_from  BIGINT  NOT NULL,
    valid_to    BIGINT
);
CREATE UNIQUE INDEX curated_newest ON curated (ref) WHERE valid_to IS NULL;
CREATE INDEX curated_earlier ON curated (ref, valid_from) WHERE valid_to IS NOT NULL;
CREATE INDEX curated_began ON curated (valid_from DESC, ref);
CREATE INDEX curated_ended ON curated (valid_to DESC, ref) WHERE valid_to IS NOT NULL;
CREATE INDEX curated_owner ON curated (owner) WHERE owner IS NOT NULL;

CREATE TABLE api_key (
    id          TEXT PRIMARY KEY NOT NULL, -- the part of the key that is no secret
    name        TEXT NOT NULL,
    hash        TEXT NOT NULL, -- SHA-256 of the whole key
    scope       TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    expires_at  TEXT,
    revoked_at  TEXT,
    used_at     TEXT -- to the minute
);

-- The newest result of each service. Times here and in the next two tables have nine digits behind the second, so that
-- they compare as text.
CREATE TABLE health (
    ref          TEXT PRIMARY KEY NOT NULL,
    checked_at   TEXT NOT NULL,
    recorded_at  TEXT NOT NULL,
    data         TEXT NOT NULL -- JSON, all of it
);

-- Times in which a service had one status.
CREATE TABLE health_span (
    ref        TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    from_time  TEXT   NOT NULL,
    to_time    TEXT   NOT NULL, -- the newest check that still found it
    checks     BIGINT NOT NULL,
    PRIMARY KEY (ref, from_time)
) WITHOUT ROWID;

-- Replicas that check, and until when each is taken for alive.
CREATE TABLE checker (
    name         TEXT PRIMARY KEY NOT NULL,
    alive_until  TEXT NOT NULL
);

-- What changed at a revision is found without reading what did not.
CREATE INDEX entity_began ON entity (valid_from DESC, ref);
CREATE INDEX entity_ended ON entity (valid_to DESC, ref) WHERE valid_to IS NOT NULL;
CREATE INDEX entity_team_began ON entity (team, valid_from) WHERE team IS NOT NULL;
CREATE INDEX entity_team_ended ON entity (team, valid_to) WHERE team IS NOT NULL AND valid_to IS NOT NULL;
CREATE INDEX relation_began ON relation (valid_from) WHERE valid_to IS NULL;
CREATE INDEX relation_ended ON relation (valid_to) WHERE valid_to IS NOT NULL;

ALTER TABLE revision ADD COLUMN made_by TEXT; -- the person or key, where it was one

DROP VIEW entity_history;
DROP VIEW relation_now;
DROP VIEW ownership_evidence;
DROP VIEW environment;
DROP VIEW resource;
DROP VIEW workload;
DROP VIEW service;
DROP VIEW team;
DROP VIEW product;

CREATE VIEW curated_now AS
SELECT c.ref, c.data->>'display_name' AS display_name, c.data->>'description' AS description,
    c.data->>'docs_url' AS docs_url, c.data->>'github_url' AS github_url, c.data->>'dashboard_url' AS dashboard_url,
    c.data->>'status_url' AS status_url, coalesce(c.data->'links', '[]') AS links, c.data->'tags' AS tags,
    c.data->>'owner' AS owner, coalesce(c.data->'rejected', '[]') AS rejected, c.data->'added' IS NOT NULL AS added,
    c.hidden, c.data->'hidden'->>'by' AS hidden_by, c.data->'hidden'->>'why' AS hidden_why, c.edited_by,
    r.made_at AS edited_at, c.first_at, c.valid_from AS version
FROM curated c JOIN revision r ON r.id = c.valid_from
WHERE c.valid_to IS NULL;

-- The owners that people set: a team that is known by this name, alias or old name, or nobody.
CREATE VIEW owner_override AS
SELECT c.ref, c.data->>'owner' AS raw, c.edited_by,
    coalesce((SELECT t.name FROM entity t WHERE t.ref = 'team:' || c.owner AND t.valid_to IS NULL),
        (SELECT min(t.name) FROM entity t
         WHERE t.type = 'team' AND t.valid_to IS NULL AND (
            EXISTS (SELECT 1 FROM json_each(t.data, '$.aliases') a
                    WHERE lower(replace(replace(a.value, ' ', '-'), '_', '-')) = c.owner)
            OR EXISTS (SELECT 1 FROM json_each(t.data, '$.old_names') a
                       WHERE lower(replace(replace(a.value, ' ', '-'), '_', '-')) = c.owner)))) AS team
FROM curated c
WHERE c.valid_to IS NULL AND c.owner IS NOT NULL;

CREATE VIEW product AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'product'
AND NOT EXISTS (SELECT 1 FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE VIEW team AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.product, e.data->>'contact' AS contact,
    e.data->>'source' AS source, coalesce(e.data->'parents', '[]') AS parents,
    coalesce(e.data->'aliases', '[]') AS aliases, coalesce(e.data->'old_names', '[]') AS old_names,
    coalesce(e.data->'members', '[]') AS members, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'team'
AND NOT EXISTS (SELECT 1 FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE VIEW service AS
SELECT e.ref, e.name, e.data->>'namespace' AS namespace, e.data->>'type' AS type, e.data->>'kind' AS kind,
    e.ownership, e.team, e.rule, e.product,
    (SELECT json_group_object(t.value->>0, t.value->>1) FROM json_each(e.data, '$.tags') t) AS tags,
    e.first_seen, r.made_at AS updated_at, 'collected' AS origin, NULL AS display_name, NULL AS description,
    NULL AS docs_url, NULL AS github_url, NULL AS dashboard_url, NULL AS status_url
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'service'
AND NOT EXISTS (SELECT 1 FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL)
UNION ALL
SELECT e.ref, e.name, e.data->>'namespace', e.data->>'type', e.data->>'kind',
    CASE WHEN o.ref IS NULL THEN e.ownership WHEN o.team IS NULL THEN 'unregistered' ELSE 'owned' END,
    CASE WHEN o.ref IS NULL THEN e.team ELSE o.team END,
    CASE WHEN o.ref IS NULL THEN e.rule ELSE 'override' END, e.product,
    CASE WHEN c.data->'tags' IS NULL
    THEN (SELECT json_group_object(t.value->>0, t.value->>1) FROM json_each(e.data, '$.tags') t)
    ELSE (SELECT json_group_object(iif(instr(t.value, '='), substr(t.value, 1, instr(t.value, '=') - 1), t.value),
            iif(instr(t.value, '='), substr(t.value, instr(t.value, '=') + 1), ''))
          FROM json_each(c.data, '$.tags') t) END,
    e.first_seen, r.made_at, 'collected', c.data->>'display_name', c.data->>'description', c.data->>'docs_url',
    c.data->>'github_url', c.data->>'dashboard_url', c.data->>'status_url'
FROM curated c JOIN entity e ON e.ref = c.ref AND e.valid_to IS NULL
JOIN revision r ON r.id = max(e.valid_from, c.valid_from) LEFT JOIN owner_override o ON o.ref = c.ref
WHERE c.valid_to IS NULL AND NOT c.hidden AND e.type = 'service'
UNION ALL
SELECT c.ref, substr(c.ref, 9 + instr(substr(c.ref, 9), '/')),
    substr(c.ref, 9, instr(substr(c.ref, 9), '/') - 1), 'other', c.data->'added'->>'kind',
    CASE WHEN o.ref IS NULL THEN 'unowned' WHEN o.team IS NULL THEN 'unregistered' ELSE 'owned' END, o.team,
    CASE WHEN o.ref IS NULL THEN NULL ELSE 'override' END, c.data->'added'->>'product',
    (SELECT json_group_object(iif(instr(t.value, '='), substr(t.value, 1, instr(t.value, '=') - 1), t.value),
        iif(instr(t.value, '='), substr(t.value, instr(t.value, '=') + 1), '')) FROM json_each(c.data, '$.tags') t),
    c.first_at, r.made_at, 'added', c.data->>'display_name', c.data->>'description', c.data->>'docs_url',
    c.data->>'github_url', c.data->>'dashboard_url', c.data->>'status_url'
FROM curated c JOIN revision r ON r.id = c.valid_from LEFT JOIN owner_override o ON o.ref = c.ref
WHERE c.valid_to IS NULL AND NOT c.hidden AND c.data->'added' IS NOT NULL AND c.ref LIKE 'service:%'
AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.ref = c.ref AND e.valid_to IS NULL);

CREATE VIEW workload AS
SELECT e.ref, e.name, e.data->>'kind' AS kind, e.data->>'cluster' AS cluster, e.data->>'namespace' AS namespace,
    e.account, e.region, e.data->>'schedule' AS schedule, coalesce(e.data->'images', '[]') AS images,
    e.live->>'ready' AS ready, e.live->>'desired' AS desired, e.created_at, e.stale_since, e.first_seen,
    r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'workload'
AND NOT EXISTS (SELECT 1 FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE VIEW resource AS
SELECT e.ref, e.name, e.data->>'type' AS type, e.ownership, e.team, e.rule, e.product, e.account, e.region,
    (SELECT json_group_object(t.value->>0, t.value->>1) FROM json_each(e.data, '$.tags') t) AS tags,
    e.data->>'tags_unread' AS tags_unread, coalesce(e.data->'attributes', '{}') AS attributes, e.created_at,
    e.stale_since, e.first_seen, r.made_at AS updated_at, NULL AS display_name, NULL AS description
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'resource'
AND NOT EXISTS (SELECT 1 FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL)
UNION ALL
SELECT e.ref, e.name, e.data->>'type',
    CASE WHEN o.ref IS NULL THEN e.ownership WHEN o.team IS NULL THEN 'unregistered' ELSE 'owned' END,
    CASE WHEN o.ref IS NULL THEN e.team ELSE o.team END,
    CASE WHEN o.ref IS NULL THEN e.rule ELSE 'override' END, e.product, e.account, e.region,
    CASE WHEN c.data->'tags' IS NULL
    THEN (SELECT json_group_object(t.value->>0, t.value->>1) FROM json_each(e.data, '$.tags') t)
    ELSE (SELECT json_group_object(iif(instr(t.value, '='), substr(t.value, 1, instr(t.value, '=') - 1), t.value),
            iif(instr(t.value, '='), substr(t.value, instr(t.value, '=') + 1), ''))
          FROM json_each(c.data, '$.tags') t) END,
    e.data->>'tags_unread', coalesce(e.data->'attributes', '{}'), e.created_at, e.stale_since, e.first_seen,
    r.made_at, c.data->>'display_name', c.data->>'description'
FROM curated c JOIN entity e ON e.ref = c.ref AND e.valid_to IS NULL
JOIN revision r ON r.id = max(e.valid_from, c.valid_from) LEFT JOIN owner_override o ON o.ref = c.ref
WHERE c.valid_to IS NULL AND NOT c.hidden AND e.type = 'resource';

CREATE VIEW environment AS
SELECT e.ref, e.name, e.account, e.data->>'state' AS state, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'environment'
AND NOT EXISTS (SELECT 1 FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE VIEW ownership_evidence AS
SELECT e.ref, c.key + 1 + (o.ref IS NOT NULL) AS place, c.value->>'rule' AS rule, c.value->>'field' AS field,
    c.value->>'raw' AS raw, c.value->>'team' AS team, c.value->>'won' = 1 AND o.ref IS NULL AS won,
    c.value->>'found_on' AS found_on, c.value->>'source' AS source, c.value->>'part' AS part
FROM entity e JOIN json_each(e.data, '$.ownership.evidence') c LEFT JOIN owner_override o ON o.ref = e.ref
WHERE e.valid_to IS NULL AND e.type IN ('service', 'resource')
UNION ALL
SELECT ref, 1, 'override', 'owner set by ' || edited_by, raw, team, 1, NULL, 'portal', NULL FROM owner_override;

CREATE VIEW relation_now AS
SELECT from_ref, type, to_ref, evidence->0->>'rule' AS rule FROM relation WHERE valid_to IS NULL
UNION ALL
SELECT ref, 'owned_by', 'team:' || team, rule FROM service WHERE team IS NOT NULL
UNION ALL
SELECT ref, 'owned_by', 'team:' || team, rule FROM resource WHERE team IS NOT NULL
UNION ALL
SELECT ref, 'part_of', 'product:' || product, 'product' FROM team WHERE product IS NOT NULL
UNION ALL
SELECT ref, 'part_of', 'product:' || product, 'product' FROM service WHERE product IS NOT NULL
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

CREATE VIEW curated_history AS
SELECT c.ref, c.data->>'owner' AS owner, c.hidden, c.edited_by, c.data AS said, c.valid_from AS from_revision,
    f.made_at AS from_time, c.valid_to AS to_revision, t.made_at AS to_time
FROM curated c JOIN revision f ON f.id = c.valid_from LEFT JOIN revision t ON t.id = c.valid_to;
