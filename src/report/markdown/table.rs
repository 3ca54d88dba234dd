//! Tables in GitHub's Markdown, aligned so that they are readable as raw text too.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::escape::Inline;

/// A cell wider than this many columns does not widen its column.
const WIDEST_ALIGNED: usize = 44;

/// Writes a table; nothing where it has no rows.
pub(super) fn write<const COLUMNS: usize>(
    out: &mut dyn io::Write,
    head: [&str; COLUMNS],
    rows: &[[Inline; COLUMNS]],
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].as_str().width().min(WIDEST_ALIGNED));
        cells.max().unwrap_or(0).max(head[column].width()).max(3)
    });
    line(out, &head, &widths)?;
    let rule: [String; COLUMNS] = std::array::from_fn(|column| "-".repeat(widths[column]));
    line(out, &rule, &widths)?;
    for row in rows {
        line(out, &std::array::from_fn::<&str, COLUMNS, _>(|column| row[column].as_str()), &widths)?;
    }
    writeln!(out)
}

fn line<T: AsRef<str>>(out: &mut dyn io::Write, cells: &[T], widths: &[usize]) -> io::Result<()> {
    for (cell, width) in cells.iter().zip(widths) {
        let cell = cell.as_ref();
        write!(out, "| {cell}{} ", " ".repeat(width.saturating_sub(cell.width())))?;
    }
    writeln!(out, "|")
}
