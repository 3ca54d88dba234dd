//! iptables-save and ip6tables-save dumps.
//!
//! A line becomes words (`lexer`), the words are sorted by whom they belong to (`options`), each match and target is
//! understood by its extension (`extensions`, `matches`, `targets`), and `lower` makes a rule of them; `dump` walks the
//! lines and `block` holds a table meanwhile. Here the tables are put together. Start at [`read`].

mod address_types;
mod addresses;
mod assemble;
mod block;
mod builtin;
mod conntrack;
mod context;
mod dump;
mod extensions;
mod fields;
mod lexer;
mod lower;
mod marks;
mod matches;
pub(super) mod names;
mod numbers;
mod options;
mod order;
mod set;
mod targets;
mod translation;
mod write;

use crate::model::{Naming, RuleSet};
use crate::source::{Ledger, Source};

use super::ipset::Sets;
use super::{Format, Reading, detect};
use context::Edits;
use dump::Dumps;

pub use write::Iptables;

/// Reads the dumps of one firewall, of both families or of one, as one rule set. Dumps of ipset among them are companions.
#[must_use]
pub fn read(sources: &[&Source]) -> Reading {
    let formats: Vec<Format> = sources.iter().map(|source| format_of(source)).collect();
    let mut sets = Sets::default();
    let of_companions: Vec<Option<Ledger>> = sources
        .iter()
        .zip(&formats)
        .map(|(source, format)| (*format == Format::Ipset).then(|| sets.read(source)))
        .collect();
    let mut edits = Edits::default();
    for (_, line) in sources.iter().flat_map(|source| source.lines()) {
        edits.see(line);
    }
    let mut dumps = Dumps::new(RuleSet::new(Naming::Netfilter), edits, sets);
    let of_all = sources.iter().zip(of_companions).enumerate();
    let ledgers = of_all.map(|(input, (source, ledger))| ledger.unwrap_or_else(|| dumps.read(input, source))).collect();
    let Dumps { mut rule_set, blocks, truncated, .. } = dumps;
    assemble::assemble(&mut rule_set, blocks, sources);
    Reading { format: Format::Iptables, formats, rule_set, ledgers, truncated }
}

/// A dump of ipset by its content, or else one of iptables.
fn format_of(source: &Source) -> Format {
    if detect(source.text()) == Some(Format::Ipset) { Format::Ipset } else { Format::Iptables }
}
