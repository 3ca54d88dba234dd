//! A screen as a picture: the same state, the same bytes. One `<text>` for each run of one style.
//!
//! Start at [`still`], which draws without a terminal, and [`svg`].

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
         font-family=\"DejaVu Sans Mono, monospace\" font-size=\"14\" xml:space=\"preserve\">\n\
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

/// How many cells from the first on are one run: of one style, and a wide character alone with the cell it covers.
fn run(cells: &[&Cell]) -> usize {
    let Some(first) = cells.first() else { return 1 };
    let wide = first.symbol().width();
    if wide > 1 {
        return wide.min(cells.len());
    }
    cells.iter().take_while(|cell| cell.style() == first.style() && cell.symbol().width() < 2).count()
}

fn draw(svg: &mut String, cells: &[&Cell], column: usize, row: usize, paper: Paper) {
    let Some(first) = cells.first() else { return };
    let modifier = first.modifier;
    let reversed = modifier.contains(Modifier::REVERSED);
    let mut ink = paper.hex(first.fg, paper.ink());
    let place = |column: usize| {
        let at = MARGIN * 100 + column * CELL;
        format!("{}.{:02}", at / 100, at % 100)
    };
    let length = |columns: usize| format!("{}.{:02}", columns * CELL / 100, columns * CELL % 100);
    let top = MARGIN + row * ROW;
    if reversed {
        let (x, width) = (place(column), length(cells.len()));
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{ROW}\" fill=\"{ink}\"/>");
        ink = paper.ground();
    }
    let wide = first.symbol().width() > 1;
    let text: String = if wide { first.symbol().to_owned() } else { cells.iter().map(|cell| cell.symbol()).collect() };
    let shown = text.trim_start_matches(' ');
    let skipped = text.len() - shown.len();
    let shown = shown.trim_end_matches(' ');
    if shown.is_empty() {
        return;
    }
    let columns = shown.width();
    let mut style = String::new();
    if modifier.contains(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::UNDERLINED) {
        style.push_str(" text-decoration=\"underline\"");
    }
    if modifier.contains(Modifier::DIM) {
        style.push_str(" opacity=\"0.65\"");
    }
    let (x, y, length) = (place(column + skipped), top + 12, length(columns));
    let shown = escaped(shown);
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" fill=\"{ink}\"{style}>{shown}</text>");
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
