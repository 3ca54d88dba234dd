//! Telling what a file is by its content: lines with words that one kind of file has and others do not.
//!
//! Nothing is parsed here. A kind of file has a table of [`Sign`]s; [`recognise`] looks for them line by line and says which
//! it found, where, and how much that proves.

/// How many lines are looked at: prompts and banners stand before an export, not thousands of lines of them.
const LINES: usize = 5_000;

/// How much of a line is looked at, in bytes. A file without line breaks is one line.
const LINE_LENGTH: usize = 16 << 10;

/// How much a sign proves, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The file only has this shape.
    Shape,
    /// Words that other kinds of files use too.
    Shared,
    /// Words that no other kind of file uses.
    Own,
    /// The words that such a file begins with.
    Title,
}

/// What a file was recognised by. The most certain sign counts, then the number of lines that have one so certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognition {
    /// How much the best sign proves.
    pub certainty: Certainty,
    /// How many lines have a sign that proves as much.
    pub lines: usize,
    /// The first of them, from 1.
    pub line: usize,
    /// What that line is or says: `"ASA Version"`, `a rule such as -A INPUT …`.
    pub sign: &'static str,
}

impl Recognition {
    /// The reason in words: `line 3: a table header such as *filter`.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("line {}: {}", self.line, self.sign)
    }

    /// Whether it proves what the file is.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.certainty >= Certainty::Own
    }
}

/// Something that a line of a kind of file has.
pub(super) struct Sign {
    certainty: Certainty,
    words: &'static str,
    test: Test,
}

/// How a line is looked at. It has been trimmed.
enum Test {
    Begins,
    Has,
    Form(fn(&str) -> bool),
}

impl Sign {
    /// The line begins with these words.
    pub(super) const fn begins(certainty: Certainty, words: &'static str) -> Self {
        Self { certainty, words, test: Test::Begins }
    }

    /// The line has these words anywhere.
    pub(super) const fn has(certainty: Certainty, words: &'static str) -> Self {
        Self { certainty, words, test: Test::Has }
    }

    /// The line has a form that a function knows; the words say which.
    pub(super) const fn form(certainty: Certainty, words: &'static str, test: fn(&str) -> bool) -> Self {
        Self { certainty, words, test: Test::Form(test) }
    }

    fn is_in(&self, line: &str) -> bool {
        match self.test {
            Test::Begins => line.starts_with(self.words),
            Test::Has => line.contains(self.words),
            Test::Form(test) => test(line),
        }
    }
}

/// Looks for signs in a text; a line counts by the most certain sign it has.
pub(super) fn recognise(text: &str, signs: &'static [Sign]) -> Option<Recognition> {
    let mut best: Option<Recognition> = None;
    for (line, number) in lines(text) {
        let found = signs.iter().filter(|sign| sign.is_in(line)).max_by_key(|sign| sign.certainty);
        let Some(sign) = found else { continue };
        match &mut best {
            Some(best) if best.certainty > sign.certainty => {}
            Some(best) if best.certainty == sign.certainty => best.lines += 1,
            _ => {
                best = Some(Recognition { certainty: sign.certainty, lines: 1, line: number, sign: sign.words });
            }
        }
    }
    best
}

/// The lines that are looked at, trimmed, with their numbers from 1; blank ones are left out.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let text = text.trim_start_matches('\u{feff}');
    text.lines()
        .zip(1..)
        .take(LINES)
        .map(|(line, number)| (cut(line).trim(), number))
        .filter(|(line, _)| !line.is_empty())
}

/// The beginning of a line that is very long.
fn cut(line: &str) -> &str {
    let mut end = line.len().min(LINE_LENGTH);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNS: &[Sign] = &[Sign::begins(Certainty::Shared, "allow "), Sign::has(Certainty::Own, "wall")];

    #[test]
    fn the_most_certain_sign_counts_and_says_where_it_is() {
        let found = recognise("\u{feff}allow a\n\n allow the wall\nallow b\nthe wall\n", SIGNS);
        let found = found.expect("a sign");
        assert_eq!((found.certainty, found.lines, found.reason()), (Certainty::Own, 2, "line 3: wall".to_owned()));
        assert!(found.is_certain());
        assert_eq!(recognise("an allowance\n", SIGNS), None);
    }

    #[test]
    fn a_line_without_end_is_looked_at_as_far_as_its_beginning() {
        let text = format!("{}wall", "ä".repeat(LINE_LENGTH));
        assert_eq!(recognise(&text, SIGNS), None);
    }
}
