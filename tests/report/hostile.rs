//! No text in a run changes the structure of the Markdown report.

use edgewarden::findings::Run;
use edgewarden::report::ReportFormat;
use proptest::prelude::*;
use serde_json::Value;

use super::{with_remediations, written};

/// Applies `change` to every free text; names that the schema fixes are kept.
pub fn replace_texts(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::Object(fields) => {
            let is_need = fields.contains_key("permitted_by");
            for (key, value) in fields {
                let fixed = ["severity", "category", "disposition", "status", "rows", "need", "schema"]
                    .contains(&key.as_str())
                    || (key == "kind" && value != "wrong_transport")
                    || (key == "id" && is_need);
                if !fixed {
                    replace_texts(value, change);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_texts(item, change)),
        Value::String(text) => *text = change(text),
        _ => {}
    }
}

/// The report of the sample with its texts changed.
fn report(change: &dyn Fn(&str) -> String) -> String {
    let mut value = serde_json::to_value(with_remediations()).unwrap();
    replace_texts(&mut value, change);
    written(ReportFormat::Markdown, &serde_json::from_value::<Run>(value).unwrap())
}

/// How a Markdown reader parses each line, as far as untrusted text could change it.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Blank,
    Fence,
    InFence,
    Heading(usize),
    Row { cells: usize, bold: usize },
    Item { bold: usize },
    Numbered,
    Words { bold: usize },
}

/// Reads a report as `CommonMark` and GitHub do; fails on anything the report itself never has. All lines of a fence count as one.
fn shape(report: &str) -> Vec<Line> {
    let mut fence: Option<usize> = None;
    let mut lines: Vec<Line> = report
        .lines()
        .map(|line| {
            let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
            if let Some(length) = fence {
                if ticks >= length && line.trim_end().len() == ticks {
                    fence = None;
                    return Line::Fence;
                }
                return Line::InFence;
            }
            if ticks >= 3 {
                assert!(!line[ticks..].contains('`'), "not a fence: {line}");
                fence = Some(ticks);
                return Line::Fence;
            }
            outside(line)
        })
        .collect();
    lines.dedup_by(|line, previous| *line == Line::InFence && *previous == Line::InFence);
    lines
}

/// Fails where two reports have different structures, at the first line that differs.
fn same_shape(report: &str, reference: &str, text: &str) {
    let (ours, theirs) = (shape(report), shape(reference));
    for (one, other) in ours.iter().zip(&theirs) {
        assert_eq!(one, other, "{text:?}");
    }
    assert_eq!(ours.len(), theirs.len(), "{text:?}");
}

fn blank_or_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

fn outside(line: &str) -> Line {
    let underline = |mark: char| line.len() > 1 && line.trim_end().chars().all(|character| character == mark);
    assert!(!underline('=') && !underline('-'), "a line that makes the one before it a heading, or a rule: {line}");
    assert!(!line.starts_with("    ") && !line.contains(['<', '\r', '\u{1b}', '\u{202e}']), "{line}");
    let words = without_spans(line);
    assert!(!words.contains(['[', ']', '_', '~', '@', '$', '`']), "{line}\n{words}");
    for link in ["://", "www.", "WWW."] {
        assert!(!words.contains(link), "{line}\n{words}");
    }
    let bold = words.matches('*').count();
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if line.trim().is_empty() {
        Line::Blank
    } else if hashes > 0 && line[hashes..].starts_with(' ') {
        Line::Heading(hashes)
    } else if line.starts_with('|') {
        Line::Row { cells: cells(line), bold }
    } else if digits > 0 && line[digits..].starts_with([')', '.']) && blank_or_end(&line[digits + 1..]) {
        Line::Numbered
    } else if line.starts_with(['-', '+', '*']) && blank_or_end(&line[1..]) {
        // A marker of a list is one only before a blank (CommonMark 0.31, section 5.2).
        assert!(line.starts_with("- "), "{line}");
        Line::Item { bold }
    } else {
        Line::Words { bold }
    }
}

/// The line without escaped characters and without code spans, which must end where they begin.
fn without_spans(line: &str) -> String {
    let mut words = String::new();
    let mut characters = line.chars();
    let mut in_span = false;
    while let Some(character) = characters.next() {
        match character {
            '`' => in_span = !in_span,
            _ if in_span => assert!(!"\\|<>&".contains(character), "{line}"),
            '\\' => {
                let next = characters.next();
                assert!(next.is_none_or(|next| next.is_ascii_punctuation() || "xnru".contains(next)), "{line}");
                // The span's text is between the text before and after it.
                words.push('·');
            }
            _ => words.push(character),
        }
    }
    assert!(!in_span, "a span without end: {line}");
    words
}

/// The number of cells, by readers that look one character back for an escape and by those that pair backslashes.
fn cells(line: &str) -> usize {
    let bytes = line.as_bytes();
    let one_back = (0..bytes.len()).filter(|&at| bytes[at] == b'|' && (at == 0 || bytes[at - 1] != b'\\')).count();
    let paired = without_escapes(line).matches('|').count();
    assert_eq!(one_back, paired, "{line}");
    one_back
}

fn without_escapes(line: &str) -> String {
    let mut escaped = false;
    line.chars()
        .filter(|character| {
            let keep = !escaped && *character != '\\';
            escaped = !escaped && *character == '\\';
            keep
        })
        .collect()
}

/// Texts that would have an effect if they were not escaped.
const NASTY: &[&str] = &[
    "|",
    "\\|",
    "\\\\|",
    "| a | b |",
    "```",
    "````\n# x",
    "~~~",
    "`",
    "``",
    "` `` ```",
    "\\`",
    "`|`",
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "<img src=x onerror=y>",
    "&lt;b&gt;",
    "](javascript:alert(1))",
    "[a](javascript:b)",
    "![a](http://b/c.png)",
    "[a]: http://b",
    "# heading",
    "#",
    "===",
    "---",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "> quote",
    "    code",
    "\ttab",
    "a\nb",
    "a\r\nb",
    "\u{1b}[2J",
    "\u{202e}x",
    "**bold**",
    "__b__",
    "*",
    "_",
    "http://a.example",
    "www.example.com",
    "WWW.example.com",
    "<http://a>",
    "a@b.example",
    "@somebody",
    "$x$",
    "\\",
    "\\\\",
    "",
    " ",
    "  \\",
    "$(id)",
    "'; id; '",
];

#[test]
fn no_nasty_text_changes_the_shape_of_the_report() {
    let reference = report(&str::to_owned);
    for nasty in NASTY {
        same_shape(&report(&|text| format!("{nasty}{text}")), &reference, nasty);
        same_shape(&report(&|text| format!("{text}{nasty}")), &reference, nasty);
        if !nasty.contains('\n') {
            same_shape(&report(&|text| text.replace([' ', 'e'], nasty)), &reference, nasty);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_at_all_changes_the_shape_of_the_report(text in "([|`<>\\[\\]()*_#~&!\\\\:/. -]|[ -~]|[é墙\u{202e}\u{1b}]){0,24}") {
        let reference = report(&str::to_owned);
        same_shape(&report(&|own| format!("{text}{own}")), &reference, &text);
    }
}
