//! The proof, the cheap attempts first: corners of the set, one earlier set that contains it, packets picked at random from what
//! the ones hit leave, piece after piece taken away, and last the regions between the boundaries of all that meet it.
//!
//! A packet that no earlier set holds is proof that the set lives, whoever found it. That the set is covered is proved by a
//! container of the whole, by pieces none of which is left, or by regions each of which has a container.

use super::answer::Answer;
use super::random::Random;
use super::regions;
use super::{Budget, Earlier, Live};
use crate::packets::tree::Exhausted;
use crate::packets::{Address, Packet, PacketSet};

/// How often packets are picked at random, and how many each time before starting over.
const DESCENTS: usize = 6;
const STEPS: usize = 24;
/// How many pieces are looked at one by one before all that meets the set is taken together.
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

/// The packet at the other corner: the highest value on every axis, else as the lowest.
fn highest<A: Address>(set: &PacketSet<A>, lowest: Packet<A>) -> Packet<A> {
    macro_rules! highest {
        ($($axis:ident),*) => {
            Packet { $($axis: set.$axis.intervals().last().map_or(lowest.$axis, |(_, high)| *high),)* ..lowest }
        };
    }
    highest!(protocol, destination_port, destination, source, source_port, ingress, egress)
}

/// Picks packets at random, each from a piece of what the set that held the last one leaves.
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

/// Works off a stack of pieces: one that some earlier set contains is done; the lowest packet of a piece, if none holds it, is a
/// witness; else what holds it and takes most away is taken away. None if there are too many pieces.
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
