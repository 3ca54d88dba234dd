//! The SVG of a screen.

use edgewarden::tui::picture::{Paper, svg};
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
    assert_snapshot!(svg(&buffer, Paper::Dark));
}

#[test]
fn the_same_screen_gives_the_same_bytes() {
    let picture = |paper| svg(Screen::new(120, 40).buffer(), paper);
    assert_eq!(picture(Paper::Dark), picture(Paper::Dark));
    assert_ne!(picture(Paper::Dark), picture(Paper::Light));
    assert!(!picture(Paper::Light).contains('\u{1b}'));
}
