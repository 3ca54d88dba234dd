//! The requirement tables: 111 rows of five Microsoft documents, the 28 needs derived from them, and the severities.
//!
//! All of it is data in `src/catalog/data/`, embedded and parsed once; docs/domain.md says where each fact comes from.
//! Nothing here knows of firewalls.
//! Start at [`rows`] and [`needs`].

mod check;
mod citation;
mod contradiction;
mod embedded;
mod excess;
mod feature;
mod need;
mod ports;
mod product;
mod row;
mod words;
mod zone;

pub use check::Check;
pub use citation::rows_for;
pub use contradiction::Contradiction;
pub use embedded::{Catalog, CatalogError};
pub use excess::{EdgeAddress, ExcessClass, ExcessPeers, ExcessProbe, ExcessProtocol, Whole};
pub use feature::{Feature, FeatureSet};
pub use need::{Always, Call, CalledFor, NeedDefinition, Peer, PortSource, When};
pub use ports::Ports;
pub use product::{Product, Topology};
pub use row::{Document, Row, TableTopology};
pub(crate) use words::vocabulary;
pub use words::{Direction, Interface, PortSpan, PortSpanError, Requirement, Role, Transport};
pub use zone::Zone;

use embedded::embedded;

/// The five source documents, in the order of their numbers.
#[must_use]
pub fn documents() -> &'static [Document] {
    &embedded().documents
}

/// The 111 rows, by document, table and row.
#[must_use]
pub fn rows() -> &'static [Row] {
    &embedded().rows
}

/// The 28 needs in the order of `needs.toml`: external first.
#[must_use]
pub fn needs() -> &'static [NeedDefinition] {
    &embedded().needs
}

/// The need with this id, for example `external.access.tcp-443.in`.
#[must_use]
pub fn need(id: &str) -> Option<&'static NeedDefinition> {
    needs().iter().find(|need| need.id == id)
}

/// The 36 contradictions between the documents, C01 to C36.
#[must_use]
pub fn contradictions() -> &'static [Contradiction] {
    &embedded().contradictions
}

/// The contradiction with this id, for example `C07`.
#[must_use]
pub fn contradiction(id: &str) -> Option<&'static Contradiction> {
    contradictions().iter().find(|contradiction| contradiction.id == id)
}

/// The ranking of excess in the order of trial: the first entry that fits decides; the last one has no conditions.
#[must_use]
pub fn excess_classes() -> &'static [ExcessClass] {
    &embedded().excess
}

/// How severe it is that the packets of `probe` are permitted although no need calls for them.
#[must_use]
pub fn excess_class(probe: &ExcessProbe<'_>) -> &'static ExcessClass {
    embedded().excess_class(probe)
}

/// The checks other than needs and excess.
#[must_use]
pub fn checks() -> &'static [Check] {
    &embedded().checks
}

/// The check of this kind, for example `nat.port`.
#[must_use]
pub fn check(kind: &str) -> Option<&'static Check> {
    checks().iter().find(|check| check.kind == kind)
}
