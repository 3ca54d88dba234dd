//! `edgewarden audit`: exit codes, the schema of its JSON, and that the same inputs give the same run.

use std::fs;

use serde_json::Value;

use super::ordered::Ordered;
use super::program::{AS_OF, CLEAN, CONTOSO, audited, output_of, program, run};

#[test]
fn an_incomplete_audit_exits_3_with_one_line_of_reasons() {
    let output = run(&["audit", CONTOSO, "--as-of", AS_OF]);
    assert_eq!(output.code, 3);
    assert!(!output.out.is_empty());
    assert_eq!(output.err.lines().count(), 1, "{}", output.err);
    assert!(output.err.starts_with("edgewarden: incomplete: 1 mandatory need is undecided"), "{}", output.err);
}

#[test]
fn a_clean_deployment_exits_0_without_a_message() {
    let output = run(&["audit", CLEAN, "--as-of", AS_OF]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert!(!output.out.is_empty());
}

#[test]
fn a_clean_deployment_has_nothing_above_info() {
    let run = audited(CLEAN);
    let findings = run["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["severity"] == "info"), "{findings:#?}");
    let lacking = run["needs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|need| !matches!(need["status"].as_str().unwrap(), "satisfied" | "not_applicable"));
    assert_eq!(lacking, None);
}

#[test]
fn the_deployment_file_may_be_given_in_each_way() {
    let file = format!("{CLEAN}/edgewarden.toml");
    let by_folder = audited(CLEAN);
    assert_eq!(audited(&file), by_folder);
    let output = run(&["audit", "--deployment", &file, "--as-of", AS_OF, "--report", "json=-"]);
    assert_eq!(output.json(), by_folder);
}

#[test]
fn the_json_has_the_fields_of_the_schema_in_order() {
    let output = run(&["audit", CONTOSO, "--as-of", AS_OF, "--report", "json=-"]);
    let json: Ordered = serde_json::from_str(&output.out).unwrap();
    let has = |path: &[&str], promised: &str| {
        let names = json.at(path).names();
        let promised: Vec<&str> = promised.split_whitespace().collect();
        let kept: Vec<&str> = names.iter().copied().filter(|name| promised.contains(name)).collect();
        assert_eq!(kept, promised, "at {path:?} there are {names:?}");
    };
    has(&[], "schema tool as_of deployment inputs summary needs findings");
    has(&["tool"], "name version");
    has(&["deployment"], "sha256 product topology");
    has(&["inputs"], "id path sha256 bytes format encoding lines");
    has(&["inputs", "lines"], "total understood ignored secret unrecognised");
    has(&["summary"], "needs findings rules lines");
    has(&["summary", "needs"], "satisfied partial missing misdirected undecided not_applicable not_evaluated");
    has(&["summary", "findings"], "critical high medium low info");
    has(&["summary", "rules"], "total explained");
    has(&["summary", "lines"], "total understood");
    has(&["needs"], "id node family firewall status requirement rows permitted_by exceptions finding");
    has(&["needs", "permitted_by"], "input line");
    has(
        &["findings"],
        "id fingerprint kind severity category disposition title why need role interface direction firewall node \
         family expected gap excess near_miss witness rules remediation",
    );
    has(&["findings", "gap"], "source destination protocol source_ports destination_ports in out");
    has(&["findings", "witness"], "hook in out src dst proto sport dport tcp_flags state");
    has(&["findings", "rules"], "input line text effect");
}

#[test]
fn the_json_names_its_schema_its_date_and_its_inputs() {
    let run = audited(CONTOSO);
    assert_eq!(run["schema"], "edgewarden/run/1");
    assert_eq!(run["tool"]["name"], "edgewarden");
    assert_eq!(run["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["as_of"], AS_OF);
    assert_eq!(run["deployment"]["product"], "sfb2015");
    assert_eq!(run["deployment"]["topology"], "single-nat");
    for (input, name) in run["inputs"].as_array().unwrap().iter().zip(["fw-ext", "fw-int"]) {
        let path = format!("{CONTOSO}/{name}.rules");
        assert_eq!((&input["id"], &input["path"]), (&Value::from(name), &Value::from(path.as_str())));
        assert_eq!(input["bytes"], fs::metadata(&path).unwrap().len());
        assert_eq!((&input["format"], &input["encoding"]), (&Value::from("iptables"), &Value::from("utf-8")));
        let lines = &input["lines"];
        let sum: u64 =
            ["understood", "ignored", "secret", "unrecognised"].map(|kind| lines[kind].as_u64().unwrap()).iter().sum();
        assert_eq!(lines["total"], sum);
        assert_eq!(sum, fs::read_to_string(&path).unwrap().lines().count() as u64);
    }
}

#[test]
fn every_need_is_listed_once_and_in_order() {
    let run = audited(CONTOSO);
    let needs: Vec<&str> = run["needs"].as_array().unwrap().iter().map(|need| need["id"].as_str().unwrap()).collect();
    assert_eq!(needs.len(), 28);
    let unique: std::collections::BTreeSet<_> = needs.iter().collect();
    assert_eq!(unique.len(), 28);
    assert!(needs[..17].iter().all(|need| need.starts_with("external.")), "{needs:?}");
}

#[test]
fn two_runs_over_the_same_inputs_give_the_same_bytes() {
    for format in ["json=-", "markdown=-", "text=-"] {
        let once = || run(&["audit", CONTOSO, "--as-of", AS_OF, "--report", format]).out;
        assert_eq!(once(), once(), "{format}");
    }
}

#[test]
fn the_date_is_the_given_one_else_source_date_epoch_else_today() {
    let dated = |arguments: &[&str], epoch: Option<&str>| {
        let mut command = program(&["audit", CLEAN, "--report", "json=-"]);
        command.args(arguments);
        if let Some(epoch) = epoch {
            command.env("SOURCE_DATE_EPOCH", epoch);
        }
        output_of(&mut command)
    };
    assert_eq!(dated(&[], Some("1795176000")).json()["as_of"], "2026-11-20");
    assert_eq!(dated(&["--as-of", "2020-02-29"], Some("1795176000")).json()["as_of"], "2020-02-29");
    let today = dated(&[], None).json()["as_of"].as_str().unwrap().to_owned();
    assert!(today.as_str() >= "2025-01-01" && today.len() == 10, "{today}");
    dated(&[], Some("yesterday")).refused(&["SOURCE_DATE_EPOCH"]);
}

#[test]
fn an_exception_counts_until_its_day_is_over() {
    let wsus = |date: &str| {
        let run = run(&["audit", CONTOSO, "--as-of", date, "--report", "json=-"]).json();
        let of_line = |finding: &&Value| {
            finding["kind"] == "excess"
                && finding["firewall"] == "fw-int"
                && finding["rules"].as_array().unwrap().last().unwrap()["line"] == 42
        };
        run["findings"].as_array().unwrap().iter().filter(of_line).count()
    };
    assert_eq!(wsus("2024-06-30"), 0);
    assert_eq!(wsus("2024-07-01"), 1);
}

#[test]
fn findings_at_or_above_fail_on_count() {
    // Access no longer reaches revocation lists: one finding, medium, and nothing undecided.
    let folder = tempfile::tempdir().unwrap();
    for name in ["edgewarden.toml", "fw-int.rules"] {
        fs::copy(format!("{CLEAN}/{name}"), folder.path().join(name)).unwrap();
    }
    let rules = fs::read_to_string(format!("{CLEAN}/fw-ext.rules")).unwrap();
    let shut = rules.replace("-A ACCESS-OUT -p tcp -m multiport --dports 53,80 ", "-A ACCESS-OUT -p tcp --dport 53 ");
    assert!(shut != rules, "the rule that is to go is not there");
    fs::write(folder.path().join("fw-ext.rules"), shut).unwrap();
    let path = folder.path().to_str().unwrap();
    let code = |level: &str| run(&["audit", path, "--as-of", AS_OF, "--fail-on", level]).code;
    assert_eq!(["critical", "high", "medium", "low", "info", "never"].map(code), [0, 0, 1, 1, 1, 0]);
    let output = run(&["audit", path, "--as-of", AS_OF]);
    assert_eq!(output.code, 1);
    assert_eq!(output.err.lines().count(), 1);
    assert!(output.err.contains("medium"), "{}", output.err);
}

#[test]
fn an_incomplete_run_exits_3_even_with_fail_on_never() {
    assert_eq!(run(&["audit", CONTOSO, "--as-of", AS_OF, "--fail-on", "never"]).code, 3);
}

#[test]
fn exports_may_be_named_on_the_command_line() {
    let deployment = format!("{CONTOSO}/edgewarden.toml");
    let better = format!("fw-ext={CLEAN}/fw-ext.rules");
    let output = run(&["audit", &deployment, &better, "--as-of", AS_OF, "--report", "json=-"]);
    let run = output.json();
    assert_eq!(run["inputs"][0]["path"], format!("{CLEAN}/fw-ext.rules"));
    assert_eq!(run["inputs"][1]["path"], format!("{CONTOSO}/fw-int.rules"));
}

#[test]
fn a_closed_standard_output_changes_no_exit_code() {
    for (arguments, code) in [
        (vec!["requirements", "--format", "json"], 0),
        (vec!["audit", CONTOSO, "--as-of", AS_OF, "--report", "json=-"], 3),
        (vec!["rules", "sample-exports/contoso/fw-ext.rules", "--format", "json"], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = output_into(program(&arguments).stdout(writer));
        assert_eq!(output.0, code, "{arguments:?}");
        assert!(output.1.lines().count() <= 1 && !output.1.contains("ipe"), "{}", output.1);
    }
}

#[test]
fn a_closed_standard_error_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status =
        program(&["audit", CONTOSO, "--as-of", AS_OF]).stdout(std::process::Stdio::null()).stderr(writer).status();
    assert_eq!(status.unwrap().code(), Some(3));
}

fn output_into(command: &mut std::process::Command) -> (i32, String) {
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}
