//! The proof makes the cheap attempts first: it tests corners of the set; looks for one earlier set that contains it; picks
//! packets at random, each outside the sets that contained the previous ones; subtracts earlier sets piece by piece; and last,
//! examines the regions between the boundaries of all sets that meet it.
//!
//! A packet that is in no earlier set proves that some packet gets past. The set is proved covered by one earlier set that
//! contains it, by subtraction that leaves nothing, or by regions each of which is contained in an earlier set.

use super::answer::Answer;
use super::random::Random;
use super::regions;
use super::{Budget, Earlier, Live};
use crate::packets::tree::Exhausted;
use crate::packets::{Address, Packet, PacketSet};

/// How often a sequence of random packets is started, and how many packets a sequence has at most.
const DESCENTS: usize = 6;
const STEPS: usize = 24;
/// How many pieces are examined one by one before the regions are tried.
const MOST_PIECES: usize = 1024;

/// Whether any packet of `query` is in none of the earlier sets.
pub(in crate::packets) fn prove<A: Address>(
    query: &PacketSet<A>,
    earlier: &impl Earlier<A>,
    budget: &mut Budget,
) -> Live<A> {
    match attempt(query, earlier, budget) {
        Ok(Answer::Witness(packet)) => Live::Witness(packet),
        Ok(Answer::Covered(mut covering)) => {
            covering.sort_unstable();
            covering.dedup();
            Live::Covered(covering)
        }
        Err(Exhausted) => Live::Undecided,
    }
}

fn attempt<A: Address>(
    query: &PacketSet<A>,
    earlier: &impl Earlier<A>,
    budget: &mut Budget,
) -> Result<Answer<A>, Exhausted> {
    let Some(low) = query.witness() else { return Ok(Answer::Covered(Vec::new())) };
    budget.piece()?;
    if earlier.holding(&low, budget)?.is_none() {
        return Ok(Answer::Witness(low));
    }
    let high = highest(query, low);
    if earlier.holding(&high, budget)?.is_none() {
        return Ok(Answer::Witness(high));
    }
    if let Some(container) = earlier.containing(query, budget)? {
        return Ok(Answer::Covered(vec![container]));
    }
    if let Some(packet) = descend(query, earlier, budget)? {
        return Ok(Answer::Witness(packet));
    }
    if let Some(answer) = take_away(query, earlier, budget)? {
        return Ok(answer);
    }
    regions::prove(query, earlier, budget)
}

/// The packet at the opposite corner: the highest value on each axis that is an interval axis, the others as in `lowest`.
fn highest<A: Address>(set: &PacketSet<A>, lowest: Packet<A>) -> Packet<A> {
    macro_rules! highest {
        ($($axis:ident),*) => {
            Packet { $($axis: set.$axis.intervals().last().map_or(lowest.$axis, |(_, high)| *high),)* ..lowest }
        };
    }
    highest!(protocol, destination_port, destination, source, source_port, ingress, egress)
}

/// Picks packets at random, each from a piece of what remains once the set that contained the previous packet is subtracted.
fn descend<A: Address>(
    query: &PacketSet<A>,
    earlier: &impl Earlier<A>,
    budget: &mut Budget,
) -> Result<Option<Packet<A>>, Exhausted> {
    let mut random = Random::new();
    for _ in 0..DESCENTS {
        let mut piece = query.clone();
        for _ in 0..STEPS {
            budget.piece()?;
            let Some(packet) = random.packet(&piece) else { break };
            let Some(hit) = earlier.holding(&packet, budget)? else { return Ok(Some(packet)) };
            let Some(rest) = random.pick(piece.difference(earlier.set(hit))) else { break };
            piece = rest;
        }
    }
    Ok(None)
}

/// Works through a stack of pieces. A piece that some earlier set contains is done. Otherwise its lowest packet is tested: if no
/// set contains it, it is a witness; if some do, the one that takes the largest part of the piece is subtracted. None if there
/// are too many pieces.
fn take_away<A: Address>(
    query: &PacketSet<A>,
    earlier: &impl Earlier<A>,
    budget: &mut Budget,
) -> Result<Option<Answer<A>>, Exhausted> {
    let mut used = Vec::new();
    let mut pieces = vec![query.clone()];
    for _ in 0..MOST_PIECES {
        let Some(piece) = pieces.pop() else { return Ok(Some(Answer::Covered(used))) };
        let Some(corner) = piece.witness() else { continue };
        budget.piece()?;
        let Some(largest) = earlier.largest(&corner, &piece, budget)? else {
            return Ok(Some(Answer::Witness(corner)));
        };
        if let Some(container) = earlier.containing(&piece, budget)? {
            used.push(container);
            continue;
        }
        used.push(largest);
        pieces.extend(piece.difference(earlier.set(largest)));
    }
    Ok(None)
}
