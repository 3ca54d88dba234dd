//! A line of a chain: its matches, part by part, and its target.

use std::net::{Ipv4Addr, Ipv6Addr};

use edgewarden::model::Family;

use crate::entries::Packets;

/// The field that a part matches. The order is that in which `iptables-save` prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Source,
    Destination,
    Ingress,
    Egress,
    Protocol,
    State,
}

/// One match: an option with its value, and the module of the option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub field: Field,
    /// `-m NAME`; empty if the option is built in.
    pub module: &'static str,
    pub option: &'static str,
    pub value: String,
    pub negated: bool,
}

impl Part {
    pub fn new(field: Field, module: &'static str, option: &'static str, value: impl Into<String>) -> Self {
        Self { field, module, option, value: value.into(), negated: false }
    }

    pub fn negate(&self) -> Self {
        Self { negated: !self.negated, ..self.clone() }
    }

    fn text(&self) -> String {
        let module = if self.module.is_empty() { String::new() } else { format!("-m {} ", self.module) };
        let not = if self.negated { "! " } else { "" };
        format!("{module}{not}{} {}", self.option, self.value)
    }
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    pub parts: Vec<Part>,
    /// Ports and everything else after the parts.
    pub rest: String,
    /// The target, such as `-j ACCEPT`.
    pub target: String,
    /// The entries that the line belongs to, by index.
    pub entries: Vec<usize>,
    /// The packets it lets through; empty if it does not concern the Edge.
    pub packets: Vec<Packets>,
    /// Whether it is written as a comment.
    pub disabled: bool,
}

impl Line {
    /// A line that belongs to no entry.
    pub fn plain(text: &str, target: &str) -> Self {
        Self {
            parts: Vec::new(),
            rest: text.to_owned(),
            target: target.to_owned(),
            entries: Vec::new(),
            packets: Vec::new(),
            disabled: false,
        }
    }

    /// The part that matches a field.
    pub fn part(&self, field: Field) -> Option<&Part> {
        self.parts.iter().find(|part| part.field == field)
    }

    /// The line as a rule of a chain.
    pub fn text(&self, chain: &str) -> String {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by_key(|part| (!part.module.is_empty(), part.field));
        let mut words = vec![format!("-A {chain}")];
        words.extend(parts.into_iter().map(Part::text));
        words.extend([self.rest.clone(), self.target.clone()].into_iter().filter(|word| !word.is_empty()));
        let text = words.join(" ");
        if self.disabled { format!("# {text}") } else { text }
    }
}

/// An address as text.
pub fn address(number: u128, family: Family) -> String {
    match family {
        Family::Ipv4 => Ipv4Addr::from(u32::try_from(number).unwrap()).to_string(),
        Family::Ipv6 => Ipv6Addr::from(number).to_string(),
    }
}

/// The networks that make up a range of addresses: first address and prefix length.
pub fn networks(low: u128, high: u128, family: Family) -> Vec<(u128, u32)> {
    let width = if family == Family::Ipv4 { 32 } else { 128 };
    let mut networks = Vec::new();
    let mut next = low;
    loop {
        // As many host bits as alignment and the end allow.
        let mut host = next.trailing_zeros().min(width);
        while host > 0 && (host == 128 && high != u128::MAX || host < 128 && high - next < (1_u128 << host) - 1) {
            host -= 1;
        }
        networks.push((next, width - host));
        let last = if host == 128 { u128::MAX } else { next + ((1_u128 << host) - 1) };
        if last >= high {
            return networks;
        }
        next = last + 1;
    }
}
