//! An AWS that says what a test tells it to, for what the bed cannot say: cut lists, expired tokens, odd regions.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// One request.
pub(super) struct Asked {
    /// As in the signature: `s3`, `sts`, `tagging`.
    pub(super) service: String,
    pub(super) region: String,
    /// As in the API; for S3 `ListBuckets` or what stands in the query.
    pub(super) action: String,
    pub(super) path: String,
    /// Of the query or a form.
    pub(super) parameters: BTreeMap<String, String>,
    /// Of a JSON body.
    pub(super) body: Value,
}

/// What the fake answers, in the protocol of the service.
pub(super) enum Answer {
    Json(Value),
    Xml(String),
    /// Status, code, message.
    Error(u16, &'static str, &'static str),
}

/// Serves until the test ends, and returns the address.
pub(super) async fn serve(script: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> String {
    let script = Arc::new(script);
    let app = Router::new().fallback(move |request: Request| {
        let script = Arc::clone(&script);
        async move { answer(script.as_ref(), request).await }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

async fn answer(script: &(dyn Fn(&Asked) -> Option<Answer> + Send + Sync), request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let signed = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential: Vec<&str> = signed.split("Credential=").nth(1).unwrap_or_default().split('/').collect();
    let [_, _, region, service, ..] = credential[..] else {
        return (StatusCode::FORBIDDEN, "not signed").into_response();
    };
    let mut parameters = pairs(parts.uri.query().unwrap_or_default());
    if service == "sts" || service == "rds" || service == "cloudformation" {
        parameters.extend(pairs(&String::from_utf8_lossy(&body)));
    }
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let path = parts.uri.path().to_owned();
    let action = match (target, parameters.get("Action")) {
        (Some(target), _) => target.rsplit('.').next().unwrap_or_default().to_owned(),
        (None, Some(action)) => action.clone(),
        (None, None) if service == "s3" && path == "/" => "ListBuckets".to_owned(),
        (None, None) if service == "s3" && parameters.contains_key("tagging") => "GetBucketTagging".to_owned(),
        (None, None) if service == "s3" && parameters.contains_key("location") => "GetBucketLocation".to_owned(),
        (None, None) => path.clone(),
    };
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let asked = Asked { service: service.to_owned(), region: region.to_owned(), action, path, parameters, body };
    let answer = script(&asked).or_else(|| usual(&asked)).unwrap_or(Answer::Error(400, "NotScripted", "not scripted"));
    written(&asked, answer)
}

/// What every test needs: who one is, and which regions there are.
fn usual(asked: &Asked) -> Option<Answer> {
    match asked.action.as_str() {
        "GetCallerIdentity" => Some(Answer::Xml(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::012345678901:user/fake</Arn>\
             <UserId>U</UserId><Account>012345678901</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                .to_owned(),
        )),
        "/listRegions" => Some(Answer::Json(json!({"Regions": [
            {"RegionName": "eu-west-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"},
            {"RegionName": "us-east-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"}
        ]}))),
        _ => None,
    }
}

fn written(asked: &Asked, answer: Answer) -> Response {
    let xml = matches!(asked.service.as_str(), "s3" | "sts" | "rds" | "cloudformation");
    match answer {
        Answer::Json(value) => {
            ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], value.to_string()).into_response()
        }
        Answer::Xml(text) => ([(header::CONTENT_TYPE, "text/xml")], text).into_response(),
        Answer::Error(status, code, message) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let body = match (xml, asked.service.as_str()) {
                (true, "s3") => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
                (true, _) => format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     </ErrorResponse>"
                ),
                (false, _) => json!({"__type": code, "message": message}).to_string(),
            };
            (status, [("x-amzn-errortype", code)], body).into_response()
        }
    }
}

fn pairs(form: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| text.replace("%3A", ":").replace("%2F", "/").replace('+', " ");
    form.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect()
}
