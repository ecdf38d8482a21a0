//! What no collector may write down.

use std::path::{Path, PathBuf};

use crate::program::Program;

const SECRET: &str = "hunter2";

/// A workload with a secret in every place where people put them.
const WORKLOAD: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {team: payments}
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"password":"hunter2"}'
    corp.example/note: hunter2
    portal.dev/team: payments
  managedFields: [{manager: hunter2}]
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {vault.example/token: hunter2}
    spec:
      hostAliases: [{ip: 10.0.0.1, hostnames: [hunter2]}]
      volumes: [{name: v, csi: {driver: d, volumeAttributes: {password: hunter2}}}]
      containers:
        - name: web
          image: web:1
          command: [sh, -c, "run --password=hunter2"]
          args: ["--token=hunter2"]
          livenessProbe: {httpGet: {path: /, port: 80, httpHeaders: [{name: Authorization, value: hunter2}]}}
          lifecycle: {preStop: {exec: {command: [hunter2]}}}
          env:
            - {name: CART_ADDR, value: "cart:7070"}
            - {name: PLAIN, value: hunter2}
            - {name: DB_PASSWORD, value: "hunter2:5432"}
            - {name: API_TOKEN, value: "https://hunter2.example.com"}
            - {name: DATABASE_URL, value: "postgres://app:hunter2@db:5432/app?password=hunter2"}
            - {name: HOOK_URL, value: "https://hooks.example.com/services/hunter2"}
            - {name: SETTINGS_JSON, value: '{"password": "hunter2"}'}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop}
stringData: {password: hunter2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: shop}
data: {password: hunter2}
"#;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn planted_secrets_are_nowhere_in_the_lake_or_the_store() {
    let program = Program::with_config("[[source]]\ntype = \"manifests\"\npath = \"deploy\"\ncluster = \"c\"\n");
    program.write("deploy/web.yaml", WORKLOAD);
    program.expect(0, &["collect"]);
    program.expect(0, &["ingest"]);
    let mut looked_at = 0;
    for path in files(program.path()).into_iter().filter(|path| !path.starts_with(program.path().join("deploy"))) {
        let bytes = std::fs::read(&path).expect("a file");
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!found, "the secret stands in {}", path.display());
        looked_at += 1;
    }
    assert!(looked_at >= 3, "lake and store were looked at");
    let kept = std::fs::read_to_string(program.path().join("lake/manifests-collector/_/_/c/shop/deployments/web.json"));
    let kept = kept.expect("the workload is in the lake");
    assert!(kept.contains("cart:7070") && kept.contains("postgres://db:5432"), "references stay: {kept}");
}
