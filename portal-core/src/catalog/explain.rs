//! Answers as text for people: the command line and Python print the same.

use std::fmt;

use super::answer::{EvidenceAnswer, Explanation, Linked, Owner};
use crate::model::OwnershipState;

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", clean(self.entity.as_str()))?;
        writeln!(f, "  {}", self.verdict())?;
        if self.stale {
            writeln!(f, "  stale: the newest read did not succeed; this is what was known before")?;
        }
        if !self.evidence.is_empty() {
            writeln!(f, "  evidence")?;
        }
        for evidence in &self.evidence {
            writeln!(f, "    {}", claim(evidence))?;
        }
        Ok(())
    }
}

impl Owner {
    /// The outcome in one line.
    pub fn verdict(&self) -> String {
        let team = self.team.as_deref().map(clean);
        let rule = self.rule.as_deref().map(|rule| format!(" (by {rule})")).unwrap_or_default();
        match (self.state, team) {
            (OwnershipState::Owned, Some(team)) => format!("owned by team {team}{rule}"),
            (OwnershipState::Owned | OwnershipState::Unowned, _) => {
                "unowned: it was read whole, and nothing claims it".to_owned()
            }
            (OwnershipState::Unregistered, _) => format!("unregistered: it names a team that nobody knows{rule}"),
            (OwnershipState::Conflict, _) => format!("conflict: claims of the same rank name different teams{rule}"),
            (OwnershipState::Unknown, Some(team)) => {
                format!("unknown: what would say it could not be read; the last known owner is team {team}")
            }
            (OwnershipState::Unknown, None) => "unknown: what would say who owns it could not be read".to_owned(),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.owner)?;
        if let Some(created_by) = &self.created_by {
            section(f, "created by", std::slice::from_ref(created_by))?;
        }
        section(f, "used by", &self.used_by)?;
        section(f, "uses", &self.uses)?;
        section(f, "depends on", &self.depends_on)?;
        section(f, "runs as", &self.runs_as)?;
        section(f, "part of", &self.part_of)?;
        section(f, if self.environments.len() == 1 { "environment" } else { "environments" }, &self.environments)?;
        if let (Some(first), Some(last)) = (self.first_seen, self.last_seen) {
            writeln!(f, "  first seen {}, last seen {}", minute(first), minute(last))?;
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, links: &[Linked]) -> fmt::Result {
    if links.is_empty() {
        return Ok(());
    }
    writeln!(f, "  {title}")?;
    for link in links {
        let name = if link.entity.local().contains(link.name.as_str()) {
            String::new()
        } else {
            format!(" ({})", clean(&link.name))
        };
        writeln!(f, "    {}{name}", clean(link.entity.as_str()))?;
        for evidence in &link.evidence {
            writeln!(f, "      {}", reason(evidence))?;
        }
    }
    Ok(())
}

/// A claim about an owner: whether it won, the rule, the words, and where they stand.
fn claim(evidence: &EvidenceAnswer) -> String {
    let mark = if evidence.won { "+" } else { "-" };
    let meant = match &evidence.team {
        Some(team) => format!(" -> team {}", clean(team)),
        None if evidence.field == "not read" => String::new(),
        None => " -> no known team".to_owned(),
    };
    format!("{mark} {:<9} {}{meant}", clean(&evidence.rule), reason(evidence))
}

fn reason(evidence: &EvidenceAnswer) -> String {
    let on = evidence.found_on.as_deref().map(|on| format!(" on {}", clean(on))).unwrap_or_default();
    let read = evidence.read_at.map(|at| format!(", read {}", minute(at))).unwrap_or_default();
    let source =
        if evidence.source.is_empty() { String::new() } else { format!(" [{}{read}]", clean(&evidence.source)) };
    format!("{} = `{}`{on}{source}", clean(&evidence.field), clean(&evidence.raw))
}

fn minute(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Text from outside without characters that would steer a terminal or forge a line.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
