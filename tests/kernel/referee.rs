//! Runs the kernel oracle and the program on the same rule sets and probes, one rule set after another.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines, Read as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::tally::{Observed, Tally, Traced};

/// Whether the program reads ipsets, which it gets as a companion of the dump. If not, matches on sets are undecided.
const IPSETS_ARE_READ: bool = true;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernel");

/// A rule set of a session with its probes.
pub struct Case {
    pub name: String,
    /// The index in the session, from 0.
    pub place: usize,
    pub written: Export,
    /// The output of `iptables-save` and `ipset save` once it is loaded.
    pub saved: Export,
    pub probes: PathBuf,
}

/// The files that the program reads.
#[derive(Debug, Clone, Default)]
pub struct Export {
    pub rules: PathBuf,
    pub sets: Option<PathBuf>,
}

/// A line of a session: load these files, or send the probes of this file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Load(Value),
    Probes(PathBuf),
}

/// Runs one of the scripts. Returns its output, or the reason why it failed.
pub fn python(arguments: &[&str]) -> Result<String, String> {
    let output =
        Command::new("python3").current_dir(SCRIPTS).env("PYTHONDONTWRITEBYTECODE", "1").args(arguments).output();
    let output = output.map_err(|error| format!("python3: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", arguments[0], errors.lines().last().unwrap_or("no error message")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks the kernel and the program about every rule set of `folder/session.jsonl`, and compares. `export` gives the files of a
/// rule set that the program reads.
pub fn referee(folder: &Path, cpu: usize, tally: &mut Tally, export: impl Fn(&Case) -> Export) {
    let session = folder.join("session.jsonl");
    let mut oracle = Command::new("python3")
        .current_dir(SCRIPTS)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["oracle.py", "--cpu", &cpu.to_string()])
        .stdin(File::open(&session).expect("the session"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut answers = BufReader::new(oracle.stdout.take().expect("a pipe")).lines();
    let mut complete = true;
    for case in cases(&session) {
        complete = compare(&case, &mut answers, tally, &export);
        if !complete {
            break;
        }
    }
    drop(answers);
    let mut errors = String::new();
    let _ = oracle.stderr.take().expect("a pipe").read_to_string(&mut errors);
    let status = oracle.wait().expect("the oracle");
    assert!(complete && status.success(), "the oracle stopped: {errors}");
}

/// The rule sets of a session.
fn cases(session: &Path) -> Vec<Case> {
    let mut found: Vec<Case> = Vec::new();
    for line in BufReader::new(File::open(session).expect("the session")).lines() {
        match serde_json::from_str(&line.expect("a line")).expect("an order") {
            Order::Load(what) => found.push(Case {
                name: what["name"].as_str().unwrap_or("a rule set").to_owned(),
                place: found.len(),
                written: files(&what),
                saved: files(&what["save"]),
                probes: PathBuf::new(),
            }),
            Order::Probes(file) => found.last_mut().expect("a rule set before its probes").probes = file,
        }
    }
    found
}

fn files(named: &Value) -> Export {
    let path = |kind: &str| named[kind].as_str().map(PathBuf::from);
    Export { rules: path("iptables").or_else(|| path("ip6tables")).unwrap_or_default(), sets: path("ipset") }
}

/// Compares the answers about one rule set; false if the oracle has fewer answers than there are probes.
fn compare(
    case: &Case,
    answers: &mut Lines<BufReader<ChildStdout>>,
    tally: &mut Tally,
    export: &impl Fn(&Case) -> Export,
) -> bool {
    let Some(Ok(loaded)) = answers.next() else { return false };
    let loaded: Value = serde_json::from_str(&loaded).expect("an answer");
    let probes = std::fs::read_to_string(&case.probes).expect("the probes");
    let observed: Vec<String> = answers.by_ref().take(probes.lines().count()).filter_map(Result::ok).collect();
    if observed.len() < probes.lines().count() {
        println!("the oracle stopped in {}", case.name);
        return false;
    }
    if let Some(error) = loaded["error"].as_str() {
        tally.not_loaded.push(format!("{}: {}", case.name, error.replace('\n', " ")));
        return true;
    }
    tally.sets += 1;
    let traced = trace(&export(case), &case.probes);
    let traced = traced.unwrap_or_else(|error| panic!("{}: {error}", case.name));
    assert_eq!(traced.lines().count(), observed.len(), "{}: one answer a probe", case.name);
    for ((probe, observed), traced) in probes.lines().zip(&observed).zip(traced.lines()) {
        let observed: Observed = serde_json::from_str(observed).expect("the kernel's answer");
        let traced: Traced = serde_json::from_str(traced).expect("our answer");
        tally.compare(&case.name, probe, &observed, &traced);
    }
    true
}

/// The program's answers to a file of probes.
fn trace(export: &Export, probes: &Path) -> Result<String, String> {
    let sets = export.sets.iter().filter(|sets| IPSETS_ARE_READ && sets.metadata().is_ok_and(|file| file.len() > 0));
    let output = Command::new(env!("CARGO_BIN_EXE_edgewarden"))
        .arg("trace")
        .arg(&export.rules)
        .args(sets)
        .arg("--probes")
        .arg(probes)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
