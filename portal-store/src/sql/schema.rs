//! The tables, as diesel knows them. Both databases have these columns; SQL.md tells people what they mean.

diesel::table! {
    head (id) {
        id -> Integer,
        revision -> BigInt,
        generation -> BigInt,
        rules -> Nullable<Text>,
        findings -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    revision (id) {
        id -> BigInt,
        made_at -> Instant,
        cause -> Text,
        added -> BigInt,
        retired -> BigInt,
        made_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    scope (folder) {
        folder -> Text,
        source -> Text,
        run -> BigInt,
        manifest -> Text,
        read_at -> Instant,
        data -> Json,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    part (key) {
        key -> Text,
        source -> Text,
        kind -> Text,
        coverage -> Text,
        items -> BigInt,
        read_at -> Instant,
        good_at -> Nullable<Instant>,
        data -> Json,
        observations -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    entity (id) {
        id -> BigInt,
        #[sql_name = "ref"]
        entity_ref -> Text,
        #[sql_name = "type"]
        entity_type -> Text,
        name -> Text,
        name_folded -> Text,
        ownership -> Nullable<Text>,
        team -> Nullable<Text>,
        rule -> Nullable<Text>,
        product -> Nullable<Text>,
        account -> Nullable<Text>,
        region -> Nullable<Text>,
        created_at -> Nullable<Instant>,
        stale_since -> Nullable<Instant>,
        data -> Json,
        digest -> Text,
        live -> Nullable<Json>,
        first_seen -> Instant,
        valid_from -> BigInt,
        valid_to -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    relation (id) {
        id -> BigInt,
        from_ref -> Text,
        #[sql_name = "type"]
        relation_type -> Text,
        to_ref -> Text,
        evidence -> Json,
        digest -> Text,
        valid_from -> BigInt,
        valid_to -> Nullable<BigInt>,
    }
}

diesel::table! {
    finding (id) {
        id -> BigInt,
        kind -> Text,
        subject -> Nullable<Text>,
        message -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    curated (id) {
        id -> BigInt,
        #[sql_name = "ref"]
        entity_ref -> Text,
        owner -> Nullable<Text>,
        hidden -> Bool,
        data -> Json,
        edited_by -> Text,
        first_at -> Instant,
        valid_from -> BigInt,
        valid_to -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::Instant;

    api_key (id) {
        id -> Text,
        name -> Text,
        hash -> Text,
        scope -> Text,
        created_at -> Instant,
        expires_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::{Json, Instant};

    health (entity_ref) {
        #[sql_name = "ref"]
        entity_ref -> Text,
        checked_at -> Instant,
        recorded_at -> Instant,
        data -> Json,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::Instant;

    health_span (entity_ref, from_time) {
        #[sql_name = "ref"]
        entity_ref -> Text,
        status -> Text,
        from_time -> Instant,
        to_time -> Instant,
        checks -> BigInt,
    }
}

diesel::joinable!(curated -> revision (valid_from));
diesel::joinable!(entity -> revision (valid_from));
diesel::allow_tables_to_appear_in_same_query!(curated, revision);
diesel::allow_tables_to_appear_in_same_query!(entity, revision);
