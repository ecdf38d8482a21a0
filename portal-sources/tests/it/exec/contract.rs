//! The contract that every source keeps, in both modes.

use async_trait::async_trait;
use portal_core::Source;
use portal_core::testing::SourceWorld;
use portal_sources::exec::Config;

/// Two scopes, an empty kind, a denied one, a thing that could not be read.
const TOLD: &str = r#"{"portal": "portal.exec/v1"}
{"scope": {"account": "011122223333", "region": "eu-west-1"}, "kinds": ["rds", "lambda"]}
{"kind": "rds", "name": "orders", "object": {"DBInstanceIdentifier": "orders", "TagList": []}}
{"kind": "rds", "name": "carts", "object": {"DBInstanceIdentifier": "carts"}}
{"kind": "rds", "unread": "tags of carts: AccessDenied"}
{"kind": "rds", "coverage": "complete"}
{"kind": "lambda", "coverage": "denied", "reason": "AccessDenied", "permission": "lambda:ListFunctions"}
{"scope": {"path": ["site", "hall-1"]}, "kinds": ["databases", "hosts"]}
{"kind": "databases", "coverage": "complete"}
{"kind": "hosts", "coverage": "partial", "reason": "the list was cut"}
{"scopes": {"whole_below": [[]]}}
"#;

struct Told(fn() -> Config);

#[async_trait]
impl SourceWorld for Told {
    async fn source(&self) -> Box<dyn Source> {
        Box::new(super::source((self.0)()))
    }

    fn needs_rights(&self) -> bool {
        false
    }
}

mod protocol {
    use super::{TOLD, Told};

    portal_core::source_suite!(block_on: crate::block_on, world: Told(|| super::super::prints(TOLD, "")));
}

mod plain {
    use super::super::{in_plain_mode, prints};
    use super::Told;

    portal_core::source_suite!(
        block_on: crate::block_on,
        world: Told(|| in_plain_mode(prints("{\"id\": \"a\"}\n{\"id\": \"b\"}\n", "")))
    );
}
