//! Databases and their clusters. Neptune and DocumentDB are listed here too, by AWS's own choice.

use super::client::client;
use super::error::Failure;
use super::json::{Fields, next_page, tags};
use super::reader::Reader;

/// The largest page that RDS gives.
const PAGE: i32 = 100;

/// Reads the instances.
pub(super) async fn instances(reader: &Reader<'_>) -> Result<(), Failure> {
    let client = client!(aws_sdk_rds, reader.config, reader.account.id);
    let mut marker: Option<String> = None;
    loop {
        let request = client.describe_db_instances().max_records(PAGE).set_marker(marker.clone()).send();
        let page = reader.call("rds:DescribeDBInstances", request).await.map_err(|failure| failure.after(&marker))?;
        for instance in page.db_instances() {
            let endpoint = instance
                .endpoint()
                .map(|endpoint| Fields::default().with("Address", endpoint.address()).with("Port", endpoint.port()));
            let fields = Fields::default()
                .with("DBInstanceIdentifier", instance.db_instance_identifier())
                .with("DBInstanceArn", instance.db_instance_arn())
                .with("DbiResourceId", instance.dbi_resource_id())
                .with("DBInstanceClass", instance.db_instance_class())
                .with("Engine", instance.engine())
                .with("EngineVersion", instance.engine_version())
                .with("Endpoint", endpoint)
                .time("InstanceCreateTime", instance.instance_create_time())
                .with("DBClusterIdentifier", instance.db_cluster_identifier())
                .with("MultiAZ", instance.multi_az())
                .with("TagList", Some(tags(instance.tag_list().iter().map(|tag| (tag.key(), tag.value())))));
            reader.object(instance.db_instance_identifier().unwrap_or_default(), fields);
        }
        marker = next_page(page.marker());
        if marker.is_none() {
            return Ok(());
        }
    }
}

/// Reads the clusters. Their status is left out, as that of instances: it changes by itself, and would make each read a
/// new one.
pub(super) async fn clusters(reader: &Reader<'_>) -> Result<(), Failure> {
    let client = client!(aws_sdk_rds, reader.config, reader.account.id);
    let mut marker: Option<String> = None;
    loop {
        let request = client.describe_db_clusters().max_records(PAGE).set_marker(marker.clone()).send();
        let page = reader.call("rds:DescribeDBClusters", request).await.map_err(|failure| failure.after(&marker))?;
        for cluster in page.db_clusters() {
            let members = cluster
                .db_cluster_members()
                .iter()
                .map(|member| Fields::default().with("DBInstanceIdentifier", member.db_instance_identifier()))
                .collect::<serde_json::Value>();
            let fields = Fields::default()
                .with("DBClusterIdentifier", cluster.db_cluster_identifier())
                .with("DBClusterArn", cluster.db_cluster_arn())
                .with("DbClusterResourceId", cluster.db_cluster_resource_id())
                .with("Engine", cluster.engine())
                .with("EngineVersion", cluster.engine_version())
                .with("Endpoint", cluster.endpoint())
                .with("ReaderEndpoint", cluster.reader_endpoint())
                .with("Port", cluster.port())
                .time("ClusterCreateTime", cluster.cluster_create_time())
                .with("MultiAZ", cluster.multi_az())
                .with("DBClusterMembers", Some(members))
                .with("TagList", Some(tags(cluster.tag_list().iter().map(|tag| (tag.key(), tag.value())))));
            reader.object(cluster.db_cluster_identifier().unwrap_or_default(), fields);
        }
        marker = next_page(page.marker());
        if marker.is_none() {
            return Ok(());
        }
    }
}
