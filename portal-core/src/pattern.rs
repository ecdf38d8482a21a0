//! A pattern that finds a name in the name of a directory group.

use std::fmt;

use regex_lite::Regex;
use serde::{Serialize, Serializer};

/// A regular expression with a group `name`, such as `^SG-Team-(?<name>.+)$`; compared without case, as directories do.
///
/// ```
/// use portal_core::pattern::GroupPattern;
///
/// let teams: GroupPattern = "^SG-Team-(?<name>.+)$".parse()?;
/// assert_eq!(teams.name("sg-team-Payments"), Some("Payments"));
/// assert_eq!(teams.name("Domain Users"), None);
/// # Ok::<(), portal_core::pattern::InvalidPattern>(())
/// ```
#[derive(Clone)]
pub struct GroupPattern {
    written: String,
    regex: Regex,
}

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It is no regular expression.
    #[error("`{pattern}` is no regular expression ({problem})")]
    Syntax {
        /// As it was written.
        pattern: String,
        /// What is wrong.
        problem: String,
    },
    /// It finds no name.
    #[error("`{0}` has no group `name`; mark the part that is the name, as in ^SG-Team-(?<name>.+)$")]
    NoName(String),
}

impl GroupPattern {
    /// The name inside a group's name, if that fits; never empty.
    pub fn name<'g>(&self, group: &'g str) -> Option<&'g str> {
        let found = self.regex.captures(group)?.name("name")?;
        Some(found.as_str().trim()).filter(|name| !name.is_empty())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

impl std::str::FromStr for GroupPattern {
    type Err = InvalidPattern;

    fn from_str(pattern: &str) -> Result<GroupPattern, InvalidPattern> {
        let regex = Regex::new(&format!("(?i:{pattern})"))
            .map_err(|e| InvalidPattern::Syntax { pattern: pattern.to_owned(), problem: e.to_string() })?;
        if !regex.capture_names().any(|name| name == Some("name")) {
            return Err(InvalidPattern::NoName(pattern.to_owned()));
        }
        Ok(GroupPattern { written: pattern.to_owned(), regex })
    }
}

impl fmt::Debug for GroupPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupPattern({})", self.written)
    }
}

impl Serialize for GroupPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_finds_no_name_says_so() {
        assert!(matches!("^SG-Team-.+$".parse::<GroupPattern>(), Err(InvalidPattern::NoName(_))));
        assert!(matches!("(?<name>".parse::<GroupPattern>(), Err(InvalidPattern::Syntax { .. })));
    }

    #[test]
    fn a_name_is_never_empty() {
        let pattern: GroupPattern = "^SG-(?<name>.*)$".parse().expect("a pattern");
        assert_eq!((pattern.name("SG-"), pattern.name("SG-  "), pattern.name("sg- A ")), (None, None, Some("A")));
    }
}
