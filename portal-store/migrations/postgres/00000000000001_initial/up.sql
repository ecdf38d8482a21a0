-- A row of entity or relation is valid from one revision until another; the newest have no end. What people read are the
-- views below, the same as in SQLite; SQL.md describes them.
--
-- Times are `timestamptz`: people reckon with them, and both databases read them through one type of the program. JSON is
-- `json` and not `jsonb`: it is written much more often than searched, comes back to the last character, and costs a
-- check instead of a conversion; `data::jsonb` is there for who needs its operators. The views cast tags and attributes.
-- Texts that are compared or sorted have the collation "C": the order is the same everywhere, and an index of them is
-- several times faster to build. What names are found by is folded by the program, not by the database's locale.

CREATE TABLE head (
    id          smallint PRIMARY KEY CHECK (id = 1),
    revision    bigint NOT NULL,
    generation  bigint NOT NULL,
    rules       text,
    findings    text
);
INSERT INTO head (id, revision, generation) VALUES (1, 0, 0);
COMMENT ON TABLE head IS 'The newest committed state; one row.';
COMMENT ON COLUMN head.id IS 'Always 1.';
COMMENT ON COLUMN head.revision IS 'The newest revision; 0 for an empty store.';
COMMENT ON COLUMN head.generation IS 'Grows with every commit, also one that makes no revision.';
COMMENT ON COLUMN head.rules IS 'Digest of the rules that the newest state was resolved with.';
COMMENT ON COLUMN head.findings IS 'Digest of all findings.';

CREATE TABLE generation (
    id     bigint PRIMARY KEY,
    token  uuid NOT NULL
);
COMMENT ON TABLE generation IS
    'Who made the last commits: a writer that lost its connection in COMMIT asks here what became of it.';
COMMENT ON COLUMN generation.id IS 'The generation that the commit made.';
COMMENT ON COLUMN generation.token IS 'Known to the writer of that commit only.';

CREATE TABLE revision (
    id       bigint PRIMARY KEY,
    made_at  timestamptz NOT NULL,
    cause    text NOT NULL,
    added    bigint NOT NULL,
    retired  bigint NOT NULL
);
COMMENT ON TABLE revision IS 'Every change of entities, relations or findings that was applied.';
COMMENT ON COLUMN revision.id IS 'Counts up from 1.';
COMMENT ON COLUMN revision.made_at IS 'When it was made.';
COMMENT ON COLUMN revision.cause IS 'Why, in a word: ingest, release.';
COMMENT ON COLUMN revision.added IS 'Entities put, of which some may be changed ones.';
COMMENT ON COLUMN revision.retired IS 'Entities gone.';

CREATE TABLE scope (
    folder    text COLLATE "C" PRIMARY KEY,
    source    text NOT NULL,
    run       bigint NOT NULL,
    manifest  text NOT NULL,
    read_at   timestamptz NOT NULL,
    data      json NOT NULL
);
COMMENT ON TABLE scope IS 'How far each scope (account and region, cluster and namespace, domain) was ingested.';
COMMENT ON COLUMN scope.folder IS 'Its folder in the lake.';
COMMENT ON COLUMN scope.source IS 'The source that reads it.';
COMMENT ON COLUMN scope.run IS 'The newest run.';
COMMENT ON COLUMN scope.manifest IS 'Digest of the manifest that was applied.';
COMMENT ON COLUMN scope.read_at IS 'When that run ended.';
COMMENT ON COLUMN scope.data IS 'All of it.';

CREATE TABLE part (
    key           text COLLATE "C" PRIMARY KEY,
    source        text NOT NULL,
    kind          text NOT NULL,
    coverage      text NOT NULL,
    items         bigint NOT NULL,
    read_at       timestamptz NOT NULL,
    good_at       timestamptz,
    data          json NOT NULL,
    observations  bytea
);
-- It is compressed before it comes here.
ALTER TABLE part ALTER COLUMN observations SET STORAGE EXTERNAL;
COMMENT ON TABLE part IS 'What is known of each scope x kind: the unit of completeness.';
COMMENT ON COLUMN part.key IS 'Lake path of the scope, #, kind.';
COMMENT ON COLUMN part.source IS 'The source that reads it.';
COMMENT ON COLUMN part.kind IS 'Such as s3 or deployments.';
COMMENT ON COLUMN part.coverage IS 'How whole the newest read was: complete, partial, denied, absent, failed.';
COMMENT ON COLUMN part.items IS 'How many objects are known.';
COMMENT ON COLUMN part.read_at IS 'When the newest read ended.';
COMMENT ON COLUMN part.good_at IS 'When it was last read whole.';
COMMENT ON COLUMN part.data IS 'All of it, without the observations.';
COMMENT ON COLUMN part.observations IS 'What was seen: JSON, compressed with zstd.';

CREATE TABLE entity (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref          text COLLATE "C" NOT NULL,
    type         text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    name_folded  text COLLATE "C" NOT NULL,
    ownership    text COLLATE "C",
    team         text COLLATE "C",
    rule         text COLLATE "C",
    product      text COLLATE "C",
    account      text COLLATE "C",
    region       text COLLATE "C",
    created_at   timestamptz,
    stale_since  timestamptz,
    data         json NOT NULL,
    digest       text COLLATE "C" NOT NULL,
    live         json,
    first_seen   timestamptz NOT NULL,
    valid_from   bigint NOT NULL,
    valid_to     bigint
);
CREATE UNIQUE INDEX entity_newest ON entity (ref) WHERE valid_to IS NULL;
CREATE INDEX entity_earlier ON entity (ref, valid_from) WHERE valid_to IS NOT NULL;
CREATE INDEX entity_name ON entity (name_folded) WHERE valid_to IS NULL;
CREATE INDEX entity_team ON entity (team) WHERE valid_to IS NULL AND team IS NOT NULL;
CREATE INDEX entity_product ON entity (product) WHERE valid_to IS NULL AND product IS NOT NULL;
CREATE INDEX entity_account ON entity (account) WHERE valid_to IS NULL AND account IS NOT NULL;
CREATE INDEX entity_type ON entity (type) WHERE valid_to IS NULL;
COMMENT ON TABLE entity IS 'Every state of every product, team, service, workload, resource and environment.';
COMMENT ON COLUMN entity.id IS 'Means nothing.';
COMMENT ON COLUMN entity.ref IS 'The identity: service:shop/cart, resource:arn:…';
COMMENT ON COLUMN entity.type IS 'product, team, service, workload, resource or environment.';
COMMENT ON COLUMN entity.name IS 'What people call it; not unique.';
COMMENT ON COLUMN entity.name_folded IS 'The name without case, for searching.';
COMMENT ON COLUMN entity.ownership IS
    'owned, unowned, unregistered, conflict or unknown; NULL for what has no owner by nature.';
COMMENT ON COLUMN entity.team IS 'Slug of the owner; with ownership unknown the last known one.';
COMMENT ON COLUMN entity.rule IS 'The rule that decided the ownership.';
COMMENT ON COLUMN entity.product IS 'Slug of the product.';
COMMENT ON COLUMN entity.account IS 'The account, with its leading zeros.';
COMMENT ON COLUMN entity.region IS 'The region.';
COMMENT ON COLUMN entity.created_at IS 'When it was made, as the outside system says.';
COMMENT ON COLUMN entity.stale_since IS 'Set for what the newest read did not show, and that is kept all the same.';
COMMENT ON COLUMN entity.data IS 'All of it, without live.';
COMMENT ON COLUMN entity.digest IS 'Tells whether two states are equal.';
COMMENT ON COLUMN entity.live IS 'Counts of running copies, kept in place.';
COMMENT ON COLUMN entity.first_seen IS 'When the portal saw it first.';
COMMENT ON COLUMN entity.valid_from IS 'The revision that made this state.';
COMMENT ON COLUMN entity.valid_to IS 'The revision that ended it; NULL for the newest.';

CREATE TABLE relation (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_ref    text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    to_ref      text COLLATE "C" NOT NULL,
    evidence    json NOT NULL,
    digest      text COLLATE "C" NOT NULL,
    valid_from  bigint NOT NULL,
    valid_to    bigint
);
CREATE UNIQUE INDEX relation_newest ON relation (from_ref, type, to_ref) WHERE valid_to IS NULL;
CREATE INDEX relation_to ON relation (to_ref) WHERE valid_to IS NULL;
CREATE INDEX relation_earlier ON relation (from_ref, valid_from) WHERE valid_to IS NOT NULL;
COMMENT ON TABLE relation IS
    'Relations that do not follow from one entity: runs_as, uses, depends_on, created_by. All: view relation_now.';
COMMENT ON COLUMN relation.id IS 'Means nothing.';
COMMENT ON COLUMN relation.from_ref IS 'The entity that has the relation.';
COMMENT ON COLUMN relation.type IS 'What it means.';
COMMENT ON COLUMN relation.to_ref IS 'The entity that it leads to.';
COMMENT ON COLUMN relation.evidence IS 'Why the portal believes it.';
COMMENT ON COLUMN relation.digest IS 'Tells whether two states are equal.';
COMMENT ON COLUMN relation.valid_from IS 'The revision that made this state.';
COMMENT ON COLUMN relation.valid_to IS 'The revision that ended it; NULL for the newest.';

CREATE TABLE finding (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text COLLATE "C" NOT NULL,
    subject  text COLLATE "C",
    message  text NOT NULL
);
CREATE INDEX finding_subject ON finding (subject);
COMMENT ON TABLE finding IS 'What the resolver wants a person to see now.';
COMMENT ON COLUMN finding.id IS 'Its place in the list.';
COMMENT ON COLUMN finding.kind IS 'unknown-team, conflict, set-aside and so on.';
COMMENT ON COLUMN finding.subject IS 'The entity that it is about.';
COMMENT ON COLUMN finding.message IS 'What was found, in a sentence.';

CREATE VIEW product AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'product';
COMMENT ON VIEW product IS 'What the business sells or runs.';

CREATE VIEW team AS
SELECT e.ref, e.name, e.data->>'display_name' AS display_name, e.product, e.data->>'contact' AS contact,
    e.data->>'source' AS source, coalesce((e.data->'parents')::jsonb, '[]') AS parents,
    coalesce((e.data->'aliases')::jsonb, '[]') AS aliases, coalesce((e.data->'old_names')::jsonb, '[]') AS old_names,
    coalesce((e.data->'members')::jsonb, '[]') AS members, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'team';
COMMENT ON VIEW team IS 'The lowest units of ownership.';

CREATE VIEW service AS
SELECT e.ref, e.name, e.data->>'namespace' AS namespace, e.data->>'type' AS type, e.data->>'kind' AS kind,
    e.ownership, e.team, e.rule, e.product,
    (SELECT coalesce(jsonb_object_agg(t.value->>0, t.value->>1), '{}') FROM json_array_elements(e.data->'tags') t) AS tags,
    e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'service';
COMMENT ON VIEW service IS 'What engineers deploy and maintain: one logical thing, in any number of environments.';

CREATE VIEW workload AS
SELECT e.ref, e.name, e.data->>'kind' AS kind, e.data->>'cluster' AS cluster, e.data->>'namespace' AS namespace,
    e.account, e.region, e.data->>'schedule' AS schedule, coalesce((e.data->'images')::jsonb, '[]') AS images,
    (e.live->>'ready')::bigint AS ready, (e.live->>'desired')::bigint AS desired, e.created_at, e.stale_since,
    e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'workload';
COMMENT ON VIEW workload IS 'Running copies of services, one per environment.';

CREATE VIEW resource AS
SELECT e.ref, e.name, e.data->>'type' AS type, e.ownership, e.team, e.rule, e.product, e.account, e.region,
    (SELECT coalesce(jsonb_object_agg(t.value->>0, t.value->>1), '{}') FROM json_array_elements(e.data->'tags') t) AS tags,
    e.data->>'tags_unread' AS tags_unread, coalesce((e.data->'attributes')::jsonb, '{}') AS attributes, e.created_at,
    e.stale_since, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'resource';
COMMENT ON VIEW resource IS 'Infrastructure, whatever the cloud.';

CREATE VIEW environment AS
SELECT e.ref, e.name, e.account, e.data->>'state' AS state, e.first_seen, r.made_at AS updated_at
FROM entity e JOIN revision r ON r.id = e.valid_from
WHERE e.valid_to IS NULL AND e.type = 'environment';
COMMENT ON VIEW environment IS 'AWS accounts, with the names that people use for them.';

CREATE VIEW ownership_evidence AS
SELECT e.ref, c.place, c.value->>'rule' AS rule, c.value->>'field' AS field, c.value->>'raw' AS raw,
    c.value->>'team' AS team, (c.value->>'won')::boolean AS won, c.value->>'found_on' AS found_on,
    c.value->>'source' AS source, c.value->>'part' AS part
FROM entity e
CROSS JOIN LATERAL json_array_elements(e.data->'ownership'->'evidence') WITH ORDINALITY c(value, place)
WHERE e.valid_to IS NULL AND e.type IN ('service', 'resource');
COMMENT ON VIEW ownership_evidence IS 'Every claim that was heard about an owner, strongest first, winners and losers.';

CREATE VIEW relation_now AS
SELECT from_ref, type, to_ref, evidence->0->>'rule' AS rule FROM relation WHERE valid_to IS NULL
UNION ALL
SELECT ref, 'owned_by', 'team:' || team, rule FROM entity
WHERE valid_to IS NULL AND team IS NOT NULL AND type IN ('service', 'resource')
UNION ALL
SELECT ref, 'part_of', 'product:' || product, 'product' FROM entity
WHERE valid_to IS NULL AND product IS NOT NULL AND type IN ('team', 'service')
UNION ALL
SELECT e.ref, 'part_of', 'team:' || p.value, 'team' FROM entity e
CROSS JOIN LATERAL json_array_elements_text(e.data->'parents') p(value)
WHERE e.valid_to IS NULL AND e.type = 'team'
UNION ALL
SELECT ref, 'in', 'environment:' || account, 'scope' FROM entity
WHERE valid_to IS NULL AND account IS NOT NULL AND type IN ('workload', 'resource');
COMMENT ON VIEW relation_now IS 'All relations, the stored ones and those that follow from one entity.';

CREATE VIEW entity_history AS
SELECT e.ref, e.type, e.name, e.ownership, e.team, e.rule, e.valid_from AS from_revision, f.made_at AS from_time,
    e.valid_to AS to_revision, t.made_at AS to_time
FROM entity e JOIN revision f ON f.id = e.valid_from LEFT JOIN revision t ON t.id = e.valid_to;
COMMENT ON VIEW entity_history IS 'Every state of every entity, with when it began and ended.';
