//! Which interfaces a zone's packets take on a firewall, and whether nobody else's do.
//!
//! A source that is anyone may go unsaid only where the interface says it: where a zone shares its interfaces with another, or
//! was left out of the deployment file, the addresses have to be named.

use crate::deployment::{Firewall, FirewallRole, Zone, interface_pattern};
use crate::model::InterfacePattern;

/// One end of a way through a firewall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// Any of these; empty: any at all.
    pub(super) interfaces: Vec<InterfacePattern>,
    /// Whether no other zone that stands on this firewall may be behind them.
    pub(super) alone: bool,
}

const ZONES: [Zone; 4] = Zone::ALL;

/// The interfaces of a zone on a firewall; on a host none are told apart.
pub(super) fn of(firewall: &Firewall, zone: Zone) -> End {
    if firewall.role == FirewallRole::Host {
        return End { interfaces: Vec::new(), alone: false };
    }
    let others = || ZONES.into_iter().filter(|other| *other != zone && stands(firewall.role, *other));
    if let Some(interfaces) = named(firewall, zone) {
        let shared = others()
            .filter_map(|other| named(firewall, other))
            .any(|other| other.iter().any(|theirs| interfaces.iter().any(|own| overlap(own, theirs))));
        return End { interfaces, alone: !shared };
    }
    // Left out: any interface that no zone names. One name can be negated; of several, a rule can negate but one.
    let mut taken: Vec<InterfacePattern> =
        ZONES.into_iter().filter_map(|zone| named(firewall, zone)).flatten().collect();
    taken.dedup();
    match taken.as_slice() {
        [only] if !only.name.is_empty() => End {
            interfaces: vec![only.clone().negate()],
            alone: others().all(|other| firewall.zones.of(other).is_some()),
        },
        _ => End { interfaces: Vec::new(), alone: false },
    }
}

/// The interfaces that the deployment names for a zone.
fn named(firewall: &Firewall, zone: Zone) -> Option<Vec<InterfacePattern>> {
    let names = firewall.zones.of(zone)?;
    let mut patterns: Vec<InterfacePattern> = Vec::new();
    for pattern in names.iter().map(|name| interface_pattern(name)) {
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    Some(patterns)
}

/// Whether a zone is behind some interface of a firewall of that role.
fn stands(role: FirewallRole, zone: Zone) -> bool {
    match role {
        FirewallRole::External => matches!(zone, Zone::Internet | Zone::EdgeExternal),
        FirewallRole::Internal => matches!(zone, Zone::Lan | Zone::EdgeInternal),
        FirewallRole::Combined => true,
        FirewallRole::Host => false,
    }
}

/// Whether some interface fits both patterns, neither being negated.
fn overlap(one: &InterfacePattern, other: &InterfacePattern) -> bool {
    match (one.prefix, other.prefix) {
        (false, false) => one.name == other.name,
        (true, false) => other.name.starts_with(&one.name),
        (false, true) => one.name.starts_with(&other.name),
        (true, true) => one.name.starts_with(&other.name) || other.name.starts_with(&one.name),
    }
}
