//! `rules`, `requirements`, `completions` and `man`.

use std::fs;

use serde_json::Value;

use super::program::{CLEAN, CONTOSO, run, run_with};

const INTERNAL: &str = "sample-exports/contoso/fw-int.rules";

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn rules_are_listed_as_json_with_inputs_hooks_and_rules() {
    let listing = run(&["rules", INTERNAL, "--format", "json"]).json();
    assert_eq!(names(&listing), ["hooks", "inputs", "rules"]);
    let audited = super::program::audited(CONTOSO);
    let mut read = audited["inputs"][1].clone();
    read["firewall"] = serde_json::Value::Null;
    assert_eq!(listing["inputs"][0], read);
    let rules = listing["rules"].as_array().unwrap();
    let text = fs::read_to_string(INTERNAL).unwrap();
    assert_eq!(rules.len(), text.lines().filter(|line| line.contains("-A ")).count());
    let rdp = rules.iter().find(|rule| rule["line"] == 62).unwrap();
    assert_eq!((&rdp["action"], &rdp["table"]), (&"accept".into(), &"filter".into()));
    assert_eq!(rdp["matches"][0]["destination_ports"], "3389");
    assert!(
        listing["hooks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|hook| { hook["hook"] == "forward" && hook["table"] == "filter" && hook["policy"] == "drop" })
    );
}

#[test]
fn rules_are_listed_for_people_and_for_spreadsheets() {
    let table = run(&["rules", INTERNAL]);
    assert_eq!((table.code, table.err.as_str()), (0, ""));
    assert!(table.out.contains("fw-int:62") && table.out.contains("3389"), "{}", table.out);
    let sheet = run(&["rules", INTERNAL, "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(sheet.out.as_bytes());
    let columns = reader.headers().unwrap().len();
    let rows = reader.records().map(|record| record.unwrap());
    assert!(rows.map(|row| assert_eq!(row.len(), columns)).count() > 40);
}

#[test]
fn no_cell_of_a_spreadsheet_is_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("formula.rules");
    let rules = "*filter\n:FORWARD DROP [0:0]\n:=1+1 - [0:0]\n\
        -A FORWARD -p tcp -m comment --comment \"=cmd|' /C calc'!A0\" -j ACCEPT\n\
        -A FORWARD -m comment --comment \"@SUM(1)\" -j =1+1\nCOMMIT\n";
    fs::write(&path, rules).unwrap();
    let sheet = run(&["rules", path.to_str().unwrap(), "--format", "csv"]).out;
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let mut neutralised = 0;
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            neutralised += usize::from(cell.starts_with('\''));
        }
    }
    assert!(neutralised >= 4, "{sheet}");
}

#[test]
fn an_export_may_be_read_from_standard_input() {
    let text = fs::read_to_string(INTERNAL).unwrap();
    let piped = run_with(&["rules", "-", "--format", "json"], &text).json();
    let read = run(&["rules", INTERNAL, "--format", "json"]).json();
    assert_eq!(piped["rules"].as_array().unwrap().len(), read["rules"].as_array().unwrap().len());
    assert_eq!(piped["inputs"][0]["sha256"], read["inputs"][0]["sha256"]);
}

#[test]
fn a_rule_line_that_is_not_understood_makes_a_listing_incomplete() {
    let output =
        run_with(&["rules", "-"], "*filter\n:FORWARD DROP [0:0]\n-A FORWARD --frobnicate 7 -j ACCEPT\nCOMMIT\n");
    if output.code == 3 {
        assert_eq!(output.err.lines().count(), 1);
    }
    assert!(output.out.contains("unknown") || output.code == 3, "{output:#?}");
}

#[test]
fn the_catalogue_is_listed_row_by_row() {
    let listed = run(&["requirements", "--format", "json"]).json();
    let rows = listed.as_array().unwrap();
    assert_eq!(rows.len(), 111);
    let promised = "id need product topology interface role transport ports direction requirement source destination";
    for row in rows {
        for field in promised.split(' ') {
            assert!(row[field].is_string(), "{field} of {row:#}");
        }
    }
    let row = rows.iter().find(|row| row["id"] == "S002.T1.R09").unwrap();
    assert_eq!((&row["transport"], &row["ports"]), (&"tcp".into(), &"50000-59999".into()));
    let table = run(&["requirements"]);
    assert_eq!(table.out.lines().count(), 112);
    let sheet = run(&["requirements", "--format", "csv"]).out;
    assert_eq!(csv::Reader::from_reader(sheet.as_bytes()).records().count(), 111);
}

#[test]
fn the_needs_of_a_deployment_are_listed_without_its_exports() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("edgewarden.toml");
    fs::copy(format!("{CLEAN}/edgewarden.toml"), &file).unwrap();
    for path in [file.as_path(), folder.path()] {
        let output = run(&["requirements", "--deployment", path.to_str().unwrap(), "--format", "json"]);
        assert_eq!((output.code, output.err.as_str()), (0, ""));
        let needs = output.json();
        let needs = needs.as_array().unwrap();
        assert_eq!(needs.len(), 28);
        assert_eq!(needs[0]["id"], "external.access.tcp-443.in");
        assert_eq!(needs[0]["must"][0][0]["destination_ports"], "443");
    }
}

#[test]
fn completions_and_the_manual_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        assert_eq!((output.code, output.err.as_str()), (0, ""));
        for word in ["audit", "trace", "rules", "requirements", "generate", "fail-on"] {
            assert!(output.out.contains(word), "{word} for {shell}");
        }
    }
    let manual = run(&["man"]);
    assert_eq!((manual.code, manual.err.as_str()), (0, ""));
    assert!(manual.out.contains(".TH edgewarden 1") && manual.out.contains("edgewarden trace"), "{}", manual.out);
}

#[test]
fn unreached_rules_are_listed_with_the_rules_that_take_their_packets() {
    let listing = run(&["rules", "sample-exports/contoso/fw-ext.rules", "--unreached", "--format", "json"]).json();
    let rules = listing["rules"].as_array().unwrap();
    let unreached: Vec<_> = rules.iter().filter(|rule| rule.get("unreached").is_some()).collect();
    // Nothing is translated to edge2 any more, and raw drops what comes for it untranslated.
    assert_eq!(unreached.len(), 1, "{unreached:#?}");
    assert_eq!(unreached[0]["unreached"], "never: taken by ip raw PREROUTING 1");
    assert!(unreached[0]["text"].as_str().unwrap().contains("edge2 pilot"));
}
