//! The list of a kind over the whole cluster, read once and shared out to the namespaces.
//!
//! A request per namespace and kind does not scale to thousands of namespaces. Whichever scope comes first reads on;
//! when it is dropped midway, the next one goes on from the last whole page.

use std::collections::{BTreeMap, HashMap};

use portal_core::Text;
use portal_core::source::Object;
use serde_json::Value;
use tokio::sync::Mutex;

use super::client::Client;
use super::failure::Failure;
use super::kinds::Kind;
use super::list::{PagedList, name_of, namespace_of};

/// A kind's objects in the whole cluster.
pub(super) struct SharedList {
    state: Mutex<State>,
}

enum State {
    Reading(PagedList),
    /// What is left for the namespaces that have not asked yet.
    Read(HashMap<Text, Vec<Object>>),
    /// The cluster-wide list is forbidden; single namespaces may still be allowed.
    Forbidden,
    Failed(Failure),
}

/// What a namespace gets.
pub(super) enum Share {
    /// All its objects.
    Objects(Vec<Object>),
    /// Nothing from here: it has to be asked by itself.
    AskAlone,
    /// The list of the cluster could not be read.
    Failed(Failure),
}

impl SharedList {
    /// A list that nobody has begun to read.
    pub(super) fn new(kind: &'static Kind, page_size: u32) -> SharedList {
        SharedList { state: Mutex::new(State::Reading(PagedList::new(kind, None, page_size))) }
    }

    /// Takes the objects of a namespace out; the first one to come reads the list.
    pub(super) async fn take(&self, client: &Client, namespaces: &BTreeMap<Text, Value>, namespace: &str) -> Share {
        let mut state = self.state.lock().await;
        while let State::Reading(list) = &mut *state {
            let page = list.next_page(client).await;
            match page {
                Ok(false) => {}
                Ok(true) => {
                    let State::Reading(list) = std::mem::replace(&mut *state, State::Forbidden) else { break };
                    *state = State::Read(shared_out(list.into_objects(), namespaces));
                }
                Err(Failure::Forbidden(_)) => *state = State::Forbidden,
                Err(failure) => *state = State::Failed(failure),
            }
        }
        match &mut *state {
            // A namespace that was served already, or that came up after the list, is not in here.
            State::Read(shares) => shares.remove(namespace).map_or(Share::AskAlone, Share::Objects),
            State::Reading(_) | State::Forbidden => Share::AskAlone,
            State::Failed(failure) => Share::Failed(failure.clone()),
        }
    }
}

/// Only namespaces of the plan get a share, each of them one: objects of others would never be fetched.
fn shared_out(objects: Vec<Value>, namespaces: &BTreeMap<Text, Value>) -> HashMap<Text, Vec<Object>> {
    let mut shares: HashMap<Text, Vec<Object>> = namespaces.keys().map(|name| (name.clone(), Vec::new())).collect();
    for object in objects {
        if let Some(share) = namespace_of(&object).and_then(|name| shares.get_mut(name)) {
            share.extend(named(object));
        }
    }
    shares
}

/// An object with the name for its file. The API server lets none without a name exist.
pub(super) fn named(value: Value) -> Option<Object> {
    let name = Text::from(name_of(&value)?);
    Some(Object { name, value })
}
