//! The accounts of an organization: which there are, what they are called, and whether they are open.

use portal_core::Text;
use serde_json::Value;

use super::accounts::Caller;
use super::client::{Connection, client};
use super::error::Failure;
use super::json::{Fields, next_page};

/// An account as the organization lists it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: Text,
    /// Why there is nothing to read in it.
    pub(super) closed: Option<String>,
    /// As the lake keeps it: without the mail address, which is a person's.
    pub(super) value: Value,
    management: Option<Text>,
}

/// Lists the accounts, by id.
pub(super) async fn list(connection: &Connection, caller: &Caller) -> Result<Vec<Member>, Failure> {
    let client = client!(aws_sdk_organizations, &connection.config, caller.account);
    let mut members = Vec::new();
    let mut token = None;
    loop {
        let request = client.list_accounts().set_next_token(token).send();
        let page = connection.call(&caller.account, "organizations:ListAccounts", request).await?;
        members.extend(page.accounts().iter().filter_map(member));
        // An empty page with a token is not the last one.
        token = next_page(page.next_token());
        if token.is_none() {
            members.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(members);
        }
    }
}

/// The management account: its id stands in the ARN of every member.
pub(super) fn management(members: &[Member]) -> Option<&Text> {
    members.iter().find_map(|member| member.management.as_ref())
}

fn member(account: &aws_sdk_organizations::types::Account) -> Option<Member> {
    let id = account.id()?;
    let state = account.state().map(|state| state.as_str());
    // `State` has replaced `Status`, which older answers and simulators still have.
    #[allow(deprecated)]
    let status = account.status().map(|status| status.as_str());
    let value = Fields::default()
        .with("Id", Some(id))
        .with("Arn", account.arn())
        .with("Name", account.name())
        .with("State", state)
        .with("Status", status)
        .time("JoinedTimestamp", account.joined_timestamp());
    let management = account.arn().and_then(|arn| arn.split(':').nth(4)).filter(|id| !id.is_empty()).map(Text::from);
    Some(Member { id: Text::from(id), closed: closed(state.or(status)), value: value.into(), management })
}

/// Why an account in this state has nothing to read. A state that is not known yet is tried.
fn closed(state: Option<&str>) -> Option<String> {
    let state = state?;
    let why = match state {
        "SUSPENDED" | "CLOSED" => "it is closed or suspended",
        "PENDING_CLOSURE" => "it is being closed",
        "PENDING_ACTIVATION" => "it is not active yet",
        _ => return None,
    };
    Some(format!("the organization says that the account is {state}: {why}"))
}
