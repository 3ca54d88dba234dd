//! Makes untrusted text safe to show: it cannot control a terminal, reorder a line, or be invisible.
//!
//! Applied once, before text reaches a screen, log or report. It cannot be reversed: backslashes are kept as they are, so
//! an escape may have been in the text before.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// How many combining marks may follow one character; no script needs more, and thousands would cover the screen.
const MAX_STACKED: usize = 4;

/// The text with every control, reordering or invisible character written as an escape: `\n`, `\x1b`, `\u{202e}`. A tab
/// becomes a space. Sanitising again changes nothing.
#[must_use]
pub fn sanitise(text: &str) -> Cow<'_, str> {
    sanitise_to(text, usize::MAX)
}

/// As [`sanitise`], cut to `max_chars` characters, the last of them `…` where something was cut off. An escape is kept
/// whole or not at all.
#[must_use]
pub fn sanitise_to(text: &str, max_chars: usize) -> Cow<'_, str> {
    if text.len() <= max_chars && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut length = 0;
    let mut stacked = 0;
    let mut room_for_ellipsis = 0; // the length of `shown` to keep where `…` has to follow
    let mut changed = false;
    let mut escape = String::new();
    for character in text.chars() {
        escape.clear();
        stacked = if character.width() == Some(0) { stacked + 1 } else { 0 };
        if is_unfit(character) || stacked > MAX_STACKED {
            write_escape(&mut escape, character);
            stacked = if stacked > MAX_STACKED { stacked } else { 0 };
            changed = true;
        } else {
            escape.push(if character == '\t' { ' ' } else { character });
            changed |= character == '\t';
        }
        let added = escape.chars().count();
        if added > max_chars - length {
            shown.truncate(room_for_ellipsis);
            if max_chars > 0 {
                shown.push('…');
            }
            return Cow::Owned(shown);
        }
        shown.push_str(&escape);
        length += added;
        if length < max_chars {
            room_for_ellipsis = shown.len();
        }
    }
    if changed { Cow::Owned(shown) } else { Cow::Borrowed(text) }
}

fn write_escape(out: &mut String, character: char) {
    let code = u32::from(character);
    // Writing to a String cannot fail.
    let _ = match character {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        _ if code < 0x80 => write!(out, "\\x{code:02x}"),
        _ => write!(out, "\\u{{{code:x}}}"),
    };
}

/// Whether a character must be escaped. A tab is not; it becomes a space.
fn is_unfit(character: char) -> bool {
    character != '\t' && (character.is_control() || is_invisible(character) || is_unassignable(character))
}

/// Characters without a glyph of their own: those that reorder a line, have no width, or break the line.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}'                        // soft hyphen
        | '\u{34f}'                     // combining grapheme joiner
        | '\u{61c}'                     // Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'       // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'       // Mongolian selectors and vowel separator
        | '\u{200b}'..='\u{200f}'       // zero-width space, joiners, directional marks
        | '\u{2028}'..='\u{202e}'       // line and paragraph separators, bidi embeddings and overrides
        | '\u{2060}'..='\u{206f}'       // word joiner, invisible operators, bidi isolates
        | '\u{fe00}'..='\u{fe0f}'       // variation selectors
        | '\u{feff}'                    // byte order mark within the text
        | '\u{fff0}'..='\u{fffb}'       // interlinear annotation
        | '\u{1bca0}'..='\u{1bca3}'     // shorthand format controls
        | '\u{1d173}'..='\u{1d17a}'     // musical format controls
        | '\u{e0000}'..='\u{e0fff}'     // tags, further variation selectors
    )
}

/// Private-use characters, whose glyph is unknown, and noncharacters.
fn is_unassignable(character: char) -> bool {
    let code = u32::from(character);
    matches!(code, 0xe000..=0xf8ff | 0xf_0000.. | 0xfdd0..=0xfdef) || code & 0xfffe == 0xfffe
}
