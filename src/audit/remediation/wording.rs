//! The sentences of a remediation.

use crate::findings::{RuleEvidence, TrafficRow};

/// The sentence for a finding whose remediation would exceed the bound on judged changes.
pub(super) const TOO_MANY: &str =
    " No change was worked out: judging changed rules for all findings would take more steps than the bound allows.";

/// How many rows of opened packets are listed.
const MOST_ROWS: usize = 6;

/// How many members of a list of addresses or ports are listed.
const MOST_MEMBERS: usize = 4;

/// The sentence on what a change opens beyond the need.
pub(super) fn opens(rows: &[TrafficRow]) -> String {
    if rows.is_empty() { "nothing beyond the need".to_owned() } else { listed(rows) }
}

/// Rows in one sentence, up to a limit.
pub(super) fn listed(rows: &[TrafficRow]) -> String {
    let mut words: Vec<String> = rows.iter().take(MOST_ROWS).map(short).collect();
    if rows.len() > MOST_ROWS {
        words.push(format!("and {} more", rows.len() - MOST_ROWS));
    }
    words.join("; ")
}

/// A row in words, with long lists cut.
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

/// The sentence for a finding of excess for which no rewrite of the rule was proved.
pub(super) const NO_REWRITE: &str = " No rewrite is offered: none was proved to close it and to keep the needs and everything else that the rule permits.";

/// The sentence on what a rewrite opens and closes.
pub(super) fn closes(rows: &[TrafficRow]) -> String {
    format!("nothing; it closes {}", listed(rows))
}

/// The sentence for a finding of refused replies for which no accept of established connections was proved.
pub(super) const NO_ESTABLISHED: &str = " No change is offered: no accept of established connections in the filter was proved to let these packets through.";

/// The sentence on what an accept of established connections opens.
pub(super) const ESTABLISHED: &str = "packets of all established connections; no new connection";

/// The sentence on what a change opens that also accepts established connections.
pub(super) fn opens_with_established(rows: &[TrafficRow]) -> String {
    let established = "packets of all established connections";
    if rows.is_empty() {
        format!("{established}; no new connection beyond the need")
    } else {
        format!("{established}; {}", listed(rows))
    }
}

/// The sentence for a need for which no accept in the filter was proved.
pub(super) fn nothing_helps(refused_by: Option<&RuleEvidence>) -> String {
    match refused_by {
        Some(rule) => format!(
            " No change is offered: no accept in the filter was proved to permit it; {} line {} refuses it.",
            rule.input, rule.line
        ),
        None => " No change is offered: no accept in the filter was proved to permit it.".to_owned(),
    }
}

/// The sentence for a change that was proved alone but cannot be made together with others.
pub(super) const NOT_TOGETHER: &str =
    " The change that corrects this conflicts with the changes for other findings: make those first, then audit again.";
