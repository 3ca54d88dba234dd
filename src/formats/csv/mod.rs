//! Policies as comma-separated values (RFC 4180, with the separators that spreadsheets use). A file is recognised by its
//! shape alone; no reader is written yet.

use super::format::Format;
use super::recognition::{Certainty, Recognition, lines};

/// A policy table.
#[derive(Debug)]
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn description(&self) -> &'static str {
        "a policy as comma-separated values"
    }

    /// A first line with at least three separators, and names of columns that a policy has or a later line with as many
    /// separators. Cells may go over several lines, so that no line of a table need be a whole row. JSON has commas too.
    fn recognise(&self, text: &str) -> Option<Recognition> {
        let mut lines = lines(text);
        let (head, line) = lines.next()?;
        if head.starts_with(['{', '[']) {
            return None;
        }
        let count = |line: &str, mark: char| line.matches(mark).count();
        let (mark, columns) =
            SEPARATORS.into_iter().map(|mark| (mark, count(head, mark))).max_by_key(|(_, columns)| *columns)?;
        let rows = lines.filter(|(line, _)| count(line, mark) >= columns).count();
        let (named, sign) = (has_columns_of_a_policy(head, mark), "a line of columns, and rows below it");
        (columns >= 3 && (rows > 0 || named)).then_some(Recognition {
            certainty: Certainty::Shape,
            lines: rows,
            line,
            sign,
        })
    }

    /// A policy table does not say whether replies pass.
    fn says_what_is_tracked(&self) -> bool {
        false
    }
}

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Whether a line names two columns of sources, destinations or addresses, and one of actions.
fn has_columns_of_a_policy(head: &str, mark: char) -> bool {
    let cells: Vec<String> = head.split(mark).map(|cell| cell.trim_matches(['"', ' ']).to_ascii_lowercase()).collect();
    let columns = |words: &[&str]| cells.iter().filter(|cell| words.iter().any(|word| cell.contains(word))).count();
    columns(&["source", "destination", "address"]) >= 2 && columns(&["action", "access", "verdict"]) >= 1
}
