//! What netfilter does, whoever loads the rules: facts that iptables, nft and ipset share (nft(8), iptables(8), and the kernel's
//! sources where a page says nothing).
//!
//! Nothing outside this folder and those formats knows any of it; what the judge needs is said in the model, in words of no
//! vendor.

pub(super) mod address_types;
pub(super) mod conntrack;
pub(super) mod hooks;
pub(super) mod interface;
pub(super) mod numbers;
pub(super) mod values;
