//! The remaining axes as options: protocols, interfaces, connection-tracking states, TCP flags.

use crate::model::{InterfacePattern, Unwritable};
use crate::packets::{ConnectionState, IntervalSet, StateSet, TcpFlagSet};
use crate::source::sanitise;

use super::addresses::not;
use super::{cannot, words};

/// The most bytes of an interface name (kernel `IFNAMSIZ` less the terminating zero).
const LONGEST_INTERFACE: usize = 15;

/// A protocol by its name if every version of iptables knows it, else by number.
pub(super) fn protocol(number: u8) -> String {
    match number {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "ipv6-icmp".to_owned(),
        132 => "sctp".to_owned(),
        other => other.to_string(),
    }
}

/// Protocols as options, one rule each, where ports do not matter.
///
/// # Errors
/// If the set is protocol 0, since `-p 0` means any protocol.
pub(super) fn protocols(set: &IntervalSet<u8>) -> Result<Vec<String>, Unwritable> {
    if set.is_full() {
        return Ok(vec![String::new()]);
    }
    if let Some(other) = set.complement().only().filter(|other| *other != 0) {
        return Ok(vec![format!("! -p {}", protocol(other))]);
    }
    if set.contains(0) {
        return Err(cannot("protocol 0, which iptables takes for any protocol"));
    }
    Ok(each(set).map(|number| format!("-p {}", protocol(number))).collect())
}

/// The protocols of a set, one by one.
pub(super) fn each(set: &IntervalSet<u8>) -> impl Iterator<Item = u8> + '_ {
    set.intervals().iter().flat_map(|(low, high)| *low..=*high)
}

/// One interface option for patterns that must all fit; empty for any interface, none if no interface fits all of them.
///
/// # Errors
/// If this needs more than one option, or a name that iptables does not accept.
pub(super) fn interface(patterns: &[InterfacePattern], flag: &str) -> Result<Option<String>, Unwritable> {
    let mut patterns: Vec<&InterfacePattern> =
        patterns.iter().filter(|pattern| !is_any(pattern) || pattern.negated).collect();
    patterns.dedup();
    if patterns.iter().any(|pattern| is_any(pattern)) {
        return Ok(None);
    }
    // If one pattern implies all others, it is enough.
    let narrowest = patterns.iter().find(|one| patterns.iter().all(|other| implies(one, other)));
    match (patterns.as_slice(), narrowest) {
        ([], _) => Ok(Some(String::new())),
        (_, Some(only)) => Ok(Some(format!("{}{flag} {}", not(only.negated), name(only)?))),
        (all, None) if all.iter().any(|one| all.iter().any(|other| excludes(one, other))) => Ok(None),
        _ => Err(cannot(format!("several interfaces in one {flag}"))),
    }
}

/// Whether a pattern fits any interface, and also no interface.
fn is_any(pattern: &InterfacePattern) -> bool {
    pattern.prefix && pattern.name.is_empty()
}

/// Whether every name that fits the inner pattern also fits the outer one. Negation is ignored.
fn inside(inner: &InterfacePattern, outer: &InterfacePattern) -> bool {
    if outer.prefix { inner.name.starts_with(&outer.name) } else { !inner.prefix && inner.name == outer.name }
}

/// Whether no name fits both patterns. Negation is ignored.
fn apart(one: &InterfacePattern, other: &InterfacePattern) -> bool {
    match (one.prefix, other.prefix) {
        (false, false) => one.name != other.name,
        (true, false) => !other.name.starts_with(&one.name),
        (false, true) => !one.name.starts_with(&other.name),
        (true, true) => !one.name.starts_with(&other.name) && !other.name.starts_with(&one.name),
    }
}

/// Whether every interface that fits the one pattern fits the other.
fn implies(one: &InterfacePattern, other: &InterfacePattern) -> bool {
    match (one.negated, other.negated) {
        (false, false) => inside(one, other),
        (false, true) => apart(one, other),
        (true, true) => inside(other, one),
        (true, false) => false,
    }
}

/// Whether no interface fits both patterns.
fn excludes(one: &InterfacePattern, other: &InterfacePattern) -> bool {
    match (one.negated, other.negated) {
        (false, false) => apart(one, other),
        (false, true) => inside(one, other),
        (true, false) => inside(other, one),
        (true, true) => false,
    }
}

fn name(pattern: &InterfacePattern) -> Result<String, Unwritable> {
    let name = &pattern.name;
    let ends_alike = !pattern.prefix && name.ends_with('+');
    let length = name.len() + usize::from(pattern.prefix);
    if ends_alike || length > LONGEST_INTERFACE || !words::is_plain(name) {
        return Err(cannot(format!("{:?} as the name of an interface", sanitise(name))));
    }
    Ok(if pattern.prefix { format!("{name}+") } else { name.clone() })
}

/// Connection-tracking states.
pub(super) fn states(set: StateSet) -> String {
    if set == StateSet::FULL {
        return String::new();
    }
    let names: Vec<String> = [
        ConnectionState::Invalid,
        ConnectionState::New,
        ConnectionState::Related,
        ConnectionState::Established,
        ConnectionState::Untracked,
    ]
    .into_iter()
    .filter(|state| set.contains(*state))
    .map(|state| state.name().to_ascii_uppercase())
    .collect();
    format!("-m conntrack --ctstate {}", names.join(","))
}

/// TCP flags, if one comparison under a mask expresses them. iptables compares only the lower six bits.
///
/// # Errors
/// If more than one comparison is needed.
pub(super) fn flags(set: TcpFlagSet) -> Result<String, Unwritable> {
    if set == TcpFlagSet::FULL {
        return Ok(String::new());
    }
    for (set, negated) in [(set, false), (set.complement(), true)] {
        let Some(value) = (0..=u8::MAX).find(|flags| set.contains(*flags)) else { continue };
        if let Some(mask) = (1..64).find(|mask| TcpFlagSet::masked(*mask, value) == set) {
            return Ok(format!(
                "-m tcp {}--tcp-flags {} {}",
                not(negated),
                TcpFlagSet::names(mask),
                TcpFlagSet::names(value & mask)
            ));
        }
    }
    Err(cannot("these TCP flags in one comparison"))
}
