//! The sentences of a remediation.

use crate::audit::case::Export;
use crate::findings::{RuleEvidence, TrafficRow};
use crate::model::Origin;

use super::spot::Spot;

/// What is said where more changes would have to be judged than the bound allows.
pub(super) const TOO_MANY: &str =
    " No mend was worked out: judging changed rules for all findings would take more steps than the bound allows.";

/// How many rows of what a mend opens are written out.
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
    " No accept of standing connections that the filter could be given was proved to let them go on.";

/// What an accept of standing connections opens.
pub(super) const ESTABLISHED: &str = "packets of standing connections, whichever these are; no new connection";

/// What a mend opens that also accepts standing connections.
pub(super) fn opens_with_established(rows: &[TrafficRow]) -> String {
    let standing = "packets of standing connections, whichever these are";
    if rows.is_empty() {
        format!("{standing}; no new connection beyond the need")
    } else {
        format!("{standing}; {}", listed(rows))
    }
}

/// The end of the place of a mend whose first line accepts standing connections.
pub(super) const FIRST_ACCEPTS_ESTABLISHED: &str = "; the first of the lines lets packets of standing connections through, without which those of the need do not go on";

/// How to take out what was put in.
pub(super) fn take_out(lines: &[String]) -> String {
    match lines {
        [_] => "Remove this line again.".to_owned(),
        many => format!("Remove these {} lines again.", many.len()),
    }
}

/// The end of the place of a mend that also takes out misplaced rules.
pub(super) fn remove_misplaced(named: &[String]) -> String {
    named.iter().flat_map(|rule| ["\nRemove ", rule]).collect()
}

/// How to put back what was taken out: each line with its place.
pub(super) fn put_back(export: &Export, texts: &[(Origin, String)]) -> String {
    let put = |(origin, text): &(Origin, String)| {
        let input = export.sources.get(origin.input).map(|source| source.id.as_str()).unwrap_or_default();
        format!("\nPut line {} of {input} back:\n{text}", origin.line)
    };
    texts.iter().map(put).collect()
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

/// The lines for several places, a block for each.
pub(super) fn blocks(blocks: &[Vec<String>]) -> String {
    blocks.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n")
}

/// The places of blocks of lines, a line for each.
pub(super) fn places(spots: &[Spot]) -> String {
    let words: Vec<String> = spots.iter().map(Spot::words).collect();
    if words.len() == 1 { words.concat() } else { format!("{}; {A_BLOCK_EACH}", words.join("\n")) }
}

/// Which lines stand where.
const A_BLOCK_EACH: &str = "a block of lines for each place, in this order: every one of these chains refuses it";
