//! What a need comes to end to end, where more than one firewall stands on its way: what one of them refuses does not get through.

use std::collections::BTreeMap;

use crate::deployment::needs::Need;
use crate::findings::{EndToEnd, NeedStatus};
use crate::judge::FamilyAddress;
use crate::packets::{Address, IntervalSet, PacketSet, subtract_all};

use super::required::Judgement;

/// What each firewall on the way of a need makes of it.
#[derive(Debug, Default)]
pub(in crate::audit) struct Paths {
    legs: BTreeMap<usize, Vec<Leg>>,
}

/// One firewall on the way.
#[derive(Debug)]
struct Leg {
    firewall: String,
    status: NeedStatus,
    /// What is called for, and what of it is refused here, whatever the interfaces.
    wanted: Vec<PacketSet<u128>>,
    refused: Vec<PacketSet<u128>>,
}

impl Paths {
    /// Keeps what a firewall makes of the need at a place among the needs.
    pub(in crate::audit) fn add<A: FamilyAddress>(
        &mut self,
        place: usize,
        firewall: &str,
        status: NeedStatus,
        judgement: &Judgement<A>,
    ) {
        let refused = if status == NeedStatus::Partial { judgement.gap.as_slice() } else { &[] };
        self.legs.entry(place).or_default().push(Leg {
            firewall: firewall.to_owned(),
            status,
            wanted: judgement.expected.iter().map(anywhere).collect(),
            refused: refused.iter().map(anywhere).collect(),
        });
    }

    /// The needs that more than one firewall stands on the way of.
    pub(in crate::audit) fn end_to_end(&self, needs: &[Need]) -> Vec<EndToEnd> {
        self.legs
            .iter()
            .filter(|(_, legs)| legs.len() > 1)
            .filter_map(|(place, legs)| {
                let need = needs.get(*place)?;
                Some(EndToEnd {
                    need: need.definition.id.clone(),
                    node: need.node.clone(),
                    family: need.family.name().to_owned(),
                    firewalls: legs.iter().map(|leg| leg.firewall.clone()).collect(),
                    status: together(legs),
                })
            })
            .collect()
    }
}

/// What a reader is told of needs that do not get all the way.
pub(in crate::audit) fn not_through(paths: &[EndToEnd]) -> impl Iterator<Item = String> {
    paths.iter().filter(|path| path.status != NeedStatus::Satisfied).map(|path| {
        let (need, node, family) = (&path.need, &path.node, &path.family);
        format!(
            "{need} on {node} ({family}) is {} through {} together",
            path.status.name(),
            path.firewalls.join(" and ")
        )
    })
}

/// What several firewalls in a row make of a need.
fn together(legs: &[Leg]) -> NeedStatus {
    let any = |status| legs.iter().any(|leg| leg.status == status);
    if any(NeedStatus::Missing) || any(NeedStatus::Misdirected) {
        return NeedStatus::Missing;
    }
    if any(NeedStatus::Undecided) {
        return NeedStatus::Undecided;
    }
    if !any(NeedStatus::Partial) {
        return NeedStatus::Satisfied;
    }
    // Each lets a part of it through; perhaps no packet gets past both. Under different addresses they cannot be compared.
    let Some(first) = legs.first() else { return NeedStatus::Satisfied };
    let alike = legs.iter().all(|leg| {
        subtract_all(first.wanted.clone(), &leg.wanted).is_empty()
            && subtract_all(leg.wanted.clone(), &first.wanted).is_empty()
    });
    let refused: Vec<PacketSet<u128>> = legs.iter().flat_map(|leg| leg.refused.iter().cloned()).collect();
    if alike && subtract_all(first.wanted.clone(), &refused).is_empty() {
        NeedStatus::Missing
    } else {
        NeedStatus::Partial
    }
}

/// The same packets on any interfaces, in addresses that hold both families.
fn anywhere<A: Address>(set: &PacketSet<A>) -> PacketSet<u128> {
    let wide = |addresses: &IntervalSet<A>| {
        let ends = addresses.intervals().iter();
        IntervalSet::from_intervals(ends.map(|(low, high)| (low.to_u128(), high.to_u128())).collect())
    };
    PacketSet {
        protocol: set.protocol.clone(),
        destination_port: set.destination_port.clone(),
        destination: wide(&set.destination),
        source: wide(&set.source),
        source_port: set.source_port.clone(),
        ingress: IntervalSet::full(),
        egress: IntervalSet::full(),
        state: set.state,
        tcp_flags: set.tcp_flags,
        conditions: set.conditions.clone(),
    }
}
