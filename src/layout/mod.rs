//! Text in columns: measured, cut, padded and wrapped. Widths are terminal columns, so wide characters count as two.
//!
//! Used by reports and the screen. It knows nothing but text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a text in columns.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// A length as a number of terminal columns or rows.
#[must_use]
pub fn cells(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// The text, cut to this many columns; a cut text ends in `ellipsis`.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    // No text takes more columns than it has bytes, so most are known to fit without measuring.
    if text.len() <= columns || width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut cut = head(text, room).to_owned();
    if width(ellipsis) <= columns {
        cut.push_str(ellipsis);
    }
    cut
}

/// The text, padded with spaces to this many columns; a longer text is not cut.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    text.chars().chain(std::iter::repeat_n(' ', missing)).collect()
}

/// The text, cut or padded to exactly this many columns.
#[must_use]
pub fn column(text: &str, columns: usize, ellipsis: &str) -> String {
    pad(&fit(text, columns, ellipsis), columns)
}

/// The longest beginning of the text that fits in this many columns.
#[must_use]
pub fn head(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken += character.width().unwrap_or(0);
        if taken > columns {
            return &text[..at];
        }
    }
    text
}

/// The text in lines of at most this many columns: broken at spaces, else after commas, else anywhere.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, before) = (String::new(), lines.len());
        let mut taken = 0;
        for piece in pieces(paragraph) {
            let mut piece = piece;
            let mut needed = width(piece.trim_end());
            if taken > 0 && taken + needed > columns {
                lines.push(line.trim_end().to_owned());
                line.clear();
                taken = 0;
            }
            while needed > columns {
                let mut first = head(piece, columns);
                if first.is_empty() {
                    // A wide character in a single column: it gets a line of its own, and the screen cuts it.
                    first = &piece[..piece.chars().next().map_or(0, char::len_utf8)];
                }
                lines.push(first.to_owned());
                piece = &piece[first.len()..];
                needed = width(piece.trim_end());
            }
            line.push_str(piece);
            taken += width(piece);
        }
        if !line.is_empty() || lines.len() == before {
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

/// The pieces of a text; a line may break after each.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_that_does_not_fit_is_left_out_whole() {
        assert_eq!(fit("防火墙", 4, "…"), "防…");
        assert_eq!(column("防火墙", 5, "…"), "防火…");
        assert_eq!(column("防", 5, "…"), "防   ");
        assert_eq!(fit("abc", 0, "…"), "");
    }

    #[test]
    fn long_lists_break_after_commas_and_long_words_where_they_must() {
        assert_eq!(wrap("10.0.0.0/8,192.168.0.0/16", 12), ["10.0.0.0/8,", "192.168.0.0/", "16"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("防火墙", 1), ["防", "火", "墙"]);
    }
}
