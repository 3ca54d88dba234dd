//! A row of a port table, with its document and table. Read from `data/rows.toml`, whose head describes the fields.

use serde::{Deserialize, Serialize};

use super::product::Product;
use super::words::{Direction, Interface, PortSpan, Role, Transport, vocabulary};

/// One of the five source documents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `S004`: S and the number of the source text.
    pub id: String,
    /// The number of the source text, 0 to 4.
    pub number: u8,
    /// The document's title.
    pub title: String,
    /// The product it is written for.
    pub product: Product,
    /// Its address, where the document itself gives one.
    pub url: Option<String>,
    /// Microsoft's asset id, where the document gives one.
    pub asset_id: Option<String>,
}

vocabulary! {
    /// The topology that a port table's heading names.
    TableTopology {
        /// Any.
        Any = "any",
        /// Any without a hardware load balancer.
        AnyNonHlb = "any-non-hlb",
        /// A single consolidated Edge with private addresses and NAT.
        SingleConsolidatedNat = "single-consolidated-nat",
        /// A scaled consolidated Edge with hardware load balancers.
        ScaledHlb = "scaled-hlb",
    }
}

/// One row of a port table. Serialised, its first fields are those of `edgewarden requirements`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `S004.T1.R05`: document 004, port table 1, row 5.
    pub id: String,
    /// The need it belongs to, one of the 28.
    pub need: String,
    /// The product its document is written for.
    pub product: Product,
    /// The topology that its table's heading names.
    pub topology: TableTopology,
    /// The side of the Edge.
    pub interface: Interface,
    /// The Edge service.
    pub role: Role,
    /// The transport.
    pub transport: Transport,
    /// The destination port or ports.
    pub ports: PortSpan,
    /// The direction in which connections open, from the source and destination columns.
    pub direction: Direction,
    /// `mandatory`, `recommended`, `optional:FEATURE` or `conditional:FEATURE|FEATURE`, from this row alone.
    pub requirement: String,
    /// The source column, verbatim; `|` separates its NAT and public wordings, `;` its bullets.
    pub source: String,
    /// The destination column, in the same notation.
    pub destination: String,
    /// The title of its document.
    pub document: String,
    /// The title of its table.
    pub table: String,
    /// The number of its document, 0 to 4.
    pub document_number: u8,
    /// The number of its table among the document's port tables, from 1.
    pub table_number: u8,
    /// Its number in the table, from 1.
    pub number: u8,
    /// Whether its table lists virtual IPs.
    pub vip: bool,
    /// Further products that it holds for.
    pub also_products: Vec<Product>,
    /// The application protocol, for example `SIP/MTLS`.
    pub protocol: String,
    /// `core`, `federation`, `pic` or `xmpp`: the part of a deployment it belongs to.
    pub feature: String,
    /// Its purpose, in this project's words.
    pub note: String,
    /// The ids of the contradictions it is part of; see [`super::contradiction`].
    pub contradictions: Vec<String>,
}

impl Row {
    /// Whether the row holds for `product`: its document's own, or a further one.
    #[must_use]
    pub fn holds_for(&self, product: Product) -> bool {
        self.product == product || self.also_products.contains(&product)
    }
}

/// A `[[table]]` of `rows.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) topology: TableTopology,
}

/// A `[[row]]` of `rows.toml`, without the data of its table and document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    pub(super) id: String,
    pub(super) need: String,
    pub(super) also_products: Vec<Product>,
    pub(super) interface: RawInterface,
    pub(super) role: Role,
    pub(super) protocol: String,
    pub(super) transport: Transport,
    pub(super) ports: PortSpan,
    pub(super) direction: Direction,
    pub(super) feature: String,
    pub(super) requirement: String,
    pub(super) source: String,
    pub(super) destination: String,
    pub(super) note: String,
    pub(super) contradictions: Vec<String>,
}

/// The interface as in the table headings: virtual IPs have tables of their own.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawInterface {
    External,
    Internal,
    ExternalVip,
    InternalVip,
}

impl RawRow {
    /// The row with the data of its document and table; `None` where its id does not name a row of that table.
    pub(super) fn within(self, document: &Document, table: &RawTable) -> Option<Row> {
        let table_number = table.id.strip_prefix(&document.id)?.strip_prefix(".T")?.parse().ok()?;
        let number = self.id.strip_prefix(&table.id)?.strip_prefix(".R")?.parse().ok()?;
        let (interface, vip) = match self.interface {
            RawInterface::External => (Interface::External, false),
            RawInterface::Internal => (Interface::Internal, false),
            RawInterface::ExternalVip => (Interface::External, true),
            RawInterface::InternalVip => (Interface::Internal, true),
        };
        Some(Row {
            id: self.id,
            need: self.need,
            product: document.product,
            topology: table.topology,
            interface,
            role: self.role,
            transport: self.transport,
            ports: self.ports,
            direction: self.direction,
            requirement: self.requirement,
            source: self.source,
            destination: self.destination,
            document: document.title.clone(),
            table: table.title.clone(),
            document_number: document.number,
            table_number,
            number,
            vip,
            also_products: self.also_products,
            protocol: self.protocol,
            feature: self.feature,
            note: self.note,
            contradictions: self.contradictions,
        })
    }
}
