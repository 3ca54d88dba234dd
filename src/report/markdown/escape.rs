//! Text that others wrote, made fit for Markdown: as words of a paragraph or cell, as a code span, as a fenced block.
//!
//! Nothing in it can end a table row, a span or a fence, start an HTML tag, a link or a heading. The rules are those of `CommonMark`
//! 0.31 with GitHub's tables and autolinks; where renderers differ, the plainer form is chosen.

use std::fmt;

use crate::source::sanitise;

/// Markdown for the inside of a line: made by this module from foreign text, or our own words. Tables take nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inline(String);

impl Inline {
    /// Our own words, Markdown included.
    pub(super) fn ours(markdown: impl Into<String>) -> Self {
        Self(markdown.into())
    }

    /// Pieces one after the other with our own words between.
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

/// Text as words: it shows as it is, wherever in a line it stands, a table's cell included.
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
            // What would make a list, a rule or an underlined heading of the line it begins.
            '-' | '+' | '=' if at == 0 && !text[1..].starts_with(|next: char| next.is_ascii_alphanumeric()) => {
                escaped.push('\\');
                escaped.push(character);
            }
            '.' | ')' if digits > 0 && at == digits && !text[at + 1..].starts_with(|next| next != ' ') => {
                escaped.push('\\');
                escaped.push(character);
            }
            // What GitHub makes a link of by itself.
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

/// Text as a code span where nothing in it could act in any renderer, cells of tables included; else as words.
pub(super) fn code(text: &str) -> Inline {
    let tame = |character: char| {
        character.is_alphanumeric()
            || character == ' '
            || (character.is_ascii_graphic() && !"`|\\<>&".contains(character))
    };
    let shown = sanitise(text);
    if shown.trim().is_empty() || !shown.chars().all(tame) {
        self::text(&shown)
    } else {
        Inline(format!("`{}`", shown.trim()))
    }
}

/// A fenced block of these lines, each on a line of its own whatever it holds. The fence is longer than any run of backticks in it.
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
    fn words_cannot_act() {
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
    fn code_spans_hold_only_what_is_tame_everywhere() {
        assert_eq!(code("203.0.113.10").as_str(), "`203.0.113.10`");
        assert_eq!(code("a`b").as_str(), r"a\`b");
        assert_eq!(code("a|b").as_str(), r"a\|b");
        assert_eq!(code(" ").as_str(), "");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let block = fenced("text", &["````".to_owned(), "a\n```".to_owned()]);
        assert_eq!(block, "`````text\n````\na\\n```\n`````\n");
    }
}
