//! The outcome of a set of packets: let through for certain, refused for certain, or open, which means undecided.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::judge::{FamilyAddress, Judge, Partition, Verdict};
use crate::model::RuleId;
use crate::packets::{
    Address, Interface, IntervalSet, PacketSet, coalesce, effort, intersect_all, subtract_within, without_conditions,
};

/// A part of a need's packets with its verdict and the rule that decided it.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Judged<A: Address> {
    /// The packets, with the conditions under which they get this verdict.
    pub(in crate::audit) packets: PacketSet<A>,
    /// The verdict on them.
    pub(in crate::audit) verdict: Verdict,
    /// The rule or policy that decided them.
    pub(in crate::audit) decider: Option<RuleId>,
}

/// Packets by certainty. The sets of permitted, denied and open packets are disjoint.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Outcome<A: Address> {
    /// Let through, whatever the unknown conditions are.
    pub(in crate::audit) permitted: Vec<PacketSet<A>>,
    /// Refused, whatever the unknown conditions are.
    pub(in crate::audit) denied: Vec<PacketSet<A>>,
    /// Undecided: they depend on a condition, or on a line that could not be read.
    pub(in crate::audit) open: Vec<PacketSet<A>>,
    /// The rules that let packets through, for certain or under conditions.
    pub(in crate::audit) permitters: BTreeSet<RuleId>,
    /// Why packets are open, each reason once.
    pub(in crate::audit) reasons: Vec<String>,
    /// The rules that permit or refuse open packets.
    pub(in crate::audit) doubtful: BTreeSet<RuleId>,
}

impl<A: Address> Outcome<A> {
    /// Sorts pieces by certainty. `condition` gives the text of a condition.
    pub(in crate::audit) fn of(pieces: &[Judged<A>], condition: impl Fn(u32) -> String) -> Self {
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
        // A certain piece shares no packet with any other. Only packets that depend on conditions may be both let through and
        // refused.
        let take_conditional = |sets: &mut Vec<PacketSet<A>>| {
            let (certain, conditional): (Vec<_>, Vec<_>) =
                std::mem::take(sets).into_iter().partition(|set| set.conditions.is_any());
            *sets = certain;
            without_conditions(&conditional)
        };
        let (permitted, denied) = (take_conditional(&mut outcome.permitted), take_conditional(&mut outcome.denied));
        let unknown = without_conditions(&unknown);
        if let Some(sorted) = sort_out(&permitted, &denied, &unknown) {
            outcome.permitted.extend(sorted.permitted);
            outcome.denied.extend(sorted.denied);
            outcome.open = sorted.open;
        } else {
            outcome.reason(
                "finding out which packets depend on conditions takes more steps than the budget allows".to_owned(),
            );
            outcome.open = permitted.into_iter().chain(denied).chain(unknown).collect();
        }
        if !outcome.open.is_empty() {
            let open = outcome.open.clone();
            let mut known = FxHashSet::default();
            for piece in pieces.iter().filter(|piece| open.iter().any(|open| open.meets(&piece.packets))) {
                outcome.doubtful.extend(piece.decider);
                for (id, _) in piece.packets.conditions.literals() {
                    if known.insert(*id) {
                        outcome.reason(condition(*id));
                    }
                }
            }
        }
        outcome
    }

    /// Merges the results of a zone's interfaces: each address is behind one of them, and the export does not state which.
    /// Packets that get through by one of the interfaces count as permitted. Of the others, those that are open by one count as
    /// open.
    ///
    /// `ingress` and `egress` are the interfaces of a zone whose results are merged; none if each interface counts by itself.
    pub(in crate::audit) fn by_any_interface(
        &mut self,
        ingress: Option<&IntervalSet<Interface>>,
        egress: Option<&IntervalSet<Interface>>,
    ) {
        if [ingress, egress].into_iter().flatten().all(|points| points.count() <= 1) {
            return;
        }
        let wide = |sets: &[PacketSet<A>]| -> Vec<PacketSet<A>> {
            let wide = |set: &PacketSet<A>| PacketSet {
                ingress: ingress.unwrap_or(&set.ingress).clone(),
                egress: egress.unwrap_or(&set.egress).clone(),
                ..set.clone()
            };
            coalesce(sets.iter().map(wide).collect())
        };
        let permitted = wide(&self.permitted);
        let mut left = MOST_COMPARISONS;
        let open = subtract_within(wide(&self.open), &permitted, &mut left);
        let denied = open.as_ref().and_then(|open| {
            let rest = subtract_within(wide(&self.denied), &permitted, &mut left)?;
            subtract_within(rest, open, &mut left)
        });
        if let (Some(open), Some(denied)) = (open, denied) {
            self.permitted = permitted;
            self.open = open;
            self.denied = denied;
        }
    }

    fn reason(&mut self, text: String) {
        if !self.reasons.contains(&text) {
            self.reasons.push(text);
        }
    }
}

/// How many comparisons may be spent on finding which packets depend on conditions.
const MOST_COMPARISONS: usize = 3_000_000;

/// Packets that depend on conditions, sorted by certainty. The three sets are disjoint.
struct Sorted<A: Address> {
    permitted: Vec<PacketSet<A>>,
    denied: Vec<PacketSet<A>>,
    open: Vec<PacketSet<A>>,
}

/// Sorts packets into those that are let through under every condition, those that are refused under every condition, and those
/// that may be either; none where the budget is used up.
fn sort_out<A: Address>(
    permitted: &[PacketSet<A>],
    denied: &[PacketSet<A>],
    unknown: &[PacketSet<A>],
) -> Option<Sorted<A>> {
    if effort(permitted).saturating_mul(denied.len()) + effort(denied).saturating_mul(permitted.len())
        > MOST_COMPARISONS
    {
        return None;
    }
    let mut left = MOST_COMPARISONS;
    let mut open = intersect_all(permitted, denied);
    open.extend_from_slice(unknown);
    let open = disjoint(open, &mut left)?;
    let mut certain = |sets: &[PacketSet<A>]| {
        let sets = disjoint(sets.to_vec(), &mut left)?;
        subtract_within(sets, &open, &mut left)
    };
    Some(Sorted { permitted: certain(permitted)?, denied: certain(denied)?, open })
}

/// Sets with the same union, cut so that no two of them share a packet.
fn disjoint<A: Address>(sets: Vec<PacketSet<A>>, left: &mut usize) -> Option<Vec<PacketSet<A>>> {
    let mut cut: Vec<PacketSet<A>> = Vec::with_capacity(sets.len());
    for set in coalesce(sets) {
        let new = subtract_within(vec![set], &cut, left)?;
        cut.extend(new);
    }
    Some(coalesce(cut))
}

/// The pieces of a judge's partition as they are on the wire.
pub(in crate::audit) fn on_the_wire<A: FamilyAddress>(judge: &Judge<A>, partition: &Partition<A>) -> Vec<Judged<A>> {
    partition
        .pieces
        .iter()
        .map(|piece| {
            let verdict = match &piece.verdict {
                // What the firewall does with it then is not in the rules.
                Verdict::Accept if piece.own => {
                    Verdict::Undecided("it is redirected to the firewall itself".to_owned())
                }
                verdict => verdict.clone(),
            };
            Judged { packets: piece.wire.clone(), verdict, decider: judge.attributed(piece) }
        })
        .collect()
}

/// The pieces between these interfaces.
pub(in crate::audit) fn between<A: Address>(
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
