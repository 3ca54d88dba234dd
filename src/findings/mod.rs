//! What an audit says: the run, its needs and its findings, as `edgewarden/run/1` names them.
//!
//! Nothing here knows how a finding was found; it only gives it a name, a severity, an identity and its evidence.
//! Start at [`Run`]; [`Finding`] is the heart; [`fingerprint`] says what makes two findings the same one.

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
