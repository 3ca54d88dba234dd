//! The SVG of a screen.

use crate::svg::svg;
use insta::assert_snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::sample::Screen;

#[test]
fn runs_of_one_style_wide_characters_and_markup() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 2));
    buffer.set_string(1, 0, "<b> & \"防火\" x", Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
    buffer.set_string(0, 1, "  selected", Style::new().add_modifier(Modifier::REVERSED));
    assert_snapshot!(svg(&buffer));
}

#[test]
fn the_same_screen_gives_the_same_bytes() {
    let picture = || svg(Screen::new(120, 40).buffer());
    assert_eq!(picture(), picture());
    assert!(!picture().contains('\u{1b}'));
}
