//! iptables as a format: how its dumps are recognised.

use crate::formats::format::{Format, Reader};
use crate::formats::recognition::Certainty::{Own, Shared, Title};
use crate::formats::recognition::{Recognition, Sign, recognise};
use crate::model::Dialect;

use super::dump::is_rule_line;
use super::write::Iptables;

impl Format for Iptables {
    fn name(&self) -> &'static str {
        "iptables"
    }

    fn description(&self) -> &'static str {
        "an iptables-save dump"
    }

    fn recognise(&self, text: &str) -> Option<Recognition> {
        recognise(text, SIGNS)
    }

    fn reader(&self) -> Option<Reader> {
        Some(|sources, _| Ok(super::read(sources)))
    }

    fn dialect(&self) -> Option<&'static dyn Dialect> {
        Some(&Iptables)
    }
}

/// Lines that only a dump has: table headers, chain declarations, rules, comments of iptables-save (iptables-save(8)). The output
/// of `iptables -S` has rules and can be read as well.
const SIGNS: &[Sign] = &[
    Sign::form(Title, "a table header such as *filter", is_table_header),
    Sign::form(Title, "the comment of iptables-save", is_head),
    Sign::form(Own, "a chain declaration such as :INPUT DROP [0:0]", is_declaration),
    Sign::form(Own, "a rule such as -A INPUT -j DROP", is_rule),
    // Older scripts for ipset restore also end with it.
    Sign::form(Shared, "the word COMMIT", |line| line == "COMMIT"),
];

fn is_table_header(line: &str) -> bool {
    line.strip_prefix('*').is_some_and(super::builtin::is_table)
}

fn is_head(line: &str) -> bool {
    line.starts_with('#') && (line.contains("tables-save v") || line.contains("tables-save on"))
}

fn is_declaration(line: &str) -> bool {
    line.starts_with(':') && line.split_whitespace().nth(1).is_some_and(|word| matches!(word, "ACCEPT" | "DROP" | "-"))
}

/// Whether a line is a command followed by the name of a chain, possibly with counters before it.
fn is_rule(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let chain = if first.starts_with('[') { words.nth(1) } else { words.next() };
    !first.starts_with(':') && is_rule_line(line) && chain.is_some_and(|chain| !chain.starts_with('-'))
}
