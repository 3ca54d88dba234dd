//! Findings made of judgements: identity, severity, sentences and evidence.

mod grade;
mod nearly;
mod of_check;
mod of_excess;
mod of_need;

pub(super) use grade::edge_addresses;
pub(super) use of_check::{of_blocked, of_fault, of_unaudited};
pub(super) use of_excess::of_excess;
pub(super) use of_need::of_need;

use crate::catalog;
use crate::findings::Finding;

/// The order of a report: most severe first, then as the needs and the lines come.
pub(super) fn in_order(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                finding.severity,
                finding.category,
                catalog::needs().iter().position(|need| Some(&need.id) == finding.need.as_ref()),
                finding.firewall.clone(),
                finding.node.clone(),
                finding.family.clone(),
                finding.rules.last().map(|rule| (rule.input.clone(), rule.line)),
                finding.id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
}
