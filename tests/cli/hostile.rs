//! No command prints control characters from an export unescaped.

use std::fs;

use super::program::{AS_OF, CLEAN, Output, run};

/// An escape, a clipboard write, a C1 control, a bidi override and a zero-width space.
const HOSTILE: &str = "\u{1b}[31mred\u{1b}]52;c;aGk=\u{7}\u{9b}2J\u{202e}moc\u{200b}";

/// The clean deployment with this text in comments and a chain's name of the external firewall, and a finding that quotes it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["edgewarden.toml", "fw-int.rules"] {
        fs::copy(format!("{CLEAN}/{name}"), folder.path().join(name)).unwrap();
    }
    let rules = fs::read_to_string(format!("{CLEAN}/fw-ext.rules")).unwrap();
    let evil = HOSTILE.replace(' ', "");
    let rules =
        rules.replace("--comment \"", &format!("--comment \"{HOSTILE} ")).replace("ACCESS-IN", &format!("A-{evil}"));
    let last = rules.rfind("COMMIT").unwrap();
    let open = format!(
        "-I FORWARD -i eth0 -o eth1 -d 10.45.16.30 -p tcp --dport 3389 -m comment --comment \"{HOSTILE}\" -j ACCEPT\n\
         -A FORWARD -m {HOSTILE} --{HOSTILE} -j ACCEPT\n{HOSTILE}\n"
    );
    fs::write(folder.path().join("fw-ext.rules"), format!("{}{open}{}", &rules[..last], &rules[last..])).unwrap();
    folder
}

fn no_control_characters(output: &Output, of: &str) {
    for (name, text) in [("standard output", &output.out), ("standard error", &output.err)] {
        let bad = text.chars().find(|character| {
            character.is_control() && *character != '\n' || matches!(*character, '\u{202a}'..='\u{202e}' | '\u{200b}')
        });
        assert_eq!(bad, None, "{of} on {name}: {text:?}");
    }
}

#[test]
fn hostile_text_never_gets_out_raw() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let export = format!("{path}/fw-ext.rules");
    let packet = ["--in", "eth0", "--out", "eth1", "--src", "8.8.8.8", "--dst", "131.107.155.10", "--dport", "443"];
    for arguments in [
        vec!["audit", path, "--as-of", AS_OF],
        vec!["audit", path, "--as-of", AS_OF, "--report", "text=-"],
        vec!["audit", path, "--as-of", AS_OF, "--report", "markdown=-"],
        vec!["audit", path, "--as-of", AS_OF, "--report", "json=-"],
        vec!["rules", &export],
        vec!["rules", &export, "--format", "json"],
        vec!["rules", &export, "--format", "csv"],
        [&["trace", &export][..], &packet].concat(),
        [&["trace", &export, "--json"][..], &packet].concat(),
    ] {
        let output = run(&arguments);
        assert!(matches!(output.code, 0 | 1 | 3), "{arguments:?}: {output:#?}");
        // The text summary names a rule by its line; all other outputs quote it.
        let summary = arguments[0] == "audit" && !arguments.iter().any(|word| matches!(*word, "markdown=-" | "json=-"));
        assert!(summary || output.out.contains("x1b"), "{arguments:?} quotes nothing of it: {}", output.out);
        no_control_characters(&output, &format!("{arguments:?}"));
    }
}

#[test]
fn hostile_names_of_files_never_get_out_raw() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HOSTILE.replace('/', ""));
    let shown = path.to_str().unwrap();
    for command in ["rules", "audit"] {
        let output = run(&[command, shown]);
        assert_eq!(output.code, 2);
        no_control_characters(&output, "a missing file");
    }
    fs::write(&path, "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n").unwrap();
    let output = run(&["rules", shown, "--format", "json"]);
    assert_eq!(output.code, 0, "{output:#?}");
    no_control_characters(&output, "a file's name");
}

#[test]
fn hostile_text_of_a_deployment_never_gets_out_raw() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(format!("{CLEAN}/edgewarden.toml")).unwrap();
    let escaped: Vec<String> = HOSTILE.chars().map(|character| format!("\\U{:08x}", u32::from(character))).collect();
    let escaped = escaped.concat();
    fs::write(folder.path().join("edgewarden.toml"), text.replace("\"sfb2015\"", &format!("\"{escaped}\""))).unwrap();
    let output = run(&["audit", folder.path().to_str().unwrap()]);
    assert_eq!(output.code, 2);
    no_control_characters(&output, "a deployment");
}
