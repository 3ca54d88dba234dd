use std::borrow::Cow;

use edgewarden::source::{has_lookalikes, sanitise, sanitise_to};
use proptest::prelude::*;

#[test]
fn safe_text_is_not_changed_or_copied() {
    for text in ["", "-A FORWARD -j DROP", "C:\\x1b\\fw", "Büro 東京 مرحبا ελ", "e\u{301}", "👍🏽"] {
        assert!(matches!(sanitise(text), Cow::Borrowed(same) if same == text), "{text:?}");
    }
}

#[test]
fn control_and_invisible_characters_become_escapes() {
    for (text, shown) in [
        ("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"),
        ("a\0b\x7f", "a\\x00b\\x7f"),
        ("a\tb", "a b"),
        ("a\r\nb", "a\\r\\nb"),
        ("\u{80}\u{9b}2J\u{9f}", "\\u{80}\\u{9b}2J\\u{9f}"),
        ("\u{202e}TPECCA", "\\u{202e}TPECCA"),
        ("\u{61c}\u{200e}\u{200f}\u{2066}\u{2069}", "\\u{61c}\\u{200e}\\u{200f}\\u{2066}\\u{2069}"),
        ("ad\u{200b}m\u{ad}in\u{2060}\u{feff}\u{180e}", "ad\\u{200b}m\\u{ad}in\\u{2060}\\u{feff}\\u{180e}"),
        ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
        ("\u{fff9}x\u{fffb}", "\\u{fff9}x\\u{fffb}"),
        ("\u{e0041}\u{e0100}\u{fe0f}", "\\u{e0041}\\u{e0100}\\u{fe0f}"),
        ("\u{e000}\u{f8ff}\u{10fffd}\u{fffe}", "\\u{e000}\\u{f8ff}\\u{10fffd}\\u{fffe}"),
    ] {
        assert_eq!(sanitise(text), shown);
    }
}

#[test]
fn stacked_combining_marks_are_escaped() {
    let pile = format!("a{}b", "\u{301}".repeat(6));
    assert_eq!(sanitise(&pile), "a\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}b");
}

#[test]
fn a_long_text_is_cut_between_escapes() {
    assert_eq!(sanitise_to("abcdef", 6), "abcdef");
    assert_eq!(sanitise_to("abcdef", 5), "abcd…");
    assert_eq!(sanitise_to("abcdef", 1), "…");
    assert_eq!(sanitise_to("abcdef", 0), "");
    assert_eq!(sanitise_to("", 0), "");
    assert_eq!(sanitise_to("ab\x1bcd", 6), "ab…");
    assert_eq!(sanitise_to("ab\x1b", 6), "ab\\x1b");
    assert_eq!(sanitise_to("äöüß", 3), "äö…");
}

#[test]
fn words_that_mix_latin_with_cyrillic_or_greek_are_noticed() {
    for text in ["p\u{430}ypal", "permit \u{410}CCEPT", "ed\u{3b3}e", "p\u{200b}\u{430}", "x9\u{455}", "е\u{301}dge"] {
        assert!(has_lookalikes(text), "{text:?}");
    }
    for text in ["", "paypal", "пароль", "web_сервер", "Büro-ελ", "10µs", "münchen 東京 мир", "edge.пример"]
    {
        assert!(!has_lookalikes(text), "{text:?}");
    }
}

/// Text with many characters that have to be escaped.
fn hostile() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        proptest::char::range('\0', '\u{ff}'),
        proptest::char::range('\u{300}', '\u{303}'),
        proptest::char::range('\u{2000}', '\u{206f}'),
        proptest::char::range('\u{fe00}', '\u{ffff}'),
        proptest::char::range('\u{e0000}', '\u{e01ff}'),
    ];
    prop::collection::vec(character, 0..60).prop_map(|characters| characters.into_iter().collect())
}

/// Written independently of the implementation's table.
fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || "\u{ad}\u{61c}\u{180e}\u{feff}\u{2028}\u{2029}\u{fff9}\u{fffa}\u{fffb}".contains(c)
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{2069}').contains(&c)
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
        || ('\u{e000}'..='\u{f8ff}').contains(&c)
}

proptest! {
    #[test]
    fn nothing_unsafe_remains(text in hostile(), max in 0_usize..80) {
        prop_assert!(!sanitise(&text).chars().any(is_unsafe_to_show));
        prop_assert!(!sanitise_to(&text, max).chars().any(is_unsafe_to_show));
    }

    #[test]
    fn sanitising_twice_changes_nothing(text in hostile(), max in 0_usize..80) {
        let once = sanitise(&text);
        prop_assert_eq!(sanitise(&once), once.clone());
        let once = sanitise_to(&text, max);
        prop_assert_eq!(sanitise_to(&once, max), once.clone());
        prop_assert_eq!(sanitise(&once), once.clone());
    }

    #[test]
    fn text_is_cut_only_where_it_is_too_long(text in hostile(), max in 0_usize..80) {
        let whole = sanitise(&text);
        let bounded = sanitise_to(&text, max);
        prop_assert!(bounded.chars().count() <= max);
        if whole.chars().count() <= max {
            prop_assert_eq!(&bounded, &whole);
        } else {
            prop_assert!(whole.starts_with(bounded.trim_end_matches('…')));
        }
    }
}
