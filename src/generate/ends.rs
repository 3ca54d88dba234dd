//! Which interfaces of a firewall belong to a zone, and whether to that zone only.
//!
//! A rule may leave out a source of "any" only where its interface implies the zone. Where a zone shares its interfaces with
//! another, or was left out of the deployment file, the rule has to name the addresses.

use crate::deployment::{Firewall, FirewallRole, Zone, interface_pattern};
use crate::model::InterfacePattern;

/// One side of a path through a firewall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// The interfaces; empty: all.
    pub(super) interfaces: Vec<InterfacePattern>,
    /// Whether no other zone of this firewall can be behind them.
    pub(super) exclusive: bool,
}

const ZONES: [Zone; 4] = Zone::ALL;

/// The interfaces of a zone on a firewall; on a host all interfaces.
pub(super) fn of(firewall: &Firewall, zone: Zone) -> End {
    if firewall.role == FirewallRole::Host {
        return End { interfaces: Vec::new(), exclusive: false };
    }
    let others = || ZONES.into_iter().filter(|other| *other != zone && has_zone(firewall.role, *other));
    if let Some(interfaces) = named(firewall, zone) {
        let shared = others()
            .filter_map(|other| named(firewall, other))
            .any(|other| other.iter().any(|theirs| interfaces.iter().any(|own| overlap(own, theirs))));
        return End { interfaces, exclusive: !shared };
    }
    // Left out: every interface that no zone lists. A rule can negate a single name, not several.
    let mut taken: Vec<InterfacePattern> =
        ZONES.into_iter().filter_map(|zone| named(firewall, zone)).flatten().collect();
    taken.dedup();
    match taken.as_slice() {
        [only] if !only.name.is_empty() => End {
            interfaces: vec![only.clone().negate()],
            exclusive: others().all(|other| firewall.zones.of(other).is_some()),
        },
        _ => End { interfaces: Vec::new(), exclusive: false },
    }
}

/// The interfaces that the deployment file lists for a zone.
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

/// Whether a firewall with this role has interfaces of a zone.
fn has_zone(role: FirewallRole, zone: Zone) -> bool {
    match role {
        FirewallRole::External => matches!(zone, Zone::Internet | Zone::EdgeExternal),
        FirewallRole::Internal => matches!(zone, Zone::Lan | Zone::EdgeInternal),
        FirewallRole::Combined => true,
        FirewallRole::Host => false,
    }
}

/// Whether an interface can match both patterns; neither is negated.
fn overlap(one: &InterfacePattern, other: &InterfacePattern) -> bool {
    match (one.prefix, other.prefix) {
        (false, false) => one.name == other.name,
        (true, false) => other.name.starts_with(&one.name),
        (false, true) => one.name.starts_with(&other.name),
        (true, true) => one.name.starts_with(&other.name) || other.name.starts_with(&one.name),
    }
}
