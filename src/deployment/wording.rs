//! How messages quote the deployment file: sanitised, short, and with the nearest known word.
//!
//! A deployment file may be untrusted. Control, bidirectional and invisible characters are escaped where its text is shown,
//! and refused where it is read.

use std::fmt::Write as _;

/// Longest quotation of the file in a message, in characters.
const QUOTE: usize = 60;

/// Most known words that a message lists.
const LISTED: usize = 20;

/// Longest word for which a similar known word is looked for, in characters.
const LONGEST_GUESS: usize = 40;

/// Whether a character is invisible, or changes how others appear: C0 and C1 controls, bidirectional controls,
/// zero-width and filler characters, line separators, tags, the byte order mark (Unicode, general categories Cc, Cf, Zl, Zp).
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with each invisible character written as `\u{…}`.
pub(super) fn sanitised(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The text in double quotes, cut at 60 characters, characters outside printable ASCII escaped, so that look-alikes of
/// known words are recognised.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for (count, c) in text.chars().enumerate() {
        if count == QUOTE {
            shown.push('…');
            break;
        }
        match c {
            '"' | '\\' => shown.extend(['\\', c]),
            ' '..='~' => shown.push(c),
            _ => shown.extend(c.escape_unicode()),
        }
    }
    shown.push('"');
    shown
}

/// A key as part of a key path: bare where TOML allows it, else quoted.
pub(super) fn key(text: &str) -> String {
    let bare = !text.is_empty()
        && text.len() <= QUOTE
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { text.to_owned() } else { quoted(text) }
}

/// "did you mean …" where a known word is similar, then the list of known words.
pub(super) fn one_of(word: &str, known: &[&str], otherwise: &str) -> String {
    let mut advice = String::new();
    if let Some(near) = nearest(word, known) {
        // Writing to a string cannot fail.
        let _ = write!(advice, "did you mean {near}? ");
    }
    let shown: Vec<&str> = known.iter().copied().take(LISTED).collect();
    let _ = write!(advice, "{otherwise} {}", shown.join(", "));
    if known.len() > LISTED {
        let _ = write!(advice, " and {} more", known.len() - LISTED);
    }
    advice
}

/// The most similar known word, if at most a third of the word differs; letter case and `-` for `_` do not count.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = plain(word)?;
    known
        .iter()
        .filter_map(|candidate| Some((edits(&word, &plain(candidate)?), *candidate)))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= (word.len() / 3).max(1) && *distance < word.len())
        .map(|(_, candidate)| candidate)
}

fn plain(word: &str) -> Option<Vec<char>> {
    let plain: Vec<char> =
        word.chars().take(LONGEST_GUESS + 1).map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect();
    (!plain.is_empty() && plain.len() <= LONGEST_GUESS).then_some(plain)
}

/// Insertions, deletions and substitutions from one to the other (Levenshtein).
fn edits(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (b, cell) in to.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_similar_word_is_suggested_and_a_different_one_is_not() {
        let known = ["access", "webconf", "av"];
        assert_eq!(nearest("acess", &known), Some("access"));
        assert_eq!(nearest("Web-Conf", &known), Some("webconf"));
        assert_eq!(nearest("replication", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest(&"a".repeat(1 << 20), &known), None);
    }

    #[test]
    fn invisible_characters_are_escaped() {
        assert_eq!(sanitised("a\u{1b}]52;c\u{7}\u{202e}b\u{9b}é"), "a\\u{1b}]52;c\\u{7}\\u{202e}b\\u{9b}é");
        assert_eq!(quoted("single\u{2011}nat\"\n"), "\"single\\u{2011}nat\\\"\\u{a}\"");
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), QUOTE + 3);
    }
}
