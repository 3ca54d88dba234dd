//! The samples' `expected.toml`, compared with the JSON of their audits.
//!
//! Each lists all needs and all findings of its sample; its head explains the keys.

use std::fs;
use std::net::IpAddr;

use serde_json::Value;
use toml::Table;

use super::program::audited;

/// Every sample with faults, and those without any.
const SAMPLES: [&str; 7] =
    ["contoso", "fabrikam", "northwind", "adventure-works", "litware", "litware-clean", "tailspin"];

/// A sample's folder.
fn folder(sample: &str) -> String {
    format!("sample-exports/{sample}")
}

fn expected(sample: &str) -> Table {
    fs::read_to_string(format!("{}/expected.toml", folder(sample))).unwrap().parse().unwrap()
}

#[test]
fn every_sample_has_an_expected_file() {
    for entry in fs::read_dir("sample-exports").unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(entry.path().join("README.md").exists(), "{name} has no README.md");
        assert_eq!(SAMPLES.contains(&name.as_str()), entry.path().join("expected.toml").exists(), "{name}");
    }
}

#[test]
fn the_summary_counts_as_expected() {
    for sample in SAMPLES {
        let (expected, run) = (expected(sample), audited(&folder(sample)));
        let counts = |part: &str| expected["summary"][part].as_table().unwrap().clone();
        for (status, count) in counts("needs") {
            assert_eq!(run["summary"]["needs"][&status], count.as_integer().unwrap(), "{sample}: {status}");
        }
        for (severity, count) in counts("findings") {
            assert_eq!(run["summary"]["findings"][&severity], count.as_integer().unwrap(), "{sample}: {severity}");
            let listed = run["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == severity);
            assert_eq!(i64::try_from(listed.count()).unwrap(), count.as_integer().unwrap(), "{sample}: {severity}");
        }
    }
}

#[test]
fn every_need_has_the_status_expected() {
    for sample in SAMPLES {
        let (expected, run) = (expected(sample), audited(&folder(sample)));
        let expected = expected["needs"].as_table().unwrap();
        let mut specific = 0;
        for need in run["needs"].as_array().unwrap() {
            let qualifiers = [&need["node"], &need["family"], &need["firewall"]];
            // The most specific entry about this need.
            let about = expected.iter().filter_map(|(key, status)| {
                let mut words = key.split(' ');
                let right =
                    words.next() == need["id"].as_str() && words.all(|word| qualifiers.iter().any(|q| **q == word));
                right.then_some((key.split(' ').count(), status))
            });
            let (words, status) = about.max_by_key(|(words, _)| *words).unwrap_or_else(|| panic!("{sample}: {need}"));
            assert_eq!(need["status"], status.as_str().unwrap(), "{sample}: {} {qualifiers:?}", need["id"]);
            specific += usize::from(words > 1);
        }
        assert!(
            specific >= expected.keys().filter(|key| key.contains(' ')).count(),
            "{sample} has entries about no need"
        );
    }
}

#[test]
fn every_fault_is_found_once_and_nothing_else_is() {
    for sample in SAMPLES {
        let (expected, run) = (expected(sample), audited(&folder(sample)));
        let mut left: Vec<&Value> = run["findings"].as_array().unwrap().iter().collect();
        for fault in expected.get("expect").map_or(&Vec::new(), |faults| faults.as_array().unwrap()) {
            let fault = fault.as_table().unwrap();
            let place = left.iter().position(|finding| is_of(fault, finding));
            left.remove(place.unwrap_or_else(|| panic!("{sample}, not found: {fault:#?}\namong\n{}", titles(&left))));
        }
        assert!(left.is_empty(), "{sample}, found beside what was expected:\n{}", titles(&left));
    }
}

/// The titles of findings, one a line.
fn titles(findings: &[&Value]) -> String {
    let line = |finding: &&Value| format!("{} {} {}", finding["severity"], finding["kind"], finding["title"]);
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Whether a finding is the expected one.
fn is_of(fault: &Table, finding: &Value) -> bool {
    let text = |key: &str| fault.get(key).map(|value| value.as_str().unwrap());
    let rules = finding["rules"].as_array().unwrap();
    let lines: Vec<i64> = rules.iter().map(|rule| rule["line"].as_i64().unwrap()).collect();
    // Findings about translation, replies and families are about a rule, and name only the first need concerned.
    let of_need = ["excess", "missing", "partial", "misdirected", "undecided", "media_range_closed"];
    let needs_compare = text("kind").is_some_and(|kind| of_need.contains(&kind)) || fault.contains_key("need");
    let boxes = if text("kind") == Some("excess") { &finding["excess"] } else { &finding["gap"] };
    let boxes = boxes.as_array().unwrap();

    text("kind") == finding["kind"].as_str()
        && text("severity") == finding["severity"].as_str()
        && text("firewall") == finding["firewall"].as_str()
        && (!needs_compare || text("need") == finding["need"].as_str())
        && text("near_miss").is_none_or(|kind| finding["near_miss"]["kind"] == kind)
        && ["node", "family"].iter().all(|field| text(field).is_none_or(|wanted| finding[*field] == wanted))
        // A finding about a rule is identified by its line; one about a need may have other lines as evidence.
        && (text("need").is_some()
            || rules.last().is_some_and(|rule| {
                rule["line"].as_i64() == fault.get("line").and_then(toml::Value::as_integer)
                    && rule["input"].as_str() == text("input").or(text("firewall"))
            }))
        && fault.get("shadowed").is_none_or(|line| lines.contains(&line.as_integer().unwrap()))
        && text("protocol").is_none_or(|wanted| boxes.iter().all(|packets| packets["protocol"] == wanted))
        && text("ports").is_none_or(|wanted| boxes.is_empty() || same_ports(boxes, wanted))
        && ["source", "destination"].iter().all(|field| {
            let wanted = text(field).filter(|wanted| *wanted != "internet").map(intervals);
            wanted.is_none_or(|wanted| boxes.iter().all(|packets| within(packets[*field].as_str().unwrap(), &wanted)))
        })
}

/// Whether the traffic rows have exactly these destination ports.
fn same_ports(boxes: &[Value], wanted: &str) -> bool {
    let named = boxes.iter().flat_map(|packets| packets["destination_ports"].as_str().unwrap().split(','));
    let named: std::collections::BTreeSet<&str> = named.collect();
    named == wanted.split(',').collect()
}

/// Whether each of the addresses lies in one of the intervals.
fn within(addresses: &str, wanted: &[(u128, u128)]) -> bool {
    intervals(addresses).iter().all(|(low, high)| wanted.iter().any(|(first, last)| first <= low && high <= last))
}

/// A list of addresses, prefixes and ranges as intervals, neighbours as one. `any` is everything.
fn intervals(list: &str) -> Vec<(u128, u128)> {
    let number = |address: &str| match address.parse().unwrap() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let mut all: Vec<(u128, u128)> = list
        .split(',')
        .map(|part| match part.split_once(['-', '/']) {
            _ if part == "any" => (0, u128::MAX),
            Some((low, high)) if part.contains('-') => (number(low), number(high)),
            Some((network, length)) => {
                let width = if network.contains(':') { 128 } else { 32 };
                let length: u32 = length.parse().unwrap();
                let size = 1u128.checked_shl(width - length).unwrap_or(0);
                (number(network), number(network).wrapping_add(size).wrapping_sub(1))
            }
            None => (number(part), number(part)),
        })
        .collect();
    all.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::new();
    for (low, high) in all {
        match merged.last_mut() {
            Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
            _ => merged.push((low, high)),
        }
    }
    merged
}
