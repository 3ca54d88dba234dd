//! The last step of an audit: removes from the run everything that came from exports and the deployment and that could control a
//! terminal, reorder a line or hide text.

use crate::findings::{Finding, Need, Remediation, RuleRef, Run, TrafficRow};
use crate::source::sanitise;

/// Sanitises every string of the run that contains text from the input.
pub(super) fn sanitise_run(run: &mut Run) {
    for input in &mut run.inputs {
        shown(&mut input.id);
        shown(&mut input.path);
    }
    run.notes.iter_mut().for_each(shown);
    run.needs.iter_mut().for_each(need);
    run.findings.iter_mut().for_each(finding);
}

fn need(need: &mut Need) {
    shown(&mut need.node);
    shown_if(&mut need.firewall);
    shown_if(&mut need.reason);
    need.permitted_by.iter_mut().for_each(|RuleRef { input, .. }| shown(input));
}

fn finding(finding: &mut Finding) {
    shown(&mut finding.title);
    shown(&mut finding.why);
    shown_if(&mut finding.firewall);
    shown_if(&mut finding.node);
    for rows in [&mut finding.expected, &mut finding.gap, &mut finding.excess] {
        for TrafficRow { ingress, egress, .. } in rows {
            shown(ingress);
            shown(egress);
        }
    }
    if let Some(witness) = &mut finding.witness {
        shown_if(&mut witness.ingress);
        shown_if(&mut witness.egress);
    }
    if let Some(remediation) = &mut finding.remediation {
        // The text of edits is left unchanged, with its line ends: only changes with plain text are offered.
        let Remediation { dialect: _, snippet, r#where, also_opens, undo, edits, diff, made_by: _ } = remediation;
        [snippet, r#where, also_opens, undo, diff].into_iter().for_each(lines);
        for edit in edits {
            shown(&mut edit.input);
        }
    }
    let near_miss = finding.near_miss.iter_mut().flat_map(|near_miss| &mut near_miss.rules);
    for rule in finding.rules.iter_mut().chain(near_miss) {
        shown(&mut rule.input);
        shown(&mut rule.text);
    }
}

fn shown_if(text: &mut Option<String>) {
    text.as_mut().map(shown);
}

/// Sanitises each line of a text.
fn lines(text: &mut String) {
    let sanitised: Vec<_> = text.split('\n').map(sanitise).collect();
    if sanitised.iter().any(|line| matches!(line, std::borrow::Cow::Owned(_))) {
        *text = sanitised.join("\n");
    }
}

fn shown(text: &mut String) {
    if let std::borrow::Cow::Owned(sanitised) = sanitise(text) {
        *text = sanitised;
    }
}
