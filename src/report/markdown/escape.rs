//! Escapes untrusted text for Markdown: as part of a paragraph or cell, as a code span, as a fenced block.
//!
//! Escaped text cannot end a table row, a span or a fence, nor start an HTML tag, a link or a heading. The rules are those of `CommonMark`
//! 0.31 with GitHub's tables and autolinks; where renderers differ, the plainer form is chosen.

use std::fmt;

use crate::source::sanitise;

/// Markdown within a line: escaped by this module, or the report's own text. Tables take nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inline(String);

impl Inline {
    /// The report's own text, with Markdown.
    pub(super) fn ours(markdown: impl Into<String>) -> Self {
        Self(markdown.into())
    }

    /// Pieces with a separator, which is the report's own text.
    pub(super) fn joined(pieces: &[Self], between: &str) -> Self {
        let pieces: Vec<&str> = pieces.iter().map(|piece| piece.0.as_str()).collect();
        Self(pieces.join(between))
    }

    /// In bold.
    pub(super) fn bold(self) -> Self {
        Self(format!("**{}**", self.0))
    }

    /// A dash where there is nothing.
    pub(super) fn or_dash(self) -> Self {
        if self.0.is_empty() { Self("–".to_owned()) } else { self }
    }

    /// The Markdown.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Escapes text so that it is shown as it is, anywhere in a line or in a table's cell.
pub(super) fn text(text: &str) -> Inline {
    let sanitised = sanitise(text);
    let text = sanitised.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for (at, character) in text.char_indices() {
        let before = &text[..at];
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' | '@' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // At the start of a line these would begin a list, a rule or an underlined heading.
            '-' | '+' | '=' if at == 0 && !text[1..].starts_with(|next: char| next.is_ascii_alphanumeric()) => {
                escaped.push('\\');
                escaped.push(character);
            }
            '.' | ')' if digits > 0 && at == digits && !text[at + 1..].starts_with(|next| next != ' ') => {
                escaped.push('\\');
                escaped.push(character);
            }
            // GitHub turns these into links.
            ':' if text[at..].starts_with(":/") || ends_in(before, "mailto") || ends_in(before, "xmpp") => {
                escaped.push_str("\\:");
            }
            '.' if ends_in(before, "www") => escaped.push_str("\\."),
            _ => escaped.push(character),
        }
    }
    Inline(escaped)
}

/// Whether the text ends in these letters, in any case.
fn ends_in(text: &str, letters: &str) -> bool {
    let start = text.len().checked_sub(letters.len());
    start.and_then(|start| text.as_bytes().get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(letters.as_bytes()))
}

/// Text as a code span where no character is special in any renderer or table cell; else escaped.
pub(super) fn code(text: &str) -> Inline {
    let plain = |character: char| {
        character.is_alphanumeric()
            || character == ' '
            || (character.is_ascii_graphic() && !"`|\\<>&".contains(character))
    };
    let shown = sanitise(text);
    if shown.trim().is_empty() || !shown.chars().all(plain) {
        self::text(&shown)
    } else {
        Inline(format!("`{}`", shown.trim()))
    }
}

/// A fenced block of these lines, one line each. The fence is longer than any run of backticks in it.
pub(super) fn fenced(info: &str, lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| sanitise(line)).collect();
    let longest = lines.iter().flat_map(|line| line.split(|character| character != '`')).map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let mut block = format!("{fence}{info}\n");
    for line in &lines {
        block.push_str(line);
        block.push('\n');
    }
    block.push_str(&fence);
    block.push('\n');
    block
}

#[cfg(test)]
mod tests {
    use super::{code, fenced, text};

    #[test]
    fn escaped_text_has_no_markdown() {
        assert_eq!(text("a|b").as_str(), r"a\|b");
        assert_eq!(text(r"a\|b").as_str(), r"a\\\|b");
        assert_eq!(text("<script>&amp;").as_str(), "&lt;script&gt;&amp;amp;");
        assert_eq!(text("](javascript:x)").as_str(), r"\](javascript:x)");
        assert_eq!(text("# - x").as_str(), r"\# - x");
        assert_eq!(text("- x").as_str(), r"\- x");
        assert_eq!(text("-A x").as_str(), "-A x");
        assert_eq!(text("--- x").as_str(), r"\--- x");
        assert_eq!(text("1.2.3.4").as_str(), "1.2.3.4");
        assert_eq!(text("1.").as_str(), r"1\.");
        assert_eq!(text("  12) x").as_str(), r"12\) x");
        assert_eq!(text("http://a www.b WWW.c").as_str(), r"http\://a www\.b WWW\.c");
        assert_eq!(text("a\nb").as_str(), r"a\\nb");
    }

    #[test]
    fn code_spans_have_only_plain_characters() {
        assert_eq!(code("203.0.113.10").as_str(), "`203.0.113.10`");
        assert_eq!(code("a`b").as_str(), r"a\`b");
        assert_eq!(code("a|b").as_str(), r"a\|b");
        assert_eq!(code(" ").as_str(), "");
    }

    #[test]
    fn a_fence_is_longer_than_any_backticks_in_it() {
        let block = fenced("text", &["````".to_owned(), "a\n```".to_owned()]);
        assert_eq!(block, "`````text\n````\na\\n```\n`````\n");
    }
}
