//! The infrastructure below the services: one row each. Placeholders are those of [`super::place::Place::fill`].
//!
//! Tags are written as people set them, in all spellings, and some are missing: that is the point of a portal.

use super::place::{ALL, BEFORE_PROD, DEV, EDGE, EVERYWHERE, FROM_STAGING, PROD, PROD_SECOND, Place, STAGING};

/// Stands for tags that the collector has no right to read.
pub(super) const DENIED: &str = "denied";

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Thing {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    /// `Team=Media; service=checkout/order-api`, or [`DENIED`].
    pub(super) tags: &'static str,
    pub(super) places: &'static [Place],
    /// The stack that made it; empty for none.
    pub(super) stack: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bucket,
    Table,
    /// A database instance with its engine.
    Database(&'static str),
    /// An Aurora cluster with its engine and its instances in production; elsewhere it has one.
    Aurora(&'static str, u64),
    Queue,
    Topic,
    Stream,
    Cache,
    /// What only the list of tags shows: the service word of its ARN.
    Other(&'static str),
}

const fn thing(kind: Kind, name: &'static str, tags: &'static str) -> Thing {
    Thing { kind, name, tags, places: ALL, stack: "" }
}

const fn bucket(name: &'static str, tags: &'static str) -> Thing {
    thing(Kind::Bucket, name, tags)
}

const fn table(name: &'static str, tags: &'static str) -> Thing {
    thing(Kind::Table, name, tags)
}

const fn queue(name: &'static str, tags: &'static str) -> Thing {
    thing(Kind::Queue, name, tags)
}

const fn topic(name: &'static str, tags: &'static str) -> Thing {
    thing(Kind::Topic, name, tags)
}

impl Thing {
    const fn just_in(self, places: &'static [Place]) -> Thing {
        Thing { places, ..self }
    }

    const fn by(self, stack: &'static str) -> Thing {
        Thing { stack, ..self }
    }
}

/// A stack with its tags and the stack that it is nested in.
pub(super) struct Stack {
    pub(super) name: &'static str,
    pub(super) tags: &'static str,
    pub(super) parent: &'static str,
    pub(super) places: &'static [Place],
}

const fn stack(name: &'static str, tags: &'static str, parent: &'static str, places: &'static [Place]) -> Stack {
    Stack { name, tags, parent, places }
}

/// Every stack. What a stack made says so in its own row.
pub(super) const STACKS: &[Stack] = &[
    stack("checkout-platform", "Team=Basket", "", ALL),
    stack("checkout-platform-messaging", "", "checkout-platform", ALL),
    stack("order-history", "team=basket", "", ALL),
    stack("payments-data", "Team=Payments", "", ALL),
    stack("payments-webhooks", "Owner=pay", "", ALL),
    stack("media-pipeline", "Team=Media Pipeline", "", ALL),
    stack("fulfilment-core", "owner=Supply Chain", "", ALL),
    stack("identity-core", "team=iam", "", FROM_STAGING),
    stack("data-lake", "Team=data-eng", "", ALL),
    stack("edge", "Team=Storefront", "", EDGE),
    stack("network", "owner=SRE", "", EVERYWHERE),
    stack("amplify-playground", "", "", DEV),
];

/// Everything else.
pub(super) const THINGS: &[Thing] = &[
    // Databases
    thing(Kind::Aurora("aurora-postgresql", 2), "orders-{env}", "Team=Basket; product=Checkout"),
    thing(Kind::Aurora("aurora-postgresql", 2), "catalogue-{env}", "Team=PIM"),
    thing(Kind::Aurora("aurora-mysql", 2), "inventory-{env}", "owner=Warehouse").by("fulfilment-core"),
    thing(Kind::Aurora("aurora-postgresql", 3), "identity-{env}", "TEAM=Identity & Access"),
    thing(Kind::Database("postgres"), "payments-ledger-{env}", "Team=Payments Squad; service=payments/payments-api")
        .by("payments-data"),
    thing(Kind::Database("postgres"), "payments-ledger-{env}-replica", "").by("payments-data").just_in(PROD),
    thing(Kind::Database("postgres"), "promotions-{env}", ""),
    thing(Kind::Database("mysql"), "shipping-{env}", "Team=Last Mile"),
    thing(Kind::Database("postgres"), "customers-{env}", "team=customers"),
    thing(Kind::Database("postgres"), "insights-mart-{env}", "Owner=DataPlat"),
    thing(Kind::Database("mysql"), "crm-legacy-{env}", "Team=Legacy CRM").just_in(PROD),
    thing(Kind::Database("postgres"), "orders-{env}-dr", "Team=Basket").just_in(PROD_SECOND),
    thing(Kind::Database("postgres"), "catalogue-restore-test", "").just_in(STAGING),
    // Tables
    table("baskets", "Team=Basket"),
    table("checkout-sessions", "").by("checkout-platform"),
    table("order-history", "").by("order-history"),
    table("gift-cards", "team=pricing; owner=payments").just_in(BEFORE_PROD),
    table("payment-idempotency", "Team=Payments").by("payments-data"),
    table("payment-webhooks", "").by("payments-webhooks"),
    table("fraud-features", "Team=Payments Squad"),
    table("prices", "Team=Pricing & Promotions"),
    table("campaigns", ""),
    table("stock-reservations", "").by("fulfilment-core"),
    table("stock-levels", ""),
    table("parcels", "team=Delivery"),
    table("returns", "team=Returns"),
    table("sessions", "team=identity"),
    table("consents", "Team=Customer Accounts"),
    table("recommendation-features", ""),
    table("edge-redirects", "").by("edge").just_in(EDGE),
    table("feature-flags", "Owner=Platform"),
    table("terraform-locks", "owner=infra"),
    table("crm-contacts", "Team=Legacy CRM").just_in(PROD),
    table("sessions-old", "").just_in(PROD),
    // Nobody's, but their names say whose they might be.
    table("payment-archive", "").just_in(PROD),
    queue("orders-replay", "").just_in(PROD),
    table("loadtest-results", "").just_in(STAGING),
    // Buckets
    bucket("hazelmoor-{env}-storefront-assets", "Team=Storefront"),
    bucket("hazelmoor-{env}-product-images", "Team=Media").by("media-pipeline"),
    bucket("hazelmoor-{env}-product-originals", "").by("media-pipeline"),
    bucket("hazelmoor-{env}-supplier-feeds", "team=catalogue"),
    bucket("hazelmoor-{env}-search-synonyms", ""),
    bucket("hazelmoor-{env}-invoices", "Team=Basket"),
    bucket("hazelmoor-{env}-settlements", "Team=Payments").by("payments-data"),
    bucket("hazelmoor-{env}-dispute-evidence", "Owner=pay"),
    bucket("hazelmoor-{env}-fraud-models", ""),
    bucket("hazelmoor-{env}-mail-templates", "Team=basket-team"),
    bucket("hazelmoor-{env}-shipping-labels", "Team=Shipping"),
    bucket("hazelmoor-{env}-stock-reports", ""),
    bucket("hazelmoor-{env}-avatars", "team=customers"),
    bucket("hazelmoor-{env}-recommendation-models", ""),
    bucket("hazelmoor-{env}-data-lake", "Team=Data Platform").by("data-lake"),
    bucket("hazelmoor-{env}-kpi-reports", "Owner=Data-Eng"),
    bucket("hazelmoor-{env}-scraped-prices", "").just_in(BEFORE_PROD),
    bucket("hazelmoor-{env}-cluster-logs", "owner=SRE"),
    bucket("hazelmoor-{env}-terraform-state", "Owner=Platform Engineering"),
    bucket("hazelmoor-{env}-access-logs", "owner=infra"),
    bucket("hazelmoor-{env}-edge-logs", "Team=Web Frontend").by("edge").just_in(EDGE),
    bucket("hazelmoor-{env}-backups-replica", "owner=SRE").just_in(PROD_SECOND),
    bucket("hazelmoor-{env}-mail-archive", "Team=Basket; owner=Customers").just_in(PROD),
    bucket("hazelmoor-{env}-growth-experiments", "Team=Growth Hacking").just_in(FROM_STAGING),
    bucket("hazelmoor-{env}-crm-attachments", "Team=legacy-crm").just_in(PROD),
    bucket("hazelmoor-{env}-legal-hold", DENIED).just_in(PROD),
    bucket("hazelmoor-{env}-audit-trail", DENIED).just_in(FROM_STAGING),
    // A key without a value claims nothing.
    bucket("hazelmoor-{env}-newsletter-images", "Team=").just_in(PROD),
    bucket("hazelmoor-tmp-migration-2023", "").just_in(PROD),
    bucket("hazelmoor-blackfriday-2022-export", "").just_in(PROD),
    bucket("hazelmoor-do-not-delete", "").just_in(PROD),
    bucket("hazelmoor-jan-test", "").just_in(DEV),
    bucket("amplify-playground-deployment-{account}", "").by("amplify-playground").just_in(DEV),
    // Queues
    queue("mail-outbox", "Team=Basket").by("checkout-platform-messaging"),
    queue("mail-outbox-dlq", "").by("checkout-platform-messaging"),
    queue("order-events-history", "").by("order-history"),
    queue("order-events-fulfilment", "owner=supply chain").by("fulfilment-core"),
    queue("image-uploads", "").by("media-pipeline"),
    queue("image-uploads-dlq", "").by("media-pipeline"),
    queue("payment-disputes", "Team=Payments"),
    queue("payment-disputes-dlq", "Team=Payments"),
    queue("refund-requests", "Team=Payments"),
    queue("catalogue-changes-search", "Team=search"),
    queue("parcel-updates", "team=Last Mile"),
    queue("parcel-updates-dlq", "team=Last Mile"),
    queue("return-requests", "Team=Returns & Refunds"),
    queue("login-events", "team=iam").by("identity-core"),
    queue("erasure-requests", "Team=Identity"),
    queue("erasure-requests-dlq", "Team=Identity"),
    queue("test-queue-2", "").just_in(DEV),
    // Topics, streams, caches
    topic("order-events", "Team=Cart & Checkout").by("checkout-platform-messaging"),
    topic("payment-events", "Team=Payments"),
    topic("price-changes", ""),
    topic("catalogue-changes", "Team=catalog"),
    topic("platform-alerts", "Owner=SRE"),
    thing(Kind::Stream, "clickstream", "Team=DataPlat"),
    thing(Kind::Stream, "stock-events", "").by("fulfilment-core"),
    thing(Kind::Cache, "catalogue-cache", "Team=Catalogue; service=catalogue/catalogue-api"),
    thing(Kind::Cache, "session-cache", "team=Identity; service=session-api"),
    thing(Kind::Cache, "search-cache", "Team=Search").just_in(FROM_STAGING),
    // The ground that all stands on
    thing(Kind::Other("ec2"), "vpc/vpc-0{id}", "Name=hazelmoor-{env}").by("network").just_in(EVERYWHERE),
    thing(Kind::Other("eks"), "cluster/hazelmoor-{env}", "Owner=Platform Engineering"),
    thing(Kind::Other("elasticloadbalancing"), "loadbalancer/app/hazelmoor-{env}-public/{id}", "owner=SRE"),
    thing(Kind::Other("ecr"), "repository/hazelmoor/services", "owner=infra").just_in(PROD),
    thing(Kind::Other("kms"), "key/{uuid}", "Owner=Platform; Name=data-at-rest"),
];

impl Thing {
    /// Its name in a place.
    pub(super) fn name_in(&self, place: Place) -> String {
        place.fill(self.name)
    }

    /// Its ARN in a place.
    pub(super) fn arn(&self, place: Place) -> String {
        let name = self.name_in(place);
        match self.kind {
            Kind::Bucket => format!("arn:aws:s3:::{name}"),
            Kind::Table => place.arn("dynamodb", &format!("table/{name}")),
            Kind::Database(_) => place.arn("rds", &format!("db:{name}")),
            Kind::Aurora(..) => place.arn("rds", &format!("cluster:{name}")),
            Kind::Queue => place.arn("sqs", &name),
            Kind::Topic => place.arn("sns", &name),
            Kind::Stream => place.arn("kinesis", &format!("stream/{name}")),
            Kind::Cache => place.arn("elasticache", &format!("cluster:{name}")),
            Kind::Other(service) => place.arn(service, &name),
        }
    }

    /// The type and the physical id under which its stack lists it.
    pub(super) fn in_stack(&self, place: Place) -> (&'static str, String) {
        let name = self.name_in(place);
        match self.kind {
            Kind::Bucket => ("AWS::S3::Bucket", name),
            Kind::Table => ("AWS::DynamoDB::Table", name),
            Kind::Database(_) => ("AWS::RDS::DBInstance", name),
            Kind::Aurora(..) => ("AWS::RDS::DBCluster", name),
            Kind::Queue => {
                ("AWS::SQS::Queue", place.fill(&format!("https://sqs.{{region}}.amazonaws.com/{{account}}/{name}")))
            }
            Kind::Topic => ("AWS::SNS::Topic", self.arn(place)),
            Kind::Stream => ("AWS::Kinesis::Stream", name),
            Kind::Cache => ("AWS::ElastiCache::CacheCluster", name),
            Kind::Other("ec2") => ("AWS::EC2::VPC", name.trim_start_matches("vpc/").to_owned()),
            Kind::Other(_) => ("AWS::CloudFormation::CustomResource", name),
        }
    }
}
