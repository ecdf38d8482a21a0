//! The tables, as diesel knows them.

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
    revision (id) {
        id -> BigInt,
        made_at -> Text,
        cause -> Text,
        added -> BigInt,
        retired -> BigInt,
    }
}

diesel::table! {
    scope (folder) {
        folder -> Text,
        source -> Text,
        #[sql_name = "scope"]
        what -> Text,
        run -> BigInt,
        manifest -> Text,
        read_at -> Text,
    }
}

diesel::table! {
    part (key) {
        key -> Text,
        source -> Text,
        kind -> Text,
        coverage -> Text,
        items -> BigInt,
        read_at -> Text,
        good_at -> Nullable<Text>,
        data -> Text,
        observations -> Nullable<Binary>,
    }
}

diesel::table! {
    entity (id) {
        id -> BigInt,
        #[sql_name = "ref"]
        entity_ref -> Text,
        #[sql_name = "type"]
        entity_type -> Text,
        name -> Text,
        ownership -> Nullable<Text>,
        team -> Nullable<Text>,
        rule -> Nullable<Text>,
        product -> Nullable<Text>,
        account -> Nullable<Text>,
        region -> Nullable<Text>,
        created_at -> Nullable<Text>,
        data -> Text,
        digest -> Text,
        live -> Nullable<Text>,
        first_seen -> Text,
        valid_from -> BigInt,
        valid_to -> Nullable<BigInt>,
    }
}

diesel::table! {
    relation (id) {
        id -> BigInt,
        from_ref -> Text,
        #[sql_name = "type"]
        relation_type -> Text,
        to_ref -> Text,
        evidence -> Text,
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

diesel::joinable!(entity -> revision (valid_from));
diesel::allow_tables_to_appear_in_same_query!(entity, revision);
