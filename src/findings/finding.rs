//! One finding: what is wrong, how bad it is, and everything that proves it.

use serde::{Deserialize, Serialize};

use super::{Packet, RuleEvidence, TrafficRow};

/// The kind of a finding. The names are those of the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing of what a need calls for is permitted.
    Missing,
    /// A part of what a need calls for is permitted, and a part is denied.
    Partial,
    /// Missing, with a rule that would permit it if one field were different.
    Misdirected,
    /// Packets are permitted although no need calls for them.
    Excess,
    /// The export does not decide it.
    Undecided,
    /// The port range 50000–59999 is closed while 443 and 3478 are satisfied: accepted, for information.
    MediaRangeClosed,
    /// The first packet of a connection gets through, but its later packets do not.
    RepliesBlocked,
    /// Traffic of a family that the deployment does not list gets through to an Edge node.
    FamilyUnaudited,
    /// An external address is not translated to and from a single public address.
    #[serde(rename = "nat.symmetric")]
    NatSymmetric,
    /// A port is translated to another.
    #[serde(rename = "nat.port")]
    NatPort,
}

impl Kind {
    /// The name the JSON and the screen use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Partial => "partial",
            Self::Misdirected => "misdirected",
            Self::Excess => "excess",
            Self::Undecided => "undecided",
            Self::MediaRangeClosed => "media_range_closed",
            Self::RepliesBlocked => "replies_blocked",
            Self::FamilyUnaudited => "family_unaudited",
            Self::NatSymmetric => "nat.symmetric",
            Self::NatPort => "nat.port",
        }
    }
}

/// The severity, always from the tables in `catalog`. Ordered: critical first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Stops sign-in or all media, or exposes the internal network.
    Critical,
    /// Stops a declared feature, or exposes much.
    High,
    /// Degrades a service, or exposes something.
    Medium,
    /// Little effect.
    Low,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// All severities, most severe first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The name the JSON and the screen use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// Whether a service fails or something is exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// A service does not work.
    Service,
    /// Something is open although no need calls for it.
    Exposure,
}

impl Category {
    /// The name the JSON and the screen use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Exposure => "exposure",
        }
    }
}

/// Whether the finding was accepted. A waiver never changes a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Not accepted.
    Open,
    /// Accepted until a date.
    Waived,
    /// Accepted until a date that has passed.
    WaiverExpired,
}

/// A rule that would permit a missing need if one field were different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// `reversed`, `source_port`, `wrong_interface`, `not_applied`, `wrong_address`, `wrong_transport` or `nat_view`.
    pub kind: String,
    /// The rules concerned.
    pub rules: Vec<RuleEvidence>,
}

/// A change of the export that cures a finding, proved by judging the changed rules, with a description in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// `iptables`, `nft`, `asa`, `csv`.
    pub dialect: String,
    /// The lines that are inserted into the export.
    pub snippet: String,
    /// Where lines are inserted and which lines are removed: a line for each edit.
    pub r#where: String,
    /// What else the change opens or closes.
    pub also_opens: String,
    /// How to undo it.
    pub undo: String,
    /// The change itself. All edits of a run can be made together: none overlaps another. Empty if the findings in `made_by` make
    /// it.
    pub edits: Vec<TextEdit>,
    /// The change as a unified diff of the export.
    pub diff: String,
    /// The ids of findings whose edits make this change, or parts of it, as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_by: Vec<String>,
}

/// A replacement of text in one input. Edits that begin at the same place insert in the order of the run's findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEdit {
    /// Id of the input.
    pub input: String,
    /// Where the removed text begins.
    pub start: Position,
    /// Where the removed text ends: the position after its last character.
    pub end: Position,
    /// The inserted text, line ends included.
    pub text: String,
}

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// One finding. Field names and their order are those of `edgewarden/run/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// First ten characters of the fingerprint in base 32.
    pub id: String,
    /// SHA-256, in hexadecimal; see [`super::fingerprint`].
    pub fingerprint: String,
    /// Its kind.
    pub kind: Kind,
    /// Its severity.
    pub severity: Severity,
    /// Service or exposure.
    pub category: Category,
    /// Whether it was accepted.
    pub disposition: Disposition,
    /// One line that summarises it.
    pub title: String,
    /// The reason, and why it matters, in one or more sentences.
    pub why: String,
    /// The need's id, for a finding about a need.
    pub need: Option<String>,
    /// `access`, `webconf`, `av`, `xmpp`, `replication`, `logging`, where one is concerned.
    pub role: Option<String>,
    /// `external` or `internal`, where one is concerned.
    pub interface: Option<String>,
    /// `in` or `out` as the Edge sees it, where one is concerned.
    pub direction: Option<String>,
    /// The firewall's name in the deployment.
    pub firewall: Option<String>,
    /// The node's name, or `vip`.
    pub node: Option<String>,
    /// `ipv4` or `ipv6`.
    pub family: Option<String>,
    /// The packets called for.
    pub expected: Vec<TrafficRow>,
    /// The part of `expected` that is denied or undecided.
    pub gap: Vec<TrafficRow>,
    /// The packets that are permitted although no need calls for them.
    pub excess: Vec<TrafficRow>,
    /// The rule that would permit it if one field were different.
    pub near_miss: Option<NearMiss>,
    /// One packet that proves the finding.
    pub witness: Option<Packet>,
    /// The rules that this packet passes, the deciding one last.
    pub rules: Vec<RuleEvidence>,
    /// A change that cures the finding.
    pub remediation: Option<Remediation>,
}
