//! The document of the API: OpenAPI 3.1, from the types and routes themselves.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType};
use utoipa::openapi::{Content, HeaderBuilder, Object, OpenApi, Ref, RefOr, ResponseBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{Pointed, ProblemView};
use super::routes::LegacyProblem;
use super::{Portal, routes};

/// The whole document, as `/openapi.json` serves it and the repository keeps it.
pub fn text() -> String {
    let (_, document) = split();
    let mut text = document.to_pretty_json().expect("the document is plain data");
    text.push('\n');
    text
}

/// Every route, and the document that describes them.
pub(super) fn split() -> (Router<Portal>, OpenApi) {
    let (router, mut document) = routes::all().split_for_parts();
    document.info.version = "v1alpha".to_owned();
    super::guard::describe(&mut document);
    let schemas = &mut document.components.get_or_insert_default().schemas;
    schemas.insert(ProblemView::name().into_owned(), ProblemView::schema());
    schemas.insert(Pointed::name().into_owned(), Pointed::schema());
    schemas.insert(LegacyProblem::name().into_owned(), LegacyProblem::schema());
    for (path, item) in &mut document.paths.paths {
        let legacy = is_legacy(path);
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in methods.into_iter().flatten() {
            common(operation, legacy);
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    spelt(parameter, legacy);
                }
            }
            if !legacy && let Some(body) = &operation.request_body {
                strict(references(body), schemas);
            }
        }
        if let Some(read) = item.get.as_mut().filter(|_| path.starts_with("/api/") && path != "/api/health") {
            conditional(read);
        }
        for write in [&mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten() {
            compared(write);
        }
    }
    (router, document)
}

fn is_legacy(path: &str) -> bool {
    path.starts_with("/api/") && !path.starts_with("/api/v1")
}

/// What every operation can answer.
fn common(operation: &mut Operation, legacy: bool) {
    let (content_type, name, description) = if legacy {
        ("application/json", LegacyProblem::name(), "Anything that goes wrong")
    } else {
        ("application/problem+json", ProblemView::name(), "Anything that goes wrong, as problem details (RFC 9457)")
    };
    let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name(name))));
    let response = ResponseBuilder::new().description(description).content(content_type, problem);
    operation.responses.responses.entry("default".to_owned()).or_insert_with(|| RefOr::T(response.build()));
}

/// What the reading of queries refuses in every text: nothing at all, and the character NUL.
fn spelt(parameter: &mut Parameter, legacy: bool) {
    if parameter.parameter_in != ParameterIn::Query {
        return;
    }
    let pattern = match parameter.name.as_str() {
        _ if legacy => r"^[^\u0000]*$",
        "tag" => r"^[^=\u0000][^\u0000]*$",
        _ => r"^[^\u0000]+$",
    };
    let text = match &mut parameter.schema {
        Some(RefOr::T(Schema::Array(array))) => match &mut array.items {
            ArrayItems::RefOrSchema(items) => &mut **items,
            ArrayItems::False => return,
        },
        Some(schema) => schema,
        None => return,
    };
    if let RefOr::T(Schema::Object(object)) = text
        && object.schema_type == SchemaType::Type(Type::String)
        && object.enum_values.is_none()
        && object.pattern.is_none()
    {
        object.pattern = Some(pattern.to_owned());
    }
}

/// Bodies hold nothing but what the document names, and so do the objects inside of them.
fn strict(mut names: Vec<String>, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let mut seen = BTreeSet::new();
    while let Some(name) = names.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        match schemas.get_mut(&name) {
            Some(RefOr::T(Schema::Object(object)))
                if !object.properties.is_empty() && object.additional_properties.is_none() =>
            {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                names.extend(references(object));
            }
            Some(RefOr::T(Schema::Object(_))) | None => {}
            Some(choice) => names.extend(references(choice)),
        }
    }
}

/// The names of all schemas that a part of the document refers to.
fn references(part: &impl Serialize) -> Vec<String> {
    fn find(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                let reference = map.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(|place| place.rsplit('/').next()).map(str::to_owned));
                map.values().for_each(|inner| find(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| find(inner, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    find(&serde_json::to_value(part).expect("the document is plain data"), &mut found);
    found
}

/// Writes that compare versions say what they compared, and what there is now.
fn compared(operation: &mut Operation) {
    let named = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name == "If-Match");
    let compares = operation.parameters.iter().flatten().any(named);
    if !compares {
        return;
    }
    let reasons = [("404", "It is not there"), ("412", "It was changed since"), ("428", "`If-Match` is needed")];
    for (status, description) in reasons {
        let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name(ProblemView::name()))));
        let response = ResponseBuilder::new().description(description).content("application/problem+json", problem);
        operation.responses.responses.insert(status.to_owned(), RefOr::T(response.build()));
    }
    tagged(operation);
}

/// Reads say what they read, and do not say it twice.
fn conditional(operation: &mut Operation) {
    let unchanged = ResponseBuilder::new().description("The client has it: `If-None-Match` named its `ETag`");
    operation.responses.responses.insert("304".to_owned(), RefOr::T(unchanged.build()));
    tagged(operation);
}

/// The answer has an `ETag`.
fn tagged(operation: &mut Operation) {
    if let Some(RefOr::T(found)) = operation.responses.responses.get_mut("200") {
        let tag = HeaderBuilder::new()
            .schema(Some(Object::with_type(Type::String)))
            .description(Some("What `If-None-Match` compares, and, of a single entity, `If-Match` of a write"));
        found.headers.insert("ETag".to_owned(), RefOr::T(tag.build()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The repository's copy, which the page's types and other people's clients are made from.
    #[test]
    fn the_document_in_the_repository_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let fresh = text();
        if std::env::var_os("PORTAL_RENEW").is_some() {
            std::fs::write(path, fresh).expect("the repository can be written");
            return;
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let differs = kept.lines().zip(fresh.lines()).position(|(kept, fresh)| kept != fresh);
        let line = differs.unwrap_or(kept.lines().count().min(fresh.lines().count())) + 1;
        assert!(
            kept == fresh,
            "examples/portal/openapi.json is not what the routes say any more, from line {line} on; renew it with\n  \
             PORTAL_RENEW=1 cargo test --workspace the_document_in_the_repository_is_fresh\nand the page's types with \
             `npm run api` in examples/portal/web"
        );
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_goes_wrong() {
        let (_, document) = split();
        let document = serde_json::to_value(&document).expect("JSON");
        let mut names = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                names.push(operation["operationId"].as_str().expect("a name").to_owned());
                assert!(operation["responses"]["default"].is_object(), "{method} {path}");
                assert!(operation["summary"].is_string(), "{method} {path}");
            }
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
    }
}
