//! What runs as functions: one row each. Placeholders are those of [`super::place::Place::fill`].

use super::place::{ALL, DEV, EDGE, Place};

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) runtime: &'static str,
    /// `Team=Media; namespace=media`. The tag `namespace` says which group its service is in.
    pub(super) tags: &'static str,
    /// ARNs of what calls it.
    pub(super) sources: &'static [&'static str],
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// The stack that made it; empty for none.
    pub(super) stack: &'static str,
    pub(super) places: &'static [Place],
}

const fn function(name: &'static str, runtime: &'static str, tags: &'static str) -> Function {
    Function { name, runtime, tags, sources: &[], variables: &[], stack: "", places: ALL }
}

impl Function {
    const fn on(self, sources: &'static [&'static str]) -> Function {
        Function { sources, ..self }
    }

    const fn with(self, variables: &'static [(&'static str, &'static str)]) -> Function {
        Function { variables, ..self }
    }

    const fn by(self, stack: &'static str) -> Function {
        Function { stack, ..self }
    }

    const fn just_in(self, places: &'static [Place]) -> Function {
        Function { places, ..self }
    }
}

/// Every function of every account.
pub(super) const FUNCTIONS: &[Function] = &[
    function("image-resizer", "nodejs22.x", "Team=Media; namespace=media")
        .on(&["arn:aws:sqs:{region}:{account}:image-uploads"])
        .with(&[
            ("ORIGINALS_BUCKET", "hazelmoor-{env}-product-originals"),
            ("IMAGES_BUCKET", "hazelmoor-{env}-product-images"),
        ])
        .by("media-pipeline"),
    function("order-mailer", "python3.13", "team=basket; namespace=checkout")
        .on(&["arn:aws:sqs:{region}:{account}:mail-outbox"])
        .with(&[("TEMPLATES_BUCKET", "hazelmoor-{env}-mail-templates"), ("SMTP_HOST", "smtp.mail.example")]),
    function("order-history-projection", "python3.13", "Team=Basket; namespace=checkout")
        .on(&["arn:aws:sqs:{region}:{account}:order-events-history"])
        .with(&[("HISTORY_TABLE", "order-history")])
        .by("order-history"),
    // No team of its own: its stack says whose it is.
    function("payment-webhook", "provided.al2023", "namespace=payments")
        .with(&[
            ("PAYMENT_EVENTS_TOPIC_ARN", "arn:aws:sns:{region}:{account}:payment-events"),
            ("WEBHOOK_TABLE", "payment-webhooks"),
        ])
        .by("payments-webhooks"),
    function("dispute-notifier", "python3.12", "Owner=Payments Squad; namespace=payments")
        .on(&["arn:aws:sqs:{region}:{account}:payment-disputes"])
        .with(&[("MAILER_FUNCTION", "order-mailer"), ("EVIDENCE_BUCKET", "hazelmoor-{env}-dispute-evidence")]),
    function("price-change-fanout", "nodejs22.x", "TEAM=Pricing; namespace=pricing")
        .on(&["arn:aws:dynamodb:{region}:{account}:table/prices/stream/2024-03-05T09:12:44.000"])
        .with(&[("PRICE_CHANGES_TOPIC_ARN", "arn:aws:sns:{region}:{account}:price-changes")]),
    function("stock-aggregator", "java21", "team=wms; namespace=fulfilment")
        .on(&["arn:aws:kinesis:{region}:{account}:stream/stock-events"])
        .with(&[("STOCK_LEVELS_TABLE", "stock-levels")]),
    function("carrier-webhook", "provided.al2023", "Team=Delivery; namespace=fulfilment")
        .with(&[("PARCEL_UPDATES_QUEUE_URL", "https://sqs.{region}.amazonaws.com/{account}/parcel-updates")]),
    function("parcel-notifier", "python3.13", "Team=Shipping; namespace=fulfilment")
        .on(&["arn:aws:dynamodb:{region}:{account}:table/parcels/stream/2023-11-20T14:02:10.000"])
        .with(&[("MAIL_QUEUE_ARN", "arn:aws:sqs:{region}:{account}:mail-outbox")]),
    function("return-label-maker", "nodejs20.x", "owner=Returns & Refunds; namespace=fulfilment")
        .on(&["arn:aws:sqs:{region}:{account}:return-requests"])
        .with(&[("LABELS_BUCKET", "hazelmoor-{env}-shipping-labels"), ("RETURNS_TABLE", "returns")]),
    function("gdpr-eraser", "python3.13", "portal.dev/team=identity; namespace=identity")
        .on(&["arn:aws:sqs:{region}:{account}:erasure-requests"])
        .with(&[("CONSENT_TABLE", "consents"), ("AVATARS_BUCKET", "hazelmoor-{env}-avatars")]),
    function("login-anomaly-detector", "python3.13", "Team=Identity & Access; namespace=identity")
        .on(&["arn:aws:sqs:{region}:{account}:login-events"]),
    function("clickstream-enricher", "java21", "Team=Data Platform; namespace=insights")
        .on(&["arn:aws:kinesis:{region}:{account}:stream/clickstream"])
        .with(&[("LAKE_BUCKET", "hazelmoor-{env}-data-lake")])
        .by("data-lake"),
    function("model-trainer-trigger", "python3.12", "team=Recs; namespace=insights").with(&[
        ("MODELS_BUCKET", "hazelmoor-{env}-recommendation-models"),
        ("LAKE_URI", "s3://hazelmoor-{env}-data-lake/events"),
    ]),
    function("edge-redirects", "nodejs22.x", "Team=Web Frontend; namespace=storefront")
        .with(&[("REDIRECTS_TABLE", "edge-redirects")])
        .by("edge")
        .just_in(EDGE),
    function("hello-world", "nodejs16.x", "").just_in(DEV),
];
