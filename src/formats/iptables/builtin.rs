//! The tables and their built-in chains, with the hook and the order in which each is entered (iptables(8), "TABLES").

use crate::formats::netfilter::hooks;
use crate::model::{ChainKind, HookPoint};

use HookPoint::{Forward, Input, Output, Postrouting, Prerouting};

/// Where a built-in chain is entered.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// The hook.
    pub hook: HookPoint,
    /// Its priority at the hook.
    pub priority: i32,
    /// What the chain is for.
    pub kind: ChainKind,
}

/// The hooks by the names of their chains.
const HOOKS: [(&str, HookPoint); 5] = [
    ("PREROUTING", Prerouting),
    ("INPUT", Input),
    ("FORWARD", Forward),
    ("OUTPUT", Output),
    ("POSTROUTING", Postrouting),
];

/// Whether iptables has a table of this name.
pub fn is_table(table: &str) -> bool {
    matches!(table, "raw" | "mangle" | "nat" | "filter" | "security")
}

/// Where the chain of this name in this table is entered. In an unknown table, every name of a built-in chain counts.
pub fn builtin(table: &str, chain: &str) -> Option<Builtin> {
    let hook = HOOKS.iter().find(|(name, _)| *name == chain).map(|(_, hook)| *hook)?;
    let (priority, kind) = match (table, hook) {
        ("raw", Prerouting | Output) => (hooks::RAW, ChainKind::Filter),
        ("mangle", _) => (hooks::MANGLE, ChainKind::Filter),
        ("nat", Prerouting | Output) => (hooks::DESTINATION_NAT, ChainKind::Nat),
        ("nat", Input | Postrouting) => (hooks::SOURCE_NAT, ChainKind::Nat),
        ("filter", Input | Forward | Output) => (hooks::FILTER, ChainKind::Filter),
        ("security", Input | Forward | Output) => (hooks::SECURITY, ChainKind::Filter),
        (other, _) if !is_table(other) => (hooks::FILTER, ChainKind::Filter),
        _ => return None,
    };
    Some(Builtin { hook, priority, kind })
}

/// The built-in chains of a table.
pub fn builtin_chains(table: &str) -> impl Iterator<Item = &'static str> {
    HOOKS.iter().map(|(name, _)| *name).filter(move |name| builtin(table, name).is_some())
}
