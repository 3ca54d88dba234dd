//! A change in words and as a unified diff, rendered from its edits and the export's texts.

use std::fmt::Write as _;

use crate::audit::case::Export;
use crate::findings::{Position, Remediation, TextEdit};
use crate::judge::FamilyAddress;
use crate::model::Edit;
use crate::source::{Source, sanitise_to};

use super::Planner;
use super::proposal::Proposal;
use super::statement::lines_of;

/// The longest text of a line quoted in a place, in characters.
const LONGEST_TEXT: usize = 200;
/// The longest line of a diff, in characters; an export may be one line of many megabytes.
const LONGEST_DIFF_LINE: usize = 1_000;
/// How many unchanged lines a diff shows before and after a change.
const CONTEXT: u32 = 2;

/// The remediation made from a proposal. `own` are the edits that no earlier finding makes; `made_by` lists the findings that
/// make the others.
pub(super) fn remediation<A: FamilyAddress>(
    planner: &Planner<A>,
    proposal: &Proposal<A>,
    own: &[Edit],
    made_by: Vec<String>,
) -> Remediation {
    let export = planner.view.export;
    let edits = joined(&proposal.edits);
    let edits: Vec<Shown> = edits.iter().filter_map(|edit| Shown::of(export, edit)).collect();
    let mut places: Vec<String> = edits.iter().map(Shown::place).collect();
    places
        .extend(made_by.iter().map(|finding| format!("Finding {finding} makes this change, or a part of it, as well")));
    let blocks: Vec<String> = edits
        .iter()
        .map(|shown| lines_of(&shown.edit.text).collect::<Vec<_>>().join("\n"))
        .filter(|block| !block.is_empty())
        .collect();
    Remediation {
        dialect: planner.dialect.name().to_owned(),
        snippet: blocks.join("\n\n"),
        r#where: places.join("\n"),
        also_opens: proposal.also_opens.clone(),
        undo: edits.iter().map(Shown::undo).collect::<Vec<_>>().join("\n"),
        edits: own.iter().filter_map(|edit| Shown::of(export, edit)).map(|shown| shown.text_edit()).collect(),
        diff: diff(&edits),
        made_by,
    }
}

/// The edits with neighbours that insert at one place as one, as people make them.
fn joined(edits: &[Edit]) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::new();
    for edit in edits {
        match joined.last_mut() {
            Some(last) if edit.span.is_empty() && (last.input, last.span) == (edit.input, edit.span) => {
                last.text.push_str(&edit.text);
            }
            _ => joined.push(edit.clone()),
        }
    }
    joined
}

/// An edit with the text it changes.
struct Shown<'e> {
    edit: &'e Edit,
    source: &'e Source,
    /// The text that is removed.
    removed: &'e str,
    start: Position,
    end: Position,
}

impl<'e> Shown<'e> {
    fn of(export: &'e Export, edit: &'e Edit) -> Option<Self> {
        let source = export.sources.get(edit.input as usize)?;
        let position = |offset: u32| {
            let (line, column) = source.position(offset as usize);
            Position { line, column }
        };
        let removed = source.text().get(edit.span.range())?;
        Some(Self { edit, source, removed, start: position(edit.span.start), end: position(edit.span.end) })
    }

    fn text_edit(&self) -> TextEdit {
        TextEdit { input: self.source.id.clone(), start: self.start, end: self.end, text: self.edit.text.clone() }
    }

    /// Whether the edit changes whole lines.
    fn is_of_lines(&self) -> bool {
        let at_end = self.edit.span.end as usize == self.source.text().len();
        (self.start.column == 1 || at_end && self.removed.is_empty()) && (self.end.column == 1 || at_end)
    }

    /// The first line that is removed, or before which lines are inserted. At the end of the text it is the last line plus one.
    fn first_line(&self) -> u32 {
        if self.start.column == 1 { self.start.line } else { self.start.line + 1 }
    }

    /// Where the edit is made, such as `Insert before line 12 of fw-ext: -A FORWARD …`.
    fn place(&self) -> String {
        let input = &self.source.id;
        let quoted = |text: &str| sanitise_to(text.trim(), LONGEST_TEXT).into_owned();
        let line = |number: u32| quoted(self.source.line(number).unwrap_or_default());
        if !self.is_of_lines() {
            let what = if self.removed.is_empty() { "Insert at" } else { "Replace the text at" };
            return format!("{what} line {}, column {}, of {input}", self.start.line, self.start.column);
        }
        if self.removed.is_empty() {
            let first = self.first_line();
            return match first.checked_sub(1) {
                Some(before) if self.edit.after => format!("Insert after line {before} of {input}: {}", line(before)),
                _ => format!("Insert before line {first} of {input}: {}", line(first)),
            };
        }
        let what = if self.edit.text.is_empty() { "Remove" } else { "In place of" };
        match lines_of(self.removed).count() {
            1 => format!("{what} line {} of {input}: {}", self.start.line, line(self.start.line)),
            count => format!("{what} lines {} to {} of {input}", self.start.line, self.start.line as usize + count - 1),
        }
    }

    /// How to undo the edit.
    fn undo(&self) -> String {
        let input = &self.source.id;
        let added = lines_of(&self.edit.text).count();
        let take_out = match added {
            0 => String::new(),
            1 => "Remove this line again.".to_owned(),
            count => format!("Remove these {count} lines again."),
        };
        if self.removed.is_empty() {
            return take_out;
        }
        let removed: Vec<String> =
            lines_of(self.removed).map(|text| sanitise_to(text, LONGEST_DIFF_LINE).into_owned()).collect();
        let put_back = format!("Put line {} of {input} back:\n{}", self.start.line, removed.join("\n"));
        if take_out.is_empty() { put_back } else { format!("{take_out} {put_back}") }
    }
}

/// The edits as a unified diff, input by input.
fn diff(edits: &[Shown]) -> String {
    let mut order: Vec<&Shown> = edits.iter().collect();
    order.sort_by_key(|shown| (shown.edit.input, shown.edit.span));
    let mut text = String::new();
    for of_input in order.chunk_by(|one, next| one.edit.input == next.edit.input) {
        let id = of_input.first().map(|shown| shown.source.id.as_str()).unwrap_or_default();
        let _ = writeln!(text, "--- {id}\n+++ {id}");
        let mut grown = 0;
        let near = |one: &&Shown, next: &&Shown| {
            one.is_of_lines() && next.is_of_lines() && next.first_line() <= one.last_line() + 2 * CONTEXT + 1
        };
        for hunk in of_input.chunk_by(near) {
            if hunk.iter().all(|shown| shown.is_of_lines()) {
                lines(&mut text, hunk, &mut grown);
            } else {
                for shown in hunk {
                    columns(&mut text, shown);
                }
            }
        }
    }
    text
}

impl Shown<'_> {
    /// The last line that is removed, or the line before which lines are inserted.
    fn last_line(&self) -> u32 {
        let gone = u32::try_from(lines_of(self.removed).count()).unwrap_or(u32::MAX);
        self.first_line() + gone.saturating_sub(1)
    }
}

/// Neighbouring changes of whole lines, with the lines around them. `grown` is how many lines longer earlier changes made the
/// text.
fn lines(text: &mut String, hunk: &[&Shown], grown: &mut i64) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let source = first.source;
    let start = first.first_line().saturating_sub(CONTEXT).max(1);
    let next = if last.removed.is_empty() { last.first_line() } else { last.last_line() + 1 };
    let end = next.saturating_add(CONTEXT).min(source.line_count() + 1);
    let (mut body, mut old, mut new) = (String::new(), 0_i64, 0_i64);
    let mut put = |mark: char, line: &str| {
        let _ = writeln!(body, "{mark}{}", sanitise_to(line, LONGEST_DIFF_LINE));
        old += i64::from(mark != '+');
        new += i64::from(mark != '-');
    };
    let mut at = start;
    for shown in hunk {
        for line in at..shown.first_line() {
            put(' ', source.line(line).unwrap_or_default());
        }
        at = at.max(shown.first_line());
        for line in lines_of(shown.removed) {
            put('-', line);
            at += 1;
        }
        for line in lines_of(&shown.edit.text) {
            put('+', line);
        }
    }
    for line in at..end {
        put(' ', source.line(line).unwrap_or_default());
    }
    let from = if old == 0 { i64::from(start) - 1 } else { i64::from(start) };
    let to = i64::from(start) + *grown;
    let _ = writeln!(text, "@@ -{from},{old} +{to},{new} @@");
    text.push_str(&body);
    *grown += new - old;
}

/// A change within a line: the removed text and the inserted text.
fn columns(text: &mut String, shown: &Shown) {
    let _ = writeln!(text, "@@ line {}, column {} @@", shown.start.line, shown.start.column);
    for (mark, part) in [('-', shown.removed), ('+', shown.edit.text.as_str())] {
        for line in lines_of(part) {
            let _ = writeln!(text, "{mark}{}", sanitise_to(line, LONGEST_DIFF_LINE));
        }
    }
}
