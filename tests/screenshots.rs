//! The pictures in `screenshots/`, made by the program itself of the sample deployment: they are what it shows today.
//!
//! `EDGEWARDEN_UPDATE_SCREENSHOTS=1 cargo test --test screenshots` makes them anew.

#![allow(clippy::unwrap_used)] // helpers of tests are tests

#[path = "picture/mod.rs"]
mod picture;

use std::fs;
use std::path::{Path, PathBuf};

use edgewarden::findings::{Finding, Kind};
use edgewarden::tui::action::Action;

use edgewarden::tui::session::Session;
use edgewarden::tui::state::{Phase, State};
use edgewarden::tui::{Loaded, Options, still};
use picture::svg;

const SIZE: (u16, u16) = (120, 40);
/// The folder as it is typed, so that no picture shows where it was made.
const SAMPLE: &str = "sample-exports/contoso";
const UPDATE: &str = "EDGEWARDEN_UPDATE_SCREENSHOTS";

fn loaded() -> Loaded {
    // Tests run in the package's folder; the paths shown are those given.
    edgewarden::cli::load_for_screen(Path::new(SAMPLE), "2026-11-20".parse().unwrap()).unwrap()
}

/// The sample on screen, after these actions.
fn screen(actions: &[Action]) -> State {
    let options = Options { report_path_suggestion: PathBuf::from("edgewarden-2026-11-20.md"), ..Options::default() };
    let mut state = State::new(&options);
    let session = Session::new(loaded(), &options.report_path_suggestion);
    state.phase = Phase::Ready(Box::new(session));
    let _ = still(&mut state, SIZE.0, SIZE.1);
    for action in actions {
        state.update(*action);
        let _ = still(&mut state, SIZE.0, SIZE.1);
    }
    state
}

/// The actions that lead to the first finding of which something holds, at the lines that decide.
fn to_finding(is_it: impl Fn(&Finding) -> bool, pages: usize) -> Vec<Action> {
    let findings = loaded().run.findings;
    let place = findings.iter().position(is_it).unwrap();
    let mut actions = vec![Action::ShowAll];
    actions.extend(vec![Action::Down; place]);
    actions.push(Action::Open);
    actions.extend(vec![Action::PageDown; pages]);
    actions
}

/// Holds a picture against the one that is kept, or makes that anew.
fn check(name: &str, actions: &[Action]) {
    let picture = svg(&still(&mut screen(actions), SIZE.0, SIZE.1));
    assert!(picture.contains("<text"), "nothing is drawn");
    assert!(!picture.contains(env!("CARGO_MANIFEST_DIR")), "the picture shows where it was made");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name);
    if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
        fs::write(&path, &picture).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "screenshots/{name} is not what the program shows: run {UPDATE}=1 cargo test --test screenshots, and look at it"
    );
}

#[test]
fn the_overview_is_pictured_as_it_is() {
    check("overview.svg", &[]);
}

#[test]
fn the_findings_are_pictured_as_they_are() {
    check("findings.svg", &[Action::ShowAll, Action::Down, Action::Down]);
}

#[test]
fn a_missing_rule_is_pictured_with_the_line_that_decides() {
    let is_it =
        |finding: &Finding| finding.kind == Kind::Missing && finding.need.as_deref() == Some("internal.av.tcp-5062.in");
    check("missing.svg", &to_finding(is_it, 1));
}

#[test]
fn a_rule_in_excess_is_pictured_with_its_line() {
    let is_it = |finding: &Finding| {
        finding.kind == Kind::Excess
            && finding.rules.last().is_some_and(|rule| rule.input == "fw-ext" && rule.line == 98)
    };
    check("excess.svg", &to_finding(is_it, 0));
}

#[test]
fn the_help_is_pictured_as_it_is() {
    check("help.svg", &[Action::Help]);
}

#[test]
fn no_picture_is_left_that_nothing_makes() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let made = ["excess.svg", "findings.svg", "help.svg", "missing.svg", "overview.svg"];
        assert!(made.contains(&name.as_str()), "screenshots/{name} is made by nothing");
    }
}
