//! The sample deployment's `expected.toml`, held against the JSON of its audit.

use std::fs;

use serde_json::Value;
use toml::Table;

use super::program::{CONTOSO, audited};

/// The kinds of which `expected.toml` lists every finding.
const WHOLE: [&str; 6] = ["missing", "partial", "misdirected", "undecided", "excess", "media_range_closed"];

fn expected() -> Table {
    fs::read_to_string(format!("{CONTOSO}/expected.toml")).unwrap().parse().unwrap()
}

#[test]
fn the_summary_counts_as_expected() {
    let (expected, run) = (expected(), audited(CONTOSO));
    let counts = |part: &str| expected["summary"][part].as_table().unwrap().clone();
    for (status, count) in counts("needs") {
        assert_eq!(run["summary"]["needs"][&status], count.as_integer().unwrap(), "{status}");
    }
    for (severity, count) in counts("findings") {
        assert_eq!(run["summary"]["findings"][&severity], count.as_integer().unwrap(), "{severity}");
        let listed = run["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == severity);
        assert_eq!(i64::try_from(listed.count()).unwrap(), count.as_integer().unwrap(), "{severity}");
    }
}

#[test]
fn every_need_has_the_status_expected() {
    let (expected, run) = (expected(), audited(CONTOSO));
    let needs = run["needs"].as_array().unwrap();
    assert_eq!(needs.len(), expected["needs"].as_table().unwrap().len());
    for need in needs {
        let id = need["id"].as_str().unwrap();
        assert_eq!(need["status"], expected["needs"][id].as_str().unwrap(), "{id}");
        assert_eq!((&need["node"], &need["family"]), (&"edge1".into(), &"ipv4".into()));
    }
}

#[test]
fn every_fault_is_found_once_and_nothing_else_is() {
    let (expected, run) = (expected(), audited(CONTOSO));
    let mut left: Vec<&Value> = run["findings"].as_array().unwrap().iter().collect();
    left.retain(|finding| WHOLE.contains(&finding["kind"].as_str().unwrap()));
    for fault in expected["expect"].as_array().unwrap() {
        let fault = fault.as_table().unwrap();
        let place = left.iter().position(|finding| is_of(fault, finding));
        left.remove(place.unwrap_or_else(|| panic!("not found: {fault:#?}\namong {left:#?}")));
    }
    assert!(left.is_empty(), "found beside what was expected: {left:#?}");
}

/// Whether a finding says what the expectation says.
fn is_of(fault: &Table, finding: &Value) -> bool {
    let text = |key: &str| fault.get(key).map(|value| value.as_str().unwrap());
    let kinds = [text("kind"), text("or")];
    let rules = finding["rules"].as_array().unwrap();
    let lines: Vec<i64> = rules.iter().map(|rule| rule["line"].as_i64().unwrap()).collect();
    let line = fault.get("line").map(|line| line.as_integer().unwrap());
    let boxes = if text("kind") == Some("excess") { &finding["excess"] } else { &finding["gap"] };
    let boxes = boxes.as_array().unwrap();
    let all = |field: &str, wanted: &str| boxes.iter().all(|packets| packets[field] == wanted);

    kinds.contains(&finding["kind"].as_str())
        && text("severity") == finding["severity"].as_str()
        && text("firewall") == finding["firewall"].as_str()
        && text("need") == finding["need"].as_str()
        && finding["node"].as_str().is_none_or(|node| node == "edge1")
        // A finding of a rule is told from others by its line; one of a need may name other lines as its evidence.
        && (text("need").is_some() || line.is_some_and(|line| lines.last() == Some(&line)))
        && fault.get("shadowed").is_none_or(|line| lines.contains(&line.as_integer().unwrap()))
        && text("protocol").is_none_or(|wanted| boxes.is_empty() || all("protocol", wanted))
        && text("ports").is_none_or(|wanted| boxes.is_empty() || same_ports(boxes, wanted))
        && ["source", "destination"].iter().all(|field| {
            let wanted = text(field).filter(|wanted| *wanted != "internet");
            wanted.is_none_or(|wanted| boxes.is_empty() || addresses(boxes, field).is_subset(&set(wanted)))
        })
}

/// Whether the boxes name these destination ports, together.
fn same_ports(boxes: &[Value], wanted: &str) -> bool {
    let named = boxes.iter().map(|packets| packets["destination_ports"].as_str().unwrap());
    named.flat_map(|ports| ports.split(',')).all(|port| wanted.split(',').any(|known| known == port))
}

fn addresses(boxes: &[Value], field: &str) -> std::collections::BTreeSet<String> {
    boxes.iter().flat_map(|packets| set(packets[field].as_str().unwrap())).collect()
}

fn set(list: &str) -> std::collections::BTreeSet<String> {
    list.split(',').map(str::to_owned).collect()
}
