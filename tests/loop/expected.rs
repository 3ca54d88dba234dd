//! The expected result of auditing a rule set with a fault: the status of every need, near misses, and excess.
//!
//! A near miss counts if the misplaced packets are in no other need's `may`. What a misplaced rule permits may be reported as
//! excess as well.

use std::collections::{BTreeMap, BTreeSet};

use edgewarden::deployment::Zone;
use edgewarden::deployment::needs::Need;
use edgewarden::packets::{IntervalSet, PacketSet, subtract_all};

use crate::entries::{Packets, Placement};
use crate::fault::Fault;
use crate::fault_case::FaultCase;
use crate::oracle::{Name, Oracle, Status, demand, name, negligible, number};

/// The expected result of the audit.
#[derive(Debug, Default)]
pub struct Expected {
    /// The status of every need that is judged.
    pub statuses: BTreeMap<Name, Status>,
    /// The missing needs with a near miss, and its kind.
    pub misses: BTreeMap<Name, &'static str>,
    /// The missing or undecided needs whose finding must name a mutated rule, because the rule matches them but has no effect.
    pub named: BTreeSet<Name>,
    /// Whether the mutated entries permit what no need may open.
    pub excess: bool,
    /// The kind of a further finding, about neither a need nor excess.
    pub besides: Option<&'static str>,
}

impl Expected {
    /// Whether the audit has to report anything.
    pub fn has_findings(&self) -> bool {
        self.excess || self.besides.is_some() || self.statuses.values().any(|status| *status != Status::Satisfied)
    }
}

/// Computes the expected result of a case. `lost` are packets that no longer arrive.
pub fn expect(oracle: &Oracle, case: &mut FaultCase, lost: &[Packets]) {
    case.expected.statuses = oracle.statuses(&case.entries, lost);
    if case.fault.is_named() {
        case.expected.named = held_back(oracle, case);
    }
    let Some(kind) = case.fault.near_miss() else {
        case.expected.excess = opens(oracle, case);
        return;
    };
    let may = if matches!(case.fault, Fault::Unapplied | Fault::JumpMissing | Fault::ForTheMachine) {
        Vec::new()
    } else {
        oracle.may()
    };
    for need in &oracle.needs {
        if case.expected.statuses.get(&name(need)) != Some(&Status::Missing) {
            continue;
        }
        let nearly = |alternative: &Vec<Packets>| {
            let images: Vec<Packets> =
                alternative.iter().flat_map(|set| image(oracle, case.fault, need, set)).collect();
            let there: Vec<Packets> = case
                .mutated
                .iter()
                .map(|place| case.entries[*place].packets(oracle.wiring))
                .flat_map(|mutated| images.iter().filter_map(|image| image.intersection(&mutated)).collect::<Vec<_>>())
                .collect();
            let left = subtract_all(there, &may);
            !left.is_empty() && !negligible(need, &left, &images)
        };
        if oracle.called_for(need).iter().any(nearly) {
            case.expected.misses.insert(name(need), kind);
        }
    }
    case.expected.excess = opens(oracle, case);
}

/// The missing or undecided needs whose packets a mutated entry matches.
fn held_back(oracle: &Oracle, case: &FaultCase) -> BTreeSet<Name> {
    let mutated: Vec<Packets> = case.mutated.iter().map(|place| case.entries[*place].packets(oracle.wiring)).collect();
    let matches = |need: &&Need| {
        // If none of several alternatives is permitted, the finding is about the first.
        let mut sets = oracle.called_for(need).into_iter().take(1).flatten();
        sets.any(|set| mutated.iter().any(|mutated| mutated.meets(&set)))
    };
    let lost = |need: &&Need| {
        let status = case.expected.statuses.get(&name(need));
        matches!(status, Some(Status::Missing | Status::Undecided))
    };
    oracle.needs.iter().filter(lost).filter(matches).map(name).collect()
}

/// Whether mutated entries permit what no need may open.
fn opens(oracle: &Oracle, case: &FaultCase) -> bool {
    let applied =
        case.mutated.iter().map(|place| &case.entries[*place]).filter(|entry| entry.placement == Placement::Applied);
    applied.map(|entry| entry.packets(oracle.wiring)).any(|packets| !oracle.excess(&packets).is_empty())
}

/// A need's packets with the change that a fault makes.
fn image(oracle: &Oracle, fault: Fault, need: &Need, set: &Packets) -> Vec<Packets> {
    let set = set.clone();
    let inbound = matches!(demand(need).to, Zone::EdgeExternal | Zone::EdgeInternal);
    let with_edge = |set: &Packets, edge: IntervalSet<u128>| {
        if inbound { PacketSet { destination: edge, ..set.clone() } } else { PacketSet { source: edge, ..set.clone() } }
    };
    let any = IntervalSet::full();
    match fault {
        Fault::Reversed => {
            vec![PacketSet { source: set.destination.clone(), destination: set.source.clone(), ..set }]
        }
        Fault::ReversedWithInterfaces => vec![PacketSet {
            source: set.destination.clone(),
            destination: set.source.clone(),
            ingress: set.egress.clone(),
            egress: set.ingress.clone(),
            ..set
        }],
        Fault::SourcePort => {
            vec![PacketSet { source_port: set.destination_port.clone(), destination_port: IntervalSet::full(), ..set }]
        }
        Fault::WrongInterface | Fault::InterfacesSwapped | Fault::ForTheMachine => {
            vec![PacketSet { ingress: any.clone(), egress: any, ..set }]
        }
        Fault::Unapplied | Fault::JumpMissing => vec![set],
        Fault::WrongTransport => {
            vec![PacketSet { protocol: IntervalSet::single(if set.protocol.contains(6) { 17 } else { 6 }), ..set }]
        }
        Fault::WrongAddress => {
            let own = if inbound { &set.destination } else { &set.source };
            let zone = if inbound { demand(need).to } else { demand(need).from };
            vec![with_edge(&set, oracle.behind(zone).difference(own))]
        }
        Fault::NatView => {
            let outer = demand(need).public.iter().map(|(_, outer)| (number(*outer), number(*outer))).collect();
            vec![with_edge(&set, IntervalSet::from_intervals(outer))]
        }
        _ => Vec::new(),
    }
}
