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
mod names;
mod numbers;
mod options;
mod order;
mod targets;
mod translation;

use crate::model::{Naming, RuleSet};
use crate::source::Source;

use super::{Format, Reading};
use context::Edits;
use dump::Dumps;

/// Reads the dumps of one firewall, of both families or of one, as one rule set.
#[must_use]
pub fn read(sources: &[&Source]) -> Reading {
    let mut edits = Edits::default();
    for (_, line) in sources.iter().flat_map(|source| source.lines()) {
        edits.see(line);
    }
    let mut dumps = Dumps::new(RuleSet::new(Naming::Netfilter), edits);
    let ledgers = sources.iter().enumerate().map(|(input, source)| dumps.read(input, source)).collect();
    let Dumps { mut rule_set, blocks, truncated, .. } = dumps;
    assemble::assemble(&mut rule_set, blocks, sources);
    Reading { format: Format::Iptables, rule_set, ledgers, truncated }
}
