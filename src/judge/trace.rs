//! One packet: its verdict, the rule that decided, and the rules on its way.

use rustc_hash::FxHashSet;

use crate::model::RuleId;
use crate::packets::{Packet, PacketSet};

use super::family::FamilyAddress;
use super::{Budget, Judge, Query, Route, Step, Verdict};

/// What a packet met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What became of it; undecided if it depends on conditions that cannot be computed.
    pub verdict: Verdict,
    /// The rule or policy that decided; none where no base chain stood on the way, or where more than one might have.
    pub decider: Option<RuleId>,
    /// All rules and policies that might have decided, each once; of an accept those it is attributed to ([`Judge::attributed`]).
    pub deciders: Vec<RuleId>,
    /// Every rule it certainly matched, in order, as far as that depends on no condition.
    pub path: Vec<Step>,
    /// Which of the rules decided that the device makes of [`Self::decider`] ([`crate::model::AddressPairs`]), from 0.
    pub pair: usize,
    /// The conditions that the verdict depends on, in the export's words.
    pub conditions: Vec<String>,
}

impl<A: FamilyAddress> Judge<'_, A> {
    /// Follows one packet. Conditions are all left open: the packet's own are not looked at.
    #[must_use]
    pub fn trace(&self, route: Route, packet: &Packet<A>) -> Trace {
        // Judged without its path first: branches that come to the same do not count then.
        let mut query = Query::new(route, PacketSet::of(packet));
        let partition = self.partition(&query, Budget::default());
        query.record_path = true;
        let paths: Vec<Vec<Step>> =
            self.partition(&query, OF_PATHS).pieces.into_iter().map(|piece| piece.path).collect();
        let pieces = &partition.pieces;
        let Some(first) = pieces.first() else {
            return Trace {
                verdict: Verdict::Accept,
                decider: None,
                deciders: Vec::new(),
                path: Vec::new(),
                pair: 0,
                conditions: Vec::new(),
            };
        };
        let same_verdict = pieces.iter().all(|piece| piece.verdict == first.verdict);
        let same_decider = pieces.iter().all(|piece| piece.decider == first.decider);
        let mut conditions: Vec<String> = Vec::new();
        let mut seen = FxHashSet::default();
        for (id, _) in pieces.iter().flat_map(|piece| piece.wire.conditions.literals()) {
            let text = self.rule_set.conditions.get(partition.original(*id) as usize).map(|condition| &condition.text);
            if let Some(text) = text
                && seen.insert(text)
                && conditions.len() < MOST_CONDITIONS
            {
                conditions.push(text.clone());
            }
        }
        let verdict = if same_verdict {
            first.verdict.clone()
        } else {
            let refused = pieces.iter().all(|piece| matches!(piece.verdict, Verdict::Drop | Verdict::Reject));
            let either = if refused { "refused either way, silently or with an answer; " } else { "" };
            let reasons: Vec<&str> = pieces
                .iter()
                .filter_map(|piece| match &piece.verdict {
                    Verdict::Undecided(why) => Some(why.as_str()),
                    _ => None,
                })
                .chain(conditions.iter().map(String::as_str))
                .collect();
            Verdict::Undecided(format!("{either}it depends on: {}", reasons.join("; ")))
        };
        let decider = if same_verdict && same_decider { first.decider } else { None };
        let path = common_beginning(&paths);
        let mut deciders: Vec<RuleId> = pieces.iter().filter_map(|piece| self.attributed(piece)).collect();
        deciders.sort_unstable();
        deciders.dedup();
        let pair = decider.map_or(0, |rule| self.pair_of(rule, &first.seen));
        Trace { verdict, decider, deciders, path, pair, conditions }
    }
}

/// Conditions that are named; the verdict depends on these at least.
const MOST_CONDITIONS: usize = 64;

/// The work for finding the rules on the way: they are left out where it is much.
const OF_PATHS: Budget = Budget { comparisons: 50_000, regions: 500, pieces: 500, intervals: 100_000 };

/// The rules that every path begins with.
fn common_beginning(paths: &[Vec<Step>]) -> Vec<Step> {
    let Some((first, others)) = paths.split_first() else { return Vec::new() };
    let common = others
        .iter()
        .map(|path| path.iter().zip(first).take_while(|(a, b)| a == b).count())
        .min()
        .unwrap_or(first.len());
    first[..common].to_vec()
}
