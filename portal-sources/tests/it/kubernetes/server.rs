//! An API server in this process, on a free port of the loopback address, that answers as a real one was seen to:
//! pages with `limit` and `continue`, items without `kind`, `Status` objects for what goes wrong, refusals by right.
//!
//! Needs nothing but axum, tokio and serde_json, so that other crates can take it in with `#[path]`.
#![allow(dead_code, unreachable_pub, reason = "each crate that takes this file in uses another part of it")]

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use serde_json::{Map, Value, json};

/// What a request is answered with instead of the truth.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A `Status` with this code.
    Status(u16),
    /// 429 with `Retry-After` in seconds.
    Throttled(u64),
    /// 410 for a continue token; waits for a request that has one.
    Expired,
    /// No answer, ever.
    Hang,
    /// The connection ends without an answer.
    Cut,
    /// The first half of the answer.
    Half,
    /// 200 with a page for people, as a proxy gives it.
    LoginPage,
}

/// The resources that are served: group, version, resource, kind.
const SERVED: [(&str, &str, &str, &str); 10] = [
    ("apps", "v1", "deployments", "Deployment"),
    ("apps", "v1", "statefulsets", "StatefulSet"),
    ("apps", "v1", "daemonsets", "DaemonSet"),
    ("batch", "v1", "cronjobs", "CronJob"),
    ("batch", "v1", "jobs", "Job"),
    ("", "v1", "services", "Service"),
    ("", "v1", "serviceaccounts", "ServiceAccount"),
    ("", "v1", "namespaces", "Namespace"),
    ("", "v1", "secrets", "Secret"),
    ("", "v1", "configmaps", "ConfigMap"),
];

const USER: &str = "system:serviceaccount:portal:portal-collector";

/// A running API server; it ends when this is dropped.
pub struct ApiServer {
    world: Arc<Mutex<World>>,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct World {
    /// By resource, namespace and name, in the order in which etcd lists them.
    objects: BTreeMap<(String, String, String), Value>,
    token: Option<String>,
    /// Resource and namespace; an empty namespace is the list over all of them.
    denied: BTreeSet<(String, String)>,
    unserved: BTreeSet<String>,
    faults: HashMap<String, VecDeque<Fault>>,
    requests: Vec<String>,
}

impl ApiServer {
    /// Starts a server with the namespaces that every cluster has.
    pub async fn start() -> ApiServer {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        ApiServer::start_on(listener, address)
    }

    /// Starts a server on a listener of the caller's, such as one with TLS.
    pub fn start_on(listener: impl Listener<Addr = SocketAddr>, address: SocketAddr) -> ApiServer {
        let world = Arc::new(Mutex::new(World::default()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving does not end") });
        let server = ApiServer { world, address, serving };
        for name in ["default", "kube-system"] {
            server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        server
    }

    /// Its address for clients.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig with one context, named as its cluster.
    pub fn kubeconfig(&self, name: &str, token: &str) -> String {
        kubeconfig(&[(name, &self.url(), token)])
    }

    /// Adds or replaces an object. One without a namespace comes into `default`.
    pub fn put(&self, mut object: Value) {
        let kind = object["kind"].as_str().expect("an object says its kind").to_owned();
        let (_, _, resource, _) = SERVED.iter().find(|served| served.3 == kind).expect("the kind is served");
        let name = object["metadata"]["name"].as_str().expect("an object has a name").to_owned();
        let mut namespace = object["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
        if kind == "Namespace" {
            namespace = String::new();
        } else {
            object["metadata"]["namespace"] = json!(namespace);
        }
        object["metadata"]["uid"] = json!(format!("{}-{resource}-{namespace}-{name}", self.address.port()));
        object["metadata"]["creationTimestamp"] = json!("2025-01-01T00:00:00Z");
        object["metadata"]["managedFields"] = json!([{"manager": "kubectl", "operation": "Update"}]);
        self.lock().objects.insert(((*resource).to_owned(), namespace, name), object);
    }

    /// Takes an object away.
    pub fn remove(&self, resource: &str, namespace: &str, name: &str) {
        self.lock().objects.remove(&(resource.to_owned(), namespace.to_owned(), name.to_owned()));
    }

    /// Lets nobody in without this token.
    pub fn require_token(&self, token: &str) {
        self.lock().token = Some(token.to_owned());
    }

    /// Takes the right away to list a resource: in a namespace, or over all of them.
    pub fn deny(&self, resource: &str, namespace: Option<&str>) {
        self.lock().denied.insert((resource.to_owned(), namespace.unwrap_or_default().to_owned()));
    }

    /// Stops serving a resource.
    pub fn unserve(&self, resource: &str) {
        self.lock().unserved.insert(resource.to_owned());
    }

    /// Answers the next requests for a resource with a fault.
    pub fn fail(&self, resource: &str, fault: Fault, times: usize) {
        let mut world = self.lock();
        world.faults.entry(resource.to_owned()).or_default().extend(std::iter::repeat_n(fault, times));
    }

    /// Path and query of each request so far.
    pub fn requests(&self) -> Vec<String> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A kubeconfig with a context for each name, address and token; the first one is current.
pub fn kubeconfig(contexts: &[(&str, &str, &str)]) -> String {
    let each = |entry: fn(&str, &str, &str) -> Value| -> Vec<Value> {
        contexts.iter().map(|(name, url, token)| entry(name, url, token)).collect()
    };
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": contexts[0].0,
        "contexts": each(|name, _, _| json!({"name": name, "context": {"cluster": name, "user": name}})),
        "clusters": each(|name, url, _| json!({"name": name, "cluster": {"server": url}})),
        "users": each(|name, _, token| json!({"name": name, "user": {"token": token}})),
    })
    .to_string()
}

type Asked = Query<BTreeMap<String, String>>;

async fn answer(State(world): State<Arc<Mutex<World>>>, uri: Uri, headers: HeaderMap, asked: Asked) -> Response {
    let (fault, response) = {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        world.requests.push(uri.to_string());
        let resource = target(uri.path()).map(|target| target.resource).unwrap_or_default();
        let fault = world.faults.get_mut(&resource).and_then(|faults| match faults.front() {
            Some(Fault::Expired) if !asked.contains_key("continue") => None,
            _ => faults.pop_front(),
        });
        (fault, world.answer(uri.path(), &headers, &asked))
    };
    match fault {
        None => response,
        Some(Fault::Status(code)) => status(code, "InternalError", "the test wants it so", None),
        Some(Fault::Throttled(seconds)) => {
            let mut response = status(429, "TooManyRequests", "too many requests, please try again later", None);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Some(Fault::Expired) => {
            let message = "The provided continue parameter is too old to display a consistent list result.";
            // The real one offers a token that goes on in a newer list; who takes it mixes two lists.
            status(410, "Expired", message, token("inconsistent", ""))
        }
        Some(Fault::Hang) => std::future::pending().await,
        // A task that unwinds takes its connection with it; this way it does so without a word on stderr.
        Some(Fault::Cut) => std::panic::resume_unwind(Box::new("the connection is cut")),
        Some(Fault::Half) => {
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body in memory");
            ([(header::CONTENT_TYPE, "application/json")], body.slice(..body.len() / 2)).into_response()
        }
        Some(Fault::LoginPage) => axum::response::Html("<html><body>Please log in</body></html>").into_response(),
    }
}

/// What a path asks for.
struct Target {
    group: String,
    version: String,
    resource: String,
    namespace: Option<String>,
    name: Option<String>,
}

fn target(path: &str) -> Option<Target> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let (namespace, resource, name) = match rest {
        ["namespaces", name] => (Some(*name), "namespaces", Some(*name)),
        ["namespaces", namespace, resource] => (Some(*namespace), *resource, None),
        [resource] => (None, *resource, None),
        _ => return None,
    };
    let text = |part: &str| part.to_owned();
    Some(Target {
        group: text(group),
        version: text(version),
        resource: text(resource),
        namespace: namespace.map(text),
        name: name.map(text),
    })
}

impl World {
    fn answer(&self, path: &str, headers: &HeaderMap, asked: &Asked) -> Response {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let user = match (&self.token, given.and_then(|value| value.strip_prefix("Bearer "))) {
            (None, _) => USER,
            (Some(token), Some(given)) if token == given => USER,
            (Some(_), Some(_)) => return status(401, "Unauthorized", "Unauthorized", None),
            (Some(_), None) => "system:anonymous",
        };
        let served = target(path).and_then(|target| {
            let entry =
                SERVED.iter().find(|s| (s.0, s.1, s.2) == (&target.group, &target.version, &target.resource))?;
            (!self.unserved.contains(&target.resource)).then_some((target, entry.3))
        });
        let Some((target, kind)) = served else {
            return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
        };
        if user != USER
            || self.denied.contains(&(target.resource.clone(), target.namespace.clone().unwrap_or_default()))
        {
            return forbidden(&target, user);
        }
        if let Some(name) = &target.name {
            return match self.objects.get(&(target.resource.clone(), String::new(), name.clone())) {
                Some(object) => axum::Json(object).into_response(),
                None => status(404, "NotFound", &format!("namespaces \"{name}\" not found"), None),
            };
        }
        self.list(&target, kind, asked)
    }

    fn list(&self, target: &Target, kind: &str, asked: &Asked) -> Response {
        let after = match asked.get("continue").map(|given| position(given)) {
            None => None,
            Some(Some(key)) => Some(key),
            Some(None) => return status(400, "BadRequest", "continue key is not valid: malformed value", None),
        };
        let limit =
            asked.get("limit").and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let selected = |key: &(String, String, String), object: &Value| {
            let named = asked.get("fieldSelector").and_then(|s| s.strip_prefix("metadata.name="));
            let label = asked.get("labelSelector").and_then(|s| s.split_once('='));
            named.is_none_or(|name| key.2 == name)
                && label.is_none_or(|(label, value)| object["metadata"]["labels"][label] == json!(value))
        };
        let mut matching = self
            .objects
            .iter()
            .filter(|(key, object)| {
                key.0 == target.resource
                    && target.namespace.as_ref().is_none_or(|namespace| *namespace == key.1)
                    && after.as_ref().is_none_or(|after| format!("{}/{}", key.1, key.2) > *after)
                    && selected(key, object)
            })
            .peekable();
        let mut items = Vec::new();
        let mut last = String::new();
        while items.len() < limit
            && let Some((key, object)) = matching.next()
        {
            last = format!("{}/{}", key.1, key.2);
            let mut item: Map<String, Value> = object.as_object().cloned().unwrap_or_default();
            item.remove("apiVersion");
            item.remove("kind");
            items.push(item);
        }
        let mut metadata = json!({"resourceVersion": "4711"});
        if matching.peek().is_some() {
            metadata["continue"] = json!(token("page", &last));
            if !asked.contains_key("fieldSelector") && !asked.contains_key("labelSelector") {
                metadata["remainingItemCount"] = json!(matching.count());
            }
        }
        let version =
            if target.group.is_empty() { "v1".to_owned() } else { format!("{}/{}", target.group, target.version) };
        axum::Json(json!({"apiVersion": version, "kind": format!("{kind}List"), "metadata": metadata, "items": items}))
            .into_response()
    }
}

/// A token that clients cannot read: hexadecimal digits of what it says.
fn token(form: &str, after: &str) -> String {
    format!("{form}+{after}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn position(token: &str) -> Option<String> {
    let byte = |at: usize| u8::from_str_radix(token.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..token.len()).step_by(2).map(byte).collect();
    let text = String::from_utf8(bytes?).ok()?;
    text.split_once('+').map(|(_, after)| after.to_owned())
}

fn forbidden(target: &Target, user: &str) -> Response {
    let (group, resource) = (&target.group, &target.resource);
    let full = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
    let verb = if target.name.is_some() { "get" } else { "list" };
    let place = match &target.namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let message = format!(
        "{full} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}"
    );
    status(403, "Forbidden", &message, None)
}

/// A `Status`; `next` is the token that it offers, if it offers one.
fn status(code: u16, reason: &str, message: &str, next: impl Into<Option<String>>) -> Response {
    let metadata = next.into().map_or(json!({}), |token| json!({"continue": token}));
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    (StatusCode::from_u16(code).expect("a status code"), axum::Json(body)).into_response()
}
