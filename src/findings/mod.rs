//! The result of an audit: the run, its needs and its findings, with the fields of `edgewarden/run/1`.
//!
//! Nothing here knows how findings are made. Start at [`Run`] and [`Finding`]; [`fingerprint`] is a finding's identity.

mod evidence;
mod finding;
pub mod fingerprint;
pub mod notation;
pub mod replay;
mod run;

pub use crate::source::LineCounts;
pub use evidence::{Packet, RuleEvidence, RuleRef, TrafficRow};
pub use finding::{Category, Disposition, Finding, Kind, NearMiss, Position, Remediation, Severity, TextEdit};
pub use run::{
    DeploymentRef, EndToEnd, FindingCounts, Input, LineSummary, Need, NeedCounts, NeedStatus, RuleCounts, Run, SCHEMA,
    Summary, Tool,
};
