//! What has to be said of a rule set with a fault: every need's standing, which rule nearly meets it, and what is open.
//!
//! A near miss counts where the misplaced packets lie in no other need's `may`; what a misplaced rule permits may stand
//! beside it as excess.

use std::collections::{BTreeMap, BTreeSet};

use edgewarden::deployment::Zone;
use edgewarden::deployment::needs::Need;
use edgewarden::packets::{IntervalSet, PacketSet, subtract_all};

use crate::entries::{Packets, Placement};
use crate::fault::Fault;
use crate::fault_case::FaultCase;
use crate::oracle::{Name, Oracle, Standing, demand, name, negligible, number};

/// What the audit has to say.
#[derive(Debug, Default)]
pub struct Expected {
    /// Every need that is judged.
    pub standings: BTreeMap<Name, Standing>,
    /// Of those that are missing, which a rule nearly permits, and how it misses them.
    pub misses: BTreeMap<Name, &'static str>,
    /// Of those that are missing or undecided, whose finding must name a mutated rule: it is there, and does not do what it
    /// says.
    pub named: BTreeSet<Name>,
    /// Whether the mutated entries permit what no need may open.
    pub excess: bool,
    /// A finding about neither a need nor a rule.
    pub besides: Option<&'static str>,
}

impl Expected {
    /// Whether there is anything to be said.
    pub fn says_something(&self) -> bool {
        self.excess
            || self.besides.is_some()
            || self.standings.values().any(|standing| *standing != Standing::Satisfied)
    }
}

/// What follows from a plant. `lost` is what does not arrive any more.
pub fn expect(oracle: &Oracle, plant: &mut FaultCase, lost: &[Packets]) {
    plant.expected.standings = oracle.standings(&plant.entries, lost);
    if plant.fault.is_named() {
        plant.expected.named = held_back(oracle, plant);
    }
    let Some(kind) = plant.fault.near_miss() else {
        plant.expected.excess = opens(oracle, plant);
        return;
    };
    let may = if matches!(plant.fault, Fault::Unapplied | Fault::JumpMissing | Fault::ForTheMachine) {
        Vec::new()
    } else {
        oracle.may()
    };
    for need in &oracle.needs {
        if plant.expected.standings.get(&name(need)) != Some(&Standing::Missing) {
            continue;
        }
        let nearly = |way: &Vec<Packets>| {
            let images: Vec<Packets> = way.iter().flat_map(|set| image(oracle, plant.fault, need, set)).collect();
            let there: Vec<Packets> = plant
                .mutated
                .iter()
                .map(|place| plant.entries[*place].packets(oracle.wiring))
                .flat_map(|mutated| images.iter().filter_map(|image| image.intersection(&mutated)).collect::<Vec<_>>())
                .collect();
            let left = subtract_all(there, &may);
            !left.is_empty() && !negligible(need, &left, &images)
        };
        if oracle.called_for(need).iter().any(nearly) {
            plant.expected.misses.insert(name(need), kind);
        }
    }
    plant.expected.excess = opens(oracle, plant);
}

/// The needs of which nothing is left and that a mutated entry speaks of.
fn held_back(oracle: &Oracle, plant: &FaultCase) -> BTreeSet<Name> {
    let mutated: Vec<Packets> =
        plant.mutated.iter().map(|place| plant.entries[*place].packets(oracle.wiring)).collect();
    let speaks = |need: &&Need| {
        // Of several ways to meet a need of which none is left, the first is told.
        let mut sets = oracle.called_for(need).into_iter().take(1).flatten();
        sets.any(|set| mutated.iter().any(|mutated| mutated.meets(&set)))
    };
    let lost = |need: &&Need| {
        let standing = plant.expected.standings.get(&name(need));
        matches!(standing, Some(Standing::Missing | Standing::Undecided))
    };
    oracle.needs.iter().filter(lost).filter(speaks).map(name).collect()
}

/// Whether mutated entries permit what no need may open.
fn opens(oracle: &Oracle, plant: &FaultCase) -> bool {
    let applied =
        plant.mutated.iter().map(|place| &plant.entries[*place]).filter(|entry| entry.placement == Placement::Applied);
    applied.map(|entry| entry.packets(oracle.wiring)).any(|packets| !oracle.excess(&packets).is_empty())
}

/// A need's packets, misplaced as a fault misplaces them.
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
