//! Several filter chains in a row: who let packets through, and where what is refused is let through.

use std::fs;
use std::path::Path;

use edgewarden::findings::Run;

use crate::harness::{EXTERNAL, Exports, SINGLE, check, filter, table, with};
use crate::neutral::{WAYS, with_and_without};

/// Findings and needs, whole.
fn said(run: &Run) -> (serde_json::Value, serde_json::Value) {
    (serde_json::to_value(&run.findings).expect("JSON"), serde_json::to_value(&run.needs).expect("JSON"))
}

/// A sample's deployment and the dumps of its firewalls.
fn sample(name: &str, files: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-exports").join(name);
    let read = |file: &str| fs::read_to_string(folder.join(file)).expect(file);
    let dumps = files.iter().map(|(firewall, file)| ((*firewall).to_owned(), read(file)));
    (read("edgewarden.toml"), dumps.collect())
}

#[test]
fn a_chain_that_accepts_everything_changes_no_finding() {
    for (name, files) in [("contoso", &[("fw-ext", "fw-ext.rules"), ("fw-int", "fw-int.rules")])] {
        let (deployment, dumps) = sample(name, files);
        for way in 0..WAYS {
            let (mut with, mut without) = (Vec::new(), Vec::new());
            for (firewall, dump) in &dumps {
                let (one, other) = with_and_without(dump, way).unwrap_or((dump.clone(), dump.clone()));
                with.push((firewall.clone(), one));
                without.push((firewall.clone(), other));
            }
            let run = |dumps: &[(String, String)]| {
                let dumps: Vec<(&str, &str)> = dumps.iter().map(|(name, text)| (&**name, &**text)).collect();
                said(&Exports::of(&deployment, &dumps).audit())
            };
            let ((found, needs), (plain, plain_needs)) = (run(&with), run(&without));
            assert_eq!(needs, plain_needs, "{name}, way {way}\n{}", with[0].1);
            let (found, plain) = (found.as_array().expect("a list"), plain.as_array().expect("a list"));
            assert_eq!(found.len(), plain.len(), "{name}, way {way}");
            for (one, other) in found.iter().zip(plain) {
                assert_eq!(one, other, "{name}, way {way}");
            }
        }
    }
}

/// The external firewall with more filter chains around its own.
fn among(before: &str, own: &str, behind: &str) -> String {
    let mangle = table("mangle", ":FORWARD ACCEPT [0:0]\n", "FORWARD", before);
    let security = table("security", ":FORWARD ACCEPT [0:0]\n", "FORWARD", behind);
    format!("{mangle}{}{security}", filter(own))
}
