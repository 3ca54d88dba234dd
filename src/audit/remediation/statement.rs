//! The rules that one statement of an export makes. They can only be removed together.

use crate::model::{Chain, RuleId, RuleSet};

/// The rules of the statement that a rule comes from: the place of the first in the rule's chain, and their number. None, if
/// other rules are between them, if another chain has rules of the same statement, or if the rule is not written in the export.
pub(super) fn of(set: &RuleSet, rule: RuleId) -> Option<(usize, usize)> {
    let rules = &set.chains.get(rule.chain)?.rules;
    let origin = Some(rules.get(rule.place)?.origin?);
    let has_rule_of_it = |other: &Chain| other.rules.iter().any(|rule| rule.origin == origin);
    if set.chains.iter().enumerate().any(|(number, other)| number != rule.chain && has_rule_of_it(other)) {
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
