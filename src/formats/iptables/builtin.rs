//! The tables and their built-in chains: where each is entered, and when (kernel `include/uapi/linux/netfilter_ipv4.h`,
//! `enum nf_ip_hook_priorities`; nft(8), "standard priority names").

use crate::model::{ChainKind, HookPoint};

use HookPoint::{Forward, Input, Output, Postrouting, Prerouting};

/// Where a built-in chain is entered.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// The hook.
    pub hook: HookPoint,
    /// In which order there.
    pub priority: i32,
    /// What for.
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

/// Whether it is a table that iptables has.
pub fn is_table(table: &str) -> bool {
    matches!(table, "raw" | "mangle" | "nat" | "filter" | "security")
}

/// Where the chain of this name in this table is entered. In a table that nobody knows, every such name counts.
pub fn builtin(table: &str, chain: &str) -> Option<Builtin> {
    let hook = HOOKS.iter().find(|(name, _)| *name == chain).map(|(_, hook)| *hook)?;
    let (priority, kind) = match (table, hook) {
        ("raw", Prerouting | Output) => (-300, ChainKind::Filter),
        ("mangle", _) => (-150, ChainKind::Filter),
        ("nat", Prerouting | Output) => (-100, ChainKind::Nat),
        ("nat", Input | Postrouting) => (100, ChainKind::Nat),
        ("filter", Input | Forward | Output) => (0, ChainKind::Filter),
        ("security", Input | Forward | Output) => (50, ChainKind::Filter),
        (other, _) if !is_table(other) => (0, ChainKind::Filter),
        _ => return None,
    };
    Some(Builtin { hook, priority, kind })
}

/// The built-in chains of a table.
pub fn builtin_chains(table: &str) -> impl Iterator<Item = &'static str> {
    HOOKS.iter().map(|(name, _)| *name).filter(move |name| builtin(table, name).is_some())
}
