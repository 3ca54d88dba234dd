//! `generate`: complete files, the rules an export lacks, and what is refused.

use std::fs;

use serde_json::Value;

use super::program::{AS_OF, CLEAN, CONTOSO, audited, run};

fn generate(folder: &str, further: &[&str]) -> super::program::Output {
    let deployment = format!("{folder}/edgewarden.toml");
    let mut arguments = vec!["generate", "--deployment", &deployment, "--dialect", "iptables"];
    arguments.extend(further);
    run(&arguments)
}

#[test]
fn a_complete_file_needs_only_the_deployment_and_audits_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::copy(format!("{CLEAN}/edgewarden.toml"), path("edgewarden.toml")).unwrap();
    for firewall in ["fw-ext", "fw-int"] {
        let file = path(&format!("{firewall}.rules"));
        let output = generate(folder.path().to_str().unwrap(), &["--firewall", firewall, "--output", &file]);
        assert_eq!((output.code, output.out.as_str(), output.err.as_str()), (0, "", ""));
        let again = generate(folder.path().to_str().unwrap(), &["--firewall", firewall, "--output", &file]);
        again.refused(&["exists and was not changed", "--force"]);
        let printed = generate(folder.path().to_str().unwrap(), &["--firewall", firewall]);
        assert_eq!(printed.out, fs::read_to_string(&file).unwrap());
    }
    let audited = run(&["audit", folder.path().to_str().unwrap(), "--as-of", AS_OF, "--report", "json=-"]);
    assert_eq!(audited.code, 0, "{audited:#?}");
    let run = audited.json();
    assert_eq!((&run["findings"], &run["summary"]["needs"]["satisfied"]), (&serde_json::json!([]), &26.into()));
}

#[test]
fn every_rule_names_its_need_and_its_row() {
    let written = generate(CLEAN, &["--firewall", "fw-ext"]).out;
    let permits: Vec<&str> = written.lines().filter(|line| line.contains("--ctstate NEW")).collect();
    assert!(permits.len() > 5, "{written}");
    for line in permits {
        assert!(line.contains("external.") && line.contains(" S004.T"), "{line}");
    }
    let webconf = "-A FORWARD -d 10.45.16.20/32 -i eth0 -o eth1 -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW \
        -m comment --comment \"external.webconf.tcp-443.in S004.T1.R08\" -j ACCEPT";
    assert!(written.lines().any(|line| line == webconf), "{written}");
    assert!(
        written.contains("-j DNAT --to-destination 10.45.16.20")
            && written.contains("-j SNAT --to-source 131.107.155.20")
    );
}

/// The export with the edits of all findings about needs.
fn completed(export: &str, run: &Value, firewall: &str) -> String {
    let needs = ["missing", "partial", "misdirected"];
    let of_needs = |finding: &&Value| needs.contains(&finding["kind"].as_str().unwrap());
    let findings = run["findings"].as_array().unwrap().iter().filter(of_needs);
    let edits = findings.filter(|finding| finding["firewall"] == firewall).flat_map(|finding| {
        let edits = finding["remediation"]["edits"].as_array();
        edits.unwrap_or_else(|| panic!("no edits: {finding:#?}")).iter()
    });
    let mut lines: Vec<String> = export.split_inclusive('\n').map(str::to_owned).collect();
    lines.push(String::new());
    for edit in edits {
        let line = |end: &str| usize::try_from(edit[end]["line"].as_u64().unwrap()).unwrap() - 1;
        assert!(edit["start"]["column"] == 1 && edit["end"]["column"] == 1, "{edit:#?}");
        // Lines that go leave an empty text, so that all others keep their numbers.
        for line in &mut lines[line("start")..line("end")] {
            line.clear();
        }
        let at = &mut lines[line("start")];
        *at = format!("{}{at}", edit["text"].as_str().unwrap());
    }
    lines.concat()
}

#[test]
fn lacking_rules_are_the_changes_that_the_audit_proposes() {
    let folder = tempfile::tempdir().unwrap();
    let toml = folder.path().join("edgewarden.toml");
    fs::copy(format!("{CONTOSO}/edgewarden.toml"), &toml).unwrap();
    let run = audited(CONTOSO);
    for (firewall, code) in [("fw-ext", 3), ("fw-int", 0)] {
        let lacking = generate(CONTOSO, &["--firewall", firewall, "--only", "missing"]);
        // Whether conferences open from the Internet depends on a counter, so it is undecided.
        assert_eq!(lacking.code, code, "{lacking:#?}");
        assert!(lacking.out.contains("needs are lacking") && lacking.out.contains("# Insert "), "{lacking:#?}");
        let export = fs::read_to_string(format!("{CONTOSO}/{firewall}.rules")).unwrap();
        let changed = completed(&export, &run, firewall);
        for line in lacking.out.lines().filter(|line| !line.starts_with('#')) {
            assert!(changed.lines().any(|other| other == line), "{line} is not among the edits");
        }
        fs::write(folder.path().join(format!("{firewall}.rules")), changed).unwrap();
        let again = generate(folder.path().to_str().unwrap(), &["--firewall", firewall, "--only", "missing"]);
        assert!(again.out.contains("no need is lacking"), "{again:#?}");
    }
}

#[test]
fn an_export_on_the_command_line_replaces_the_deployments() {
    let other = format!("{CONTOSO}/fw-int.rules");
    let lacking = generate(CLEAN, &["--firewall", "fw-int", "--only", "missing", &other]);
    assert!(lacking.out.contains("internal.replication.tcp-4443.in"), "{lacking:#?}");
    let none = generate(CLEAN, &["--firewall", "fw-int", "--only", "missing"]);
    assert_eq!((none.code, none.out.as_str()), (0, "# fw-int: no need is lacking.\n"));
}

#[test]
fn what_cannot_be_written_is_refused_with_advice() {
    generate(CLEAN, &["--firewall", "fw-dmz"]).refused(&["fw-dmz is not a firewall", "fw-ext, fw-int"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let toml = fs::read_to_string(format!("{CLEAN}/edgewarden.toml")).unwrap();
    let write = |text: &str| fs::write(folder.path().join("edgewarden.toml"), text).unwrap();
    write(&toml.replace("\"eth1\"", "\"an interface with spaces\""));
    generate(path, &["--firewall", "fw-ext"]).refused(&[
        "edgewarden.toml, firewall fw-ext",
        "cannot write",
        "interface",
    ]);
    let without: String = toml.split_inclusive('\n').filter(|line| !line.starts_with("export")).collect();
    write(&without);
    generate(path, &["--firewall", "fw-ext", "--only", "missing"]).refused(&["fw-ext has no export", "export = "]);
    let dialect = run(&["generate", "--deployment", path, "--firewall", "fw-ext", "--dialect", "pf"]);
    assert!(dialect.code == 2 && dialect.err.contains("possible values: iptables"), "{dialect:#?}");
}

#[test]
fn what_another_findings_change_has_of_a_lacking_rule_is_written_too() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["edgewarden.toml", "fw-ext.rules"] {
        fs::copy(format!("{CLEAN}/{file}"), folder.path().join(file)).unwrap();
    }
    // Nothing lets replies back, and 5062 is missing.
    let rules = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n\
        -A FORWARD -s 192.168.10.90/31 -d 172.25.33.10/32 -i eth1 -o eth0 -p tcp -m multiport --dports 4443,5061,8057,23456 -j ACCEPT\n\
        -A FORWARD -s 172.25.33.10/32 -d 192.168.10.90/31 -i eth0 -o eth1 -p tcp -m tcp --dport 5061 -j ACCEPT\nCOMMIT\n";
    fs::write(folder.path().join("fw-int.rules"), rules).unwrap();
    let lacking = generate(folder.path().to_str().unwrap(), &["--firewall", "fw-int", "--only", "missing"]);
    let lines: Vec<&str> = lacking.out.lines().filter(|line| !line.starts_with('#')).collect();
    let established = lines.iter().filter(|line| line.contains("--ctstate RELATED,ESTABLISHED ")).count();
    assert_eq!(established, 1, "{}", lacking.out);
    assert!(lines.iter().any(|line| line.contains("--dport 5062 ")), "{}", lacking.out);
}
