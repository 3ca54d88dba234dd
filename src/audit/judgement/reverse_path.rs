//! Rules that ask whether a packet's source is reached by the interface it came by. What is audited comes from where it lives, so
//! that such a rule's answer is known: the way back is the way it came.

use crate::model::{ConditionKind, RuleSet};
use crate::packets::truth;

use crate::audit::case::Export;

/// What a reader is told where such rules stand.
pub(in crate::audit) const TOLD: &str = "rules that check the reverse path are taken to pass what is audited, since its source lives behind the interface it comes by";

/// Whether any rule asks.
pub(in crate::audit) fn asked(export: &Export) -> bool {
    export.rule_set.conditions.iter().any(|condition| condition.kind == ConditionKind::ReversePath)
}

/// The export with that answer put in; none where nothing asks.
pub(in crate::audit) fn answered<'a>(export: &Export<'a>) -> Option<Export<'a>> {
    let asks = |set: &RuleSet, id: u32| {
        set.conditions.get(id as usize).is_some_and(|condition| condition.kind == ConditionKind::ReversePath)
    };
    if !asked(export) {
        return None;
    }
    let mut answered = export.clone();
    let set = &export.rule_set;
    for rule in answered.rule_set.chains.iter_mut().flat_map(|chain| &mut chain.rules) {
        rule.matches.retain_mut(|matching| {
            let passes =
                matching.conditions.iter().all(|(id, values)| !asks(set, *id) || truth(true).is_subset(values));
            matching.conditions.retain(|(id, _)| !asks(set, *id));
            passes
        });
    }
    Some(answered)
}
