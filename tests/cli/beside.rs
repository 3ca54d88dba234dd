//! What stands beside a dump in its file: every place that counts unread lines counts the same.

use std::fs;

use serde_json::Value;

use super::program::{AS_OF, CLEAN, run};

/// The clean deployment with another external export.
fn audited(export: &str) -> (i32, String, Value) {
    let folder = tempfile::tempdir().unwrap();
    for file in ["edgewarden.toml", "fw-int.rules"] {
        fs::copy(format!("{CLEAN}/{file}"), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("fw-ext.rules"), export).unwrap();
    let output = run(&["audit", folder.path().to_str().unwrap(), "--as-of", AS_OF, "--report", "json=-"]);
    (output.code, output.err.clone(), output.json())
}

/// The unread lines as the JSON of a run has them.
fn counted(run: &Value) -> u64 {
    run["inputs"].as_array().unwrap().iter().map(|input| input["lines"]["unrecognised"].as_u64().unwrap()).sum()
}

fn said(lines: u64) -> String {
    if lines == 1 {
        "1 rule line was not recognised".to_owned()
    } else {
        format!("{lines} rule lines were not recognised")
    }
}

#[test]
fn lines_that_stand_for_no_rule_are_counted_where_all_unread_lines_are() {
    let dump = fs::read_to_string(format!("{CLEAN}/fw-ext.rules")).unwrap();
    // Without the beginning of its last table, whose lines then belong to none.
    let at = dump.rfind("\n*").unwrap() + 1;
    let end = at + dump[at..].find('\n').unwrap() + 1;
    for export in [format!("{}{}", &dump[..at], &dump[end..]), dump.replace("COMMIT\n", ":nobody DROP [0:0]\nCOMMIT\n")]
    {
        let (code, err, run) = audited(&export);
        let lines = counted(&run);
        assert!(code == 3 && lines > 0 && err.contains(&said(lines)), "{lines} lines: {err}");
    }
}
