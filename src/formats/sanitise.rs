//! The texts of a rule set, made fit to be shown: whatever a reader took from an export, no screen, report or trace gets it raw.
//!
//! Interface names stay as they are, since zones and probes are matched with them; who writes them out makes them harmless.

use crate::model::{Action, RuleSet};
use crate::source::sanitise_to;

/// The longest name or text that is kept, in characters. The kernel's own names are at most 31.
const LONGEST: usize = 400;

/// Makes names of tables and chains, texts of conditions and reasons, comments and notes harmless.
pub(super) fn sanitise_rule_set(rule_set: &mut RuleSet) {
    for chain in &mut rule_set.chains {
        shown(&mut chain.table);
        shown(&mut chain.name);
        for rule in &mut chain.rules {
            rule.comment.as_mut().map(shown);
            if let Action::Unknown(why) = &mut rule.action {
                shown(why);
            }
        }
    }
    for condition in &mut rule_set.conditions {
        shown(&mut condition.text);
    }
    rule_set.notes.iter_mut().for_each(shown);
}

fn shown(text: &mut String) {
    if let std::borrow::Cow::Owned(harmless) = sanitise_to(text, LONGEST) {
        *text = harmless;
    }
}
