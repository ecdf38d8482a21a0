//! A file of the lake, cut into records, each of which stands or falls alone.

use serde_json::value::RawValue;

use super::{Observation, aws, directory, kubernetes, plain};
use crate::snapshot::bundle::{LONGEST_RECORD, Records};
use crate::source::Scope;

/// How many bad records of a bundle are told one by one.
const TOLD: usize = 100;

/// What a file holds.
#[derive(Debug, Default)]
pub struct FileRead {
    /// What could be read.
    pub observations: Vec<Observation>,
    /// What could not.
    pub set_aside: Vec<SetAside>,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its number in the file, from 1.
    pub record: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a file of a scope × kind: a bare array, a provider's response, a `List`, or one object.
///
/// # Errors
/// If the file as a whole is not JSON; the text names the line.
pub fn read_file(scope: &Scope, kind: &str, bytes: &[u8]) -> Result<FileRead, String> {
    // A file with bytes that are no text may still hold good records; the bad ones show by the replacement character.
    let text = String::from_utf8_lossy(bytes);
    let damaged = matches!(text, std::borrow::Cow::Owned(_));
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err("the file is empty".to_owned());
    }
    let mut read = FileRead::default();
    for (at, record) in records(text)?.into_iter().enumerate() {
        match observe(scope, kind, record, damaged) {
            Ok(Some(observation)) => read.observations.push(observation),
            Ok(None) => {}
            Err(reason) => read.set_aside.push(SetAside { record: at + 1, reason }),
        }
    }
    Ok(read)
}

/// Reads a bundle of a scope × kind: an object a line, compressed or not. Only one line is in memory at a time.
///
/// # Errors
/// If the file as a whole cannot be read.
pub fn read_bundle(scope: &Scope, kind: &str, bytes: &[u8]) -> Result<FileRead, String> {
    let mut records = Records::new(bytes)?;
    let mut read = FileRead::default();
    let mut untold = 0_usize;
    while let Some(record) = records.next_record() {
        let observed = record.text.and_then(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            observe(scope, kind, &text, matches!(text, std::borrow::Cow::Owned(_)))
        });
        match observed {
            Ok(Some(observation)) => read.observations.push(observation),
            Ok(None) => {}
            // That the rest was not read has to be told in any case.
            Err(reason) if read.set_aside.len() < TOLD || record.is_last => {
                read.set_aside.push(SetAside { record: record.number, reason });
            }
            Err(_) => untold += 1,
        }
    }
    if untold > 0
        && let Some(last) = read.set_aside.last_mut()
    {
        last.reason.push_str(&format!("; {untold} more records of this file cannot be read"));
    }
    if read.observations.is_empty() && read.set_aside.len() == 1 && read.set_aside[0].record == 1 {
        return Err(read.set_aside.remove(0).reason);
    }
    Ok(read)
}

fn observe(scope: &Scope, kind: &str, record: &str, damaged: bool) -> Result<Option<Observation>, String> {
    if record.len() > LONGEST_RECORD {
        return Err(format!("the record has {} bytes; at most {LONGEST_RECORD} are read", record.len()));
    }
    if damaged && record.contains(char::REPLACEMENT_CHARACTER) {
        return Err("the record holds bytes that are not UTF-8".to_owned());
    }
    // Most databases refuse this character, and nobody means it.
    if record.contains("\\u0000") {
        return Err("the record holds a NUL character (\\u0000)".to_owned());
    }
    match scope {
        Scope::Kubernetes { .. } => kubernetes::observe(kind, record),
        Scope::Aws { account, region } => aws::observe(kind, account, region, record),
        Scope::Directory { .. } => directory::observe(kind, record),
        Scope::Other { .. } => plain::observe(kind, record),
    }
}

/// Lists under which the providers' answers carry their records.
const COLLECTIONS: [&str; 14] = [
    "items",
    "Buckets",
    "DBInstances",
    "DBClusters",
    "Tables",
    "Functions",
    "Stacks",
    "Accounts",
    "ResourceTagMappingList",
    "Queues",
    "Topics",
    "Resources",
    "Items",
    "records",
];

/// Cuts a file into the texts of its records.
fn records(text: &str) -> Result<Vec<&str>, String> {
    let not_json = |error: serde_json::Error| format!("not JSON at line {}, column {}", error.line(), error.column());
    if text.starts_with('[') {
        let records: Vec<&RawValue> = serde_json::from_str(text).map_err(not_json)?;
        return Ok(records.into_iter().map(RawValue::get).collect());
    }
    if !text.starts_with('{') {
        return Err("neither a JSON array nor an object".to_owned());
    }
    let fields: std::collections::BTreeMap<std::borrow::Cow<'_, str>, &RawValue> =
        serde_json::from_str(text).map_err(not_json)?;
    for collection in COLLECTIONS {
        if let Some(list) = fields.get(collection).filter(|list| list.get().starts_with('[')) {
            return records(list.get());
        }
    }
    Ok(vec![text])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region() -> Scope {
        Scope::Aws { account: "011122223333".into(), region: "eu-west-1".into() }
    }

    #[test]
    fn every_form_that_a_tool_prints_is_read() {
        for file in [
            r#"[{"Name": "a", "Tags": []}]"#,
            r#"{"Buckets": [{"Name": "a", "Tags": []}], "Owner": {}}"#,
            r#"{"Name": "a", "Tags": []}"#,
            "\u{feff} [ {\"Name\": \"a\", \"Tags\": []} ] ",
        ] {
            let read = read_file(&region(), "s3", file.as_bytes()).expect("a file");
            assert_eq!(read.observations.len(), 1, "{file}");
        }
        assert!(read_file(&region(), "s3", b"[]").expect("an empty list").observations.is_empty());
    }

    #[test]
    fn a_bad_record_is_set_aside_and_the_rest_goes_on() {
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        let file = format!(
            r#"[{{"Name": "a", "Tags": []}}, {{"Name": 7}}, {{"Name": "b\u0000"}}, {{"Name": "c", "Tags": {deep}}}, {{"Name": "d", "Tags": []}}]"#
        );
        let read = read_file(&region(), "s3", file.as_bytes()).expect("a file");
        assert_eq!(read.observations.len(), 2);
        assert_eq!(read.set_aside.iter().map(|s| s.record).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn bytes_that_are_no_text_cost_one_record() {
        let file = [b"[{\"Name\": \"a\", \"Tags\": []}, {\"Name\": \"".as_slice(), &[0xff, 0xfe], b"\"}]"].concat();
        let read = read_file(&region(), "s3", &file).expect("a file");
        assert_eq!((read.observations.len(), read.set_aside.len()), (1, 1));
    }

    #[test]
    fn a_bundle_reads_like_a_file_and_its_bad_records_are_set_aside() {
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        let lines = [
            r#"{"Name": "a", "Tags": []}"#.to_owned(),
            r#"{"Name": 7}"#.to_owned(),
            r#"{"Name": "b\u0000"}"#.to_owned(),
            format!(r#"{{"Name": "c", "Tags": {deep}}}"#),
            "{\"Name\": ".to_owned(),
            r#"{"Name": "d", "Tags": []}"#.to_owned(),
        ];
        let array = format!("[{}]", [&lines[0], &lines[5]].map(String::as_str).join(","));
        let wanted = read_file(&region(), "s3", array.as_bytes()).expect("a file").observations;
        let plain = lines.join("\n");
        let compressed = crate::snapshot::bundle::write(lines.iter().map(|line| ("name", line.as_str())));
        for bytes in [plain.as_bytes(), &compressed] {
            let read = read_bundle(&region(), "s3", bytes).expect("a bundle");
            assert_eq!(read.observations, wanted);
            assert_eq!(read.set_aside.iter().map(|s| s.record).collect::<Vec<_>>(), [2, 3, 4, 5]);
        }
        assert!(read_bundle(&region(), "s3", b"").is_err());
        assert!(read_bundle(&region(), "s3", b"no JSON at all").is_err());
    }

    #[test]
    fn a_bundle_of_bad_records_does_not_fill_the_report() {
        let read = read_bundle(&region(), "s3", "{\"Name\": 7}\n".repeat(10_000).as_bytes()).expect("a bundle");
        assert_eq!(read.set_aside.len(), TOLD);
        assert!(read.set_aside[TOLD - 1].reason.contains("9900 more records"), "{:?}", read.set_aside[TOLD - 1]);
    }

    #[test]
    fn a_broken_file_names_its_line() {
        let error = read_file(&region(), "s3", b"[{\"Name\": \"a\"},\n{\"Name\": ").expect_err("half a file");
        assert!(error.contains("line 2"), "{error}");
        assert!(read_file(&region(), "s3", b"").is_err());
    }
}
