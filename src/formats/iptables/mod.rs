//! iptables-save and ip6tables-save dumps.
//!
//! A line is split into words (`lexer`), the words are assigned to iptables, match extensions or the target (`options`), each
//! match and target is interpreted by its extension (`extensions`, `matches`, `targets`), and `lower` makes a rule from them.
//! `dump` reads the lines and `block` holds the table that is being read; `assemble` combines the tables. Start at [`read`].

mod address_types;
mod addresses;
mod assemble;
mod block;
mod builtin;
mod companions;
mod conntrack;
mod context;
mod dump;
mod extensions;
mod fields;
mod format;
mod lexer;
mod lower;
mod marks;
mod matches;
mod option_names;
mod options;
mod order;
mod place;
mod set;
mod several;
mod statement;
mod targets;
mod translation;
mod volatility;
mod write;

use crate::model::RuleSet;
use crate::source::{Ledger, Source};

use super::format::{Format, Reading};
use super::ipset::{Ipset, Sets};
use super::netfilter::interface::LOOPBACK;
use context::Edits;
use dump::Dumps;

pub use write::Iptables;

/// Reads the dumps of one firewall, of one family or both, as one rule set. Dumps of ipset among them are used as companions.
#[must_use]
pub fn read(sources: &[&Source]) -> Reading {
    let companions: Vec<bool> = sources.iter().map(|source| is_companion(source)).collect();
    let mut sets = Sets::default();
    let of_companions: Vec<Option<Ledger>> = sources
        .iter()
        .zip(&companions)
        .enumerate()
        .map(|(input, (source, companion))| companion.then(|| sets.read(input, source)))
        .collect();
    let mut edits = Edits::default();
    for (_, line) in sources.iter().flat_map(|source| source.lines()) {
        edits.note(line);
    }
    let mut dumps = Dumps::new(RuleSet::default(), edits, sets);
    let of_all = sources.iter().zip(of_companions).enumerate();
    let ledgers = of_all.map(|(input, (source, ledger))| ledger.unwrap_or_else(|| dumps.read(input, source))).collect();
    let Dumps { mut rule_set, blocks, truncated, .. } = dumps;
    assemble::assemble(&mut rule_set, blocks, sources);
    rule_set.loopback = Some(LOOPBACK.to_owned());
    let format = |companion: &bool| -> &'static dyn Format { if *companion { &Ipset } else { &Iptables } };
    Reading { format: &Iptables, formats: companions.iter().map(format).collect(), rule_set, ledgers, truncated }
}

/// Whether a source is a dump of ipset rather than one of iptables.
fn is_companion(source: &Source) -> bool {
    let found = |format: &dyn Format| format.recognise(source.text()).map(|found| (found.certainty, found.lines));
    found(&Ipset) > found(&Iptables)
}
