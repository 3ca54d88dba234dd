use std::borrow::Cow;

use edgewarden::source::LineState::{self, Ignored, Secret, Understood, Unrecognised};
use edgewarden::source::{Ledger, LineCounts, NEVER_MARKED};
use proptest::prelude::*;

/// The state and reason of the only line after these marks.
fn after(marks: &[(LineState, &'static str)]) -> (LineState, String) {
    let mut ledger = Ledger::new(1);
    for &(state, reason) in marks {
        ledger.mark(1, state, reason);
    }
    (ledger.state(1).unwrap(), ledger.reason(1).to_owned())
}

#[test]
fn a_line_never_marked_is_unrecognised() {
    let ledger = Ledger::new(2);
    assert_eq!(ledger.unrecognised().collect::<Vec<_>>(), [(1, NEVER_MARKED), (2, NEVER_MARKED)]);
    assert_eq!(ledger.counts(), LineCounts { total: 2, unrecognised: 2, ..LineCounts::default() });
    assert!(!ledger.is_marked(1));
}

#[test]
fn the_last_mark_wins() {
    assert_eq!(after(&[(Understood, ""), (Ignored, "a comment")]), (Ignored, "a comment".to_owned()));
    assert_eq!(after(&[(Ignored, "a comment"), (Understood, "")]), (Understood, String::new()));
    assert_eq!(after(&[(Understood, ""), (Unrecognised, "no such port")]), (Unrecognised, "no such port".to_owned()));
}

#[test]
fn an_unrecognised_line_stays_unrecognised() {
    let doubt = (Unrecognised, "no such port".to_owned());
    for later in [(Understood, ""), (Ignored, "x"), (Unrecognised, "another")] {
        assert_eq!(after(&[(Unrecognised, "no such port"), later]), doubt);
    }
}

#[test]
fn a_secret_line_stays_secret_and_loses_its_reason() {
    for other in [(Understood, ""), (Ignored, "password hunter2"), (Unrecognised, "password hunter2")] {
        assert_eq!(after(&[other, (Secret, "hunter2")]), (Secret, String::new()));
        assert_eq!(after(&[(Secret, ""), other]), (Secret, String::new()));
    }
}

#[test]
fn reasons_are_sanitised() {
    let mut ledger = Ledger::new(2);
    ledger.mark(1, Unrecognised, format!("unknown word \x1b]52;c;{}", "A".repeat(1000)));
    ledger.mark(2, Ignored, "blank");
    assert!(ledger.reason(1).starts_with("unknown word \\x1b]52;c;AAA") && ledger.reason(1).ends_with('…'));
    assert_eq!(ledger.reason(1).chars().count(), 200);
    assert_eq!(ledger.reason(2), "blank");
}

#[test]
fn a_line_that_does_not_exist_changes_nothing() {
    let mut ledger = Ledger::new(3);
    for line in [0, 4, u32::MAX] {
        ledger.mark(line, Understood, "");
        assert_eq!((ledger.state(line), ledger.reason(line)), (None, ""));
    }
    ledger.mark_lines(2, u32::MAX, Ignored, Cow::Borrowed("a block"));
    assert_eq!(ledger.counts(), LineCounts { total: 3, ignored: 2, unrecognised: 1, ..LineCounts::default() });
    let all = [(1, Unrecognised, NEVER_MARKED), (2, Ignored, "a block"), (3, Ignored, "a block")];
    assert_eq!(ledger.lines().collect::<Vec<_>>(), all);
}

#[test]
fn states_have_the_names_of_the_json() {
    assert_eq!(
        [Understood, Ignored, Secret, Unrecognised].map(LineState::name),
        ["understood", "ignored", "secret", "unrecognised"]
    );
}

proptest! {
    #[test]
    fn every_line_has_exactly_one_state(
        lines in 0_u32..50,
        marks in prop::collection::vec((0_u32..60, prop::sample::select(&[Understood, Ignored, Secret, Unrecognised][..])), 0..200),
    ) {
        let mut ledger = Ledger::new(lines);
        for &(line, state) in &marks {
            ledger.mark(line, state, "why");
        }
        let counts = ledger.counts();
        prop_assert_eq!(counts.total, lines as usize);
        prop_assert_eq!(counts.understood + counts.ignored + counts.secret + counts.unrecognised, counts.total);
        prop_assert_eq!(ledger.unrecognised().count(), counts.unrecognised);
        prop_assert_eq!(ledger.lines().count(), counts.total);
        for (line, state, _) in ledger.lines() {
            let marked = |wanted| marks.contains(&(line, wanted));
            let last = marks.iter().rev().find(|mark| mark.0 == line).map(|mark| mark.1);
            let expected = match last {
                _ if marked(Secret) => Secret,
                _ if marked(Unrecognised) => Unrecognised,
                last => last.unwrap_or(Unrecognised),
            };
            prop_assert_eq!(state, expected);
        }
    }
}
