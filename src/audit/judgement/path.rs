//! The end-to-end result of a need whose packets pass more than one firewall: what one of them refuses does not get through.

use std::collections::BTreeMap;

use crate::deployment::needs::Need;
use crate::findings::{EndToEnd, NeedStatus};
use crate::judge::FamilyAddress;
use crate::packets::{Address, IntervalSet, PacketSet, subtract_all};

use super::required::Judgement;

/// The result of each need on every firewall that its packets pass.
#[derive(Debug, Default)]
pub(in crate::audit) struct Paths {
    legs: BTreeMap<usize, Vec<Leg>>,
}

/// The result of a need on one firewall.
#[derive(Debug)]
struct Leg {
    firewall: String,
    status: NeedStatus,
    /// The packets that the need calls for, and those of them that this firewall refuses. Interfaces are ignored.
    wanted: Vec<PacketSet<u128>>,
    refused: Vec<PacketSet<u128>>,
}

impl Paths {
    /// Records the result, on one firewall, of the need with the index `place`.
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

    /// The end-to-end result of each need whose packets pass more than one firewall.
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

/// A note for each need that is not satisfied end to end.
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

/// The status of a need through several firewalls in a row.
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
    // Each firewall permits a part of it, and perhaps no packet passes all of them. Parts that the firewalls' rules name by
    // different addresses cannot be compared.
    let Some(first) = legs.first() else { return NeedStatus::Satisfied };
    let same_packets = legs.iter().all(|leg| {
        subtract_all(first.wanted.clone(), &leg.wanted).is_empty()
            && subtract_all(leg.wanted.clone(), &first.wanted).is_empty()
    });
    let refused: Vec<PacketSet<u128>> = legs.iter().flat_map(|leg| leg.refused.iter().cloned()).collect();
    if same_packets && subtract_all(first.wanted.clone(), &refused).is_empty() {
        NeedStatus::Missing
    } else {
        NeedStatus::Partial
    }
}

/// The same packets on any interface, with addresses widened to 128 bits, which hold both families.
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
