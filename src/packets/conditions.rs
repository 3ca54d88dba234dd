//! Conditions that nobody can compute from an export, each a truth value of its own: what they must be, as a conjunction.

use smallvec::SmallVec;

/// A condition's number; what it says is the caller's to know.
pub type ConditionId = u32;

/// A conjunction of conditions and negated conditions. No literal at all is "whatever they are".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conditions {
    /// Sorted by condition, each at most once.
    literals: SmallVec<[(ConditionId, bool); 2]>,
}

impl Conditions {
    /// Whatever they are.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The conjunction of these literals; `None` if they contradict each other.
    #[must_use]
    pub fn all_of(literals: &[(ConditionId, bool)]) -> Option<Self> {
        literals.iter().try_fold(Self::any(), |so_far, literal| {
            so_far.intersection(&Self { literals: SmallVec::from_slice(&[*literal]) })
        })
    }

    /// The literals, sorted by condition.
    #[must_use]
    pub fn literals(&self) -> &[(ConditionId, bool)] {
        &self.literals
    }

    /// Whether nothing is demanded.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.literals.is_empty()
    }

    /// What this demands of a condition, if anything.
    #[must_use]
    pub fn demands(&self, condition: ConditionId) -> Option<bool> {
        self.literals.binary_search_by_key(&condition, |(id, _)| *id).ok().map(|place| self.literals[place].1)
    }

    /// Both conjunctions together; `None` if they contradict each other.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        if other.is_any() {
            return Some(self.clone());
        }
        let mut literals = self.literals.clone();
        for (condition, value) in &other.literals {
            match literals.binary_search_by_key(condition, |(id, _)| *id) {
                Ok(place) if literals[place].1 != *value => return None,
                Ok(_) => {}
                Err(place) => literals.insert(place, (*condition, *value)),
            }
        }
        Some(Self { literals })
    }

    /// Whether the two can hold together.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.literals
            .iter()
            .all(|(condition, value)| other.demands(*condition).is_none_or(|demanded| demanded == *value))
    }

    /// Whether whatever satisfies this satisfies the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        other.literals.iter().all(|(condition, value)| self.demands(*condition) == Some(*value))
    }

    /// What satisfies this and not the other, as disjoint conjunctions: the first literal of the other broken, then the
    /// first kept and the second broken, and so on.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Vec<Self> {
        let mut kept = self.clone();
        let mut pieces = Vec::new();
        for (condition, value) in &other.literals {
            match kept.demands(*condition) {
                Some(demanded) if demanded == *value => {}
                Some(_) => {
                    pieces.push(kept);
                    return pieces;
                }
                None => {
                    pieces.push(kept.with(*condition, !*value));
                    kept = kept.with(*condition, *value);
                }
            }
        }
        pieces
    }

    /// This with one more literal, of a condition that it does not yet speak of.
    fn with(&self, condition: ConditionId, value: bool) -> Self {
        let mut literals = self.literals.clone();
        if let Err(place) = literals.binary_search_by_key(&condition, |(id, _)| *id) {
            literals.insert(place, (condition, value));
        }
        Self { literals }
    }
}
