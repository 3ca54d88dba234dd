//! A run: the inputs, the status of every need, and the findings. Every report is made from it.

use serde::{Deserialize, Serialize};

use super::{Finding, RuleRef, Severity};
use crate::source::{LineCounts, Source};

/// The schema's name in the JSON.
pub const SCHEMA: &str = "edgewarden/run/1";

/// The complete result of an audit. The same inputs and the same `as_of` give the same run, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that made it.
    pub tool: Tool,
    /// The date of the audit, `YYYY-MM-DD`.
    pub as_of: String,
    /// The deployment that the inputs were judged against.
    pub deployment: DeploymentRef,
    /// The files that were read.
    pub inputs: Vec<Input>,
    /// The counts, of which reports show three ratios.
    pub summary: Summary,
    /// Limits of this run: data that was read but not judged, expired exceptions, parts not evaluated.
    pub notes: Vec<String>,
    /// Each need, for each node and family.
    pub needs: Vec<Need>,
    /// The status of needs end to end, where their path has more than one firewall.
    #[serde(default)]
    pub end_to_end: Vec<EndToEnd>,
    /// Findings, most severe first, then in the order of needs, firewalls and lines.
    pub findings: Vec<Finding>,
}

/// The program that made a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `edgewarden`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The deployment a run was judged against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRef {
    /// SHA-256 of the deployment file's bytes, in hexadecimal.
    pub sha256: String,
    /// `lync2013`, `sfb2015`, `sfb2019`.
    pub product: String,
    /// As in the deployment file.
    pub topology: String,
}

/// One input as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The id findings refer to: the firewall's name, with `.2`, `.3` … for its further files.
    pub id: String,
    /// The firewall whose export it is; none if an export was read without a deployment.
    pub firewall: Option<String>,
    /// The path as it was given, sanitised.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// `iptables`, …
    pub format: String,
    /// `utf-8`, `utf-8-bom`, `utf-16le`, `utf-16be`, `latin-1`.
    pub encoding: String,
    /// How its lines were classified.
    pub lines: LineCounts,
}

impl Input {
    /// A source as it was read in a format, for a firewall.
    #[must_use]
    pub fn of(source: &Source, firewall: Option<&str>, format: &str, lines: LineCounts) -> Self {
        Self {
            id: source.id.clone(),
            firewall: firewall.map(str::to_owned),
            path: source.path.clone(),
            sha256: source.sha256.clone(),
            bytes: source.bytes,
            format: format.to_owned(),
            encoding: source.encoding.name().to_owned(),
            lines,
        }
    }
}

/// The counts over a run. There are three ratios, and no total score.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Needs by status.
    pub needs: NeedCounts,
    /// Open findings by severity.
    pub findings: FindingCounts,
    /// All rules, and those explained.
    pub rules: RuleCounts,
    /// All lines, and those understood.
    pub lines: LineSummary,
}

/// Needs by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the names are the statuses
pub struct NeedCounts {
    pub satisfied: usize,
    pub partial: usize,
    pub missing: usize,
    pub misdirected: usize,
    pub undecided: usize,
    pub not_applicable: usize,
    pub not_evaluated: usize,
}

impl NeedCounts {
    /// Counts one more need of this status.
    pub fn add(&mut self, status: NeedStatus) {
        *match status {
            NeedStatus::Satisfied => &mut self.satisfied,
            NeedStatus::Partial => &mut self.partial,
            NeedStatus::Missing => &mut self.missing,
            NeedStatus::Misdirected => &mut self.misdirected,
            NeedStatus::Undecided => &mut self.undecided,
            NeedStatus::NotApplicable => &mut self.not_applicable,
            NeedStatus::NotEvaluated => &mut self.not_evaluated,
        } += 1;
    }
}

/// Open findings by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the names are the severities
pub struct FindingCounts {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
}

impl FindingCounts {
    /// Counts one more finding of this severity.
    pub fn add(&mut self, severity: Severity) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        } += 1;
    }
}

/// The number of rules, and of those explained: all except rules that permit excess and rules whose effect on the Edge is
/// undecided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RuleCounts {
    pub total: usize,
    pub explained: usize,
}

/// Lines over all inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LineSummary {
    pub total: usize,
    pub understood: usize,
}

/// The status of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedStatus {
    /// One alternative is permitted completely, or except for a small, listed part of the Internet's addresses.
    Satisfied,
    /// A part is permitted, and a part is denied.
    Partial,
    /// Nothing is permitted.
    Missing,
    /// Nothing is permitted, but a rule would permit it if one field were different.
    Misdirected,
    /// The export does not decide it.
    Undecided,
    /// Product, topology or features do not call for it.
    NotApplicable,
    /// No export was given for that side.
    NotEvaluated,
}

impl NeedStatus {
    /// All statuses, worst first.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::Misdirected,
        Self::Partial,
        Self::Undecided,
        Self::Satisfied,
        Self::NotEvaluated,
        Self::NotApplicable,
    ];

    /// The name the JSON and the screen use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Partial => "partial",
            Self::Missing => "missing",
            Self::Misdirected => "misdirected",
            Self::Undecided => "undecided",
            Self::NotApplicable => "not_applicable",
            Self::NotEvaluated => "not_evaluated",
        }
    }
}

/// A need whose path has more than one firewall, and its status through all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndToEnd {
    /// The need's id.
    pub need: String,
    /// The node's name, or `vip`.
    pub node: String,
    /// `ipv4` or `ipv6`.
    pub family: String,
    /// The firewalls on the path, in the deployment's order.
    pub firewalls: Vec<String>,
    /// Satisfied if all let it through; missing if one refuses it or no packet gets past all of them; else partial or undecided.
    pub status: NeedStatus,
}

/// One need of one node in one family, with its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// For example `external.access.tcp-443.in`.
    pub id: String,
    /// The node's name, or `vip`.
    pub node: String,
    /// `ipv4` or `ipv6`.
    pub family: String,
    /// The firewall it was judged on; none if the need was not judged.
    pub firewall: Option<String>,
    /// Its status.
    pub status: NeedStatus,
    /// `mandatory`, `conditional`, `recommended` or `optional`.
    pub requirement: String,
    /// The table rows that call for it, `S004.T1.R05` being document 004, table 1, row 5.
    pub rows: Vec<String>,
    /// The rules that permit it.
    pub permitted_by: Vec<RuleRef>,
    /// Internet addresses that are refused although the need counts as satisfied.
    pub exceptions: Vec<String>,
    /// Why it is not applicable, not evaluated or undecided.
    pub reason: Option<String>,
    /// The id of its finding, if it has one.
    pub finding: Option<String>,
}
