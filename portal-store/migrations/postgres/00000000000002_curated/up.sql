-- What people say, a layer of its own; what health checks find; API keys. Rows of curated are valid from one revision until
-- another, as those of entity. The views show both layers put together.
--
-- What takes long stops writers only. What stops readers stands at the end and takes a moment: a column more, and views that
-- are replaced and keep their grants.

CREATE TABLE curated (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref         text COLLATE "C" NOT NULL,
    owner       text COLLATE "C",
    hidden      boolean NOT NULL,
    data        json NOT NULL,
    edited_by   text NOT NULL,
    first_at    timestamptz NOT NULL,
    valid_from  bigint NOT NULL,
    valid_to    bigint
);
CREATE UNIQUE INDEX curated_newest ON curated (ref) WHERE valid_to IS NULL;
CREATE INDEX curated_earlier ON curated (ref, valid_from) WHERE valid_to IS NOT NULL;
CREATE INDEX curated_began ON curated (valid_from DESC, ref);
CREATE INDEX curated_ended ON curated (valid_to DESC, ref) WHERE valid_to IS NOT NULL;
CREATE INDEX curated_owner ON curated (owner) WHERE owner IS NOT NULL;
COMMENT ON TABLE curated IS 'Every state of what people say about an entity; it wins over what was collected.';
COMMENT ON COLUMN curated.id IS 'Means nothing.';
COMMENT ON COLUMN curated.ref IS 'What it is about.';
COMMENT ON COLUMN curated.owner IS 'Slug of the owner that a person set.';
COMMENT ON COLUMN curated.hidden IS 'Whether it is left out of lists.';
COMMENT ON COLUMN curated.data IS 'All of it.';
COMMENT ON COLUMN curated.edited_by IS 'The person or key that made this state.';
COMMENT ON COLUMN curated.first_at IS 'When the first edit of the unbroken line was made.';
COMMENT ON COLUMN curated.valid_from IS 'The revision that made this state.';
COMMENT ON COLUMN curated.valid_to IS 'The revision that ended it; NULL for the newest.';

CREATE TABLE api_key (
    id          text COLLATE "C" PRIMARY KEY,
    name        text NOT NULL,
    hash        text NOT NULL,
    scope       text NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    used_at     timestamptz
);
COMMENT ON TABLE api_key IS 'The keys of the HTTP API.';
COMMENT ON COLUMN api_key.id IS 'The part of the key that is no secret.';
COMMENT ON COLUMN api_key.name IS 'What people call it.';
COMMENT ON COLUMN api_key.hash IS 'SHA-256 of the whole key, in hexadecimal.';
COMMENT ON COLUMN api_key.scope IS 'What it allows: read, write, admin.';
COMMENT ON COLUMN api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN api_key.expires_at IS 'From when on it is no longer good.';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was revoked.';
COMMENT ON COLUMN api_key.used_at IS 'When it was used last, to the minute.';

-- Rewritten in every round: room in the pages, and no index on what changes, so that a row stays where it is.
CREATE TABLE health (
    ref          text COLLATE "C" PRIMARY KEY,
    checked_at   timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    data         json NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE health IS 'The newest result of the health check of each service.';
COMMENT ON COLUMN health.ref IS 'The service.';
COMMENT ON COLUMN health.checked_at IS 'When its answer came.';
COMMENT ON COLUMN health.recorded_at IS 'When it was written here.';
COMMENT ON COLUMN health.data IS 'All of it.';

CREATE TABLE health_span (
    ref        text COLLATE "C" NOT NULL,
    status     text COLLATE "C" NOT NULL,
    from_time  timestamptz NOT NULL,
    to_time    timestamptz NOT NULL,
    checks     bigint NOT NULL,
    PRIMARY KEY (ref, from_time)
) WITH (fillfactor = 50);
COMMENT ON TABLE health_span IS 'Times in which a service had one status.';
COMMENT ON COLUMN health_span.ref IS 'The service.';
COMMENT ON COLUMN health_span.status IS 'healthy, degraded, down or unknown.';
COMMENT ON COLUMN health_span.from_time IS 'When it began.';
COMMENT ON COLUMN health_span.to_time IS 'The newest check that still found it.';
COMMENT ON COLUMN health_span.checks IS 'How many checks found it.';

CREATE TABLE checker (
    name         text COLLATE "C" PRIMARY KEY,
    alive_until  timestamptz NOT NULL
);
COMMENT ON TABLE checker IS 'Replicas that check the health of services.';
COMMENT ON COLUMN checker.name IS 'The name that it gave itself.';
COMMENT ON COLUMN checker.alive_until IS 'Until when it is taken for alive.';

-- What changed at a revision is found without reading what did not.
CREATE INDEX entity_began ON entity (valid_from DESC, ref);
CREATE INDEX entity_ended ON entity (valid_to DESC, ref) WHERE valid_to IS NOT NULL;
CREATE INDEX entity_team_began ON entity (team, valid_from) WHERE team IS NOT NULL;
CREATE INDEX entity_team_ended ON entity (team, valid_to) WHERE team IS NOT NULL AND valid_to IS NOT NULL;
CREATE INDEX relation_began ON relation (valid_from) WHERE valid_to IS NULL;
CREATE INDEX relation_ended ON relation (valid_to) WHERE valid_to IS NOT NULL;

-- From here on readers would have to wait.
ALTER TABLE revision ADD COLUMN made_by text, ADD COLUMN token uuid;
COMMENT ON COLUMN revision.cause IS 'Why, in a word: ingest, release, edit.';
COMMENT ON COLUMN revision.added IS 'Entities put, of which some may be changed ones; of an edit how many it speaks of.';
COMMENT ON COLUMN revision.retired IS 'Entities gone; of an edit how many it takes its words back of.';
COMMENT ON COLUMN revision.made_by IS 'The person or key, where it was one.';
COMMENT ON COLUMN revision.token IS 'Known to the writer of that edit only; it asks here what became of it.';

CREATE VIEW curated_now AS
SELECT c.ref, c.data->>'display_name' AS display_name, c.data->>'description' AS description,
    c.data->>'docs_url' AS docs_url, c.data->>'github_url' AS github_url, c.data->>'dashboard_url' AS dashboard_url,
    c.data->>'status_url' AS status_url, coalesce((c.data->'links')::jsonb, '[]') AS links,
    (c.data->'tags')::jsonb AS tags, c.data->>'owner' AS owner, coalesce((c.data->'rejected')::jsonb, '[]') AS rejected,
    c.data->'added' IS NOT NULL AS added, c.hidden, c.data->'hidden'->>'by' AS hidden_by,
    c.data->'hidden'->>'why' AS hidden_why, c.edited_by, r.made_at AS edited_at, c.first_at, c.valid_from AS version
FROM curated c JOIN revision r ON r.id = c.valid_from
WHERE c.valid_to IS NULL;
COMMENT ON VIEW curated_now IS 'What people say now, as they said it.';

CREATE VIEW owner_override AS
SELECT c.ref, c.data->>'owner' AS raw, c.edited_by,
    coalesce((SELECT t.name FROM entity t WHERE t.ref = 'team:' || c.owner AND t.valid_to IS NULL),
        (SELECT min(t.name) FROM entity t
         WHERE t.type = 'team' AND t.valid_to IS NULL AND (
            EXISTS (SELECT FROM json_array_elements_text(t.data->'aliases') a(value)
                    WHERE lower(replace(replace(a.value, ' ', '-'), '_', '-')) = c.owner)
            OR EXISTS (SELECT FROM json_array_elements_text(t.data->'old_names') a(value)
                       WHERE lower(replace(replace(a.value, ' ', '-'), '_', '-')) = c.owner)))) AS team
FROM curated c
WHERE c.valid_to IS NULL AND c.owner IS NOT NULL;
COMMENT ON VIEW owner_override IS 'The owners that people set: a team that is known by that name, or nobody.';

CREATE OR REPLACE VIEW product AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'product'
AND NOT EXISTS (SELECT FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE OR REPLACE VIEW team AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.product, e.data->>'contact' AS contact,
    e.data->>'source' AS source, coalesce((e.data->'parents')::jsonb, '[]') AS parents,
    coalesce((e.data->'aliases')::jsonb, '[]') AS aliases, coalesce((e.data->'old_names')::jsonb, '[]') AS old_names,
    coalesce((e.data->'members')::jsonb, '[]') AS members, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'team'
AND NOT EXISTS (SELECT FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE OR REPLACE VIEW service AS
SELECT e.ref, e.name, e.data->>'namespace' AS namespace, e.data->>'type' AS type, e.data->>'kind' AS kind,
    e.ownership, e.team, e.rule, e.product,
    (SELECT coalesce(jsonb_object_agg(t.value->>0, t.value->>1), '{}') FROM json_array_elements(e.data->'tags') t) AS tags,
    e.first_seen, r.made_at AS updated_at, 'collected' AS origin, NULL AS display_name, NULL AS description,
    NULL AS docs_url, NULL AS github_url, NULL AS dashboard_url, NULL AS status_url
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'service'
AND NOT EXISTS (SELECT FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL)
UNION ALL
SELECT e.ref, e.name, e.data->>'namespace', e.data->>'type', e.data->>'kind',
    CASE WHEN o.ref IS NULL THEN e.ownership WHEN o.team IS NULL THEN 'unregistered' ELSE 'owned' END,
    CASE WHEN o.ref IS NULL THEN e.team ELSE o.team END,
    CASE WHEN o.ref IS NULL THEN e.rule ELSE 'override' END, e.product,
    CASE WHEN c.data->'tags' IS NULL
    THEN (SELECT coalesce(jsonb_object_agg(t.value->>0, t.value->>1), '{}') FROM json_array_elements(e.data->'tags') t)
    ELSE (SELECT coalesce(jsonb_object_agg(split_part(t.value, '=', 1), substr(t.value, strpos(t.value || '=', '=') + 1)), '{}')
          FROM json_array_elements_text(c.data->'tags') t(value)) END,
    e.first_seen, r.made_at, 'collected', c.data->>'display_name', c.data->>'description', c.data->>'docs_url',
    c.data->>'github_url', c.data->>'dashboard_url', c.data->>'status_url'
FROM curated c JOIN entity e ON e.ref = c.ref AND e.valid_to IS NULL
JOIN revision r ON r.id = greatest(e.valid_from, c.valid_from) LEFT JOIN owner_override o ON o.ref = c.ref
WHERE c.valid_to IS NULL AND NOT c.hidden AND e.type = 'service'
UNION ALL
SELECT c.ref, substr(c.ref, 9 + strpos(substr(c.ref, 9), '/')),
    substr(c.ref, 9, strpos(substr(c.ref, 9), '/') - 1) COLLATE "default", 'other', c.data->'added'->>'kind',
    CASE WHEN o.ref IS NULL THEN 'unowned' WHEN o.team IS NULL THEN 'unregistered' ELSE 'owned' END, o.team,
    CASE WHEN o.ref IS NULL THEN NULL ELSE 'override' END, c.data->'added'->>'product',
    (SELECT coalesce(jsonb_object_agg(split_part(t.value, '=', 1), substr(t.value, strpos(t.value || '=', '=') + 1)), '{}')
     FROM json_array_elements_text(c.data->'tags') t(value)),
    c.first_at, r.made_at, 'added', c.data->>'display_name', c.data->>'description', c.data->>'docs_url',
    c.data->>'github_url', c.data->>'dashboard_url', c.data->>'status_url'
FROM curated c JOIN revision r ON r.id = c.valid_from LEFT JOIN owner_override o ON o.ref = c.ref
WHERE c.valid_to IS NULL AND NOT c.hidden AND c.data->'added' IS NOT NULL AND c.ref LIKE 'service:%'
AND NOT EXISTS (SELECT FROM entity e WHERE e.ref = c.ref AND e.valid_to IS NULL);

CREATE OR REPLACE VIEW workload AS
SELECT e.ref, e.name, e.data->>'kind' AS kind, e.data->>'cluster' AS cluster, e.data->>'namespace' AS namespace,
    e.account, e.region, e.data->>'schedule' AS schedule, coalesce((e.data->'images')::jsonb, '[]') AS images,
    (e.live->>'ready')::bigint AS ready, (e.live->>'desired')::bigint AS desired, e.created_at, e.stale_since,
    e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'workload'
AND NOT EXISTS (SELECT FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE OR REPLACE VIEW resource AS
SELECT e.ref, e.name, e.data->>'type' AS type, e.ownership, e.team, e.rule, e.product, e.account, e.region,
    (SELECT coalesce(jsonb_object_agg(t.value->>0, t.value->>1), '{}') FROM json_array_elements(e.data->'tags') t) AS tags,
    e.data->>'tags_unread' AS tags_unread, coalesce((e.data->'attributes')::jsonb, '{}') AS attributes, e.created_at,
    e.stale_since, e.first_seen, r.made_at AS updated_at, NULL AS display_name, NULL AS description
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'resource'
AND NOT EXISTS (SELECT FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL)
UNION ALL
SELECT e.ref, e.name, e.data->>'type',
    CASE WHEN o.ref IS NULL THEN e.ownership WHEN o.team IS NULL THEN 'unregistered' ELSE 'owned' END,
    CASE WHEN o.ref IS NULL THEN e.team ELSE o.team END,
    CASE WHEN o.ref IS NULL THEN e.rule ELSE 'override' END, e.product, e.account, e.region,
    CASE WHEN c.data->'tags' IS NULL
    THEN (SELECT coalesce(jsonb_object_agg(t.value->>0, t.value->>1), '{}') FROM json_array_elements(e.data->'tags') t)
    ELSE (SELECT coalesce(jsonb_object_agg(split_part(t.value, '=', 1), substr(t.value, strpos(t.value || '=', '=') + 1)), '{}')
          FROM json_array_elements_text(c.data->'tags') t(value)) END,
    e.data->>'tags_unread', coalesce((e.data->'attributes')::jsonb, '{}'), e.created_at, e.stale_since, e.first_seen,
    r.made_at, c.data->>'display_name', c.data->>'description'
FROM curated c JOIN entity e ON e.ref = c.ref AND e.valid_to IS NULL
JOIN revision r ON r.id = greatest(e.valid_from, c.valid_from) LEFT JOIN owner_override o ON o.ref = c.ref
WHERE c.valid_to IS NULL AND NOT c.hidden AND e.type = 'resource';

CREATE OR REPLACE VIEW environment AS
SELECT e.ref, e.name, e.account, e.data->>'state' AS state, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'environment'
AND NOT EXISTS (SELECT FROM curated c WHERE c.ref = e.ref AND c.valid_to IS NULL AND c.hidden);

CREATE OR REPLACE VIEW ownership_evidence AS
SELECT e.ref, c.place + (o.ref IS NOT NULL)::int AS place, c.value->>'rule' AS rule, c.value->>'field' AS field,
    c.value->>'raw' AS raw, c.value->>'team' AS team, (c.value->>'won')::boolean AND o.ref IS NULL AS won,
    c.value->>'found_on' AS found_on, c.value->>'source' AS source, c.value->>'part' AS part
FROM entity e
CROSS JOIN LATERAL json_array_elements(e.data->'ownership'->'evidence') WITH ORDINALITY c(value, place)
LEFT JOIN owner_override o ON o.ref = e.ref
WHERE e.valid_to IS NULL AND e.type IN ('service', 'resource')
UNION ALL
SELECT ref, 1, 'override', 'owner set by ' || edited_by, raw, team COLLATE "default", true, NULL, 'portal', NULL
FROM owner_override;

CREATE OR REPLACE VIEW relation_now AS
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
SELECT e.ref, 'part_of', 'team:' || p.value, 'team' FROM entity e
CROSS JOIN LATERAL json_array_elements_text(e.data->'parents') p(value)
WHERE e.valid_to IS NULL AND e.type = 'team'
UNION ALL
SELECT ref, 'in', 'environment:' || account, 'scope' FROM entity
WHERE valid_to IS NULL AND account IS NOT NULL AND type IN ('workload', 'resource');

CREATE VIEW curated_history AS
SELECT c.ref, c.data->>'owner' AS owner, c.hidden, c.edited_by, c.data AS said, c.valid_from AS from_revision,
    f.made_at AS from_time, c.valid_to AS to_revision, t.made_at AS to_time
FROM curated c JOIN revision f ON f.id = c.valid_from LEFT JOIN revision t ON t.id = c.valid_to;
COMMENT ON VIEW curated_history IS 'Every state of what people said, with who said it, and when it began and ended.';
