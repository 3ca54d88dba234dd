//! The rules that one statement of an export makes: they come and go together.

use crate::model::{Chain, RuleId, RuleSet};

/// The rules that stand where this one does, in its chain: the first place and how many. None where others stand between, where
/// another chain has rules of the same statement, or where nobody wrote it.
pub(super) fn of(set: &RuleSet, rule: RuleId) -> Option<(usize, usize)> {
    let rules = &set.chains.get(rule.chain)?.rules;
    let origin = Some(rules.get(rule.place)?.origin?);
    let elsewhere = |other: &Chain| other.rules.iter().any(|rule| rule.origin == origin);
    if set.chains.iter().enumerate().any(|(number, other)| number != rule.chain && elsewhere(other)) {
        return None;
    }
    let first = rules.iter().position(|rule| rule.origin == origin)?;
    let last = rules.iter().rposition(|rule| rule.origin == origin)?;
    let together = rules[first..=last].iter().all(|rule| rule.origin == origin);
    together.then_some((first, last + 1 - first))
}

/// The lines of a text that goes or comes, whichever way its export ends them; none of them is blank.
pub(super) fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\r', '\n']).filter(|line| !line.is_empty())
}
