//! What became of a set of packets: let through for certain, refused for certain, or open.

use std::collections::BTreeSet;

use crate::judge::{Partition, Verdict};
use crate::model::RuleId;
use crate::packets::{
    Address, Interface, IntervalSet, PacketSet, coalesce, intersect_all, subtract_all, without_conditions,
};

/// A piece of a query in the coordinates of the need: the verdict and who decided it.
#[derive(Debug, Clone)]
pub(super) struct Judged<A: Address> {
    /// The packets, with the conditions under which this holds.
    pub(super) packets: PacketSet<A>,
    /// What becomes of them.
    pub(super) verdict: Verdict,
    /// The deciding rule or policy.
    pub(super) decider: Option<RuleId>,
}

/// Packets by certainty. The three are disjoint.
#[derive(Debug, Clone)]
pub(super) struct Outcome<A: Address> {
    /// Let through, whatever the unknown conditions are.
    pub(super) permitted: Vec<PacketSet<A>>,
    /// Refused, whatever they are.
    pub(super) denied: Vec<PacketSet<A>>,
    /// Hanging on a condition or on a line that could not be read.
    pub(super) open: Vec<PacketSet<A>>,
    /// The rules that let packets through, certain or not.
    pub(super) permitters: BTreeSet<RuleId>,
    /// Why packets are open, each reason once.
    pub(super) reasons: Vec<String>,
    /// The rules that decide open packets, one way or the other.
    pub(super) doubtful: BTreeSet<RuleId>,
}

impl<A: Address> Outcome<A> {
    /// Sorts pieces by certainty. `condition` names a condition.
    pub(super) fn of(pieces: &[Judged<A>], condition: impl Fn(u32) -> String) -> Self {
        let mut outcome = Self {
            permitted: Vec::new(),
            denied: Vec::new(),
            open: Vec::new(),
            permitters: BTreeSet::new(),
            reasons: Vec::new(),
            doubtful: BTreeSet::new(),
        };
        let mut unknown = Vec::new();
        for piece in pieces {
            match &piece.verdict {
                Verdict::Accept => {
                    outcome.permitted.push(piece.packets.clone());
                    outcome.permitters.extend(piece.decider);
                }
                Verdict::Drop | Verdict::Reject => outcome.denied.push(piece.packets.clone()),
                Verdict::Undecided(why) => {
                    unknown.push(piece.packets.clone());
                    outcome.reason(why.clone());
                }
            }
        }
        if unknown.is_empty() && pieces.iter().all(|piece| piece.packets.conditions.is_any()) {
            return outcome;
        }
        let permitted = without_conditions(&outcome.permitted);
        let denied = without_conditions(&outcome.denied);
        outcome.open = intersect_all(&permitted, &denied);
        outcome.open.extend(without_conditions(&unknown));
        outcome.permitted = subtract_all(disjoint(permitted), &outcome.open);
        outcome.denied = subtract_all(disjoint(denied), &outcome.open);
        outcome.open = disjoint(std::mem::take(&mut outcome.open));
        if !outcome.open.is_empty() {
            let open = outcome.open.clone();
            for piece in pieces.iter().filter(|piece| open.iter().any(|open| open.meets(&piece.packets))) {
                outcome.doubtful.extend(piece.decider);
                for (id, _) in piece.packets.conditions.literals() {
                    outcome.reason(condition(*id));
                }
            }
        }
        outcome
    }

    fn reason(&mut self, text: String) {
        if !self.reasons.contains(&text) {
            self.reasons.push(text);
        }
    }
}

/// The same union, cut so that no two sets share a packet.
pub(super) fn disjoint<A: Address>(sets: Vec<PacketSet<A>>) -> Vec<PacketSet<A>> {
    let mut cut: Vec<PacketSet<A>> = Vec::with_capacity(sets.len());
    for set in sets {
        let new = subtract_all(vec![set], &cut);
        cut.extend(new);
    }
    coalesce(cut)
}

/// The pieces of a partition as they are on the wire.
pub(super) fn on_the_wire<A: Address>(partition: &Partition<A>) -> Vec<Judged<A>> {
    partition
        .pieces
        .iter()
        .map(|piece| Judged { packets: piece.wire.clone(), verdict: piece.verdict.clone(), decider: piece.decider })
        .collect()
}

/// The pieces between these interfaces.
pub(super) fn between<A: Address>(
    pieces: &[Judged<A>],
    ingress: &IntervalSet<Interface>,
    egress: &IntervalSet<Interface>,
) -> Vec<Judged<A>> {
    pieces
        .iter()
        .filter(|piece| piece.packets.ingress.meets(ingress) && piece.packets.egress.meets(egress))
        .map(|piece| {
            let mut piece = piece.clone();
            piece.packets.ingress = piece.packets.ingress.intersection(ingress);
            piece.packets.egress = piece.packets.egress.intersection(egress);
            piece
        })
        .collect()
}
