//! The keymap is consistent: no key of a context is bound twice without a reason, and help shows every binding.

use edgewarden::tui::action::Action;
use edgewarden::tui::keymap::{self, Context, KEYMAP};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::sample::{Screen, key};

const CONTEXTS: [Context; 9] = [
    Context::Loading,
    Context::Failed,
    Context::Overview,
    Context::List,
    Context::Filter,
    Context::Detail,
    Context::Help,
    Context::Inputs,
    Context::Export,
];

#[test]
fn keys_bound_twice_in_a_context_are_the_intended_ones() {
    let mut twice = Vec::new();
    for context in CONTEXTS {
        let mut seen = Vec::new();
        for binding in keymap::bindings(context) {
            for key in binding.keys {
                if seen.contains(&key) {
                    twice.push(format!("{context:?} {}", keymap::name(key)));
                }
                seen.push(key);
            }
        }
    }
    // `q` quits where there is nothing to go back to; in a finding, left and right walk through the list.
    let meant = ["Loading q", "Failed q", "Overview q", "Detail Left", "Detail h", "Detail Right", "Detail l"]
        .map(String::from);
    assert_eq!(twice, meant);
}

#[test]
fn every_binding_is_in_the_help() {
    let mut screen = Screen::new(100, 140);
    screen.press(&["?"]);
    let text = screen.text();
    for section in &KEYMAP {
        assert!(text.contains(section.title), "{}", section.title);
        for binding in section.bindings {
            assert!(text.contains(binding.help), "{}\n{text}", binding.help);
        }
    }
}

#[test]
fn where_text_is_typed_letters_are_text_and_everywhere_control_c_quits() {
    for context in CONTEXTS {
        assert_eq!(keymap::action(context, key("Ctrl-c")), Some(Action::Quit), "{context:?}");
    }
    for context in [Context::Filter, Context::Export] {
        assert_eq!(keymap::action(context, key("q")), Some(Action::Type('q')));
        assert_eq!(keymap::action(context, key("?")), Some(Action::Type('?')));
        // AltGr, as Windows reports it.
        let at = KeyEvent::new(KeyCode::Char('@'), KeyModifiers::CONTROL | KeyModifiers::ALT);
        assert_eq!(keymap::action(context, at), Some(Action::Type('@')));
    }
    let alt = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT);
    assert_eq!(keymap::action(Context::List, alt), None);
}
