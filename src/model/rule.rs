//! One rule: what it matches, exactly or under named conditions, and what it does.

use crate::packets::{ConditionId, IntervalSet, StateSet, TcpFlagSet, Values};

use super::{Addresses, ChainId, InterfacePattern, Origin, Rewrite, Test};

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where it stands; none where nobody wrote it: what a device adds of itself.
    pub origin: Option<Origin>,
    /// It matches the packets of any of these; none at all where it can never match.
    pub matches: Vec<Match>,
    /// What happens to a packet that matches.
    pub action: Action,
    /// The administrator's remark, sanitised.
    pub comment: Option<String>,
    /// The device's own rules where it makes several of this one; none where it makes one.
    pub pairs: Option<Box<AddressPairs>>,
}

impl Rule {
    /// How many rules the device makes of it, and counts in its chain.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pairs.as_ref().map_or(1, |pairs| pairs.sources.len() * pairs.destinations.len())
    }

    /// The rules that the device makes of it, in order.
    #[must_use]
    pub fn into_single(mut self) -> Vec<Self> {
        let Some(pairs) = self.pairs.take() else { return vec![self] };
        let AddressPairs { sources, destinations } = *pairs;
        let all = sources.iter().flat_map(|source| destinations.iter().map(move |destination| (source, destination)));
        let of_pair = |(source, destination): (&Addresses, &Addresses)| {
            let pair = Match { source: source.clone(), destination: destination.clone(), ..Match::any() };
            let mut rule = self.clone();
            rule.matches.iter_mut().for_each(|product| product.narrow(&pair));
            rule.matches.retain(|product| !product.source.is_empty() && !product.destination.is_empty());
            rule
        };
        all.map(of_pair).collect()
    }
}

/// A rule with several addresses, of which the device makes one for each source and each destination: the first source with
/// each destination, then the second source with each, and so on. No packet is matched by two of them, or it makes no
/// difference which of them matches it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressPairs {
    /// Each source; one that holds every address where the rule names none.
    pub sources: Vec<Addresses>,
    /// Likewise each destination.
    pub destinations: Vec<Addresses>,
}

/// A product over the packet's axes. Fields left at their widest demand nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Source addresses.
    pub source: Addresses,
    /// Destination addresses.
    pub destination: Addresses,
    /// IP protocols.
    pub protocol: IntervalSet<u8>,
    /// Source ports, or ICMP types.
    pub source_port: IntervalSet<u16>,
    /// Destination ports, or ICMP codes.
    pub destination_port: IntervalSet<u16>,
    /// Interfaces it comes in by: all of these patterns hold.
    pub ingress: Vec<InterfacePattern>,
    /// Interfaces it leaves by: all of these patterns hold.
    pub egress: Vec<InterfacePattern>,
    /// Connection-tracking states.
    pub state: StateSet,
    /// TCP flag bytes.
    pub tcp_flags: TcpFlagSet,
    /// Conditions, by their index in [`super::RuleSet::conditions`], and the values they must have.
    pub conditions: Vec<(ConditionId, Values)>,
    /// What is asked of what earlier rules did to the packet: all of these hold.
    pub tests: Vec<Test>,
}

impl Match {
    /// Everything.
    #[must_use]
    pub fn any() -> Self {
        Self {
            source: Addresses::any(),
            destination: Addresses::any(),
            protocol: IntervalSet::full(),
            source_port: IntervalSet::full(),
            destination_port: IntervalSet::full(),
            ingress: Vec::new(),
            egress: Vec::new(),
            state: StateSet::FULL,
            tcp_flags: TcpFlagSet::FULL,
            conditions: Vec::new(),
            tests: Vec::new(),
        }
    }

    /// What both match, interfaces and conditions being the two's together. May turn out empty.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.narrow(other);
        both
    }

    /// Leaves only what the other matches too, as [`Self::intersection`] does.
    pub fn narrow(&mut self, other: &Self) {
        fn join<T: PartialEq + Clone>(all: &mut Vec<T>, more: &[T]) {
            let own = all.len();
            for one in more {
                if !all[..own].contains(one) {
                    all.push(one.clone());
                }
            }
        }
        macro_rules! narrow {
            ($($($axis:ident).+),*) => {$(
                if !other.$($axis).+.is_full() {
                    self.$($axis).+ = self.$($axis).+.intersection(&other.$($axis).+);
                }
            )*};
        }
        narrow!(source.ipv4, source.ipv6, destination.ipv4, destination.ipv6, protocol, source_port, destination_port);
        join(&mut self.ingress, &other.ingress);
        join(&mut self.egress, &other.egress);
        join(&mut self.conditions, &other.conditions);
        join(&mut self.tests, &other.tests);
        self.state = self.state.intersection(other.state);
        self.tcp_flags = self.tcp_flags.intersection(other.tcp_flags);
    }
}

/// What a rule does with a packet that matches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Lets it past this base chain.
    Accept,
    /// Discards it silently.
    Drop,
    /// Discards it with an answer.
    Reject,
    /// Goes through another chain, and on after this rule if that returns.
    Jump(ChainId),
    /// Goes through another chain, and back to whoever called this one if that returns.
    Goto(ChainId),
    /// Back to the caller; in a base chain, to the policy.
    Return,
    /// Counts, logs or edits what no match here can see; goes on with the next rule.
    Continue,
    /// Changes the packet.
    Rewrite(Rewrite),
    /// Does what nobody could know from the export; the text says what.
    Unknown(String),
}
