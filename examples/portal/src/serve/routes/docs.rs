//! The document of the API, for machines and for people.
//!
//! The page is made here, of nothing but HTML and a style sheet: nothing is loaded from elsewhere, and no script runs.

use std::fmt::Write;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::serve::{Portal, etag};

const STYLE: &str = include_str!("docs.css");

/// Adds `/openapi.json` and `/docs`. They are made once.
pub(in crate::serve) fn with_document(router: Router<Portal>, document: &OpenApi) -> Router<Portal> {
    let json = document.to_json().expect("the document is plain data");
    let value: Value = serde_json::from_str(&json).expect("it was just written");
    router
        .route("/openapi.json", get(fixed("application/json", json)))
        .route("/docs", get(fixed("text/html; charset=utf-8", page(&value))))
        .route("/docs/docs.css", get(fixed("text/css; charset=utf-8", STYLE.to_owned())))
}

/// Answers with bytes that never change.
fn fixed(
    content_type: &'static str,
    body: String,
) -> impl Fn(HeaderMap) -> std::future::Ready<Response> + Clone + Send + Sync + 'static {
    let tag = etag::of_bytes(body.as_bytes());
    let body = Bytes::from(body);
    move |headers| {
        let tag = tag.clone();
        std::future::ready(if headers.get(IF_NONE_MATCH).is_some_and(|named| etag::is_named(named, &tag)) {
            (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response()
        } else {
            let headers = [(CONTENT_TYPE, HeaderValue::from_static(content_type)), (ETAG, tag)];
            (headers, body.clone()).into_response()
        })
    }
}

fn page(document: &Value) -> String {
    let title = text(&document["info"]["title"]);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title} API</title>\n<link rel=\"stylesheet\" \
         href=\"docs/docs.css\">\n</head>\n<body>\n<header><h1>{title} API</h1><p>{} Machines read \
         <a href=\"openapi.json\">openapi.json</a>.</p></header>\n",
        text(&document["info"]["description"])
    );
    let operations = operations(document);
    let mut tags: Vec<&str> = operations.iter().map(|operation| operation.tag).collect();
    tags.dedup();
    page.push_str("<nav aria-label=\"Endpoints\">");
    for tag in &tags {
        let _ = write!(page, "<h2>{}</h2><ul>", escaped(tag));
        for operation in operations.iter().filter(|operation| operation.tag == *tag) {
            let (id, method, path) = (escaped(operation.id), escaped(&operation.method), escaped(operation.path));
            let _ = write!(page, "<li><a href=\"#{id}\"><b>{method}</b> {path}</a></li>");
        }
        page.push_str("</ul>");
    }
    page.push_str("</nav>\n<main>\n");
    for operation in &operations {
        describe(&mut page, operation);
    }
    page.push_str("<h2 id=\"schemas\">Schemas</h2>\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(page, "<section id=\"schema-{0}\"><h3>{0}</h3>", escaped(name));
        paragraph(&mut page, &schema["description"]);
        table_of_fields(&mut page, schema);
        page.push_str("</section>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

struct Operation<'d> {
    tag: &'d str,
    id: &'d str,
    method: String,
    path: &'d str,
    value: &'d Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut all: Vec<Operation<'_>> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, value) in item.as_object().into_iter().flatten().filter(|(_, value)| value.is_object()) {
            let tag = value["tags"][0].as_str().unwrap_or_default();
            let id = value["operationId"].as_str().unwrap_or(path);
            all.push(Operation { tag, id, method: method.to_uppercase(), path, value });
        }
    }
    all.sort_by_key(|operation| operation.tag);
    all
}

fn describe(page: &mut String, operation: &Operation<'_>) {
    let Operation { id, method, path, value, .. } = operation;
    let _ = write!(
        page,
        "<section id=\"{}\"><h3><b>{}</b> <code>{}</code></h3>",
        escaped(id),
        escaped(method),
        escaped(path)
    );
    paragraph(page, &value["summary"]);
    paragraph(page, &value["description"]);
    if let Some(parameters) = value["parameters"].as_array().filter(|all| !all.is_empty()) {
        page.push_str("<table><thead><tr><th>parameter</th><th>type</th><th>meaning</th></tr></thead><tbody>");
        for parameter in parameters {
            let needed = if parameter["required"] == Value::Bool(true) { " (needed)" } else { "" };
            let _ = write!(
                page,
                "<tr><td><code>{}</code>{needed}</td><td>{}</td><td>{}</td></tr>",
                text(&parameter["name"]),
                kind(&parameter["schema"]),
                text(&parameter["description"])
            );
        }
        page.push_str("</tbody></table>");
    }
    for body in value["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values()) {
        let _ = write!(page, "<p>Body: {}</p>", kind(&body["schema"]));
    }
    page.push_str("<table><thead><tr><th>answer</th><th>type</th><th>meaning</th></tr></thead><tbody>");
    for (status, response) in value["responses"].as_object().into_iter().flatten() {
        let schema = response["content"].as_object().and_then(|content| content.values().next());
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(status),
            schema.map(|content| kind(&content["schema"])).unwrap_or_default(),
            text(&response["description"])
        );
    }
    page.push_str("</tbody></table></section>\n");
}

fn table_of_fields(page: &mut String, schema: &Value) {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("<code>{}</code>", text(word))).collect();
        let _ = write!(page, "<p>{}</p>", words.join(" "));
    }
    let parts = schema["allOf"].as_array().map_or(std::slice::from_ref(schema), Vec::as_slice);
    for part in parts {
        if part["$ref"].is_string() {
            let _ = write!(page, "<p>All of {}, and:</p>", kind(part));
        }
        let Some(fields) = part["properties"].as_object() else { continue };
        page.push_str("<table><thead><tr><th>field</th><th>type</th><th>meaning</th></tr></thead><tbody>");
        for (name, field) in fields {
            let _ = write!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escaped(name),
                kind(field),
                text(&field["description"])
            );
        }
        page.push_str("</tbody></table>");
    }
}

/// A schema in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escaped(name));
    }
    if let Some(any) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return any.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| format!("<code>{}</code>", text(word))).collect::<Vec<_>>().join(" ");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return "anything".to_owned(),
    };
    let words: Vec<String> = types
        .iter()
        .map(|one| match *one {
            "array" => format!("list of {}", kind(&schema["items"])),
            "object" if schema["additionalProperties"].is_object() => {
                format!("object of {}", kind(&schema["additionalProperties"]))
            }
            other => escaped(other),
        })
        .collect();
    words.join(" or ")
}

fn paragraph(page: &mut String, value: &Value) {
    let text = text(value);
    if !text.is_empty() {
        let _ = write!(page, "<p>{text}</p>");
    }
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_document_is_only_ever_text() {
        let document = serde_json::json!({
            "info": {"title": "<script>alert(1)</script>", "description": "\"><img src=x onerror=alert(1)>"},
            "paths": {"/a<b>": {"get": {"operationId": "\"><script>", "tags": ["<i>"], "responses": {}}}},
            "components": {"schemas": {"<b>": {"description": "<b>"}}}
        });
        let page = page(&document);
        for tag in ["<script", "<img", "<i>", "<b></"] {
            assert!(!page.contains(tag), "{tag}\n{page}");
        }
    }

    #[test]
    fn the_page_names_every_endpoint() {
        let (_, document) = crate::serve::document::split();
        let value = serde_json::to_value(&document).expect("JSON");
        let page = page(&value);
        for path in value["paths"].as_object().expect("paths").keys() {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
    }
}
