//! Quantities that nobody can compute from an export, each with a value of its own: what those values must be, as a
//! conjunction.
//!
//! Most are truths: a rate limit that still has room, a string that is in the payload. Some are fields, such as the source's
//! MAC address, of which rules name values: then `a` and `b` cannot both hold, and "none of these" is one set.

use super::IntervalSet;

/// A condition's number; what it says is the caller's to know.
pub type ConditionId = u32;

/// The values a condition may have. A truth is false at 0 and true at every other value.
pub type Values = IntervalSet<u128>;

/// The values of a condition that holds, or of one that does not.
#[must_use]
pub fn truth(holds: bool) -> Values {
    if holds { Values::range(1, u128::MAX) } else { Values::single(0) }
}

/// A conjunction: each condition that is named has one of these values. No literal at all is "whatever they are".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conditions {
    /// Sorted by condition, each at most once, with neither no value nor every value.
    literals: Vec<(ConditionId, Values)>,
}

impl Conditions {
    /// Whatever they are.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The conjunction of these literals; `None` if they contradict each other.
    #[must_use]
    pub fn all_of(literals: &[(ConditionId, Values)]) -> Option<Self> {
        let mut all = Self::any();
        for (condition, values) in literals {
            all = all.restricted(*condition, values)?;
        }
        Some(all)
    }

    /// The literals, sorted by condition.
    #[must_use]
    pub fn literals(&self) -> &[(ConditionId, Values)] {
        &self.literals
    }

    /// Whether nothing is demanded.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.literals.is_empty()
    }

    /// What this demands of a condition, if anything.
    #[must_use]
    pub fn demands(&self, condition: ConditionId) -> Option<&Values> {
        self.literals.binary_search_by_key(&condition, |(id, _)| *id).ok().map(|place| &self.literals[place].1)
    }

    /// How many intervals its values have, beyond one for each literal.
    #[must_use]
    pub fn interval_count(&self) -> usize {
        self.literals.iter().map(|(_, values)| values.intervals().len()).sum()
    }

    /// Both conjunctions together; `None` if they contradict each other.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        if self.is_any() {
            return Some(other.clone());
        }
        let mut both = self.clone();
        for (condition, values) in &other.literals {
            both = both.restricted(*condition, values)?;
        }
        Some(both)
    }

    /// With one more demand; `None` if no value is left.
    #[must_use]
    pub fn restricted(mut self, condition: ConditionId, values: &Values) -> Option<Self> {
        match self.literals.binary_search_by_key(&condition, |(id, _)| *id) {
            Ok(place) => {
                let left = self.literals[place].1.intersection(values);
                if left.is_empty() {
                    return None;
                }
                self.literals[place].1 = left;
            }
            Err(_) if values.is_empty() => return None,
            Err(_) if values.is_full() => {}
            Err(place) => self.literals.insert(place, (condition, values.clone())),
        }
        Some(self)
    }

    /// The same with another demand, or none, in the place of what it demands of a condition.
    #[must_use]
    pub fn with(mut self, condition: ConditionId, values: Option<Values>) -> Self {
        let values = values.filter(|values| !values.is_full());
        match (self.literals.binary_search_by_key(&condition, |(id, _)| *id), values) {
            (Ok(place), Some(values)) => self.literals[place].1 = values,
            (Ok(place), None) => {
                self.literals.remove(place);
            }
            (Err(place), Some(values)) => self.literals.insert(place, (condition, values)),
            (Err(_), None) => {}
        }
        self
    }

    /// Without what it demands of the conditions that are not kept.
    #[must_use]
    pub fn only(mut self, keep: impl Fn(ConditionId) -> bool) -> Self {
        self.literals.retain(|(condition, _)| keep(*condition));
        self
    }

    /// Whether the two can hold together.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.literals
            .iter()
            .all(|(condition, values)| other.demands(*condition).is_none_or(|demanded| demanded.meets(values)))
    }

    /// Whether whatever satisfies this satisfies the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        other
            .literals
            .iter()
            .all(|(condition, values)| self.demands(*condition).is_some_and(|demanded| demanded.is_subset(values)))
    }

    /// What satisfies this and not the other, as disjoint conjunctions: the first literal of the other broken, then the
    /// first kept and the second broken, and so on.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Vec<Self> {
        let mut kept = self.clone();
        let mut pieces = Vec::new();
        for (condition, values) in &other.literals {
            let (inside, outside) = match kept.demands(*condition) {
                Some(demanded) => (demanded.intersection(values), demanded.difference(values)),
                None => (values.clone(), values.complement()),
            };
            if !outside.is_empty() {
                pieces.push(kept.clone().with(*condition, Some(outside)));
            }
            if inside.is_empty() {
                return pieces;
            }
            kept = kept.with(*condition, Some(inside));
        }
        pieces
    }
}
