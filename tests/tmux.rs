//! The terminal interface in a real terminal: the program in tmux, keys sent to it, its screen waited for.
//!
//! Nothing waits for time, only for text. Where tmux is not installed the tests say so and pass; CI installs it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests

#[path = "tmux/terminal.rs"]
mod terminal;

use std::fs;

use terminal::Terminal;

/// A shell in a terminal of 120 by 40, and the program on the sample in it, its overview on screen.
fn opened() -> Option<Terminal> {
    let terminal = Terminal::open(120, 40)?;
    terminal
        .type_line(&format!("{} sample-exports/contoso --as-of 2026-11-20; echo left with $?", Terminal::program()));
    terminal.wait_for(&["Edgewarden", "Needs satisfied", "19 of 26", "4 critical", "? help"]);
    Some(terminal)
}

#[test]
fn the_overview_opens_and_leads_to_findings_and_the_line_that_decides() {
    let Some(terminal) = opened() else { return };
    terminal.wait_for(&["External", "Internal", "access", "webconf", "logging"]);
    terminal.keys(&["a"]);
    terminal.wait_for(&["Findings", "1 of 23", "TCP 5062 in to the internal", "missing"]);
    terminal.keys(&["Enter"]);
    terminal.wait_for(&["Finding ›", "Why", "internal.av.tcp-5062.in"]);
    terminal.keys(&["End"]);
    terminal.wait_for(&["fw-int.rules", "▶", "-A LOGDROP -j DROP", "edgewarden trace"]);
    terminal.keys(&["Right", "Right"]);
    terminal.wait_for(&["3 of 23", "198.51.100.16/28"]);
    terminal.keys(&["Escape"]);
    terminal.wait_for(&["3 of 23", "Severity"]);
    terminal.keys(&["Escape"]);
    terminal.wait_for(&["Needs satisfied"]);
    // A cell of the matrix opens what it counts.
    terminal.keys(&["Enter"]);
    terminal.wait_for(&["role:access if:external dir:in"]);
}

#[test]
fn a_filter_narrows_as_it_is_typed_and_help_lists_the_keys() {
    let Some(terminal) = opened() else { return };
    terminal.keys(&["a", "/"]);
    terminal.text("sev:critical");
    terminal.wait_for(&["sev:critical", "4 of 23 shown"]);
    terminal.text(" port:3389");
    terminal.wait_for(&["1 of 23 shown", "fw-ext line 116"]);
    terminal.keys(&["Enter", "?"]);
    terminal.wait_for(&["Keys", "filter as you type", "quit at once"]);
    // Escape and a key at once would be that key with Alt.
    terminal.keys(&["Escape"]);
    terminal.wait_for(&["sev:critical port:3389", "Severity"]);
    terminal.keys(&["0"]);
    terminal.wait_for(&["Filter none"]);
}

#[test]
fn an_export_writes_a_report_and_never_over_one() {
    let Some(terminal) = opened() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let export = || {
        terminal.keys(&["e"]);
        terminal.wait_for(&["Export a report"]);
        terminal.keys(&["C-u"]);
        terminal.text(path.to_str().unwrap());
        terminal.keys(&["Enter"]);
    };
    export();
    terminal.wait_for(&["Wrote"]);
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.contains("\"edgewarden/run/1\""));
    fs::write(&path, "mine").unwrap();
    export();
    terminal.wait_for(&["exists and was not changed"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn q_gives_the_terminal_back() {
    let Some(terminal) = opened() else { return };
    assert!(terminal.in_alternate_screen());
    terminal.keys(&["q"]);
    terminal.wait_for(&["left with 0"]);
    terminal.is_given_back();
}

#[test]
fn control_c_gives_the_terminal_back() {
    let Some(terminal) = opened() else { return };
    terminal.keys(&["a", "C-c"]);
    terminal.wait_for(&["left with"]);
    terminal.is_given_back();
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for signal in ["TERM", "INT", "HUP"] {
        let Some(terminal) = opened() else { return };
        terminal.signal(signal);
        terminal.wait_for(&["left with 2"]);
        terminal.is_given_back();
    }
}

#[test]
fn any_size_goes_on_and_the_selection_stays() {
    let Some(terminal) = opened() else { return };
    terminal.keys(&["a", "Down", "Down", "Down"]);
    terminal.wait_for(&["4 of 23"]);
    for (width, height) in [(60, 15), (20, 5), (3, 2), (200, 50)] {
        terminal.resize(width, height);
    }
    terminal.wait_for(&["4 of 23", "fw-ext line 116 permits what no need"]);
    terminal.resize(120, 40);
    terminal.wait_for(&["4 of 23"]);
    terminal.keys(&["q", "q"]);
    terminal.wait_for(&["left with 0"]);
}

#[test]
fn a_deployment_that_cannot_be_read_is_said_before_the_screen_is_taken() {
    let Some(terminal) = Terminal::open(120, 40) else { return };
    terminal.type_line(&format!("{} no-such-folder; echo left with $?", Terminal::program()));
    terminal.wait_for(&["no-such-folder", "left with 2"]);
    assert!(!terminal.in_alternate_screen());
}
