//! The interfaces of each zone on one firewall.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::deployment::{Firewall, FirewallRole, Zone, interface_pattern};
use crate::judge::Interfaces;
use crate::packets::{Interface, IntervalSet};

/// The zones of one firewall as points of the interface axis.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Zones {
    role: FirewallRole,
    /// Whether the deployment names the Internet's interfaces. On a host, the interfaces of the external Edge side count as well.
    internet_named: bool,
    internet: ZoneInterfaces,
    edge_external: ZoneInterfaces,
    edge_internal: ZoneInterfaces,
    lan: ZoneInterfaces,
}

/// Interfaces of which one may be the zone's, and which no rule distinguishes.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Choice {
    /// The interfaces that are judged.
    pub(in crate::audit) judged: IntervalSet<Interface>,
    /// All interfaces that no rule distinguishes from the judged ones, these included.
    pub(in crate::audit) equivalent: IntervalSet<Interface>,
}

/// One zone's interfaces.
#[derive(Debug, Clone)]
struct ZoneInterfaces {
    points: IntervalSet<Interface>,
    /// Whether the deployment names them. If not, the zone has all interfaces that no other zone names.
    named: bool,
}

/// If more interfaces than this might be those of a zone without named interfaces, they are judged together.
const MOST_CHOICES: usize = 64;
/// The same if distinguishing them takes more comparisons than this.
const MOST_COMPARISONS: u128 = 10_000_000;

impl Zones {
    /// The zones of a firewall.
    pub(in crate::audit) fn of(firewall: &Firewall, interfaces: &Interfaces) -> Self {
        let any = interfaces.any();
        // No zone is behind the loopback interface.
        let not_loopback = any.difference(&interfaces.loopback_alone());
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
        // A host's own interface may be named as its side of the Edge or as the zone beyond that side.
        let beyond = |zone| match (
            named(zone),
            named(if zone == Zone::Lan { Zone::EdgeInternal } else { Zone::EdgeExternal }),
        ) {
            (Some(one), Some(other)) => Some(one.union(&other)),
            (one, other) => one.or(other),
        };
        let side = |zone| match named(zone) {
            // Packets start or end at the host itself, so there is no interface on that side.
            _ if host && zone.is_edge() => ZoneInterfaces { points: interfaces.none(), named: true },
            _ if host => ZoneInterfaces { points: beyond(zone).unwrap_or_else(|| not_loopback.clone()), named: true },
            Some(points) => ZoneInterfaces { points, named: true },
            None => ZoneInterfaces { points: not_loopback.difference(&taken), named: false },
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

    /// Whether this firewall has the zone: an external or internal firewall does not have the zones of the other side.
    pub(in crate::audit) fn has(&self, zone: Zone) -> bool {
        match self.role {
            FirewallRole::External => matches!(zone, Zone::Internet | Zone::EdgeExternal),
            FirewallRole::Internal => matches!(zone, Zone::Lan | Zone::EdgeInternal),
            FirewallRole::Combined | FirewallRole::Host => true,
        }
    }

    /// Whether it is enough that packets get through by one of the zone's interfaces: each address is behind one of them, and the
    /// deployment does not state which. This is not so for an Internet with named interfaces: its packets may use any of them.
    pub(in crate::audit) fn any_one_suffices(&self, zone: Zone) -> bool {
        zone != Zone::Internet || !self.internet_named
    }

    /// Whether the deployment names the zone's interfaces, or they follow from the firewall's role.
    pub(in crate::audit) fn named(&self, zone: Zone) -> bool {
        self.side(zone).named
    }

    /// Whether the zone has every interface except the loopback.
    pub(in crate::audit) fn anywhere(&self, zone: Zone, interfaces: &Interfaces) -> bool {
        interfaces.any().difference(&interfaces.loopback_alone()).is_subset(self.points(zone))
    }

    /// All interfaces that are, or might be, the zone's.
    pub(in crate::audit) fn points(&self, zone: Zone) -> &IntervalSet<Interface> {
        &self.side(zone).points
    }

    /// The sets of interfaces to judge for a zone. Named interfaces are one set. Of a zone without named interfaces, each
    /// candidate is a set of its own, since one of them is the zone's and the deployment does not state which; candidates that
    /// belong to the same sets in `distinguishing` are judged once.
    pub(in crate::audit) fn choices<'s>(
        &self,
        zone: Zone,
        distinguishing: impl Iterator<Item = &'s IntervalSet<Interface>>,
    ) -> Vec<Choice> {
        let side = self.side(zone);
        let all_together = || vec![Choice { judged: side.points.clone(), equivalent: side.points.clone() }];
        if side.named {
            return all_together();
        }
        let distinguishing: FxHashSet<&IntervalSet<Interface>> = distinguishing.collect();
        if side.points.count().saturating_mul(distinguishing.len() as u128) > MOST_COMPARISONS {
            return all_together();
        }
        let distinguishing: Vec<&IntervalSet<Interface>> = distinguishing.into_iter().collect();
        let mut classes: BTreeMap<Vec<bool>, Vec<Interface>> = BTreeMap::new();
        for point in side.points.intervals().iter().flat_map(|(low, high)| *low..=*high) {
            let class = distinguishing.iter().map(|set| set.contains(point)).collect();
            classes.entry(class).or_default().push(point);
        }
        if classes.len() > MOST_CHOICES {
            return all_together();
        }
        let mut choices: Vec<Vec<Interface>> = classes.into_values().collect();
        choices.sort_unstable();
        choices
            .into_iter()
            .map(|points| Choice {
                judged: IntervalSet::from_intervals(points.first().map(|point| (*point, *point)).into_iter().collect()),
                equivalent: IntervalSet::from_intervals(points.into_iter().map(|point| (point, point)).collect()),
            })
            .collect()
    }

    /// Zones without named interfaces all start with the same candidates. This separates them by `found`: the interfaces on which
    /// all satisfied needs of a zone are permitted. A side of the Edge keeps only its own found interfaces. The Internet and the
    /// internal network lose the interfaces that were found for other zones only.
    pub(in crate::audit) fn separate(&mut self, found: &BTreeMap<Zone, IntervalSet<Interface>>) {
        let all = [Zone::EdgeExternal, Zone::EdgeInternal, Zone::Internet, Zone::Lan];
        let own = |zone: Zone, points: &IntervalSet<Interface>| {
            let own = found.get(&zone).map(|found| found.intersection(points));
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
