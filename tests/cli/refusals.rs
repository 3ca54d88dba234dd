//! What the program refuses: exit code 2, nothing on standard output, and one line with advice.

use std::fs;

use super::program::{AS_OF, CLEAN, CONTOSO, run};

/// A folder with the clean deployment, its text changed.
fn changed(from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(format!("{CLEAN}/edgewarden.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(folder.path().join("edgewarden.toml"), text.replace(from, to)).unwrap();
    folder
}

#[test]
fn an_unknown_key_is_named_with_file_and_line() {
    let folder = changed("[features]", "[features]\nvideo = true");
    let path = folder.path().to_str().unwrap();
    let text = fs::read_to_string(folder.path().join("edgewarden.toml")).unwrap();
    let line = text.lines().position(|line| line == "video = true").unwrap() + 1;
    for command in [vec!["audit", path], vec!["requirements", "--deployment", path], vec![path]] {
        run(&command).refused(&["edgewarden.toml", &format!(":{line}:"), "video"]);
    }
}

#[test]
fn an_unknown_value_is_named_with_the_known_ones() {
    let folder = changed("\"sfb2015\"", "\"sfb2016\"");
    run(&["audit", folder.path().to_str().unwrap()]).refused(&["edgewarden.toml:", "product", "sfb2016", "sfb2015"]);
}

#[test]
fn an_unknown_format_is_named_with_the_known_ones() {
    let folder = changed("format = \"iptables\"", "format = \"iptable\"");
    let path = folder.path().to_str().unwrap();
    let text = fs::read_to_string(folder.path().join("edgewarden.toml")).unwrap();
    let line = text.lines().position(|line| line == "format = \"iptable\"").unwrap() + 1;
    for command in [vec!["audit", path], vec!["requirements", "--deployment", path]] {
        run(&command).refused(&[
            &format!("edgewarden.toml:{line}: firewall["),
            "].format: unknown format \"iptable\": did you mean iptables? use one of auto, iptables, nft, nft-json, asa, csv, windows",
        ]);
    }
}

#[test]
fn a_recognised_format_without_a_reader_is_named_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, words) in [
        (
            "fw.list",
            "Chain INPUT (policy DROP)\ntarget prot opt source destination\n",
            "run iptables-save and give that",
        ),
        ("edge.cfg", "ASA Version 9.8(2)\n", "reading asa exports is not supported by this version"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        run(&["rules", path.to_str().unwrap()]).refused(&[name, words]);
    }
}

#[test]
fn a_missing_export_is_named() {
    let folder = changed("[features]", "[features]");
    run(&["audit", folder.path().to_str().unwrap()]).refused(&["fw-ext.rules", "No such file"]);
    run(&["trace", "no-such.rules", "--src", "1.2.3.4", "--dst", "5.6.7.8"]).refused(&["no-such.rules"]);
    run(&["rules", "no-such.rules"]).refused(&["no-such.rules"]);
}

#[test]
fn a_missing_deployment_is_named() {
    run(&["audit", "no-such-folder"]).refused(&["no-such-folder", "edgewarden.toml"]);
    run(&["audit", "tests"]).refused(&["tests/edgewarden.toml", "No such file"]);
    run(&["audit"]).refused(&["edgewarden.toml"]);
    run(&["audit", CLEAN, CONTOSO]).refused(&["more than one deployment"]);
}

#[test]
fn an_archive_given_as_an_export_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, word) in [
        ("fw.zip", &b"PK\x03\x04\x14\0\0\0\x08\0abcdefgh"[..], "ZIP"),
        ("fw.gz", &b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc"[..], "gzip"),
        ("fw.pdf", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"[..], "PDF"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap();
        run(&["rules", path]).refused(&[name, word]);
        let given = format!("fw-ext={path}");
        run(&["audit", CLEAN, &given, "--as-of", AS_OF]).refused(&[name, word]);
    }
}

#[test]
fn a_folder_is_refused_as_an_export() {
    run(&["rules", "sample-exports"]).refused(&["sample-exports", "folder"]);
    run(&["trace", "sample-exports", "--src", "1.2.3.4", "--dst", "5.6.7.8"]).refused(&["sample-exports", "folder"]);
    run(&["audit", CLEAN, "fw-ext=sample-exports"]).refused(&["sample-exports", "folder"]);
}

#[test]
fn a_text_of_no_known_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poem.txt");
    fs::write(&path, "Shall I compare thee to a summer's day?\n").unwrap();
    run(&["rules", path.to_str().unwrap()]).refused(&["poem.txt", "format"]);
}

#[test]
fn an_unknown_firewall_is_named_with_the_known_ones() {
    run(&["audit", CLEAN, "fw-dmz=x.rules"]).refused(&["fw-dmz", "fw-ext, fw-int"]);
    run(&["audit", CLEAN, "sample-exports/contoso/fw-ext.rules"]).refused(&["NAME=", "fw-ext, fw-int"]);
    let deployment = format!("{CLEAN}/edgewarden.toml");
    let output =
        run(&["trace", "--deployment", &deployment, "--firewall", "fw-dmz", "--src", "1.2.3.4", "--dst", "5.6.7.8"]);
    output.refused(&["fw-dmz"]);
}

#[test]
fn wrong_usage_exits_2_and_help_exits_0() {
    for wrong in [
        vec!["audit", "--frobnicate"],
        vec!["trace"],
        vec!["audit", CLEAN, "--fail-on", "severe"],
        vec!["audit", CLEAN, "--as-of", "2026-02-30"],
    ] {
        let output = run(&wrong);
        assert_eq!((output.code, output.out.as_str()), (2, ""), "{wrong:?}");
        assert!(!output.err.is_empty());
    }
    for right in [&["--help"][..], &["--version"], &["audit", "--help"], &["trace", "-h"]] {
        let output = run(right);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{right:?}");
        assert!(!output.out.is_empty());
    }
}

#[test]
fn the_screen_needs_a_terminal() {
    run(&[CLEAN]).refused(&["terminal", "edgewarden audit"]);
}

#[test]
fn a_rule_set_as_json_may_be_one_long_line_and_another_export_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let rule = r#"{"rule":{"table":"filter","chain":"forward","expr":[{"accept":null}]}},"#;
    let json = write("fw.json", format!("{{\"nftables\":[{}null]}}", rule.repeat(40_000)));
    // It is read whole: what is missing is the reader for its rules.
    run(&["rules", &json]).refused(&["an nftables rule set as JSON"]);
    let dump = write("fw.rules", format!("*filter\n-A INPUT {}\nCOMMIT\n", "-j ".repeat(1 << 19)));
    run(&["rules", &dump]).refused(&["fw.rules:2", "longer than 1 MiB"]);
}
