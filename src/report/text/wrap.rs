//! Lines of a bounded width: words as they fit, by the columns a terminal gives each character.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text in lines of at most `width` columns, broken at spaces; a longer word is broken where it has to be. At least one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let space = usize::from(!line.is_empty());
        if line.width() + space + word.width() <= width {
            line.push_str(if space == 1 { " " } else { "" });
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut column = 0;
        for character in word.chars() {
            let columns = character.width().unwrap_or(0);
            if column + columns > width && column > 0 {
                lines.push(std::mem::take(&mut line));
                column = 0;
            }
            line.push(character);
            column += columns;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text with spaces after it up to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::{pad, wrap};

    #[test]
    fn words_go_to_the_next_line_and_long_ones_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefgh", 3), ["a", "abc", "def", "gh"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrap("防火墙", 4), ["防火", "墙"]);
        assert_eq!(pad("墙", 4), "墙  ");
    }

    #[test]
    fn a_character_wider_than_the_line_still_ends() {
        assert_eq!(wrap("防火", 1), ["防", "火"]);
    }
}
