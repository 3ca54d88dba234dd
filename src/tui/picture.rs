//! A screen as a picture: the same state, the same bytes. One `<text>` for each run of one style and without a gap, so
//! that columns stay aligned where a renderer's font is wider or narrower; lines are strokes, see `lines`.
//!
//! Start at [`still`], which draws without a terminal, and [`svg`].

mod lines;

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::screens;
use super::state::State;

/// A cell's width in hundredths of a pixel: the advance of `DejaVu Sans Mono` at 14 px.
const CELL: usize = 843;
/// A row's height in pixels.
const ROW: usize = 16;
/// The margin around, in pixels.
const MARGIN: usize = 12;

/// The colours of the paper: text, background, and the ANSI colours that themes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

impl Paper {
    fn hex(self, color: Color, default: &'static str) -> &'static str {
        let dark = self == Self::Dark;
        match color {
            Color::Red => {
                if dark {
                    "#ff7b72"
                } else {
                    "#b3261e"
                }
            }
            Color::Green => {
                if dark {
                    "#7ee787"
                } else {
                    "#116329"
                }
            }
            Color::Magenta => {
                if dark {
                    "#d2a8ff"
                } else {
                    "#8250df"
                }
            }
            Color::Cyan => {
                if dark {
                    "#76e3ea"
                } else {
                    "#0b6e78"
                }
            }
            _ => default,
        }
    }

    fn ink(self) -> &'static str {
        if self == Self::Dark { "#e6edf3" } else { "#1f2328" }
    }

    fn ground(self) -> &'static str {
        if self == Self::Dark { "#0d1117" } else { "#ffffff" }
    }
}

/// The state drawn at a size, without a terminal. The state takes what drawing found out, as it does on a screen.
#[must_use]
pub fn still(state: &mut State, width: u16, height: u16) -> Buffer {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let mut layout = None;
    let Ok(frame) = terminal.draw(|frame| layout = Some(screens::draw(frame, state)));
    state.laid_out(layout.unwrap_or_default());
    frame.buffer.clone()
}

/// The buffer as an SVG document.
#[must_use]
pub fn svg(buffer: &Buffer, paper: Paper) -> String {
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = ((columns * CELL).div_ceil(100) + 2 * MARGIN, rows * ROW + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"DejaVu Sans Mono, monospace\" font-size=\"14\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{}\"/>\n",
        paper.ground()
    );
    for row in buffer.area.y..buffer.area.bottom() {
        let mut column = 0;
        let cells: Vec<_> = (buffer.area.x..buffer.area.right()).filter_map(|x| buffer.cell((x, row))).collect();
        while column < cells.len() {
            let taken = run(&cells[column..]);
            draw(&mut svg, &cells[column..column + taken], column, usize::from(row - buffer.area.y), paper);
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
    let alike = |cell: &&&Cell| {
        cell.style() == first.style() && cell.symbol().width() < 2 && lines::is_line(cell) == lines::is_line(first)
    };
    cells.iter().take_while(alike).count()
}

fn draw(svg: &mut String, cells: &[&Cell], column: usize, row: usize, paper: Paper) {
    let Some(first) = cells.first() else { return };
    let modifier = first.modifier;
    let mut ink = paper.hex(first.fg, paper.ink());
    if modifier.contains(Modifier::REVERSED) {
        let (x, top, width) = (pixels(place(column)), MARGIN + row * ROW, pixels(cells.len() * CELL));
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{ROW}\" fill=\"{ink}\" shape-rendering=\"crispEdges\"/>"
        );
        ink = paper.ground();
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
