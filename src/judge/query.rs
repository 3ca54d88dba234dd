//! What is asked of a rule set, and the answer: packets and the way they take, cut into pieces with one verdict each.

use crate::model::{HookPoint, Policy, RuleId};
use crate::packets::{Address, IntervalSet, PacketSet};

use super::decisions::Passed;

/// Which way a packet takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// From one interface to another.
    Forward,
    /// To the firewall itself.
    Input,
    /// From the firewall itself.
    Output,
}

impl Route {
    /// The hook the route is named after: what its filter chains decide is what an accept is attributed to.
    #[must_use]
    pub fn own_hook(self) -> HookPoint {
        match self {
            Self::Forward => HookPoint::Forward,
            Self::Input => HookPoint::Input,
            Self::Output => HookPoint::Output,
        }
    }
}

/// What becomes of the packets of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// They get through.
    Accept,
    /// They are discarded silently.
    Drop,
    /// They are discarded with an answer.
    Reject,
    /// Nobody could know; the text says why.
    Undecided(String),
}

/// Packets that share a verdict and the rule that decided it.
#[derive(Debug, Clone)]
pub struct Piece<A: Address> {
    /// The packets as they arrive, with the conditions under which the verdict holds.
    pub wire: PacketSet<A>,
    /// The same packets as the deciding chain saw them.
    pub seen: PacketSet<A>,
    /// What becomes of them.
    pub verdict: Verdict,
    /// The rule or policy that decided, of an accept the last one at the route's own hook; none where no base chain stood on the
    /// way. [`super::Judge::attributed`] says which filter chain's decision an accept is attributed to.
    pub decider: Option<RuleId>,
    /// Of an accept, the decision of each filter chain at the route's own hook, in order; else empty.
    pub passed: Passed,
    /// Where a long run of alike rules decided: the place of the run's last rule. The first from [`Self::decider`] to it that
    /// a packet matches decided.
    pub through: Option<usize>,
    /// It was not cut along the sets of this rule, and may hold more packets than share its verdict: [`super::Judge::bounds_of`]
    /// lists those that may. Only where [`Wanted::AtMostRefused`] is asked for.
    pub uncut: Option<RuleId>,
    /// They were redirected to the firewall itself, whatever their destination was.
    pub own: bool,
    /// Every rule they matched on their way, where the walk was asked to record it.
    pub path: Vec<Step>,
}

/// A rule that packets matched on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: RuleId,
    /// Which of the rules it was that the device makes of it ([`crate::model::AddressPairs`]), from 0.
    pub pair: usize,
}

/// A set of packets cut into pieces: disjoint, and together the whole of it.
#[derive(Debug, Clone)]
pub struct Partition<A: Address> {
    /// The pieces.
    pub pieces: Vec<Piece<A>>,
    /// The base chains at the route's own hook, the last of which decides an accept.
    pub had_own_chain: bool,
    /// Fresh numbers that were given to volatile conditions: number minus [`Self::first_fresh`] is the index here.
    pub(super) fresh: Vec<crate::packets::ConditionId>,
    pub(super) first_fresh: crate::packets::ConditionId,
}

impl<A: Address> Partition<A> {
    /// The condition of the rule set that a condition of a piece stands for.
    #[must_use]
    pub fn original(&self, id: crate::packets::ConditionId) -> crate::packets::ConditionId {
        match id.checked_sub(self.first_fresh) {
            None => id,
            Some(index) => self.fresh.get(index as usize).copied().unwrap_or(id),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Query<A: Address> {
    /// Which way.
    pub route: Route,
    /// The packets as they arrive.
    pub wire: PacketSet<A>,
    /// Only those whose destination is one of these once the destination is translated, if given.
    pub arriving: Option<IntervalSet<A>>,
    /// Whether to record the rules on the way. For sets of more than one packet this costs much.
    pub record_path: bool,
    /// Which packets the answer is about.
    pub wanted: Wanted,
}

impl<A: Address> Query<A> {
    /// What becomes of these packets.
    #[must_use]
    pub fn new(route: Route, wire: PacketSet<A>) -> Self {
        Self { route, wire, arriving: None, record_path: false, wanted: Wanted::All }
    }
}

/// Which packets an answer is about. What is not wanted may be left out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// All but those that are refused whatever the conditions are.
    Passing,
    /// All but those that get through.
    Refused,
    /// Likewise, and pieces may be uncut ([`Piece::uncut`]): what is refused at most.
    AtMostRefused,
}

/// How much work may be done before the rest is undecided.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Comparisons of two packet sets, beside a number that grows with the rule set.
    pub comparisons: u64,
    /// Pieces in work at the same time.
    pub regions: usize,
    /// Pieces of the answer.
    pub pieces: usize,
    /// Intervals of all pieces in work together, and of all pieces of the answer together: what bounds memory.
    pub intervals: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { comparisons: 1_000_000, regions: 20_000, pieces: 10_000, intervals: 1_000_000 }
    }
}

/// The verdict of a policy.
pub(super) fn policy_verdict(policy: Policy) -> Verdict {
    match policy {
        Policy::Accept => Verdict::Accept,
        Policy::Drop => Verdict::Drop,
    }
}
