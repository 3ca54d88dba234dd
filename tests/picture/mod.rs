//! A screen as a picture: the same state, the same bytes. One `<text>` for each run of one style and without a gap, so
//! that columns stay aligned where a renderer's font is wider or narrower; lines are strokes, see `lines`.
//!
//! Start at [`svg`]. The pictures of `screenshots/` are made with it.

mod lines;

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A cell's width in hundredths of a pixel: the advance of `DejaVu Sans Mono` at 14 px.
const CELL: usize = 843;
/// A row's height in pixels.
const ROW: usize = 16;
/// The margin around, in pixels.
const MARGIN: usize = 12;

/// Text and background, light on dark.
const INK: &str = "#e6edf3";
const BACKGROUND: &str = "#0d1117";

/// An ANSI colour that a theme uses; another is `default`.
fn hex(color: Color, default: &'static str) -> &'static str {
    match color {
        Color::Red => "#ff7b72",
        Color::Green => "#7ee787",
        Color::Magenta => "#d2a8ff",
        Color::Cyan => "#76e3ea",
        _ => default,
    }
}

/// The buffer as an SVG document.
pub fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = ((columns * CELL).div_ceil(100) + 2 * MARGIN, rows * ROW + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"DejaVu Sans Mono, monospace\" font-size=\"14\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in buffer.area.y..buffer.area.bottom() {
        let mut column = 0;
        let cells: Vec<_> = (buffer.area.x..buffer.area.right()).filter_map(|x| buffer.cell((x, row))).collect();
        while column < cells.len() {
            let taken = run(&cells[column..]);
            draw(&mut svg, &cells[column..column + taken], column, usize::from(row - buffer.area.y));
            column += taken;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// How many cells from the first on are one run: of one style, either lines or text, and a wide character alone with
/// the cell it covers.
fn run(cells: &[&Cell]) -> usize {
    let Some(first) = cells.first() else { return 1 };
    let wide = first.symbol().width();
    if wide > 1 {
        return wide.min(cells.len());
    }
    let same = |cell: &&&Cell| {
        cell.style() == first.style() && cell.symbol().width() < 2 && lines::is_line(cell) == lines::is_line(first)
    };
    cells.iter().take_while(same).count()
}

fn draw(svg: &mut String, cells: &[&Cell], column: usize, row: usize) {
    let Some(first) = cells.first() else { return };
    let modifier = first.modifier;
    let mut ink = hex(first.fg, INK);
    if modifier.contains(Modifier::REVERSED) {
        let (x, top, width) = (pixels(place(column)), MARGIN + row * ROW, pixels(cells.len() * CELL));
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{ROW}\" fill=\"{ink}\" shape-rendering=\"crispEdges\"/>"
        );
        ink = BACKGROUND;
    }
    let faint = if modifier.contains(Modifier::DIM) { " opacity=\"0.65\"" } else { "" };
    if lines::is_line(first) {
        return lines::draw(svg, cells, column, row, &format!("\"{ink}\"{faint}"));
    }
    let mut style = format!("fill=\"{ink}\"{faint}");
    if modifier.contains(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::UNDERLINED) {
        style.push_str(" text-decoration=\"underline\"");
    }
    if first.symbol().width() > 1 {
        return write(svg, first.symbol(), column, row, &style);
    }
    let mut rest = cells;
    let mut column = column;
    while !rest.is_empty() {
        let blank = rest.iter().take_while(|cell| cell.symbol() == " ").count();
        (rest, column) = (&rest[blank..], column + blank);
        let words = words(rest);
        let text: String = rest[..words].iter().map(|cell| cell.symbol()).collect();
        write(svg, &text, column, row, &style);
        (rest, column) = (&rest[words..], column + words);
    }
}

/// How many cells there are before the first gap of two blanks or more, or before the blanks at the end.
fn words(cells: &[&Cell]) -> usize {
    let blank = |at: usize| cells.get(at).is_none_or(|cell| cell.symbol() == " ");
    (0..cells.len()).find(|at| blank(*at) && blank(*at + 1)).unwrap_or(cells.len())
}

fn write(svg: &mut String, text: &str, column: usize, row: usize, style: &str) {
    if text.is_empty() {
        return;
    }
    let (x, y) = (pixels(place(column)), MARGIN + row * ROW + 12);
    let (length, text) = (pixels(text.width() * CELL), escaped(text));
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" {style}>{text}</text>");
}

/// Where a column begins, in hundredths of a pixel.
fn place(column: usize) -> usize {
    MARGIN * 100 + column * CELL
}

/// Hundredths of a pixel, as SVG has them.
fn pixels(hundredths: usize) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The text as XML holds it; a control character, which XML does not hold, as a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other if other.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
