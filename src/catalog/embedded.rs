//! The data files, embedded in the program, parsed once and checked against each other.
//!
//! A file that does not parse is a build error, not an input error; `tests/catalog.rs` checks that all parse.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::check::Check;
use super::contradiction::Contradiction;
use super::excess::{ExcessClass, ExcessProbe};
use super::need::NeedDefinition;
use super::row::{Document, RawRow, RawTable, Row};

/// Why the catalogue's data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A data file is not valid TOML, or has unknown or missing keys.
    #[error("catalog/data/{file}: {error}")]
    Syntax {
        /// The file's name.
        file: &'static str,
        /// The parser's error, with line and column.
        error: toml::de::Error,
    },
    /// An entry refers to one that does not exist.
    #[error("catalog/data: {at} refers to {what}, which does not exist")]
    Unknown {
        /// The id of the entry that refers to it.
        at: String,
        /// The id it refers to.
        what: String,
    },
    /// Two entries of one kind share an id.
    #[error("catalog/data: {0} is defined twice")]
    Twice(String),
    /// The last entry of `excess.toml` has a condition, so some packets might fit no entry.
    #[error("catalog/data/excess.toml: the last entry must have no conditions")]
    ExcessNotTotal,
}

/// All data of the catalogue.
#[derive(Debug)]
pub struct Catalog {
    pub(super) documents: Vec<Document>,
    pub(super) rows: Vec<Row>,
    pub(super) needs: Vec<NeedDefinition>,
    pub(super) contradictions: Vec<Contradiction>,
    pub(super) excess: Vec<ExcessClass>,
    pub(super) checks: Vec<Check>,
    /// The last of `excess`, which has no conditions.
    fallback: ExcessClass,
}

static EMBEDDED: LazyLock<Result<Catalog, CatalogError>> = LazyLock::new(|| {
    Catalog::parse(
        include_str!("data/rows.toml"),
        include_str!("data/needs.toml"),
        include_str!("data/contradictions.toml"),
        include_str!("data/excess.toml"),
        include_str!("data/checks.toml"),
    )
});

/// The embedded catalogue. There is no fallback: an empty catalogue would pass every firewall.
pub(super) fn embedded() -> &'static Catalog {
    match Catalog::embedded() {
        Ok(catalog) => catalog,
        Err(error) => unreachable!("the embedded catalogue is tested to parse: {error}"),
    }
}

impl Catalog {
    /// The embedded catalogue.
    ///
    /// # Errors
    /// Never in a tested build: `tests/catalog.rs` checks the embedded data.
    pub fn embedded() -> Result<&'static Self, &'static CatalogError> {
        EMBEDDED.as_ref()
    }

    /// Parses the five data files and checks the references between them.
    ///
    /// # Errors
    /// Invalid TOML, a reference to an entry that does not exist, two entries with one id, or a ranking of excess whose
    /// last entry has conditions.
    pub fn parse(
        rows: &str,
        needs: &str,
        contradictions: &str,
        excess: &str,
        checks: &str,
    ) -> Result<Self, CatalogError> {
        let RowsFile { document: documents, table: tables, row: raw_rows } = read("rows.toml", rows)?;
        let NeedsFile { need: needs } = read("needs.toml", needs)?;
        let ContradictionsFile { contradiction: contradictions } = read("contradictions.toml", contradictions)?;
        let ExcessFile { excess } = read("excess.toml", excess)?;
        let ChecksFile { check: checks } = read("checks.toml", checks)?;

        let need_ids = unique(needs.iter().map(|need| need.id.as_str()))?;
        let contradiction_ids = unique(contradictions.iter().map(|contradiction| contradiction.id.as_str()))?;
        unique(documents.iter().map(|document| document.id.as_str()))?;
        unique(tables.iter().map(|table| table.id.as_str()))?;
        unique(raw_rows.iter().map(|row| row.id.as_str()))?;
        unique(excess.iter().map(|class| class.name.as_str()))?;
        unique(checks.iter().map(|check| check.kind.as_str()))?;

        let rows = raw_rows
            .into_iter()
            .map(|row| {
                known(&row.id, &row.need, &need_ids)?;
                row.contradictions.iter().try_for_each(|id| known(&row.id, id, &contradiction_ids))?;
                place(row, &documents, &tables)
            })
            .collect::<Result<_, _>>()?;
        let fallback =
            excess.last().filter(|last| last.is_unconditional()).cloned().ok_or(CatalogError::ExcessNotTotal)?;
        Ok(Self { documents, rows, needs, contradictions, excess, checks, fallback })
    }

    /// The first entry of the ranking that fits. The last one has no conditions, so there always is one.
    pub(super) fn excess_class(&self, probe: &ExcessProbe<'_>) -> &ExcessClass {
        self.excess.iter().find(|class| class.fits(probe)).unwrap_or(&self.fallback)
    }
}

fn read<'de, T: Deserialize<'de>>(file: &'static str, text: &'de str) -> Result<T, CatalogError> {
    toml::from_str(text).map_err(|error| CatalogError::Syntax { file, error })
}

fn unique<'a>(ids: impl Iterator<Item = &'a str>) -> Result<HashSet<&'a str>, CatalogError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(CatalogError::Twice(id.to_owned()));
        }
    }
    Ok(seen)
}

fn known(at: &str, what: &str, ids: &HashSet<&str>) -> Result<(), CatalogError> {
    if ids.contains(what) { Ok(()) } else { Err(CatalogError::Unknown { at: at.to_owned(), what: what.to_owned() }) }
}

/// Adds to a row the data of its document and table, which its id names: `S004.T1.R05` is in `S004` and `S004.T1`.
fn place(row: RawRow, documents: &[Document], tables: &[RawTable]) -> Result<Row, CatalogError> {
    let id = row.id.clone();
    let table_id = id.rsplit_once('.').map_or("", |(table, _)| table);
    let document_id = table_id.rsplit_once('.').map_or("", |(document, _)| document);
    let document = documents.iter().find(|document| document.id == document_id);
    let table = tables.iter().find(|table| table.id == table_id);
    document
        .zip(table)
        .and_then(|(document, table)| row.within(document, table))
        .ok_or_else(|| CatalogError::Unknown { what: table_id.to_owned(), at: id.clone() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsFile {
    document: Vec<Document>,
    table: Vec<RawTable>,
    row: Vec<RawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedsFile {
    need: Vec<NeedDefinition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContradictionsFile {
    contradiction: Vec<Contradiction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExcessFile {
    excess: Vec<ExcessClass>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChecksFile {
    check: Vec<Check>,
}
