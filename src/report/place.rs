//! Finds the input with an id, the path and line of a rule, and the rule that decides a finding.

use crate::findings::{Finding, Input, RuleEvidence, Run};

/// The input with this id.
pub(super) fn input<'a>(run: &'a Run, id: &str) -> Option<&'a Input> {
    run.inputs.iter().find(|input| input.id == id)
}

/// `fw-ext.rules:20`, with the path as given.
pub(super) fn path_and_line(run: &Run, rule: &RuleEvidence) -> String {
    let path = input(run, &rule.input).map_or(rule.input.as_str(), |input| input.path.as_str());
    format!("{path}:{}", rule.line)
}

/// The rule that decides the witness packet; `None` where a policy without a line does.
pub(super) fn decider(finding: &Finding) -> Option<&RuleEvidence> {
    finding.rules.last().filter(|rule| matches!(rule.effect.as_str(), "permits" | "denies" | "undecided"))
}
