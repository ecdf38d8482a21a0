//! Who asks, and what they may do.
//!
//! Whoever checks keys puts a [`Caller`] into the request's extensions; without one the portal is open, and everybody who
//! reaches it may do everything.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use portal_core::{KeyScope, Text};

use super::Portal;
use super::problem::{Kind, Problem};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What edits and holds are signed with.
    pub name: Text,
    /// What they may do.
    pub scope: KeyScope,
}

impl Caller {
    /// Somebody at a portal without keys.
    pub const ANYBODY: Caller = Caller { name: Text::new_static("anybody"), scope: KeyScope::Admin };

    /// Lets those through who may do this much.
    ///
    /// # Errors
    /// 403 for everybody else, with the scope that is needed.
    pub fn may(&self, needed: KeyScope) -> Result<(), Problem> {
        if self.scope >= needed {
            return Ok(());
        }
        let word = match needed {
            KeyScope::Read => "read",
            KeyScope::Write => "write",
            KeyScope::Admin => "admin",
        };
        let detail = format!("the key `{}` does not allow this; it takes one with the scope `{word}`", self.name);
        Err(Problem::new(Kind::of("forbidden", StatusCode::FORBIDDEN, "Forbidden"), detail))
    }
}

impl FromRequestParts<Portal> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<Caller, Infallible> {
        Ok(parts.extensions.get::<Caller>().cloned().unwrap_or(Caller::ANYBODY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_includes_those_before_it() {
        let with = |scope| Caller { name: Text::from("ci"), scope };
        assert!(with(KeyScope::Write).may(KeyScope::Read).is_ok());
        assert!(with(KeyScope::Admin).may(KeyScope::Write).is_ok());
        let refused = with(KeyScope::Read).may(KeyScope::Write).expect_err("it only reads");
        assert_eq!(refused.kind().status, StatusCode::FORBIDDEN);
        assert!(refused.detail().contains("`ci`") && refused.detail().contains("`write`"), "{}", refused.detail());
    }
}
