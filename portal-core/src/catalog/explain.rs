//! Answers as text for people: the command line and Python print the same.

use std::fmt;

use super::answer::{EvidenceAnswer, Explanation, Linked, Owner};
use crate::id::Ref;
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
            writeln!(f, "    {}", claim(evidence, &self.entity))?;
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
        let asked = &self.owner.entity;
        if let Some(created_by) = &self.created_by {
            section(f, asked, "created by", std::slice::from_ref(created_by))?;
        }
        section(f, asked, "used by", &self.used_by)?;
        section(f, asked, "uses", &self.uses)?;
        section(f, asked, "depends on", &self.depends_on)?;
        section(f, asked, "runs as", &self.runs_as)?;
        section(f, asked, "part of", &self.part_of)?;
        section(
            f,
            asked,
            if self.environments.len() == 1 { "environment" } else { "environments" },
            &self.environments,
        )?;
        if let (Some(first), Some(last)) = (self.first_seen, self.last_seen) {
            writeln!(f, "  first seen {}, last seen {}", minute(first), minute(last))?;
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, asked: &Ref, title: &str, links: &[Linked]) -> fmt::Result {
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
            writeln!(f, "      {}", reason(evidence, &[asked, &link.entity]))?;
        }
    }
    Ok(())
}

/// A claim about an owner: whether it won, the rule, the words, and where they stand.
fn claim(evidence: &EvidenceAnswer, asked: &Ref) -> String {
    let mark = if evidence.won { "+" } else { "-" };
    let meant = match &evidence.team {
        Some(team) => format!(" -> team {}", clean(team)),
        None if evidence.field == "not read" => String::new(),
        None => " -> no known team".to_owned(),
    };
    format!("{mark} {:<9} {}{meant}", clean(&evidence.rule), reason(evidence, &[asked]))
}

/// What stands where; the place is left out where it is one that the reader has before the eyes.
fn reason(evidence: &EvidenceAnswer, known: &[&Ref]) -> String {
    let on = evidence.found_on.as_deref().filter(|on| known.iter().all(|known| known.as_str() != *on));
    let on = on.map(|on| format!(" on {}", clean(on))).unwrap_or_default();
    let read = evidence.read_at.map(|at| format!(", read {}", minute(at))).unwrap_or_default();
    let source =
        if evidence.source.is_empty() { String::new() } else { format!(" [{}{read}]", clean(&evidence.source)) };
    let raw = clean(&evidence.raw);
    // A ref needs no marks, and a sentence of its own none either.
    let said = match evidence.field.as_str() {
        "not read" => format!("not read: {raw}"),
        "used by" => format!("used by {raw}"),
        "member of the stack" | "parent stack" => clean(&evidence.field),
        field => format!("{} = `{raw}`", clean(field)),
    };
    format!("{said}{on}{source}")
}

fn minute(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Text from outside without characters that would steer a terminal or forge a line.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
