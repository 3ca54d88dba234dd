//! Which interfaces a zone is, on one firewall.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::deployment::{Firewall, FirewallRole, Zone, interface_pattern};
use crate::judge::Interfaces;
use crate::packets::{Interface, IntervalSet};

/// The zones of one firewall as points of the interface axis.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Zones {
    role: FirewallRole,
    /// Whether the deployment names the Internet's interfaces; of a host, by that zone or by the host's side of it.
    internet_named: bool,
    internet: ZoneInterfaces,
    edge_external: ZoneInterfaces,
    edge_internal: ZoneInterfaces,
    lan: ZoneInterfaces,
}

/// Interfaces of which one may be the zone that is meant.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Choice {
    /// Those that are judged.
    pub(in crate::audit) judged: IntervalSet<Interface>,
    /// All that no rule tells apart from them.
    pub(in crate::audit) alike: IntervalSet<Interface>,
}

/// One zone's interfaces.
#[derive(Debug, Clone)]
struct ZoneInterfaces {
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
    pub(in crate::audit) fn of(firewall: &Firewall, interfaces: &Interfaces) -> Self {
        let any = interfaces.any();
        // Nobody lives behind the loopback interface.
        let elsewhere = any.difference(&interfaces.loopback_alone());
        let named = |zone: Zone| {
            firewall.zones.of(zone).map(|names| {
                names.iter().fold(IntervalSet::empty(), |points, name| {
                    points.union(&interfaces.matching(&interface_pattern(name)).intersection(&any))
                })
            })
        };
        let all = Zone::ALL;
        let taken = all.iter().filter_map(|zone| named(*zone)).fold(IntervalSet::empty(), |all, one| all.union(&one));
        let host = firewall.role == FirewallRole::Host;
        // A host's own interface may be named as its side of the Edge or as the zone beyond.
        let beyond = |zone| match (
            named(zone),
            named(if zone == Zone::Lan { Zone::EdgeInternal } else { Zone::EdgeExternal }),
        ) {
            (Some(one), Some(other)) => Some(one.union(&other)),
            (one, other) => one.or(other),
        };
        let side = |zone| match named(zone) {
            // What a host's own firewall judges ends or begins there: on that side there is no interface.
            _ if host && zone.is_edge() => ZoneInterfaces { points: interfaces.none(), named: true },
            _ if host => ZoneInterfaces { points: beyond(zone).unwrap_or_else(|| elsewhere.clone()), named: true },
            Some(points) => ZoneInterfaces { points, named: true },
            None => ZoneInterfaces { points: elsewhere.difference(&taken), named: false },
        };
        Self {
            role: firewall.role,
            internet_named: if host { beyond(Zone::Internet) } else { named(Zone::Internet) }.is_some(),
            internet: side(Zone::Internet),
            edge_external: side(Zone::EdgeExternal),
            edge_internal: side(Zone::EdgeInternal),
            lan: side(Zone::Lan),
        }
    }

    fn side(&self, zone: Zone) -> &ZoneInterfaces {
        match zone {
            Zone::Internet => &self.internet,
            Zone::EdgeExternal => &self.edge_external,
            Zone::EdgeInternal => &self.edge_internal,
            Zone::Lan => &self.lan,
        }
    }

    /// Whether the zone stands anywhere on this firewall: on a one-sided one the other side's do not.
    pub(in crate::audit) fn stands(&self, zone: Zone) -> bool {
        match self.role {
            FirewallRole::External => matches!(zone, Zone::Internet | Zone::EdgeExternal),
            FirewallRole::Internal => matches!(zone, Zone::Lan | Zone::EdgeInternal),
            FirewallRole::Combined | FirewallRole::Host => true,
        }
    }

    /// Whether an address of the zone stands behind one of its interfaces, and nobody said which. The Internet is behind each of
    /// the interfaces that are named for it: its packets may come by any.
    pub(in crate::audit) fn whichever(&self, zone: Zone) -> bool {
        zone != Zone::Internet || !self.internet_named
    }

    /// Whether the deployment names the zone's interfaces, or they follow from the firewall's role.
    pub(in crate::audit) fn named(&self, zone: Zone) -> bool {
        self.side(zone).named
    }

    /// Whether the zone is any interface but the loopback.
    pub(in crate::audit) fn anywhere(&self, zone: Zone, interfaces: &Interfaces) -> bool {
        interfaces.any().difference(&interfaces.loopback_alone()).is_subset(self.points(zone))
    }

    /// All interfaces that are, or might be, the zone.
    pub(in crate::audit) fn points(&self, zone: Zone) -> &IntervalSet<Interface> {
        &self.side(zone).points
    }

    /// The sets of interfaces of which one is the zone: the named ones together; of those left over, each by itself, since one of
    /// them is meant and nobody said which. Interfaces that none of the sets in `told_apart` tells apart are one choice.
    pub(in crate::audit) fn choices<'s>(
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

    /// Zones that were left out would be the same interfaces. Each is meant where its satisfied needs come out so: a side of the
    /// Edge is there alone, and a zone beyond it is nowhere where only others are meant.
    pub(in crate::audit) fn tell_apart(&mut self, meant: &BTreeMap<Zone, IntervalSet<Interface>>) {
        let all = [Zone::EdgeExternal, Zone::EdgeInternal, Zone::Internet, Zone::Lan];
        let own = |zone: Zone, points: &IntervalSet<Interface>| {
            let own = meant.get(&zone).map(|meant| meant.intersection(points));
            own.filter(|own| !own.is_empty() && own != points)
        };
        let places: BTreeMap<Zone, IntervalSet<Interface>> =
            all.into_iter().filter_map(|zone| Some((zone, own(zone, self.points(zone))?))).collect();
        for zone in all {
            if self.named(zone) {
                continue;
            }
            let mut points = self.points(zone).clone();
            let here = places.get(&zone);
            if zone.is_edge() {
                points = here.cloned().unwrap_or(points);
            } else {
                for (_, other) in places.iter().filter(|(other, _)| **other != zone) {
                    points = points.difference(&here.map_or_else(|| other.clone(), |here| other.difference(here)));
                }
            }
            if !points.is_empty() {
                self.side_mut(zone).points = points;
            }
        }
    }

    fn side_mut(&mut self, zone: Zone) -> &mut ZoneInterfaces {
        match zone {
            Zone::Internet => &mut self.internet,
            Zone::EdgeExternal => &mut self.edge_external,
            Zone::EdgeInternal => &mut self.edge_internal,
            Zone::Lan => &mut self.lan,
        }
    }
}
