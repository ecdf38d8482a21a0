//! What runs in the clusters: one row for each service, the same in every stage except where the row says otherwise.
//!
//! The variables are written as engineers write them; placeholders are those of [`Place::fill`]. Who calls whom and
//! what uses what is nowhere said but there: the portal has to find it.

use super::place::{ALL, BEFORE_PROD, PROD, Place, Stage};

/// Names and values, in this order.
type Pairs = &'static [(&'static str, &'static str)];

/// A namespace with what runs in it.
#[derive(Clone, Copy)]
pub(super) struct Namespace {
    pub(super) name: &'static str,
    /// As the `part-of` label of all that runs in it; empty for none.
    pub(super) product: &'static str,
    /// Labels, and annotations with an `@` in front: `team=search; @portal.dev/team=Search & Discovery`.
    pub(super) labels: &'static str,
    /// Services that stand for a host outside: name and host.
    pub(super) outside: Pairs,
    pub(super) workloads: &'static [Workload],
}

const fn namespace(name: &'static str) -> Namespace {
    Namespace { name, product: "", labels: "", outside: &[], workloads: &[] }
}

impl Namespace {
    const fn of(self, product: &'static str) -> Namespace {
        Namespace { product, ..self }
    }

    const fn labelled(self, labels: &'static str) -> Namespace {
        Namespace { labels, ..self }
    }

    const fn leading_out(self, outside: Pairs) -> Namespace {
        Namespace { outside, ..self }
    }

    const fn running(self, workloads: &'static [Workload]) -> Namespace {
        Namespace { workloads, ..self }
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Workload {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    /// The image's version in production; the other stages are ahead of it.
    pub(super) version: &'static str,
    /// The image of others that it runs; empty for what the company builds itself.
    pub(super) mirrors: &'static str,
    /// Copies in production.
    pub(super) copies: u64,
    /// When a job runs.
    pub(super) schedule: &'static str,
    /// Written as in [`Namespace::labels`].
    pub(super) labels: &'static str,
    pub(super) variables: Pairs,
    pub(super) places: &'static [Place],
    /// Labels that one stage has instead.
    pub(super) relabelled: Option<(Stage, &'static str)>,
    /// The stage where only so many copies are ready.
    pub(super) ailing: Option<(Stage, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob,
}

const fn workload(kind: Kind, name: &'static str, version: &'static str, copies: u64) -> Workload {
    Workload {
        kind,
        name,
        version,
        mirrors: "",
        copies,
        schedule: "",
        labels: "",
        variables: &[],
        places: ALL,
        relabelled: None,
        ailing: None,
    }
}

const fn deployment(name: &'static str, version: &'static str, copies: u64) -> Workload {
    workload(Kind::Deployment, name, version, copies)
}

const fn job(name: &'static str, version: &'static str, schedule: &'static str) -> Workload {
    Workload { schedule, ..workload(Kind::CronJob, name, version, 1) }
}

impl Workload {
    const fn labelled(self, labels: &'static str) -> Workload {
        Workload { labels, ..self }
    }

    const fn with(self, variables: Pairs) -> Workload {
        Workload { variables, ..self }
    }

    const fn mirroring(self, mirrors: &'static str) -> Workload {
        Workload { mirrors, ..self }
    }

    const fn just_in(self, places: &'static [Place]) -> Workload {
        Workload { places, ..self }
    }

    const fn but_in(self, stage: Stage, labels: &'static str) -> Workload {
        Workload { relabelled: Some((stage, labels)), ..self }
    }

    const fn ailing_in(self, stage: Stage, ready: u64) -> Workload {
        Workload { ailing: Some((stage, ready)), ..self }
    }
}

/// Every namespace of every cluster.
pub(super) const NAMESPACES: &[Namespace] = &[
    namespace("storefront").labelled("team=storefront").running(&[
        deployment("web-frontend", "8.41.2", 6).with(&[
            ("BASKET_ADDR", "basket-api.checkout:8080"),
            ("CATALOGUE_URL", "http://catalogue-api.catalogue.svc.cluster.local:8080/v2"),
            ("SEARCH_ADDR", "search-api.search:8080"),
            ("IDENTITY_URL", "http://identity-api.identity.svc.cluster.local:8080"),
            ("RECOMMENDATIONS_ADDR", "recommendations-api.insights:8080"),
            // Gift cards are not in production yet: there this leads nowhere, and the portal says so.
            ("GIFT_CARDS_ADDR", "gift-cards.checkout:8080"),
            ("ASSETS_BUCKET", "hazelmoor-{env}-storefront-assets"),
            ("CLICKSTREAM_URL", "http://event-gateway.insights:8080/collect"),
        ]),
        deployment("mobile-bff", "3.12.0", 4).labelled("team=Shop-UI").with(&[
            ("BASKET_ADDR", "basket-api.checkout:8080"),
            ("CHECKOUT_ADDR", "checkout-api.checkout:8080"),
            ("CATALOGUE_ADDR", "catalogue-api.catalogue:8080"),
            ("TRACKING_ADDR", "tracking-api.fulfilment:8080"),
            ("PROFILE_ADDR", "customer-profile.identity:8080"),
        ]),
    ]),
    namespace("checkout").of("Checkout").leading_out(&[("orders-db", "orders-{env}.cluster-{rds}")]).running(&[
        deployment("basket-api", "5.3.1", 6).labelled("team=basket").with(&[
            ("REDIS_ADDR", "basket-redis:6379"),
            ("CATALOGUE_ADDR", "catalogue-api.catalogue:8080"),
            ("PRICING_URL", "http://pricing-api.pricing.svc.cluster.local:8080"),
            ("BASKETS_TABLE", "baskets"),
        ]),
        workload(Kind::StatefulSet, "basket-redis", "7.4.1", 3).mirroring("redis").labelled("team=basket-team"),
        deployment("checkout-api", "6.18.0", 8).labelled("team=basket").with(&[
            ("BASKET_ADDR", "basket-api:8080"),
            ("ORDERS_ADDR", "order-api:8080"),
            ("PAYMENTS_URL", "http://payments-api.payments.svc.cluster.local:8080"),
            ("PRICING_ADDR", "pricing-api.pricing:8080"),
            ("INVENTORY_ADDR", "inventory-api.fulfilment:8080"),
            ("PROFILE_ADDR", "customer-profile.identity:8080"),
            ("SHIPPING_ADDR", "shipping-api.fulfilment:8080"),
            ("SESSIONS_TABLE", "checkout-sessions"),
        ]),
        deployment("order-api", "4.9.7", 6).labelled("@portal.dev/team=Cart & Checkout").with(&[
            ("DATABASE_URL", "postgres://orders:not-a-real-password@orders-db:5432/orders?sslmode=require"),
            ("REPORTING_HOST", "orders-{env}.cluster-ro-{rds}"),
            ("ORDER_EVENTS_TOPIC_ARN", "arn:aws:sns:{region}:{account}:order-events"),
            ("INVOICES_BUCKET", "hazelmoor-{env}-invoices"),
            ("INVENTORY_ADDR", "inventory-api.fulfilment:8080"),
        ]),
        deployment("gift-cards", "0.9.0", 2)
            .labelled("team=promo")
            .with(&[("GIFT_CARDS_TABLE", "gift-cards"), ("PAYMENTS_ADDR", "payments-api.payments:8080")])
            .just_in(BEFORE_PROD),
        job("abandoned-basket-mailer", "1.6.4", "15 8-20 * * *").labelled("team=Basket").with(&[
            ("BASKETS_TABLE", "baskets"),
            ("MAIL_QUEUE_URL", "https://sqs.{region}.amazonaws.com/{account}/mail-outbox"),
        ]),
    ]),
    namespace("payments").of("Checkout").labelled("team=payments").running(&[
        deployment("payments-api", "12.4.3", 8).with(&[
            ("DATABASE_URL", "jdbc:postgresql://payments-ledger-{env}.{rds}:5432/ledger?user=app"),
            ("FRAUD_ADDR", "fraud-scorer:8080"),
            ("PAYMENT_EVENTS_TOPIC_ARN", "arn:aws:sns:{region}:{account}:payment-events"),
            ("IDEMPOTENCY_TABLE", "payment-idempotency"),
            ("PSP_URL", "https://api.psp.example/v1"),
        ]),
        deployment("fraud-scorer", "2.30.0", 5)
            .labelled("team=Payments")
            .with(&[
                ("FEATURES_TABLE", "fraud-features"),
                ("MODELS_BUCKET", "hazelmoor-{env}-fraud-models"),
                ("PROFILE_ADDR", "customer-profile.identity:8080"),
            ])
            .ailing_in(Stage::Prod, 3),
        // Handed over to another team, and rolled out only up to staging.
        deployment("refunds-api", "3.2.5", 3)
            .labelled("team=returns")
            .with(&[
                ("PAYMENTS_ADDR", "payments-api:8080"),
                ("ORDERS_ADDR", "order-api.checkout:8080"),
                ("REFUNDS_QUEUE", "refund-requests"),
            ])
            .but_in(Stage::Prod, "team=payments"),
        job("settlement-export", "1.14.0", "30 2 * * *")
            .with(&[("DB_HOST", "payments-ledger-{env}.{rds}"), ("SETTLEMENTS_BUCKET", "hazelmoor-{env}-settlements")]),
    ]),
    namespace("pricing").of("Checkout").running(&[
        deployment("pricing-api", "7.0.9", 4)
            .labelled("team=pricing")
            .with(&[("PRICES_TABLE", "prices"), ("PROMOTIONS_ADDR", "promotions-engine:8080")]),
        deployment("promotions-engine", "2.8.1", 3)
            .labelled("@portal.dev/team=Pricing & Promotions")
            .with(&[("DB_HOST", "promotions-{env}.{rds}"), ("CAMPAIGNS_TABLE", "campaigns")]),
        job("competitor-scraper-poc", "0.1.3", "0 */6 * * *")
            .with(&[("SCRAPED_PRICES_BUCKET", "hazelmoor-{env}-scraped-prices")])
            .just_in(BEFORE_PROD),
    ]),
    namespace("catalogue").of("Catalogue").labelled("@portal.dev/team=Product Information").running(&[
        deployment("catalogue-api", "9.22.0", 6).with(&[
            ("DB_HOST", "catalogue-{env}.cluster-{rds}"),
            ("IMAGES_BUCKET", "hazelmoor-{env}-product-images"),
            ("CHANGES_TOPIC_ARN", "arn:aws:sns:{region}:{account}:catalogue-changes"),
        ]),
        deployment("catalogue-admin", "4.1.0", 2).labelled("team=pim").with(&[
            ("CATALOGUE_ADDR", "catalogue-api:8080"),
            ("IDENTITY_ADDR", "identity-api.identity:8080"),
            ("ORIGINALS_BUCKET", "hazelmoor-{env}-product-originals"),
        ]),
        job("supplier-feed-import", "2.5.2", "*/20 * * * *").with(&[
            ("FEEDS_BUCKET", "hazelmoor-{env}-supplier-feeds"),
            ("DB_HOST", "catalogue-{env}.cluster-{rds}"),
            ("IMAGE_QUEUE_URL", "https://sqs.{region}.amazonaws.com/{account}/image-uploads"),
        ]),
    ]),
    namespace("search").of("Catalogue").running(&[
        deployment("search-api", "5.7.4", 6).labelled("team=search").with(&[
            ("PRICING_ADDR", "pricing-api.pricing:8080"),
            ("SYNONYMS_BUCKET", "hazelmoor-{env}-search-synonyms"),
        ]),
        deployment("search-indexer", "5.7.4", 2)
            .labelled("@portal.dev/team=Search & Discovery")
            .with(&[
                ("CATALOGUE_URL", "http://catalogue-api.catalogue.svc:8080"),
                ("CHANGES_QUEUE_URL", "https://sqs.{region}.amazonaws.com/{account}/catalogue-changes-search"),
                ("SYNONYMS_BUCKET", "hazelmoor-{env}-search-synonyms"),
            ])
            .ailing_in(Stage::Staging, 0),
    ]),
    namespace("fulfilment")
        .of("Fulfilment")
        .labelled("owner=supply-chain")
        .leading_out(&[("carrier-gateway", "gateway.carriers.example")])
        .running(&[
            deployment("inventory-api", "6.2.2", 5).labelled("team=warehouse").with(&[
                ("DB_HOST", "inventory-{env}.cluster-{rds}"),
                ("STOCK_STREAM", "stock-events"),
                ("RESERVATIONS_TABLE", "stock-reservations"),
            ]),
            deployment("shipping-api", "4.15.0", 4).labelled("team=Shipping").with(&[
                ("DB_HOST", "shipping-{env}.{rds}"),
                ("LABELS_BUCKET", "hazelmoor-{env}-shipping-labels"),
                ("INVENTORY_ADDR", "inventory-api:8080"),
                ("CARRIER_ADDR", "carrier-gateway:443"),
            ]),
            deployment("tracking-api", "2.2.8", 3)
                .labelled("team=last-mile")
                .with(&[
                    ("PARCELS_TABLE", "parcels"),
                    ("SHIPPING_ADDR", "shipping-api:8080"),
                    ("PARCEL_UPDATES_QUEUE", "parcel-updates"),
                ])
                .ailing_in(Stage::Dev, 0),
            deployment("returns-api", "3.0.1", 3).labelled("team=returns").with(&[
                ("ORDERS_ADDR", "order-api.checkout:8080"),
                ("REFUNDS_URL", "http://refunds-api.payments.svc.cluster.local:8080"),
                ("INVENTORY_ADDR", "inventory-api:8080"),
                ("RETURNS_TABLE", "returns"),
            ]),
            job("stock-reconciliation", "1.9.0", "0 4 * * *").with(&[
                ("INVENTORY_ADDR", "inventory-api:8080"),
                ("STOCK_REPORTS_BUCKET", "hazelmoor-{env}-stock-reports"),
            ]),
        ]),
    namespace("identity").of("Identity").labelled("team=identity").running(&[
        deployment("identity-api", "11.1.0", 6).with(&[
            ("DB_HOST", "identity-{env}.cluster-{rds}"),
            ("SESSION_ADDR", "session-api:8080"),
            ("LOGIN_EVENTS_QUEUE_URL", "https://sqs.{region}.amazonaws.com/{account}/login-events"),
        ]),
        deployment("session-api", "3.6.3", 6).with(&[("SESSIONS_TABLE", "sessions")]),
        deployment("customer-profile", "5.5.0", 4).labelled("team=customers").with(&[
            ("DB_HOST", "customers-{env}.{rds}"),
            ("CONSENT_TABLE", "consents"),
            ("AVATARS_BUCKET", "hazelmoor-{env}-avatars"),
        ]),
        deployment("legacy-crm-bridge", "1.0.44", 1)
            .labelled("team=legacy-crm")
            .with(&[
                ("CRM_HOST", "crm-legacy-{env}.{rds}"),
                ("CONTACTS_TABLE", "crm-contacts"),
                ("PROFILE_ADDR", "customer-profile:8080"),
            ])
            .just_in(PROD),
    ]),
    namespace("insights").of("Insights").running(&[
        deployment("event-gateway", "2.11.6", 5)
            .labelled("team=data-eng")
            .with(&[("CLICKSTREAM_STREAM", "clickstream")]),
        deployment("recommendations-api", "6.4.0", 5).labelled("team=recs").with(&[
            ("FEATURES_TABLE", "recommendation-features"),
            ("CATALOGUE_ADDR", "catalogue-api.catalogue:8080"),
            ("MODELS_BUCKET", "hazelmoor-{env}-recommendation-models"),
        ]),
        job("nightly-kpi-report", "1.3.9", "0 5 * * *").labelled("team=DataPlat").with(&[
            ("MART_HOST", "insights-mart-{env}.{rds}"),
            ("REPORTS_BUCKET", "hazelmoor-{env}-kpi-reports"),
            ("ORDERS_HOST", "orders-{env}.cluster-ro-{rds}"),
        ]),
    ]),
    namespace("observability").labelled("team=sre").running(&[workload(Kind::DaemonSet, "log-forwarder", "3.2.4", 9)
        .mirroring("fluent-bit")
        .with(&[("LOGS_BUCKET", "hazelmoor-{env}-cluster-logs")])
        .ailing_in(Stage::Prod, 8)]),
    // What Kubernetes itself brings. Its uid tells the clusters apart.
    namespace("kube-system").running(&[]),
];
