//! Several filter chains in a row: which rule permits packets, and where refused packets are accepted.

use std::fs;
use std::path::Path;

use edgewarden::findings::Run;

use crate::harness::{EXTERNAL, Exports, SINGLE, check, filter, table, with};
use crate::neutral::{WAYS, with_and_without};

/// The findings and needs of a run, without context lines of diffs.
fn findings_and_needs(run: &Run) -> (serde_json::Value, serde_json::Value) {
    let mut findings = run.findings.clone();
    for remediation in findings.iter_mut().filter_map(|finding| finding.remediation.as_mut()) {
        // The context lines of a diff are lines of the export.
        let changes = remediation.diff.lines().filter(|line| line.starts_with(['+', '-']));
        remediation.diff = changes.collect::<Vec<_>>().join("\n");
    }
    (serde_json::to_value(&findings).expect("JSON"), serde_json::to_value(&run.needs).expect("JSON"))
}

/// A sample's deployment, and its dumps with the names of their firewalls.
fn sample(folder: &Path) -> (String, Vec<(String, String)>) {
    let read = |file: &str| fs::read_to_string(folder.join(file)).expect(file);
    let text = read("edgewarden.toml");
    let deployment = edgewarden::deployment::parse("edgewarden.toml", &text, text.as_bytes()).expect("a deployment");
    let dumps = deployment.firewalls.iter().flat_map(|firewall| {
        firewall.exports.iter().map(|file| (firewall.name.clone(), read(file))).collect::<Vec<_>>()
    });
    let dumps = dumps.collect();
    (text, dumps)
}

#[test]
fn a_chain_that_accepts_everything_changes_no_finding() {
    let samples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-exports")).expect("samples");
    let mut compared = 0;
    for (number, folder) in samples.map(|entry| entry.expect("a folder").path()).enumerate() {
        let name = folder.display();
        let (deployment, dumps) = sample(&folder);
        let all = folder.ends_with("contoso");
        // Of the other samples, only every fifth way is tested, with another start for each sample.
        for way in (0..WAYS).filter(|way| all || way % 5 == number % 5) {
            let either = |(firewall, dump): &(String, String)| {
                let (with, without) = with_and_without(dump, way).unwrap_or_else(|| (dump.clone(), dump.clone()));
                ((firewall.clone(), with), (firewall.clone(), without))
            };
            let (with, without): (Vec<_>, Vec<_>) = dumps.iter().map(either).unzip();
            let run = |dumps: &[(String, String)]| {
                let dumps: Vec<(&str, &str)> = dumps.iter().map(|(name, text)| (&**name, &**text)).collect();
                findings_and_needs(&Exports::of(&deployment, &dumps).audit())
            };
            let ((found, needs), (plain, plain_needs)) = (run(&with), run(&without));
            assert_eq!(needs, plain_needs, "{name}, way {way}\n{}", with[0].1);
            let (found, plain) = (found.as_array().expect("a list"), plain.as_array().expect("a list"));
            assert_eq!(found.len(), plain.len(), "{name}, way {way}");
            for (one, other) in found.iter().zip(plain) {
                assert_eq!(one, other, "{name}, way {way}");
            }
            compared += usize::from(with != without);
        }
    }
    assert!(compared > 60, "only {compared} audits were compared");
}

/// The external firewall with more filter chains around its own.
fn among(before: &str, own: &str, behind: &str) -> String {
    let mangle = table("mangle", ":FORWARD ACCEPT [0:0]\n", "FORWARD", before);
    let security = table("security", ":FORWARD ACCEPT [0:0]\n", "FORWARD", behind);
    format!("{mangle}{}{security}", filter(own))
}

const WEBCONF: &str = "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
const ESTABLISHED: &str = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

/// The remediation of the first finding: the lines, and where they go.
fn first_remediation(run: &Run) -> (Vec<&str>, Vec<&str>) {
    let remediation = run.findings[0].remediation.as_ref().expect("a remediation");
    (remediation.snippet.split("\n\n").collect(), remediation.r#where.lines().collect())
}

#[test]
fn packets_that_one_of_two_chains_refuses_are_accepted_in_that_chain() {
    let refusing = with(EXTERNAL, WEBCONF, "") + "-j DROP\n";
    for text in [among("", EXTERNAL, &refusing), among(&refusing, EXTERNAL, "")] {
        let run = check(SINGLE, &[("ext", &text)], "high missing external.webconf.tcp-443.in on edge1");
        let (blocks, places) = first_remediation(&run);
        assert_eq!((blocks.len(), places.len()), (1, 1), "{places:?}");
        assert!(
            places[0].starts_with("Insert before line ") && places[0].ends_with(": -A FORWARD -j DROP"),
            "{places:?}"
        );
        // The chain that permits it is not at fault.
        assert!(!run.findings[0].why.contains("would permit"), "{}", run.findings[0].why);
    }
}

#[test]
fn packets_that_two_chains_refuse_are_accepted_in_both() {
    let refusing = with(EXTERNAL, WEBCONF, "");
    let text = among(&(refusing.clone() + "-j DROP\n"), &refusing, "");
    let run = check(SINGLE, &[("ext", &text)], "high missing external.webconf.tcp-443.in on edge1");
    let (blocks, places) = first_remediation(&run);
    assert_eq!((blocks.len(), places.len()), (2, 2), "{places:?}");
    assert!(places[0].starts_with("Insert before line "), "{places:?}");
    assert!(places[1].starts_with("Insert after line "), "{places:?}");
}

#[test]
fn established_connections_are_accepted_in_every_chain_that_refuses_them() {
    let refusing = with(EXTERNAL, ESTABLISHED, "");
    let text = among(&(refusing.clone() + "-j DROP\n"), &refusing, "");
    let run = check(SINGLE, &[("ext", &text)], "critical replies_blocked ext: -A FORWARD -j DROP");
    let (blocks, places) = first_remediation(&run);
    assert_eq!((blocks.len(), places.len()), (2, 2), "{places:?}");
}

#[test]
fn excess_is_attributed_to_the_narrower_of_two_rules_that_permit_it() {
    let wide = format!("{EXTERNAL}-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 1:1023 -j ACCEPT\n");
    let narrow = format!("{EXTERNAL}-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m multiport --dports 22,443 -j ACCEPT\n");
    let expected = "critical excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m multiport --dports 22,443 -j ACCEPT";
    for text in [among("", &wide, &(narrow.clone() + "-j DROP\n")), among(&(wide.clone() + "-j DROP\n"), &narrow, "")] {
        let run = check(SINGLE, &[("ext", &text)], expected);
        assert!(run.findings[0].remediation.is_some(), "{:#?}", run.findings);
    }
}

#[test]
fn a_rule_in_a_chain_permits_only_what_its_jump_matches() {
    // The rule of the chain has no match. Only port 22 is permitted, since the jump matches nothing else.
    let jump = format!(
        ":EDGE - [0:0]\n{EXTERNAL}-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 22 -j EDGE\n-A EDGE -j ACCEPT\n"
    );
    let wide = format!("{EXTERNAL}-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 1:1023 -j ACCEPT\n-j DROP\n");
    check(SINGLE, &[("ext", &among(&wide, &jump, ""))], "critical excess ext: -A EDGE -j ACCEPT");
}

#[test]
fn needs_name_the_narrower_rules_of_two_chains_that_permit_them() {
    let lines = |run: &Run| -> Vec<Vec<u32>> {
        run.needs.iter().map(|need| need.permitted_by.iter().map(|rule| rule.line).collect()).collect()
    };
    let plain = check(SINGLE, &[("ext", &filter(EXTERNAL))], "");
    let wide = "-d 10.45.16.0/24 -j ACCEPT\n-s 10.45.16.0/24 -j ACCEPT\n-j DROP\n";
    let text = format!("{}{}", filter(EXTERNAL), table("security", ":FORWARD ACCEPT [0:0]\n", "FORWARD", wide));
    let both = check(SINGLE, &[("ext", &text)], "");
    assert_eq!(lines(&plain), lines(&both));
    assert!(lines(&plain).iter().any(|lines| !lines.is_empty()));
}
