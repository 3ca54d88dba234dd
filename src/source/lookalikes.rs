//! Names made to look like others: Latin words with Cyrillic or Greek letters in them (CVE-2021-42694).

use super::sanitise::is_invisible;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    CyrillicOrGreek,
    Other,
}

/// Whether any word of the text mixes Latin letters with Cyrillic or Greek ones. A word is a run of letters and digits;
/// `-`, `_` and `.` end it, so a name of one Latin and one Greek word does not count. Invisible characters do not end it.
#[must_use]
pub fn has_lookalikes(text: &str) -> bool {
    let (mut latin, mut other) = (false, false);
    for character in text.chars() {
        match script(character) {
            Script::Latin => latin = true,
            Script::CyrillicOrGreek => other = true,
            Script::Other if continues_word(character) => {}
            Script::Other => (latin, other) = (false, false),
        }
        if latin && other {
            return true;
        }
    }
    false
}

fn script(character: char) -> Script {
    if !character.is_alphabetic() {
        return Script::Other;
    }
    match character {
        'A'..='Z'
        | 'a'..='z'
        | '\u{c0}'..='\u{2af}'
        | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a722}'..='\u{a7ff}'
        | '\u{ff21}'..='\u{ff3a}'
        | '\u{ff41}'..='\u{ff5a}' => Script::Latin,
        '\u{370}'..='\u{3ff}'
        | '\u{1f00}'..='\u{1fff}'
        | '\u{400}'..='\u{52f}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{a640}'..='\u{a69f}' => Script::CyrillicOrGreek,
        _ => Script::Other,
    }
}

fn continues_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '\u{300}'..='\u{36f}') || is_invisible(character)
}
