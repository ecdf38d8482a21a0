//! Where things of the estate stand, and the facts that are made up about them: ids, hosts, times.
//!
//! All of it follows from names alone, so the estate is the same on every machine and every day.

use jiff::{Timestamp, ToSpan};

/// A stage of the company's delivery; each has an AWS account and a Kubernetes cluster of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Dev,
    Staging,
    Prod,
}

use Stage::{Dev, Prod, Staging};

impl Stage {
    pub(super) const ALL: [Stage; 3] = [Dev, Staging, Prod];

    /// The name that people use for the environment.
    pub(super) fn name(self) -> &'static str {
        match self {
            Dev => "dev",
            Staging => "staging",
            Prod => "prod",
        }
    }

    /// Ids as AWS's own documentation uses them; the first one has the leading zero that spreadsheets eat.
    pub(super) fn account(self) -> &'static str {
        match self {
            Dev => "011122223333",
            Staging => "444455556666",
            Prod => "777788889999",
        }
    }
}

/// The region where nearly everything runs, the clusters among it.
pub(super) const MAIN: &str = "eu-west-1";
/// The region of what has to be near the edge, and of the copies for a disaster.
pub(super) const SECOND: &str = "us-east-1";
/// A region that exists and that nobody opted into.
pub(super) const NOT_OPTED_IN: &str = "me-central-1";

/// A region of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) stage: Stage,
    pub(super) region: &'static str,
}

const fn at(stage: Stage, region: &'static str) -> Place {
    Place { stage, region }
}

/// In every stage.
pub(super) const ALL: &[Place] = &[at(Dev, MAIN), at(Staging, MAIN), at(Prod, MAIN)];
/// Not yet in production.
pub(super) const BEFORE_PROD: &[Place] = &[at(Dev, MAIN), at(Staging, MAIN)];
/// Where customers or testers would miss it.
pub(super) const FROM_STAGING: &[Place] = &[at(Staging, MAIN), at(Prod, MAIN)];
pub(super) const DEV: &[Place] = &[at(Dev, MAIN)];
pub(super) const STAGING: &[Place] = &[at(Staging, MAIN)];
pub(super) const PROD: &[Place] = &[at(Prod, MAIN)];
/// In every stage, but in the second region.
pub(super) const EDGE: &[Place] = &[at(Dev, SECOND), at(Staging, SECOND), at(Prod, SECOND)];
/// A copy for a disaster.
pub(super) const PROD_SECOND: &[Place] = &[at(Prod, SECOND)];
/// Every region that is read.
pub(super) const EVERYWHERE: &[Place] =
    &[at(Dev, MAIN), at(Staging, MAIN), at(Prod, MAIN), at(Dev, SECOND), at(Staging, SECOND), at(Prod, SECOND)];

impl Place {
    /// A text with its placeholders filled in: `{env}`, `{account}`, `{region}`, `{rds}` (the domain of the account's
    /// databases), `{id}` and `{uuid}` (the hexadecimal end of an id and a whole one, others for each text and place).
    pub(super) fn fill(self, template: &str) -> String {
        let account = self.stage.account();
        let rds = format!("{}.{}.rds.amazonaws.com", hex(&format!("rds {account} {}", self.region), 12), self.region);
        let seed = format!("{template} {account} {}", self.region);
        template
            .replace("{env}", self.stage.name())
            .replace("{account}", account)
            .replace("{region}", self.region)
            .replace("{rds}", &rds)
            .replace("{id}", &hex(&seed, 16))
            .replace("{uuid}", &uuid(&seed))
    }

    /// When a thing of this name was made here: from 2021 to the spring of 2026, in dev first and in production last. A
    /// year in the name is believed.
    pub(super) fn made_at(self, name: &str) -> Timestamp {
        let year_said = (2021..=2025).find(|year| name.contains(&year.to_string()));
        let (days, later) = match (year_said, self.stage) {
            (Some(_), _) => (365, 0),
            (None, Dev) => (1900, 0),
            (None, Staging) => (1900, 9),
            (None, Prod) => (1900, 34),
        };
        let first: Timestamp = format!("{}-01-01T00:00:00Z", year_said.unwrap_or(2021))
            .parse()
            .expect("the first moment of a year is a time");
        let hours = i64::try_from(number(name) % (days * 24)).expect("a few years of hours are a small number");
        let seconds = i64::try_from(number(&format!("{name} {}", self.stage.name())) % 3600).expect("below 3600");
        first + (hours + later * 24).hours() + seconds.seconds()
    }

    /// An ARN of this place; the resource part as it is.
    pub(super) fn arn(self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.stage.account())
    }
}

/// A number that follows from a text: FNV-1a, and a last stir so that near texts are far apart.
pub(super) fn number(seed: &str) -> u64 {
    let folded = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let stirred = (folded ^ (folded >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    stirred ^ (stirred >> 29)
}

/// So many hexadecimal digits that follow from a text.
pub(super) fn hex(seed: &str, digits: usize) -> String {
    let mut all = format!("{:016x}{:016x}", number(seed), number(&format!("{seed} more")));
    all.truncate(digits);
    all
}

/// A UUID that follows from a text.
pub(super) fn uuid(seed: &str) -> String {
    let all = hex(seed, 32);
    format!("{}-{}-4{}-a{}-{}", &all[..8], &all[8..12], &all[13..16], &all[17..20], &all[20..])
}
