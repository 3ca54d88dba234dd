//! A line with several addresses, of which iptables makes one rule for each source and each destination, in that order
//! (iptables(8), "-s": "Multiple addresses can be specified, but this will expand to multiple rules").
//!
//! Where that comes to the same, the line is kept as one rule with [`AddressPairs`]; else as the rules that iptables makes.

use crate::model::{Action, AddressPairs, Addresses, RuleSet};

use super::addresses::{Endpoint, FamiliesNamed, MOST_INTERVALS, endpoint};
use super::lower::{Lowered, Outcome};
use super::statement::Statement;

/// The most rules that one line is taken apart into.
const MOST_RULES: usize = 1024;

/// The addresses of a line, where it has several.
pub struct Several<'w> {
    sources: List<'w>,
    destinations: List<'w>,
}

/// The addresses of one option.
struct List<'w> {
    /// Which of the line's options it is; none where several were not given.
    place: Option<usize>,
    addresses: Vec<&'w str>,
}

impl<'w> List<'w> {
    fn of(statement: &Statement<'w>, name: &str) -> Self {
        let mut given = statement.generic.iter().enumerate().filter(|(_, given)| given.name == name);
        match (given.next(), given.next()) {
            (Some((place, given)), None) if !given.negated && given.value().contains(',') => {
                Self { place: Some(place), addresses: given.value().split(',').map(str::trim).collect() }
            }
            // None, one, "none of several", or the option twice: lowering says what is wrong.
            _ => Self { place: None, addresses: Vec::new() },
        }
    }

    /// Each as a set; none where one of them is a name, or has too many holes to be listed.
    fn known(&self) -> Option<Vec<Addresses>> {
        if self.place.is_none() {
            return Some(vec![Addresses::any()]);
        }
        let known = |text: &&str| match endpoint(text, MOST_INTERVALS, &mut FamiliesNamed::default()) {
            Ok(Endpoint::Known(addresses)) => Some(addresses),
            _ => None,
        };
        self.addresses.iter().map(known).collect()
    }

    /// The statement once for each address, without the others.
    fn each(&self, statements: Vec<Statement<'w>>) -> Vec<Statement<'w>> {
        let Some(place) = self.place else { return statements };
        let of_each = |statement: Statement<'w>| {
            self.addresses.iter().map(move |address| {
                let mut one = statement.clone();
                if let Some(given) = one.generic.get_mut(place) {
                    given.values = smallvec::smallvec![*address];
                }
                one
            })
        };
        statements.into_iter().flat_map(of_each).collect()
    }
}

impl<'w> Several<'w> {
    /// The addresses of a line; none where it has one source and one destination at most.
    pub fn of(statement: &Statement<'w>) -> Option<Self> {
        let several = Self { sources: List::of(statement, "source"), destinations: List::of(statement, "destination") };
        (several.sources.place.is_some() || several.destinations.place.is_some()).then_some(several)
    }

    /// The pairs of addresses, where one rule does what the rules of all pairs do.
    pub fn pairs(&self, rule_set: &RuleSet, lowered: &Lowered) -> Option<AddressPairs> {
        let pairs = AddressPairs { sources: self.sources.known()?, destinations: self.destinations.known()? };
        let disjoint = are_disjoint(&pairs.sources) && are_disjoint(&pairs.destinations);
        (disjoint || first_match_decides(rule_set, lowered)).then_some(pairs)
    }

    /// One statement for each pair; none where they are more than anybody writes.
    pub fn each(&self, statement: &Statement<'w>) -> Option<Vec<Statement<'w>>> {
        let count = self.sources.addresses.len().max(1).saturating_mul(self.destinations.addresses.len().max(1));
        (count <= MOST_RULES).then(|| self.destinations.each(self.sources.each(vec![statement.clone()])))
    }
}

/// Whether no address is in two of the sets.
fn are_disjoint(sets: &[Addresses]) -> bool {
    fn apart<T: Ord + Copy>(intervals: impl Iterator<Item = (T, T)>) -> bool {
        let mut all: Vec<(T, T)> = intervals.collect();
        all.sort_unstable();
        all.is_sorted_by(|(_, high), (low, _)| high < low)
    }
    apart(sets.iter().flat_map(|set| set.ipv4.intervals().iter().copied()))
        && apart(sets.iter().flat_map(|set| set.ipv6.intervals().iter().copied()))
}

/// Whether a packet that two of the rules match goes no further than the first: it decides, and no condition may turn out otherwise
/// at the second.
fn first_match_decides(rule_set: &RuleSet, lowered: &Lowered) -> bool {
    let conditions = lowered.matches.iter().flat_map(|product| &product.conditions);
    matches!(&lowered.outcome, Outcome::Does(Action::Accept | Action::Drop | Action::Reject | Action::Return))
        && !conditions.into_iter().any(|(id, _)| rule_set.is_volatile(*id))
}
