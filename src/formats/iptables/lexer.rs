//! One line of a dump into words, as `iptables-restore` splits it (iptables/xshared.c, `add_param_to_argv`).
//!
//! Blanks separate words; a double-quoted part belongs to its word, with a backslash before any character it is to hold as
//! it is. Whole words in single quotes, as shells have them, are taken as quoted too.

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{eof, peek};
use nom::multi::fold_many0;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

/// One word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its text, without quotes.
    pub text: Cow<'a, str>,
    /// Whether it begins with a quote: then it is a value, whatever it looks like.
    pub quoted: bool,
}

impl Word<'_> {
    /// Whether it is these characters, outside quotes.
    pub fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }

    /// Whether it has the form of an option: a dash and something that is no number.
    pub fn is_option(&self) -> bool {
        let mut rest = self.text.strip_prefix('-').unwrap_or_default().bytes();
        !self.quoted
            && rest.next().is_some_and(|next| !next.is_ascii_digit() || matches!(self.text.as_ref(), "-4" | "-6"))
    }
}

/// A line's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'a> {
    /// In order.
    pub words: Vec<Word<'a>>,
    /// Whether a quote is never closed; all behind it is then the last word.
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
        if let Ok((behind, found)) = word(rest) {
            words.push(found);
            rest = behind;
        } else {
            words.push(Word { text: Cow::Borrowed(rest), quoted: true });
            return Words { words, unclosed: true };
        }
    }
}

/// What separates words.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// One word.
fn word(input: &str) -> IResult<&str, Word<'_>> {
    alt((single_quoted, mixed)).parse(input)
}

/// A whole word in single quotes. An apostrophe inside a word, or one that nothing closes, is text.
fn single_quoted(input: &str) -> IResult<&str, Word<'_>> {
    let end = alt((peek(take_while1(is_blank)), eof));
    let quoted = delimited(char('\''), take_while(|character| character != '\''), char('\''));
    let (rest, text) = terminated(quoted, end).parse(input)?;
    Ok((rest, Word { text: Cow::Borrowed(text), quoted: true }))
}

/// Plain and double-quoted parts, one directly after the other.
fn mixed(input: &str) -> IResult<&str, Word<'_>> {
    if let Ok((rest, text)) = plain(input)
        && !rest.starts_with('"')
    {
        return Ok((rest, Word { text: Cow::Borrowed(text), quoted: false }));
    }
    let part = alt((double_quoted, plain.map(str::to_owned)));
    let (rest, text) = fold_many0(part, String::new, |so_far, part| so_far + &part).parse(input)?;
    // Nothing taken: an unclosed quote stands here.
    if rest.starts_with('"') {
        return Err(nom::Err::Error(nom::error::Error::new(rest, nom::error::ErrorKind::Char)));
    }
    Ok((rest, Word { text: Cow::Owned(text), quoted: input.starts_with('"') }))
}

/// A part outside quotes.
fn plain(input: &str) -> IResult<&str, &str> {
    take_while1(|character| character != '"' && !is_blank(character))(input)
}

/// A part in double quotes; a backslash makes the next character text.
fn double_quoted(input: &str) -> IResult<&str, String> {
    let piece = alt((is_not("\\\""), preceded(tag("\\"), take(1_usize))));
    let inside = fold_many0(piece, String::new, |so_far, piece: &str| so_far + piece);
    delimited(char('"'), inside, char('"')).parse(input)
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
    fn an_unclosed_quote_is_told_and_keeps_the_rest() {
        let line = split(r#"-A INPUT --comment "never closed -j DROP"#);
        assert!(line.unclosed);
        assert_eq!(line.words.len(), 4);
        let line = split("a \"b\\");
        assert!(line.unclosed);
    }
}
