//! Rules that check whether a packet's source is reached through the interface it arrived on (reverse path). Audited packets
//! arrive on the interface of the zone their source belongs to, so the answer of such a rule is known: the check passes.

use crate::model::{ConditionKind, RuleSet};
use crate::packets::truth;

use crate::audit::case::Export;

/// The note for an export that has such rules.
pub(in crate::audit) const NOTE: &str = "rules that check the reverse path are assumed to let audited packets pass: their sources are behind the interfaces they arrive on";

/// Whether any rule checks the reverse path.
pub(in crate::audit) fn asked(export: &Export) -> bool {
    export.rule_set.conditions.iter().any(|condition| condition.kind == ConditionKind::ReversePath)
}

/// The export with every reverse path check replaced by its answer; none where no rule makes one.
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
