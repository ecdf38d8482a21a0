//! The document of the API: OpenAPI 3.1, from the types and routes themselves.

use axum::Router;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, HeaderBuilder, Object, OpenApi, Ref, RefOr, ResponseBuilder, Type};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{Pointed, ProblemView};
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
    for (path, item) in &mut document.paths.paths {
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in methods.into_iter().flatten() {
            common(path, operation);
        }
        if let Some(read) = item.get.as_mut().filter(|_| path.starts_with("/api/v1")) {
            conditional(read);
        }
    }
    (router, document)
}

/// What every operation can answer.
fn common(path: &str, operation: &mut Operation) {
    if path.starts_with("/api/") && !path.starts_with("/api/v1") {
        return;
    }
    let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name(ProblemView::name()))));
    let response = ResponseBuilder::new()
        .description("Anything that goes wrong, as problem details (RFC 9457)")
        .content("application/problem+json", problem);
    operation.responses.responses.entry("default".to_owned()).or_insert_with(|| RefOr::T(response.build()));
}

/// Reads say what they read, and do not say it twice.
fn conditional(operation: &mut Operation) {
    let unchanged = ResponseBuilder::new().description("The client has it: `If-None-Match` named its `ETag`");
    operation.responses.responses.insert("304".to_owned(), RefOr::T(unchanged.build()));
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

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_goes_wrong() {
        let (_, document) = split();
        let document = serde_json::to_value(&document).expect("JSON");
        let mut names = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                names.push(operation["operationId"].as_str().expect("a name").to_owned());
                let legacy = path.starts_with("/api/") && !path.starts_with("/api/v1");
                assert!(legacy || operation["responses"]["default"].is_object(), "{method} {path}");
                assert!(operation["summary"].is_string(), "{method} {path}");
            }
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
    }
}
