//! Rules, bars and borders of a picture, as strokes: a font's glyphs for them neither meet nor keep to whole pixels in
//! every renderer.

use std::fmt::Write as _;

use ratatui::buffer::Cell;

use super::{CELL, MARGIN, ROW, pixels, place};

/// The radius of a rounded corner, in hundredths of a pixel.
const CORNER: usize = 400;

/// Whether a cell holds a line that is drawn as a stroke.
pub(super) fn is_line(cell: &Cell) -> bool {
    matches!(cell.symbol(), "─" | "━" | "│" | "╭" | "╮" | "╰" | "╯")
}

/// Draws cells that all hold lines. Horizontals that follow one another are one stroke.
pub(super) fn draw(svg: &mut String, cells: &[&Cell], column: usize, row: usize, paint: &str) {
    let mut rest = cells;
    let mut column = column;
    while let Some(symbol) = rest.first().map(|cell| cell.symbol()) {
        let alike = rest.iter().take_while(|cell| cell.symbol() == symbol).count();
        let taken = if matches!(symbol, "─" | "━") { alike } else { 1 };
        let (path, weight) = (stroke(symbol, column, taken, row), if symbol == "━" { 2 } else { 1 });
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke-width=\"{weight}\" stroke={paint}/>");
        rest = &rest[taken..];
        column += taken;
    }
}

/// The path of one symbol over some cells.
fn stroke(symbol: &str, column: usize, cells: usize, row: usize) -> String {
    let top = (MARGIN + row * ROW) * 100;
    let bottom = top + ROW * 100;
    // A line of one pixel lies on the middle of a pixel, one of two between two.
    let middle = top + ROW * 50 + if symbol == "━" { 0 } else { 50 };
    let (left, right) = (place(column), place(column + cells));
    let centre = (left + CELL / 2) / 100 * 100 + 50;
    let corner = |from: usize, bend: usize, turned: usize, to: usize| {
        let [from, bend, centre, middle, turned, to] = [from, bend, centre, middle, turned, to].map(pixels);
        format!("M{from} {middle}H{bend}Q{centre} {middle} {centre} {turned}V{to}")
    };
    match symbol {
        "╭" => corner(right, centre + CORNER, middle + CORNER, bottom),
        "╮" => corner(left, centre - CORNER, middle + CORNER, bottom),
        "╰" => corner(right, centre + CORNER, middle - CORNER, top),
        "╯" => corner(left, centre - CORNER, middle - CORNER, top),
        "│" => format!("M{} {}V{}", pixels(centre), pixels(top), pixels(bottom)),
        _ => format!("M{} {}H{}", pixels(left), pixels(middle), pixels(right)),
    }
}
