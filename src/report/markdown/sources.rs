//! The sources of a need: the rows of the port tables that call for it, and the contradictions between them.

use std::io;

use super::escape::{Inline, code, text};
use super::table;
use crate::catalog;

/// Writes the rows with these ids, then their contradictions and how each is resolved.
pub(super) fn write(row_ids: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let known: Vec<_> = row_ids.iter().filter_map(|id| catalog::rows().iter().find(|row| row.id == *id)).collect();
    let rows: Vec<_> = row_ids
        .iter()
        .map(|id| match known.iter().find(|row| row.id == *id) {
            Some(row) => [
                code(id),
                text(&row.document),
                Inline::ours(format!("{} ({})", text(&row.table), row.table_number)),
                Inline::ours(row.number.to_string()),
                Inline::ours(format!("{} → {}", text(&row.source), text(&row.destination))),
                text(&row.note),
            ],
            None => [code(id), Inline::ours("not a row of this version's tables"), dash(), dash(), dash(), dash()],
        })
        .collect();
    table::write(out, ["Id", "Document", "Table", "Row", "Source → destination", "For"], &rows)?;
    let mut contradictions: Vec<&str> =
        known.iter().flat_map(|row| row.contradictions.iter().map(String::as_str)).collect();
    contradictions.sort_unstable();
    contradictions.dedup();
    let contradictions: Vec<_> = contradictions.into_iter().filter_map(catalog::contradiction).collect();
    if contradictions.is_empty() {
        return Ok(());
    }
    writeln!(out, "The documents contradict each other here:\n")?;
    for contradiction in contradictions {
        let (sources, resolution) = (text(&contradiction.sources), text(&contradiction.resolution));
        writeln!(out, "- **{}** {sources} *Decided:* {resolution}", contradiction.id)?;
    }
    writeln!(out)
}

fn dash() -> Inline {
    Inline::ours("–")
}
