//! Conditions: quantities whose values cannot be computed from an export. A conjunction states which values they must have.
//!
//! Most are truth values: whether a rate limit is not yet reached, or whether a string is in the payload. Some are fields, such
//! as the source's MAC address, for which rules name values: two different values exclude each other, and "none of these" is one
//! set.

use super::IntervalSet;

/// The number of a condition. The caller knows its text.
pub type ConditionId = u32;

/// The values a condition may have. A truth is false at 0 and true at every other value.
pub type Values = IntervalSet<u128>;

/// The values of a condition that is true, or of one that is false.
#[must_use]
pub fn truth(holds: bool) -> Values {
    if holds { Values::range(1, u128::MAX) } else { Values::single(0) }
}

/// A conjunction: each condition in it has one of the given values. An empty conjunction is satisfied by any values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conditions {
    /// Sorted by condition, each condition at most once. The values are neither empty nor all values.
    literals: Vec<(ConditionId, Values)>,
}

impl Conditions {
    /// The conjunction that any values satisfy.
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

    /// Whether any values satisfy it.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.literals.is_empty()
    }

    /// The values that this requires of a condition, if it restricts it.
    #[must_use]
    pub fn demands(&self, condition: ConditionId) -> Option<&Values> {
        self.literals.binary_search_by_key(&condition, |(id, _)| *id).ok().map(|place| &self.literals[place].1)
    }

    /// How many intervals its values have, not counting one for each literal.
    #[must_use]
    pub fn interval_count(&self) -> usize {
        self.literals.iter().map(|(_, values)| values.intervals().len()).sum()
    }

    /// The conjunction of both; `None` if they contradict each other.
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

    /// The same with one more literal; `None` if no value is left.
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

    /// The same with the values of one condition replaced, or unrestricted if `values` is none.
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

    /// The same without the literals of conditions that are not kept.
    #[must_use]
    pub fn only(mut self, keep: impl Fn(ConditionId) -> bool) -> Self {
        self.literals.retain(|(condition, _)| keep(*condition));
        self
    }

    /// Whether both can be satisfied at once.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.literals
            .iter()
            .all(|(condition, values)| other.demands(*condition).is_none_or(|demanded| demanded.meets(values)))
    }

    /// Whether all values that satisfy this satisfy the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        other
            .literals
            .iter()
            .all(|(condition, values)| self.demands(*condition).is_some_and(|demanded| demanded.is_subset(values)))
    }

    /// The values that satisfy this but not the other, as disjoint conjunctions: in the first, the first literal of the other is
    /// false; in the next, the first literal is true and the second false; and so on.
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
