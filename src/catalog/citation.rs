//! Which rows a need cites, by product and topology (docs/domain.md, "Needs").

use super::product::{Product, Topology};
use super::row::Row;
use super::rows;

/// The Lync documents in the order of citation: the one with complete tables, then those of single features.
const LYNC_DOCUMENTS: [u8; 4] = [2, 0, 1, 3];
/// The Skype for Business document.
const SFB_DOCUMENT: u8 = 4;

/// The rows that the need with this id cites, the best match first; empty where the product's documents have none.
///
/// Lync Server 2013 cites document 002, then 000, 001 and 003. Skype for Business cites 004: without a hardware load
/// balancer tables 1 and 2; with one, tables 3 and 4 for a node and 5 and 6 for the virtual IP, or the other pair where that one
/// has no row. Where no row is left (XMPP outbound without a load balancer: docs/domain.md, C04), any row of 004.
#[must_use]
pub fn rows_for(need_id: &str, product: Product, topology: Topology, vip: bool) -> Vec<&'static Row> {
    let of_need = || rows().iter().filter(|row| row.need == need_id);
    match product {
        Product::Lync2013 => LYNC_DOCUMENTS
            .iter()
            .flat_map(|&number| of_need().filter(move |row| row.document_number == number))
            .collect(),
        Product::Sfb2015 | Product::Sfb2019 => {
            let in_tables = |tables: [u8; 2]| {
                of_need().filter(move |row| row.document_number == SFB_DOCUMENT && tables.contains(&row.table_number))
            };
            let preference: &[[u8; 2]] = match (topology, vip) {
                (Topology::ScaledHlb, false) => &[[3, 4], [5, 6], [1, 2]],
                (Topology::ScaledHlb, true) => &[[5, 6], [3, 4], [1, 2]],
                _ => &[[1, 2], [3, 4], [5, 6]],
            };
            preference
                .iter()
                .map(|&tables| in_tables(tables).collect::<Vec<_>>())
                .find(|found| !found.is_empty())
                .unwrap_or_default()
        }
    }
}
