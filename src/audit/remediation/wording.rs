//! The sentences of a remediation.

use crate::findings::{RuleEvidence, TrafficRow};

/// What is said where more changes would have to be judged than the bound allows.
pub(super) const TOO_MANY: &str =
    " No change was worked out: judging changed rules for all findings would take more steps than the bound allows.";

/// How many rows of what a change opens are written out.
const MOST_ROWS: usize = 6;

/// How many members of a list of addresses or ports.
const MOST_MEMBERS: usize = 4;

/// What a change opens beyond the need.
pub(super) fn opens(rows: &[TrafficRow]) -> String {
    if rows.is_empty() { "nothing beyond the need".to_owned() } else { listed(rows) }
}

/// Rows in one line each, at most a few.
pub(super) fn listed(rows: &[TrafficRow]) -> String {
    let mut told: Vec<String> = rows.iter().take(MOST_ROWS).map(short).collect();
    if rows.len() > MOST_ROWS {
        told.push(format!("and {} more", rows.len() - MOST_ROWS));
    }
    told.join("; ")
}

/// A row in one line, its lists cut after a few members.
fn short(row: &TrafficRow) -> String {
    let cut = |list: &str| {
        let members: Vec<&str> = list.split(',').collect();
        if members.len() <= MOST_MEMBERS {
            return list.to_owned();
        }
        format!("{} and {} more ranges", members[..MOST_MEMBERS].join(","), members.len() - MOST_MEMBERS)
    };
    let mut row = row.clone();
    for list in [&mut row.source, &mut row.destination, &mut row.source_ports, &mut row.destination_ports] {
        *list = cut(list);
    }
    row.words()
}

/// What is said where no rewrite of a rule was proved.
pub(super) const NO_REWRITE: &str =
    " No rewrite is offered: none was proved to close it and to keep the needs and all else that the rule permits.";

/// What a rewrite opens, and what it closes.
pub(super) fn closes(rows: &[TrafficRow]) -> String {
    format!("nothing; it closes {}", listed(rows))
}

/// What is said where no accept before the rule that refuses lets connections go on.
pub(super) const NO_WAY_BACK: &str =
    " No accept of established connections that the filter could be given was proved to let them go on.";

/// What an accept of established connections opens.
pub(super) const ESTABLISHED: &str = "packets of established connections, whichever these are; no new connection";

/// What a change opens that also accepts established connections.
pub(super) fn opens_with_established(rows: &[TrafficRow]) -> String {
    let established = "packets of established connections, whichever these are";
    if rows.is_empty() {
        format!("{established}; no new connection beyond the need")
    } else {
        format!("{established}; {}", listed(rows))
    }
}

/// Why nothing is offered, where no accept among the filter's rules would mend a need.
pub(super) fn nothing_helps(refused_by: Option<&RuleEvidence>) -> String {
    match refused_by {
        Some(rule) => format!(
            " No accept that the filter could be given was proved to mend it; {} line {} refuses it.",
            rule.input, rule.line
        ),
        None => " No accept that the filter could be given was proved to mend it.".to_owned(),
    }
}

/// What is said where a change was proved by itself and cannot be made together with others.
pub(super) const NOT_TOGETHER: &str =
    " The change that cures it clashes with those of other findings: make those, and audit again.";
