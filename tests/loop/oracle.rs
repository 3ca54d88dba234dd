//! Computes the result of a list of permits from the definitions in the design, independently of the audit.
//!
//! It is a second audit for rule sets that are so simple that union and difference are enough: the order of permits does not
//! matter, and packets that none of them permits are denied.

use std::collections::BTreeMap;
use std::net::IpAddr;

use edgewarden::deployment::needs::{Alternative, Demand, Need, resolve};
use edgewarden::deployment::{AddressPlan, Deployment, Firewall, FirewallRole, NatView, Zone};
use edgewarden::model::{Addresses, Family, Match};
use edgewarden::packets::{IntervalSet, PacketSet, subtract_all};

use crate::entries::{Entry, Packets, Placement, Wiring, ZONES, addresses};

/// A need's name within a run: id, node, family.
pub type Name = (String, String, String);

/// The status of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Satisfied,
    Undecided,
    Partial,
    Missing,
}

/// For a need that is open to the Internet, up to one address in this many may be refused as an exception.
const EXCEPTIONAL: u128 = 256;

/// A firewall with the needs that it judges in one family.
pub struct Oracle<'a> {
    pub firewall: &'a Firewall,
    pub wiring: &'a Wiring,
    pub family: Family,
    pub needs: Vec<Need>,
    address_plan: &'a AddressPlan,
    /// Packets between two addresses of the same node. They never leave the node.
    within: Vec<Packets>,
}

impl<'a> Oracle<'a> {
    pub fn new(
        deployment: &'a Deployment,
        firewall: &'a Firewall,
        wiring: &'a Wiring,
        address_plan: &'a AddressPlan,
        family: Family,
    ) -> Self {
        let side = |need: &Need| match firewall.role {
            FirewallRole::Combined => true,
            FirewallRole::External => need.definition.id.starts_with("external."),
            FirewallRole::Internal => need.definition.id.starts_with("internal."),
            FirewallRole::Host => false,
        };
        let needs = resolve(deployment, address_plan).into_iter();
        let needs = needs.filter(|need| need.family == family && need.demand.is_ok() && side(need)).collect();
        let within = deployment.edge.nodes.iter().map(|node| {
            let services = [&node.access, &node.webconf, &node.av, &node.internal];
            let own = services.into_iter().flat_map(|service| service.addr.iter().chain(&service.public));
            let own = addresses(&Addresses::of_ips(own), family);
            PacketSet { source: own.clone(), destination: own, ..PacketSet::full() }
        });
        Self { firewall, wiring, family, needs, address_plan, within: within.collect() }
    }

    /// The status of each need under these permits. Packets in `lost` do not arrive.
    pub fn statuses(&self, entries: &[Entry], lost: &[Packets]) -> BTreeMap<Name, Status> {
        let of = |conditional: bool| -> Vec<Packets> {
            let applied = entries.iter().filter(|entry| entry.placement == Placement::Applied);
            let sets = applied
                .filter(|entry| entry.condition.is_some() == conditional)
                .map(|entry| entry.packets(self.wiring));
            subtract_all(sets.collect(), lost)
        };
        let (certain, open) = (of(false), of(true));
        let mut statuses: BTreeMap<Name, Status> = BTreeMap::new();
        // The media range may stay closed if other needs are satisfied, so these are judged first.
        let media = |need: &&Need| demand(need).must.iter().any(|alternative| !alternative.closed_if.is_empty());
        let (of_media, others): (Vec<&Need>, Vec<&Need>) = self.needs.iter().partition(media);
        for need in others {
            let alternatives = demand(need)
                .must
                .iter()
                .map(|alternative| self.alternative(demand(need), alternative, &certain, &open).0);
            statuses.insert(name(need), alternatives.min().unwrap());
        }
        for need in of_media {
            let satisfied = |id: &&str| {
                let replacement = ((*id).to_owned(), need.node.clone(), need.family.name().to_owned());
                statuses.get(&replacement) == Some(&Status::Satisfied)
            };
            let status = self.media(need, &certain, &open, satisfied);
            statuses.insert(name(need), status);
        }
        statuses
    }

    fn media(&self, need: &Need, certain: &[Packets], open: &[Packets], satisfied: impl Fn(&&str) -> bool) -> Status {
        let demand = demand(need);
        let (as_destination, rest) = demand.must.split_first().unwrap();
        let (first, permitted) = self.alternative(demand, as_destination, certain, open);
        let others = rest.iter().map(|alternative| self.alternative(demand, alternative, certain, open).0).min();
        let must = self.must(demand, as_destination);
        let exceptional = demand.anyone && exceptional(demand, &permitted, &must);
        let closed = first == Status::Missing || first == Status::Partial && exceptional;
        // In that case a closed range is acceptable.
        if closed && as_destination.closed_if.iter().all(satisfied) {
            return Status::Satisfied;
        }
        let first = if closed { Status::Missing } else { first };
        let ports =
            |sets: &[Packets]| sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&set.destination_port));
        if first == Status::Partial && !ports(&must).is_subset(&ports(&permitted)) {
            return first;
        }
        others.into_iter().chain([first]).min().unwrap()
    }

    /// The status of one alternative of a need, and the part of it that is permitted for certain.
    fn alternative(
        &self,
        demand: &Demand,
        alternative: &Alternative,
        certain: &[Packets],
        open: &[Packets],
    ) -> (Status, Vec<Packets>) {
        let must = self.must(demand, alternative);
        // Packets may use any interface of a zone, since each address is behind one of them.
        let by_any_interface = |sets: &[Packets]| -> Vec<Packets> {
            // The Internet is behind all of its interfaces, so each of them counts.
            let by = |must: &Packets, set: &Packets| {
                let mut set = set.intersection(must)?;
                if demand.from != Zone::Internet {
                    set.ingress = must.ingress.clone();
                }
                if demand.to != Zone::Internet {
                    set.egress = must.egress.clone();
                }
                Some(set)
            };
            must.iter().flat_map(|must| sets.iter().filter_map(move |set| by(must, set))).collect()
        };
        let (certain, open) = (&by_any_interface(certain), &by_any_interface(open));
        let refused = subtract_all(must.clone(), certain);
        let permitted = subtract_all(must.clone(), &refused);
        let denied = subtract_all(refused.clone(), open);
        let doubtful = subtract_all(refused.clone(), &denied);
        let exceptional = |sets: &[Packets]| demand.anyone && exceptional(demand, sets, &must);
        let status = if must.is_empty() || refused.is_empty() || !permitted.is_empty() && exceptional(&refused) {
            Status::Satisfied
        } else if permitted.is_empty() {
            let undecided = !doubtful.is_empty() && (denied.is_empty() || !demand.anyone || !exceptional(&doubtful));
            if undecided { Status::Undecided } else { Status::Missing }
        } else if denied.is_empty() || exceptional(&denied) {
            Status::Undecided
        } else {
            Status::Partial
        };
        (status, permitted)
    }

    fn must(&self, demand: &Demand, alternative: &Alternative) -> Vec<Packets> {
        alternative.packets.iter().map(|packets| self.packets(demand, packets)).filter(|set| !set.is_empty()).collect()
    }

    /// A match of a need as packets, in the addresses the rules name.
    fn packets(&self, demand: &Demand, packets: &Match) -> Packets {
        let (mut source, mut destination) =
            (addresses(&packets.source, self.family), addresses(&packets.destination, self.family));
        if self.firewall.nat_view == NatView::Mapped && !demand.public.is_empty() {
            let public = demand.public.iter().map(|(_, public)| number(*public));
            let public = IntervalSet::from_intervals(public.map(|one| (one, one)).collect());
            if demand.to == Zone::EdgeExternal {
                destination = public;
            } else if demand.from == Zone::EdgeExternal {
                source = public;
            }
        }
        PacketSet {
            source,
            destination,
            protocol: packets.protocol.clone(),
            source_port: packets.source_port.clone(),
            destination_port: packets.destination_port.clone(),
            ingress: self.wiring.points(&self.wiring.names(demand.from)),
            egress: self.wiring.points(&self.wiring.names(demand.to)),
            ..PacketSet::full()
        }
    }

    /// All packets that needs may open.
    pub fn may(&self) -> Vec<Packets> {
        let of = |need: &Need| {
            let demand = demand(need);
            demand.may.iter().map(|may| self.packets(demand, may)).filter(|set| !set.is_empty()).collect::<Vec<_>>()
        };
        self.needs.iter().flat_map(of).collect()
    }

    /// The packets that no need may open. Only packets between two zones count, with both ends behind the interfaces they use.
    pub fn excess(&self, packets: &Packets) -> Vec<Packets> {
        let may = self.may();
        let named = self.wiring.named();
        let is_edge = |zone: Zone| matches!(zone, Zone::EdgeExternal | Zone::EdgeInternal);
        let mut found = Vec::new();
        for from in ZONES.into_iter().filter(|zone| named.contains(zone)) {
            for to in ZONES.into_iter().filter(|zone| named.contains(zone) && *zone != from) {
                if !is_edge(from) && !is_edge(to) {
                    continue;
                }
                let between = PacketSet {
                    source: self.behind(from),
                    destination: self.behind(to),
                    ingress: self.wiring.points(&self.wiring.names(from)),
                    egress: self.wiring.points(&self.wiring.names(to)),
                    ..PacketSet::full()
                };
                let packets = packets.intersection(&between).into_iter().collect();
                let within: &[Packets] = if is_edge(from) && is_edge(to) { &self.within } else { &[] };
                found.extend(subtract_all(packets, within));
            }
        }
        subtract_all(found, &may)
    }

    /// The addresses behind a zone, as the rules name them.
    pub fn behind(&self, zone: Zone) -> IntervalSet<u128> {
        let public = addresses(&self.address_plan.edge_public, self.family);
        if zone == Zone::EdgeExternal && self.firewall.nat_view == NatView::Mapped && !public.is_empty() {
            return public;
        }
        addresses(self.address_plan.behind(zone), self.family)
    }

    /// The packets that a need calls for, all alternatives.
    pub fn called_for(&self, need: &Need) -> Vec<Vec<Packets>> {
        demand(need).must.iter().map(|alternative| self.must(demand(need), alternative)).collect()
    }
}

/// Whether packets concern so small a part of the addresses a need calls for that they are an exception.
fn exceptional(demand: &Demand, sets: &[Packets], of: &[Packets]) -> bool {
    let inbound = matches!(demand.to, Zone::EdgeExternal | Zone::EdgeInternal);
    let far = |sets: &[Packets]| {
        sets.iter()
            .fold(IntervalSet::empty(), |all, set| all.union(if inbound { &set.source } else { &set.destination }))
    };
    far(sets).count().saturating_mul(EXCEPTIONAL) <= far(of).count()
}

/// Whether there are no packets, or, for a need that is open to the Internet, only an exception.
pub fn negligible(need: &Need, sets: &[Packets], of: &[Packets]) -> bool {
    sets.is_empty() || demand(need).anyone && exceptional(demand(need), sets, of)
}

/// The demand of a need. An oracle has only needs with a demand.
pub fn demand(need: &Need) -> &Demand {
    need.demand.as_ref().unwrap()
}

/// A need's name.
pub fn name(need: &Need) -> Name {
    (need.definition.id.clone(), need.node.clone(), need.family.name().to_owned())
}

/// An address as a number.
pub fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}
