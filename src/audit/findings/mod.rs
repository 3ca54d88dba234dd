//! Makes findings from judgements: their identity, severity, sentences and evidence.

pub(super) mod evidence;
mod grade;
pub(super) mod grouping;
mod near_miss;
mod of_check;
mod of_excess;
mod of_need;
pub(super) mod traffic_rows;
pub(super) mod wording;

pub(super) use grade::class_of;
pub(super) use of_check::{of_blocked, of_fault, of_unlisted_family};
pub(super) use of_excess::{node_of, of_excess};
pub(super) use of_need::of_need;

use std::collections::BTreeMap;

use crate::catalog;
use crate::findings::Finding;

/// Sorts findings into the order of a report: the most severe first, then in the order of the needs, of the ranking of excess and
/// of the lines. `ranks` are the ranks of the findings of excess, by fingerprint.
pub(super) fn in_order(findings: &mut [Finding], ranks: &BTreeMap<String, u8>) {
    findings.sort_by_cached_key(|finding| place_in_report(finding, ranks));
}

/// The position of a finding in the report, as a sort key.
pub(super) fn place_in_report(finding: &Finding, ranks: &BTreeMap<String, u8>) -> impl Ord + use<> {
    (
        finding.severity,
        finding.category,
        catalog::needs().iter().position(|need| Some(&need.id) == finding.need.as_ref()),
        ranks.get(&finding.fingerprint).copied(),
        finding.firewall.clone(),
        finding.node.clone(),
        finding.family.clone(),
        finding.rules.last().map(|rule| (rule.input.clone(), rule.line)),
        finding.id.clone(),
    )
}
