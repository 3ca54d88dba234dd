//! `edgewarden rules`: the normalized rule set of an export, hook by hook.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::findings::{Input, notation};
use crate::formats::{Options, Reading};
use crate::model::{
    Action, Addresses, ChainKind, Family, HookPoint, InterfacePattern, MarkOf, MarkSource, Match, NewAddress, Policy,
    Rewrite, Rule, RuleSet, Test,
};
use crate::packets::{ConnectionState, IntervalSet, StateSet, TcpFlagSet};
use crate::source::{Source, sanitise_to};

use super::{Exit, load, output, trace, unreached};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The export, and its companions.
    #[arg(required = true, value_name = "EXPORT")]
    exports: Vec<PathBuf>,
    /// How to write it.
    #[arg(long, value_enum, default_value = "table")]
    format: Shape,
    /// Also list the rules that no packet reaches, and which rules take their packets.
    #[arg(long)]
    unreached: bool,
}

/// How lists are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shape {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Everything that is listed.
#[derive(Debug, Serialize)]
struct Listing {
    inputs: Vec<Input>,
    hooks: Vec<HookRow>,
    rules: Vec<RuleRow>,
}

/// A base chain.
#[derive(Debug, Serialize)]
struct HookRow {
    hook: &'static str,
    priority: i32,
    kind: &'static str,
    families: Vec<&'static str>,
    table: String,
    chain: String,
    policy: &'static str,
}

/// A rule.
#[derive(Debug, Serialize)]
struct RuleRow {
    families: String,
    table: String,
    chain: String,
    number: usize,
    input: String,
    line: Option<u32>,
    action: String,
    matches: Vec<MatchRow>,
    comment: Option<String>,
    text: String,
    /// Why no packet reaches it, where that was asked and is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreached: Option<String>,
}

/// What a rule matches; a field is left out where it demands nothing.
#[derive(Debug, Default, Serialize)]
struct MatchRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ports: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_ports: Option<String>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    ingress: Option<String>,
    #[serde(rename = "out", skip_serializing_if = "Option::is_none")]
    egress: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tcp_flags: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let sources = arguments
        .exports
        .iter()
        .enumerate()
        .map(|(number, path)| load::read_source(&trace::id_of(path, number), path))
        .collect::<anyhow::Result<Vec<Source>>>()?;
    let reading = load::read_as(None, &sources, &Options::default())?;
    let mut listing = listing(&sources, &reading);
    if arguments.unreached {
        let words = unreached::words(&reading.rule_set).into_iter().flatten();
        for (rule, words) in listing.rules.iter_mut().zip(words) {
            rule.unreached = words;
        }
    }
    output::write_to("-".as_ref(), false, |out| match arguments.format {
        Shape::Json => {
            serde_json::to_writer_pretty(&mut *out, &listing)?;
            writeln!(out)
        }
        Shape::Csv => csv(&listing, out),
        Shape::Table => table(&listing, out),
    })?;
    let unread = load::what_is_unread("the export", &reading);
    if unread.is_empty() {
        return Ok(Exit::Clean);
    }
    output::say(&format!("incomplete: {}", unread.join("; ")));
    Ok(Exit::Incomplete)
}

fn listing(sources: &[Source], reading: &Reading) -> Listing {
    let files = sources.iter().zip(&reading.ledgers).zip(&reading.formats);
    let inputs = files.map(|((source, ledger), format)| Input::of(source, None, format.name(), ledger.counts()));
    let set = &reading.rule_set;
    let hooks = set.base_chains.iter().map(|base| HookRow {
        hook: hook_name(base.hook),
        priority: base.priority,
        kind: if base.kind == ChainKind::Nat { "nat" } else { "filter" },
        families: set.chains[base.chain].families.iter().map(|family| family.name()).collect(),
        table: shown(&set.chains[base.chain].table),
        chain: shown(&set.chains[base.chain].name),
        policy: if base.policy == Policy::Accept { "accept" } else { "drop" },
    });
    let rules = set.chains.iter().flat_map(|chain| {
        chain.rules.iter().zip(1..).map(move |(rule, number)| {
            let source = rule.origin.and_then(|origin| Some((origin, sources.get(origin.input as usize)?)));
            RuleRow {
                families: chain.families.iter().map(|family| family.name()).collect::<Vec<_>>().join(","),
                table: shown(&chain.table),
                chain: shown(&chain.name),
                number,
                input: source.map(|(_, source)| source.id.clone()).unwrap_or_default(),
                line: source.map(|(origin, source)| source.line_at(origin.span.start as usize)),
                action: action(set, rule),
                matches: rule.matches.iter().map(|matching| match_row(set, matching, &chain.families)).collect(),
                comment: rule.comment.as_deref().map(shown),
                text: shown(
                    source.and_then(|(origin, source)| source.text().get(origin.span.range())).unwrap_or_default(),
                ),
                unreached: None,
            }
        })
    });
    Listing { inputs: inputs.collect(), hooks: hooks.collect(), rules: rules.collect() }
}

/// Text of an export, made fit to show.
fn shown(text: &str) -> String {
    sanitise_to(text, 1000).into_owned()
}

fn hook_name(hook: HookPoint) -> &'static str {
    match hook {
        HookPoint::Prerouting => "prerouting",
        HookPoint::Input => "input",
        HookPoint::Forward => "forward",
        HookPoint::Output => "output",
        HookPoint::Postrouting => "postrouting",
    }
}

fn action(set: &RuleSet, rule: &Rule) -> String {
    let chain = |id: usize| set.chains.get(id).map(|chain| shown(&chain.name)).unwrap_or_default();
    match &rule.action {
        Action::Accept => "accept".to_owned(),
        Action::Drop => "drop".to_owned(),
        Action::Reject => "reject".to_owned(),
        Action::Return => "return".to_owned(),
        Action::Continue => "continue".to_owned(),
        Action::Jump(to) => format!("jump {}", chain(*to)),
        Action::Goto(to) => format!("goto {}", chain(*to)),
        Action::Rewrite(Rewrite::Untrack) => "untrack".to_owned(),
        Action::Rewrite(Rewrite::Template) => "say how to track".to_owned(),
        Action::Rewrite(Rewrite::Source(_)) => "translate source".to_owned(),
        Action::Rewrite(Rewrite::Mark { of, keep, by }) => mark_words(*of, *keep, *by),
        Action::Rewrite(Rewrite::Destination(new)) => {
            let address = match &new.address {
                NewAddress::Same => None,
                NewAddress::Between(low, high) if low == high => Some(low.to_string()),
                NewAddress::Between(low, high) => Some(format!("{low}-{high}")),
                NewAddress::Network(network) => Some(format!("the same host in {network}")),
                NewAddress::Own => Some("the firewall itself".to_owned()),
            };
            let ports = new
                .ports
                .map(|(low, high)| if low == high { format!("port {low}") } else { format!("port {low}-{high}") });
            let to: Vec<String> = address.into_iter().chain(ports).collect();
            format!("translate destination to {}", to.join(" "))
        }
        Action::Unknown(why) => format!("unknown: {}", shown(why)),
    }
}

/// A change of a mark, in words.
fn mark_words(of: MarkOf, keep: u32, by: MarkSource) -> String {
    let (whose, other) = match of {
        MarkOf::Packet => ("mark", "connection mark"),
        MarkOf::Connection => ("connection mark", "mark"),
    };
    let kept = match keep {
        0 => String::new(),
        u32::MAX => format!("{whose} ^ "),
        keep => format!("({whose} & {keep:#x}) ^ "),
    };
    match by {
        MarkSource::Value(value) => format!("set {whose} to {kept}{value:#x}"),
        MarkSource::OtherMark(u32::MAX) => format!("set {whose} to {kept}{other}"),
        MarkSource::OtherMark(mask) => format!("set {whose} to {kept}({other} & {mask:#x})"),
        MarkSource::Unknown => format!("set {whose} to an unknown value"),
    }
}

fn match_row(set: &RuleSet, matching: &Match, families: &[Family]) -> MatchRow {
    let unless_any = |text: String| (text != notation::ANY).then_some(text);
    let interfaces = |patterns: &[InterfacePattern]| {
        let parts: Vec<String> = patterns
            .iter()
            .map(|pattern| {
                format!(
                    "{}{}{}",
                    if pattern.negated { "!" } else { "" },
                    shown(&pattern.name),
                    if pattern.prefix { "+" } else { "" }
                )
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    };
    let conditions = matching.conditions.iter().map(|(id, values)| {
        set.conditions.get(*id as usize).map(|condition| shown(&condition.words(values))).unwrap_or_default()
    });
    let tests = matching.tests.iter().map(|test| test_words(test, families));
    MatchRow {
        source: addresses(&matching.source, families),
        destination: addresses(&matching.destination, families),
        protocol: unless_any(notation::protocols(&matching.protocol)),
        source_ports: unless_any(notation::ports(&matching.source_port)),
        destination_ports: unless_any(notation::ports(&matching.destination_port)),
        ingress: interfaces(&matching.ingress),
        egress: interfaces(&matching.egress),
        state: (matching.state != StateSet::FULL).then(|| {
            let states = ConnectionState::ALL.into_iter().filter(|state| matching.state.contains(*state));
            states.map(ConnectionState::name).collect::<Vec<_>>().join(",")
        }),
        tcp_flags: (matching.tcp_flags != TcpFlagSet::FULL).then(|| flags(matching.tcp_flags)),
        conditions: conditions.chain(tests).collect(),
    }
}

/// A test of what earlier rules changed, in words.
fn test_words(test: &Test, families: &[Family]) -> String {
    match test {
        Test::Mark { of, mask, values, .. } => {
            let whose = if *of == MarkOf::Packet { "mark" } else { "connection mark" };
            let masked = if *mask == u32::MAX { String::new() } else { format!(" & {mask:#x}") };
            let outside = values.complement();
            let (not, listed) = if outside.intervals().len() < values.intervals().len() {
                ("not ", outside.intervals())
            } else {
                ("", values.intervals())
            };
            let listed: Vec<String> = listed
                .iter()
                .map(|(low, high)| if low == high { format!("{low:#x}") } else { format!("{low:#x}-{high:#x}") })
                .collect();
            format!("{whose}{masked} is {not}{}", listed.join(","))
        }
        Test::OriginalDestination(set) => {
            format!("destination before translation {}", addresses(set, families).unwrap_or_else(|| "any".to_owned()))
        }
        Test::OriginalDestinationPort(ports) => {
            format!("destination port before translation {}", notation::ports(ports))
        }
        Test::Masked { source, ipv4, mask, value, negated, .. } => {
            let written = |bits: u128| match u32::try_from(bits) {
                Ok(bits) if *ipv4 => std::net::Ipv4Addr::from(bits).to_string(),
                _ => std::net::Ipv6Addr::from(bits).to_string(),
            };
            let end = if *source { "source" } else { "destination" };
            format!("{end} & {} is {}{}", written(*mask), if *negated { "not " } else { "" }, written(*value))
        }
        Test::At { hook, there } => format!("{}at {}", if *there { "" } else { "not " }, hook_name(*hook)),
        Test::DestinationTranslated { translated: true, .. } => "destination translated".to_owned(),
        Test::DestinationTranslated { translated: false, .. } => "destination not translated".to_owned(),
    }
}

/// Addresses of the families a chain sees; none where they are not restricted.
fn addresses(set: &Addresses, families: &[Family]) -> Option<String> {
    let mut parts = Vec::new();
    let mut restricted = false;
    if families.contains(&Family::Ipv4) {
        restricted |= !set.ipv4.is_full();
        if !set.ipv4.is_empty() {
            parts.push(notation::addresses(&set.ipv4, &IntervalSet::empty()));
        }
    }
    if families.contains(&Family::Ipv6) {
        restricted |= !set.ipv6.is_full();
        if !set.ipv6.is_empty() {
            parts.push(notation::addresses(&set.ipv6, &IntervalSet::empty()));
        }
    }
    restricted.then(|| if parts.is_empty() { "none".to_owned() } else { parts.join(",") })
}

/// TCP flag bytes as `MASK/VALUE` where they are that, else how many values of 256 match.
fn flags(set: TcpFlagSet) -> String {
    for mask in (0..=u8::MAX).rev() {
        let Some(value) = set.representative() else { return "none".to_owned() };
        if set == TcpFlagSet::masked(mask, value)
            && (0..8).all(|bit| mask & (1 << bit) == 0 || set != TcpFlagSet::masked(mask & !(1 << bit), value))
        {
            return format!("0x{mask:02x}/0x{:02x}", value & mask);
        }
    }
    let count = (0..=u8::MAX).filter(|value| set.contains(*value)).count();
    format!("{count} of 256 values")
}

/// A match in one line.
fn in_words(row: &MatchRow) -> String {
    let fields = [
        ("from", &row.source),
        ("to", &row.destination),
        ("", &row.protocol),
        ("sport", &row.source_ports),
        ("dport", &row.destination_ports),
        ("in", &row.ingress),
        ("out", &row.egress),
        ("state", &row.state),
        ("flags", &row.tcp_flags),
    ];
    let mut words: Vec<String> = fields
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}").trim().to_owned()))
        .collect();
    words.extend(row.conditions.iter().map(|condition| format!("if [{condition}]")));
    if words.is_empty() { "any".to_owned() } else { words.join(" ") }
}

fn all_in_words(rule: &RuleRow) -> String {
    if rule.matches.is_empty() {
        return "never".to_owned();
    }
    rule.matches.iter().map(in_words).collect::<Vec<_>>().join(" | ")
}

fn table(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    for hook in &listing.hooks {
        writeln!(
            out,
            "{} {} {} (priority {}, {}): policy {}",
            hook.families.join(","),
            hook.table,
            hook.chain,
            hook.priority,
            hook.hook,
            hook.policy
        )?;
    }
    let mut chain = None;
    for rule in &listing.rules {
        let this = (&rule.families, &rule.table, &rule.chain);
        if chain != Some(this) {
            writeln!(out, "\n{} {} {}", rule.families, rule.table, rule.chain)?;
            chain = Some(this);
        }
        writeln!(
            out,
            "{:>5}  {:<28}  for {}  ({}:{})",
            rule.number,
            rule.action,
            all_in_words(rule),
            rule.input,
            rule.line.map_or_else(|| "-".to_owned(), |line| line.to_string())
        )?;
        if let Some(words) = &rule.unreached {
            writeln!(out, "       {words}")?;
        }
    }
    for input in &listing.inputs {
        let lines = input.lines;
        writeln!(
            out,
            "\n{}: {} lines: {} understood, {} ignored, {} secret, {} unrecognised",
            input.path, lines.total, lines.understood, lines.ignored, lines.secret, lines.unrecognised
        )?;
    }
    Ok(())
}

fn csv(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "input",
        "line",
        "families",
        "table",
        "chain",
        "number",
        "action",
        "matches",
        "comment",
        "text",
        "unreached",
    ])?;
    for rule in &listing.rules {
        let cells = [
            rule.input.clone(),
            rule.line.map(|line| line.to_string()).unwrap_or_default(),
            rule.families.clone(),
            rule.table.clone(),
            rule.chain.clone(),
            rule.number.to_string(),
            rule.action.clone(),
            all_in_words(rule),
            rule.comment.clone().unwrap_or_default(),
            rule.text.clone(),
            rule.unreached.clone().unwrap_or_default(),
        ];
        writer.write_record(cells.iter().map(|cell| sanitised_cell(cell)))?;
    }
    writer.flush()
}

/// A cell that a spreadsheet does not take for a formula (CWE-1236): an apostrophe goes before what would begin one.
pub(super) fn sanitised_cell(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
