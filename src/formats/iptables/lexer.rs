//! Splits one line of a dump into words, as `iptables-restore` does (iptables/xshared.c, `add_param_to_argv`).
//!
//! Blanks separate words; a double-quoted part belongs to its word, and a backslash in it makes the next character literal.
//! Complete words in single quotes, as in shells, are also accepted as quoted.

use std::borrow::Cow;

/// One word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its text, without quotes.
    pub text: Cow<'a, str>,
    /// Whether it begins with a quote. If so, it is a value, even if it has the form of an option.
    pub quoted: bool,
}

impl Word<'_> {
    /// Whether it is this text, without quotes.
    pub fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }

    /// Whether it has the form of an option: a dash followed by something other than a number.
    pub fn is_option(&self) -> bool {
        let mut rest = self.text.strip_prefix('-').unwrap_or_default().bytes();
        !self.quoted
            && rest.next().is_some_and(|next| !next.is_ascii_digit() || matches!(self.text.as_ref(), "-4" | "-6"))
    }
}

/// A line's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'a> {
    /// The words, in order.
    pub words: Vec<Word<'a>>,
    /// Whether a quote is never closed. If so, everything after it is the last word.
    pub unclosed: bool,
}

/// Splits a line into words.
pub fn split(line: &str) -> Words<'_> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches(is_blank);
        if rest.is_empty() {
            return Words { words, unclosed: false };
        }
        let Some((word, after)) = single_quoted(rest).or_else(|| plain(rest)).or_else(|| quoted(rest)) else {
            words.push(Word { text: Cow::Borrowed(rest), quoted: true });
            return Words { words, unclosed: true };
        };
        words.push(word);
        rest = after;
    }
}

/// Whether a character separates words.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// A complete word in single quotes, and the text after it. An apostrophe inside a word, or one that is not closed, is text.
fn single_quoted(text: &str) -> Option<(Word<'_>, &str)> {
    let (inside, after) = text.strip_prefix('\'')?.split_once('\'')?;
    let ends = after.is_empty() || after.starts_with(is_blank);
    ends.then_some((Word { text: Cow::Borrowed(inside), quoted: true }, after))
}

/// A word without double quotes, and the text after it.
fn plain(text: &str) -> Option<(Word<'_>, &str)> {
    let end = text.find(|character| character == '"' || is_blank(character)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    (!after.starts_with('"')).then_some((Word { text: Cow::Borrowed(word), quoted: false }, after))
}

/// A word with parts in double quotes, and the text after it. In quotes, a backslash makes the next character literal. `None` if
/// a quote is never closed.
fn quoted(text: &str) -> Option<(Word<'_>, &str)> {
    let mut word = String::new();
    let mut inside = false;
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => inside = !inside,
            '\\' if inside => word.push(characters.next()?.1),
            _ if !inside && is_blank(character) => {
                return Some((Word { text: Cow::Owned(word), quoted: text.starts_with('"') }, &text[place..]));
            }
            _ => word.push(character),
        }
    }
    (!inside).then(|| (Word { text: Cow::Owned(word), quoted: text.starts_with('"') }, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split(line).words.iter().map(|word| word.text.to_string()).collect()
    }

    #[test]
    fn blanks_of_any_kind_separate_words() {
        assert_eq!(texts("  -A\tINPUT  -j ACCEPT \r"), ["-A", "INPUT", "-j", "ACCEPT"]);
    }

    #[test]
    fn quoted_text_is_one_value_and_never_an_option() {
        let line = split(r#"--comment "-j DROP" -j ACCEPT"#);
        assert_eq!(line.words[1], Word { text: "-j DROP".into(), quoted: true });
        assert!(!line.words[1].is_option());
        assert!(line.words[2].is_option());
    }

    #[test]
    fn a_backslash_keeps_the_next_character_inside_quotes_only() {
        assert_eq!(texts(r#"--comment "say \"hi\" \\ there" a\b"#), ["--comment", r#"say "hi" \ there"#, r"a\b"]);
    }

    #[test]
    fn an_empty_value_is_a_word() {
        assert_eq!(texts(r#"--log-prefix "" -x"#), ["--log-prefix", "", "-x"]);
    }

    #[test]
    fn parts_of_one_word_join() {
        assert_eq!(texts(r#"ab"c d"e f"#), ["abc de", "f"]);
    }

    #[test]
    fn single_quotes_hold_whole_words_only() {
        assert_eq!(texts("--comment 'a b' don't 'x"), ["--comment", "a b", "don't", "'x"]);
    }

    #[test]
    fn an_unclosed_quote_is_reported_and_keeps_the_rest() {
        let line = split(r#"-A INPUT --comment "never closed -j DROP"#);
        assert!(line.unclosed);
        assert_eq!(line.words.len(), 4);
        let line = split("a \"b\\");
        assert!(line.unclosed);
    }
}
