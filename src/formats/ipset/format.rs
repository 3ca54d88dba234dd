//! ipset as a format: the companion of iptables dumps, and how dumps of ipset are recognised.

use crate::formats::format::Format;
use crate::formats::recognition::Certainty::Own;
use crate::formats::recognition::{Recognition, Sign, recognise};

/// The output of `ipset save` and `ipset list`.
#[derive(Debug)]
pub struct Ipset;

impl Format for Ipset {
    fn name(&self) -> &'static str {
        "ipset"
    }

    fn description(&self) -> &'static str {
        "an ipset dump"
    }

    fn recognise(&self, text: &str) -> Option<Recognition> {
        recognise(text, SIGNS)
    }

    fn companion_of(&self) -> Option<&'static str> {
        Some("iptables")
    }
}

/// Lines that only a dump of ipset has: sets with their types, and elements that begin with a digit (ipset(8)).
const SIGNS: &[Sign] = &[
    Sign::form(Own, "a set such as create NAME hash:ip", is_set),
    Sign::form(Own, "an element such as add NAME 192.0.2.1", is_element),
    Sign::form(Own, "the type of a set such as Type: hash:ip", |line| {
        line.strip_prefix("Type:").is_some_and(|kind| is_kind(kind.trim()))
    }),
];

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace().filter(|word| !matches!(*word, "ipset" | "-exist" | "-!"))
}

fn is_kind(word: &str) -> bool {
    ["hash:", "bitmap:", "list:set"].iter().any(|beginning| word.starts_with(beginning))
}

fn is_set(line: &str) -> bool {
    let mut words = words(line);
    matches!(words.next(), Some("create" | "-N")) && words.nth(1).is_some_and(is_kind)
}

fn is_element(line: &str) -> bool {
    let mut words = words(line);
    words.next() == Some("add") && words.nth(1).is_some_and(|element| element.starts_with(|c: char| c.is_ascii_digit()))
}
