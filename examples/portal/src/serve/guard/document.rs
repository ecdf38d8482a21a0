//! How the document of the API says that a key may be needed.

use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use super::{OPEN, PROBES};

const NAME: &str = "key";

/// Adds the key. It is not required everywhere: a portal may run without keys.
pub(in crate::serve) fn describe(document: &mut OpenApi) {
    let description = "A key of `portal keys create`: `Authorization: Bearer pk_…`. The scope `read` is enough for reads, \
                       `write` edits and asks for checks, `admin` releases holds. A portal on loopback usually asks for none.";
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("pk_<id>_<secret>")
        .description(Some(description))
        .build();
    document.components.get_or_insert_default().add_security_scheme(NAME, SecurityScheme::Http(key));
    let scopes: [&str; 0] = [];
    document.security = Some(vec![SecurityRequirement::new(NAME, scopes), SecurityRequirement::default()]);
    for path in PROBES.iter().chain(&OPEN) {
        if let Some(read) = document.paths.paths.get_mut(*path).and_then(|item| item.get.as_mut()) {
            read.security = Some(Vec::new());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_but_what_is_open_may_need_a_key() {
        let (_, document) = crate::serve::document::split();
        let document = serde_json::to_value(&document).expect("JSON");
        assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
        assert_eq!(document["security"], serde_json::json!([{ "key": [] }, {}]));
        for (path, item) in document["paths"].as_object().expect("paths") {
            let open = super::PROBES.contains(&path.as_str());
            let own = &item["get"]["security"];
            assert!(if open { *own == serde_json::json!([]) } else { own.is_null() }, "{path}: {own}");
        }
    }
}
