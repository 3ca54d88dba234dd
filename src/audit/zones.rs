//! Which interfaces a zone is, on one firewall.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::deployment::{Firewall, FirewallRole, Zone};
use crate::judge::Interfaces;
use crate::model::InterfacePattern;
use crate::packets::{Interface, IntervalSet};

/// The zones of one firewall as points of the interface axis.
#[derive(Debug, Clone)]
pub(super) struct Zones {
    role: FirewallRole,
    internet: Side,
    edge_external: Side,
    edge_internal: Side,
    lan: Side,
}

/// Interfaces of which one may be the zone that is meant.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Those that are judged.
    pub(super) judged: IntervalSet<Interface>,
    /// All that no rule tells apart from them.
    pub(super) alike: IntervalSet<Interface>,
}

/// One zone's interfaces.
#[derive(Debug, Clone)]
struct Side {
    points: IntervalSet<Interface>,
    /// Whether the deployment names them, rather than leaving the zone to whatever is left.
    named: bool,
}

/// Beyond this many interfaces that might be a zone left out, they are taken together.
const MOST_CHOICES: usize = 64;
/// And so they are where telling them apart takes more steps than this.
const MOST_COMPARISONS: u128 = 10_000_000;

impl Zones {
    /// The zones of a firewall.
    pub(super) fn of(firewall: &Firewall, interfaces: &Interfaces) -> Self {
        let any = interfaces.any();
        let named = |zone: Zone| {
            firewall.zones.of(zone).map(|names| {
                names.iter().fold(IntervalSet::empty(), |points, name| {
                    points.union(&interfaces.matching(&InterfacePattern::parse(name, true)).intersection(&any))
                })
            })
        };
        let all = [Zone::Internet, Zone::EdgeExternal, Zone::EdgeInternal, Zone::Lan];
        let taken = all.iter().filter_map(|zone| named(*zone)).fold(IntervalSet::empty(), |all, one| all.union(&one));
        let host = firewall.role == FirewallRole::Host;
        let side = |zone| match named(zone) {
            // What a host's own firewall judges ends or begins there: on that side there is no interface.
            _ if host && matches!(zone, Zone::EdgeExternal | Zone::EdgeInternal) => {
                Side { points: interfaces.none(), named: true }
            }
            Some(points) => Side { points, named: true },
            None if host => Side { points: any.clone(), named: true },
            None => Side { points: any.difference(&taken), named: false },
        };
        Self {
            role: firewall.role,
            internet: side(Zone::Internet),
            edge_external: side(Zone::EdgeExternal),
            edge_internal: side(Zone::EdgeInternal),
            lan: side(Zone::Lan),
        }
    }

    fn side(&self, zone: Zone) -> &Side {
        match zone {
            Zone::Internet => &self.internet,
            Zone::EdgeExternal => &self.edge_external,
            Zone::EdgeInternal => &self.edge_internal,
            Zone::Lan => &self.lan,
        }
    }

    /// Whether the zone stands anywhere on this firewall: on a one-sided one the other side's do not.
    pub(super) fn stands(&self, zone: Zone) -> bool {
        match self.role {
            FirewallRole::External => matches!(zone, Zone::Internet | Zone::EdgeExternal),
            FirewallRole::Internal => matches!(zone, Zone::Lan | Zone::EdgeInternal),
            FirewallRole::Combined | FirewallRole::Host => true,
        }
    }

    /// All interfaces that are, or might be, the zone.
    pub(super) fn points(&self, zone: Zone) -> &IntervalSet<Interface> {
        &self.side(zone).points
    }

    /// The sets of interfaces of which one is the zone: the named ones together; of those left over, each by itself, since one of
    /// them is meant and nobody said which. Interfaces that none of the sets in `told_apart` tells apart are one choice.
    pub(super) fn choices<'s>(
        &self,
        zone: Zone,
        told_apart: impl Iterator<Item = &'s IntervalSet<Interface>>,
    ) -> Vec<Choice> {
        let side = self.side(zone);
        let whole = || vec![Choice { judged: side.points.clone(), alike: side.points.clone() }];
        if side.named {
            return whole();
        }
        let told_apart: FxHashSet<&IntervalSet<Interface>> = told_apart.collect();
        if side.points.count().saturating_mul(told_apart.len() as u128) > MOST_COMPARISONS {
            return whole();
        }
        let told_apart: Vec<&IntervalSet<Interface>> = told_apart.into_iter().collect();
        let mut classes: BTreeMap<Vec<bool>, Vec<Interface>> = BTreeMap::new();
        for point in side.points.intervals().iter().flat_map(|(low, high)| *low..=*high) {
            let class = told_apart.iter().map(|set| set.contains(point)).collect();
            classes.entry(class).or_default().push(point);
        }
        if classes.len() > MOST_CHOICES {
            return whole();
        }
        let mut choices: Vec<Vec<Interface>> = classes.into_values().collect();
        choices.sort_unstable();
        choices
            .into_iter()
            .map(|points| Choice {
                judged: IntervalSet::from_intervals(points.first().map(|point| (*point, *point)).into_iter().collect()),
                alike: IntervalSet::from_intervals(points.into_iter().map(|point| (point, point)).collect()),
            })
            .collect()
    }

    /// Where a side of the Edge and the zone beyond it were both left out, they would be the same interfaces: the Edge's side is
    /// then among those that its satisfied needs come out so on, and the zone beyond it is the others.
    pub(super) fn tell_apart(&mut self, edge: Zone, points: &IntervalSet<Interface>) {
        let (edge, beyond) = match edge {
            Zone::EdgeExternal => (&mut self.edge_external, &mut self.internet),
            Zone::EdgeInternal => (&mut self.edge_internal, &mut self.lan),
            Zone::Internet | Zone::Lan => return,
        };
        let (meant, others) = (edge.points.intersection(points), beyond.points.difference(points));
        if !edge.named && !beyond.named && !meant.is_empty() && !others.is_empty() {
            edge.points = meant;
            beyond.points = others;
        }
    }
}
