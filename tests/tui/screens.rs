//! Snapshots of every screen at typical sizes, and no panic at any size.

use edgewarden::tui::Options;
use edgewarden::tui::progress::Step;
use edgewarden::tui::state::Phase;
use insta::assert_snapshot;

use super::sample::{Screen, options};

const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (40, 10), (1, 1)];

/// Every screen, and the keys that lead to it from the overview.
const SCREENS: [(&str, &[&str]); 10] = [
    ("overview", &[]),
    ("list", &["a"]),
    ("needs", &["v"]),
    ("filter", &["a", "/", "s", "e", "v", ":", "c", "r"]),
    ("detail", &["a", "Enter"]),
    ("detail_end", &["a", "Enter", "G"]),
    ("need", &["v", "G", "Enter"]),
    ("help", &["?"]),
    ("inputs", &["i"]),
    ("export", &["a", "1", "e", "Tab"]),
];

#[test]
fn every_screen_at_every_size() {
    for (name, keys) in SCREENS {
        for (width, height) in SIZES {
            let mut screen = Screen::new(width, height);
            screen.press(keys);
            assert_snapshot!(format!("{name}_{width}x{height}"), screen.text());
        }
    }
}

#[test]
fn loading_and_failure_at_every_size() {
    for (width, height) in SIZES {
        let mut screen = Screen::empty(width, height, &options());
        screen.state.phase = Phase::Loading(Step { stage: "Reading fw-ext.rules".into(), done: 21, total: 64 });
        screen.draw();
        assert_snapshot!(format!("loading_{width}x{height}"), screen.text());
        screen.state.phase =
            Phase::Failed("edgewarden.toml:12: unknown key `nods` in [edge]; did you mean `node`?".into());
        screen.draw();
        assert_snapshot!(format!("failure_{width}x{height}"), screen.text());
    }
}

#[test]
fn ascii_glyphs_are_ascii_except_for_the_runs_text() {
    let mut screen = Screen::with(80, 24, &Options { ascii: true, ..options() });
    assert_snapshot!("overview_ascii", screen.text());
    assert!(screen.text().is_ascii());
    screen.press(&["?"]);
    assert!(screen.text().is_ascii(), "{}", screen.text());
}

#[test]
fn without_colour_the_selection_is_still_reversed() {
    use ratatui::style::{Color, Modifier};
    let mut screen = Screen::with(80, 24, &Options { color: false, ..options() });
    screen.press(&["a"]);
    let cells = screen.buffer().content();
    assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(cells.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED)));
}

#[test]
fn no_sequence_of_keys_panics() {
    const KEYS: [&str; 40] = [
        "a",
        "v",
        "Tab",
        "/",
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "s",
        "S",
        "Enter",
        "Enter",
        "Esc",
        "q",
        "j",
        "k",
        "h",
        "l",
        "g",
        "G",
        "PgUp",
        "PgDn",
        "Ctrl-d",
        "Ctrl-u",
        "e",
        "i",
        "?",
        "y",
        "Y",
        "m",
        "Backspace",
        "Delete",
        "Ctrl-w",
        "Left",
        "Right",
        "Home",
        "End",
        "防",
    ];
    let mut screen = Screen::new(80, 24);
    let mut random = 1_u32;
    for step in 0..4000 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        screen.press(&[KEYS[(random >> 16) as usize % KEYS.len()]]);
        if step % 50 == 0 {
            let size = |bits: u32| u16::try_from((random >> bits) % 130).unwrap();
            screen.resize(size(8), size(20) / 3);
        }
        if let Some(action) = screen.state.hit(u16::try_from(random >> 24).unwrap() / 2, step % 40) {
            screen.state.update(action);
        }
    }
}

#[test]
fn no_size_panics() {
    let sizes = [0, 1, 2, 3, 4, 5, 7, 11, 19, 21, 39, 59, 61, 200];
    for (_, keys) in SCREENS {
        let mut screen = Screen::new(80, 24);
        screen.press(keys);
        for width in sizes {
            for height in sizes {
                screen.resize(width, height);
                screen.press(&["Down", "Up", "PgDn", "Home"]);
            }
        }
    }
    for size in sizes {
        let mut screen = Screen::empty(size, size, &options());
        screen.state.phase = Phase::Failed("防火墙 ".repeat(40));
        screen.draw();
    }
}
