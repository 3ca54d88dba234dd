//! The filter line: words, and fields such as `sev:high role:av port:5061 -kind:excess`.
//!
//! Words and different fields must all match; values of one field are alternatives; `!` before a term, or `-` before a
//! field, negates it. An unknown field counts as a word, so that an IPv6 address can be searched for.

use super::rows::Row;
use super::traffic_rows::{self, Span};
use crate::findings::{Disposition, Run, TrafficRow};

/// The fields and what they match, for help.
pub const FIELDS: [(&str, &str); 11] = [
    ("sev:", "critical high medium low info"),
    ("status:", "missing misdirected partial undecided satisfied n/a …"),
    ("kind:", "missing partial misdirected excess …"),
    ("role:", "access webconf av xmpp replication logging none"),
    ("if: dir:", "external internal, in out"),
    ("fw: node: ip:", "firewall, node, ipv4 or ipv6"),
    ("need: id:", "part of a need's or a finding's id"),
    ("port:", "a destination port or range, as in 50000-59999"),
    ("src: dst:", "an address or CIDR that overlaps, as in 10/8"),
    ("is:", "open waived expired"),
    ("!term", "not that; a,b means a or b"),
];

/// A parsed filter. The default matches every row.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    negated: bool,
    field: Field,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Word,
    Severity,
    Status,
    Kind,
    Role,
    Interface,
    Direction,
    Firewall,
    Node,
    Family,
    Need,
    Id,
    Port,
    Source,
    Destination,
    Disposition,
    Cell,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sev" | "severity" => Self::Severity,
            "status" | "st" => Self::Status,
            "kind" => Self::Kind,
            "role" => Self::Role,
            "if" | "interface" => Self::Interface,
            "dir" | "direction" => Self::Direction,
            "fw" | "firewall" => Self::Firewall,
            "node" => Self::Node,
            "ip" | "family" => Self::Family,
            "need" => Self::Need,
            "id" => Self::Id,
            "port" => Self::Port,
            "src" | "source" => Self::Source,
            "dst" | "destination" => Self::Destination,
            "is" => Self::Disposition,
            "cell" => Self::Cell,
            _ => return None,
        })
    }
}

impl Filter {
    /// Parses a filter line. There are no errors; a field without a value, as while typing, matches every row.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut terms: Vec<Term> = Vec::new();
        for token in line.to_lowercase().split_whitespace() {
            let field = |token: &str| token.split_once(':').and_then(|(name, _)| Field::named(name));
            let (negated, bare) = match (token.strip_prefix('!'), token.strip_prefix('-')) {
                (Some(bare), _) => (true, bare),
                // `-p` or `-j` alone is text of a rule to search for.
                (None, Some(bare)) if field(bare).is_some() => (true, bare),
                _ => (false, token),
            };
            let (field, values) = match (field(bare), bare.split_once(':')) {
                (Some(field), Some((_, values))) => {
                    let values = values.split(',').filter(|value| !value.is_empty());
                    let names = matches!(field, Field::Status | Field::Kind);
                    let value = |value: &str| if names { value.replace('-', "_") } else { value.to_owned() };
                    (field, values.map(value).collect())
                }
                _ => (Field::Word, vec![bare.to_owned()]),
            };
            if values.iter().all(String::is_empty) {
                continue;
            }
            let same = |term: &&mut Term| !negated && !term.negated && field != Field::Word && term.field == field;
            match terms.iter_mut().find(same) {
                Some(term) => term.values.extend(values),
                None => terms.push(Term { negated, field, values }),
            }
        }
        Self { terms }
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the row passes.
    #[must_use]
    pub fn matches(&self, row: &Row, run: &Run) -> bool {
        self.terms.iter().all(|term| term.values.iter().any(|value| met(term.field, value, row, run)) != term.negated)
    }
}

/// The filter line without this term if it has it, else with it added.
#[must_use]
pub fn toggled(line: &str, term: &str) -> String {
    let mut tokens: Vec<_> = line.split_whitespace().collect();
    let before = tokens.len();
    tokens.retain(|token| *token != term);
    if tokens.len() == before {
        tokens.push(term);
    }
    tokens.join(" ")
}

fn met(field: Field, value: &str, row: &Row, run: &Run) -> bool {
    let starts = |text: &str| if value == "none" { text.is_empty() } else { text.starts_with(value) };
    let holds = |text: &str| if value == "none" { text.is_empty() } else { text.to_lowercase().contains(value) };
    match field {
        Field::Word => row.searched.contains(value),
        Field::Severity => starts(row.severity.map_or("", crate::findings::Severity::name)),
        Field::Status => {
            starts(row.status.map_or("", crate::findings::NeedStatus::name))
                || starts(&row.state)
                || (row.status.is_none() && starts(row.kind))
        }
        Field::Kind => starts(row.kind),
        Field::Role => starts(&row.role),
        Field::Interface => starts(&row.interface),
        Field::Direction => starts(&row.direction),
        Field::Family => starts(&row.family) || row.family.ends_with(value),
        Field::Firewall => holds(&row.firewall),
        Field::Node => holds(&row.node),
        Field::Need => holds(&row.need),
        Field::Id => finding_ids(row, run).is_some_and(holds),
        Field::Port => traffic_rows::ports(value).is_some_and(|span| ports_overlap(row, run, span)),
        Field::Source => addresses_overlap(row, run, value, |packets| &packets.source),
        Field::Destination => addresses_overlap(row, run, value, |packets| &packets.destination),
        Field::Disposition => starts(match row.disposition {
            Some(Disposition::Open) => "open",
            Some(Disposition::Waived) => "waived",
            Some(Disposition::WaiverExpired) => "expired",
            None => "",
        }),
        Field::Cell => row.interface.is_empty() || row.direction.is_empty(),
    }
}

fn finding_ids<'a>(row: &Row, run: &'a Run) -> Option<&'a str> {
    run.findings.get(row.finding?).map(|finding| finding.id.as_str())
}

fn ports_overlap(row: &Row, run: &Run, span: Span) -> bool {
    let mut packets = packets(row, run).peekable();
    if packets.peek().is_none() {
        // A need without a finding has no traffic rows; its id has its ports.
        return row
            .need
            .split('.')
            .filter_map(|part| part.split_once('-'))
            .any(|(_, set)| traffic_rows::overlaps(set, span, traffic_rows::ports));
    }
    packets.any(|packets| traffic_rows::overlaps(&packets.destination_ports, span, traffic_rows::ports))
}

fn addresses_overlap(row: &Row, run: &Run, value: &str, of: impl Fn(&TrafficRow) -> &String) -> bool {
    let Some(span) = traffic_rows::addresses(value) else { return false };
    packets(row, run).any(|packets| traffic_rows::overlaps(of(packets), span, traffic_rows::addresses))
}

fn packets<'a>(row: &Row, run: &'a Run) -> impl Iterator<Item = &'a TrafficRow> {
    let finding = row.finding.and_then(|index| run.findings.get(index));
    finding.into_iter().flat_map(|finding| finding.expected.iter().chain(&finding.gap).chain(&finding.excess))
}
