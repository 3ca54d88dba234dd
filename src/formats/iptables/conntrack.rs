//! `-m state` and `-m conntrack` (iptables-extensions(8); kernel `net/netfilter/xt_conntrack.c`).
//!
//! A packet without a connection is INVALID or UNTRACKED. For such a packet the kernel uses only `--ctstate` and ignores the
//! other options. Without a `--ctstate` such a packet never matches, negated or not.

use crate::model::{Match, Test};
use crate::packets::{ConnectionState, IntervalSet, StateSet};

use super::addresses::{Endpoint, MOST_INTERVALS, endpoint, of_family};
use super::context::{Context, both, words_of};
use super::statement::{Given, Module};
use crate::formats::netfilter::conntrack::{icmp, with_connection, with_ports};
use crate::formats::netfilter::values;

use ConnectionState::{Established, Invalid, New, Related, Untracked};

/// `-m state --state …`: an alias of `-m conntrack --ctstate …` without its two additional states.
pub fn state(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Result<Vec<Match>, String> {
    if module.options.is_empty() {
        return Err("-m state without --state".to_owned());
    }
    conntrack(context, module, protocol)
}

/// `-m conntrack …`.
pub fn conntrack(context: &mut Context<'_>, module: &Module<'_>, _protocol: Option<u8>) -> Result<Vec<Match>, String> {
    let tracked = with_connection();
    let in_states = |state: StateSet| Match { state, ..Match::any() };
    let mut states = None;
    let mut of_connection = vec![in_states(tracked)];
    for given in &module.options {
        let alternatives = match given.name {
            "ctstate" | "state" => {
                if states.is_some() {
                    return Err(format!("--{} twice", given.name));
                }
                states = Some(listed(context, given)?);
                continue;
            }
            "ctproto" => of_protocol(context, given)?,
            "ctexpire" | "ctstatus" => {
                let volatile = given.name == "ctexpire";
                vec![context.when(&words_of("conntrack", [given], false), !given.negated, volatile)]
            }
            _ => of_tuple(context, given)?,
        };
        of_connection = both(&of_connection, &alternatives).ok_or("too many alternatives")?;
    }
    let Some(Listed { states, translated }) = states else { return Ok(of_connection) };
    if translated.is_empty() && module.options.len() == 1 {
        return Ok(vec![in_states(states)]);
    }
    // A connection matches the list by its state, or because it is translated.
    let untracked = in_states(states.difference(tracked));
    let mut by_state = vec![in_states(states.intersection(tracked))];
    by_state.extend(translated);
    let mut alternatives = both(&by_state, &of_connection).ok_or("too many alternatives")?;
    if !untracked.state.is_empty() {
        alternatives.push(untracked);
    }
    Ok(alternatives)
}

/// The meaning of a list of states, including its negation.
struct Listed {
    /// The states that match in any case.
    states: StateSet,
    /// Connections in other states that match because they are translated, or are not.
    translated: Vec<Match>,
}

fn listed(context: &mut Context<'_>, given: &Given<'_>) -> Result<Listed, String> {
    let mut states = StateSet::EMPTY;
    let mut translations: Vec<&str> = Vec::new();
    for name in given.value().split(',') {
        let upper = name.to_ascii_uppercase();
        match (upper.as_str(), given.name) {
            ("SNAT", "ctstate") => translations.push("SNAT"),
            ("DNAT", "ctstate") => translations.push("DNAT"),
            _ => {
                let known = ConnectionState::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(name));
                states = states.union(StateSet::single(known.ok_or_else(|| format!("bad state {name:?}"))?));
            }
        }
    }
    translations.sort_unstable();
    translations.dedup();
    // At this point a packet that opens a connection may have its destination translated, but not yet its source.
    let by_destination = translations.contains(&"DNAT").then(|| {
        let otherwise = context.rule_set.condition("-m conntrack --ctstate DNAT", true);
        Test::DestinationTranslated { translated: !given.negated, otherwise }
    });
    let volatile = context.moves();
    let conditions: Vec<Match> = translations
        .iter()
        .map(|name| context.when(&format!("-m conntrack --ctstate {name}"), !given.negated, volatile))
        .collect();
    let new = StateSet::single(New);
    if !given.negated {
        let others = states.complement().difference(StateSet::of(&[Invalid, Untracked]));
        let known = others.difference(new);
        let mut translated: Vec<Match> =
            conditions.into_iter().map(|condition| Match { state: known, ..condition }).collect();
        let tests = by_destination.into_iter().collect::<Vec<_>>();
        if !tests.is_empty() {
            translated.push(Match { state: others.intersection(new), tests, ..Match::any() });
        }
        return Ok(Listed { states, translated });
    }
    let others = states.complement();
    if conditions.is_empty() {
        return Ok(Listed { states: others, translated: Vec::new() });
    }
    // Neither in these states nor translated. Without a connection nothing is translated.
    let untracked = others.intersection(StateSet::of(&[Invalid, Untracked]));
    let tracked = others.difference(untracked);
    let known = Match { state: tracked.difference(new), ..Match::any() };
    let opening =
        Match { state: tracked.intersection(new), tests: by_destination.into_iter().collect(), ..Match::any() };
    let translated = conditions.iter().fold(known, |so_far, condition| so_far.intersection(condition));
    Ok(Listed { states: untracked, translated: vec![translated, opening] })
}

/// An option about the connection's addresses, ports or direction. For a new connection, the original direction has the packet's
/// values as they arrived, and the reply direction has its present values with the ends swapped. For others they are unknown.
fn of_tuple(context: &mut Context<'_>, given: &Given<'_>) -> Result<Vec<Match>, String> {
    // The result of translation can differ from one table to the next.
    let volatile = given.name.starts_with("ctrepl") && context.moves();
    let open = context.when(&words_of("conntrack", [given], false), !given.negated, volatile);
    let mut alternatives = vec![Match { state: StateSet::of(&[Established, Related]), ..open.clone() }];
    let new = Match { state: StateSet::single(New), ..Match::any() };
    if let Some(port) = given.name.strip_suffix("port") {
        let (low, high) = given.value().split_once(':').unwrap_or((given.value(), given.value()));
        let (low, high) = (values::port(low)?, values::port(high)?);
        let ports = IntervalSet::range(low, high);
        let ports = if given.negated { ports.complement() } else { ports };
        let with_ports = with_ports();
        alternatives.push(Match { protocol: with_ports.complement(), ..new.intersection(&open) });
        let own = match port {
            "ctorigsrc" | "ctrepldst" => Match { source_port: ports, ..Match::any() },
            "ctreplsrc" => Match { destination_port: ports, ..Match::any() },
            _ => Match { tests: vec![Test::OriginalDestinationPort(ports)], ..Match::any() },
        };
        alternatives.push(new.intersection(&Match { protocol: with_ports, ..own }));
        return Ok(alternatives);
    }
    if given.name == "ctdir" {
        let original = given.value().eq_ignore_ascii_case("ORIGINAL");
        if !original && !given.value().eq_ignore_ascii_case("REPLY") {
            return Err(format!("bad direction {:?}", given.value()));
        }
        if original != given.negated {
            alternatives.push(new);
        }
        return Ok(alternatives);
    }
    let Endpoint::Known(addresses) = endpoint(given.value(), MOST_INTERVALS, context.families_named)? else {
        return Ok(vec![Match { state: with_connection(), ..open }]);
    };
    let addresses =
        if given.negated { of_family(!addresses.ipv4.is_empty()).difference(&addresses) } else { addresses };
    alternatives.push(new.intersection(&match given.name {
        "ctorigsrc" | "ctrepldst" => Match { source: addresses, ..Match::any() },
        "ctreplsrc" => Match { destination: addresses, ..Match::any() },
        _ => Match { tests: vec![Test::OriginalDestination(addresses)], ..Match::any() },
    }));
    Ok(alternatives)
}

/// `--ctproto`: the connection's protocol, which is the packet's own unless it is an ICMP error about the connection.
fn of_protocol(context: &mut Context<'_>, given: &Given<'_>) -> Result<Vec<Match>, String> {
    let number = values::protocol(given.value()).ok_or_else(|| format!("bad protocol {:?}", given.value()))?;
    let wanted = IntervalSet::single(number);
    let wanted = if given.negated { wanted.complement() } else { wanted };
    let own = StateSet::of(&[New, Established]);
    let text = format!("-m conntrack --ctproto {number}");
    let errors = context.when(&text, !given.negated, false);
    let alternatives = [
        Match { state: own, protocol: wanted.clone(), ..Match::any() },
        Match { state: StateSet::single(Related), protocol: wanted.difference(&icmp()), ..Match::any() },
        Match { state: StateSet::single(Related), protocol: icmp(), ..errors },
    ];
    Ok(alternatives.into_iter().filter(|product| !product.protocol.is_empty()).collect())
}
