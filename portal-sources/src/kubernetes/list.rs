//! One list, page by page, that is either whole or nothing.

use serde_json::Value;

use super::client::Client;
use super::failure::Failure;
use super::kinds::{Kind, escaped};

/// How often a list may start again because its continue token expired.
const RESTARTS: u32 = 5;

/// The annotation in which `kubectl apply` keeps a whole copy of the object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A list that is being read. Dropping [`PagedList::next_page`] at an await loses nothing: the next call goes on from
/// the last whole page.
pub(super) struct PagedList {
    kind: &'static Kind,
    path: String,
    page_size: u32,
    token: Option<String>,
    restarts: u32,
    objects: Vec<Value>,
}

impl PagedList {
    /// A list of a kind, in one namespace or in all.
    pub(super) fn new(kind: &'static Kind, namespace: Option<&str>, page_size: u32) -> PagedList {
        PagedList { kind, path: kind.path(namespace), page_size, token: None, restarts: 0, objects: Vec::new() }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// If a page cannot be read; what was read before it is of no use then.
    pub(super) async fn whole(mut self, client: &Client) -> Result<Vec<Value>, Failure> {
        while !self.next_page(client).await? {}
        Ok(self.objects)
    }

    /// Reads one more page and says whether it was the last.
    ///
    /// # Errors
    /// If the page cannot be read, or the list expired too often.
    pub(super) async fn next_page(&mut self, client: &Client) -> Result<bool, Failure> {
        let token = self.token.as_deref().map(|token| format!("&continue={}", escaped(token))).unwrap_or_default();
        let answer = client.get(&format!("{}?limit={}{token}", self.path, self.page_size)).await;
        let mut page = match answer {
            Err(Failure::Expired(words)) if self.token.is_some() => {
                return self.restart(client, &words).map(|()| false);
            }
            answer => answer?,
        };
        let items = self.items(&mut page, client)?;
        self.objects.extend(items);
        let next = page.pointer("/metadata/continue").and_then(Value::as_str).filter(|token| !token.is_empty());
        if next.is_some() && next == self.token.as_deref() {
            return Err(Failure::Other(format!(
                "{} gave one and the same page of {} twice; the list cannot be read",
                client.label(),
                self.kind.resource()
            )));
        }
        self.token = next.map(str::to_owned);
        Ok(self.token.is_none())
    }

    /// The objects that a whole list has.
    pub(super) fn into_objects(self) -> Vec<Value> {
        self.objects
    }

    /// Half a list and the beginning of a newer one are no list: all of it is read again.
    fn restart(&mut self, client: &Client, words: &str) -> Result<(), Failure> {
        if self.restarts == RESTARTS {
            return Err(Failure::Other(format!(
                "the list of {} of {} expired before its last page, {} times ({words}); raise `page_size`, so that it \
                 takes fewer requests",
                self.kind.resource(),
                client.label(),
                RESTARTS + 1
            )));
        }
        tracing::debug!("the list of {} expired; starting again", self.kind.resource());
        self.restarts += 1;
        self.token = None;
        self.objects.clear();
        Ok(())
    }

    fn items(&self, page: &mut Value, client: &Client) -> Result<Vec<Value>, Failure> {
        let is_list = page.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        match page.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) if is_list => Ok(items.into_iter().map(|item| self.completed(item)).collect()),
            // An empty list of some servers.
            Some(Value::Null) if is_list => Ok(Vec::new()),
            _ => Err(Failure::Other(format!(
                "{} answered at {} with something that is no list; is that the address of an API server?",
                client.label(),
                self.path
            ))),
        }
    }

    /// The object as `kubectl get` shows it: items of a list do not say what they are. The two large fields that never
    /// reach the lake are dropped at once, for the sake of memory.
    fn completed(&self, mut item: Value) -> Value {
        if let Some(object) = item.as_object_mut() {
            object.insert("apiVersion".to_owned(), self.kind.api_version().into());
            object.insert("kind".to_owned(), self.kind.object.into());
        }
        if let Some(metadata) = item.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove(LAST_APPLIED);
            }
        }
        item
    }
}

/// The name in an object's metadata.
pub(super) fn name_of(object: &Value) -> Option<&str> {
    object.pointer("/metadata/name").and_then(Value::as_str)
}

/// The namespace in an object's metadata.
pub(super) fn namespace_of(object: &Value) -> Option<&str> {
    object.pointer("/metadata/namespace").and_then(Value::as_str)
}
