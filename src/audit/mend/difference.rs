//! What a change would do: the packets that get through after it and did not before, and the other way round.

use crate::judge::{Budget, Query, Route, Side, Verdict};
use crate::packets::{
    IntervalSet, PacketSet, StateSet, TcpFlagSet, intersect_all, subtract_within, without_conditions,
};

use crate::audit::firewall::View;

/// The packets for which a change matters, as the deciding chains see them.
#[derive(Debug, Clone)]
pub(super) struct Difference<A: Side> {
    /// Those that get through, or may, and did not before.
    pub(super) opened: Vec<PacketSet<A>>,
    /// Those that got through, or may have, and do no longer.
    pub(super) closed: Vec<PacketSet<A>>,
}

/// So many comparisons may telling two answers apart take.
const MOST_COMPARISONS: usize = 300_000;

/// The work for each answer.
const BUDGET: Budget = Budget { comparisons: 200_000, regions: 4_000, pieces: 4_000, intervals: 200_000 };

/// What of these packets fares differently before and after; none where working that out takes too long.
pub(super) fn difference<A: Side>(
    before: &View<A>,
    after: &View<A>,
    packets: &[PacketSet<A>],
) -> Option<Difference<A>> {
    let (mut opened, mut closed) = (Vec::new(), Vec::new());
    let mut left = MOST_COMPARISONS;
    for set in packets {
        let (was, is) = (Passing::of(before, set)?, Passing::of(after, set)?);
        opened.extend(subtract_within(is.perhaps.clone(), &was.perhaps, &mut left)?);
        opened.extend(subtract_within(is.surely.clone(), &was.surely, &mut left)?);
        closed.extend(subtract_within(was.perhaps, &is.perhaps, &mut left)?);
        closed.extend(subtract_within(was.surely, &is.surely, &mut left)?);
    }
    Some(Difference { opened, closed })
}

/// What gets through of some packets.
struct Passing<A: Side> {
    /// Whatever the conditions are.
    surely: Vec<PacketSet<A>>,
    /// Under some conditions at least; holds what surely does.
    perhaps: Vec<PacketSet<A>>,
}

impl<A: Side> Passing<A> {
    fn of(view: &View<A>, packets: &PacketSet<A>) -> Option<Self> {
        let translated = view.translates && !view.mapped();
        // Where destinations are rewritten, any may turn into one of these.
        let wire = if translated {
            PacketSet { destination: IntervalSet::full(), destination_port: IntervalSet::full(), ..packets.clone() }
        } else {
            packets.clone()
        };
        let wire = PacketSet { state: StateSet::FULL, tcp_flags: TcpFlagSet::FULL, ..wire };
        let arriving = translated.then(|| packets.destination.clone());
        let query = Query { route: Route::Forward, wire, arriving, record_path: false };
        let partition = view.judge.partition(&query, BUDGET);
        let (mut surely, mut perhaps) = (Vec::new(), Vec::new());
        for piece in partition.pieces {
            if piece.own || matches!(piece.verdict, Verdict::Drop | Verdict::Reject) {
                continue;
            }
            if matches!(piece.verdict, Verdict::Undecided(_)) && piece.decider.is_none() {
                return None;
            }
            let seen = intersect_all(&[piece.seen], std::slice::from_ref(packets));
            if piece.verdict == Verdict::Accept && seen.iter().all(|set| set.conditions.is_any()) {
                surely.extend(seen.iter().cloned());
            }
            perhaps.extend(without_conditions(&seen));
        }
        Some(Self { surely, perhaps })
    }
}
