//! Facts about netfilter that iptables, nft and ipset share (nft(8), iptables(8), and the kernel's sources where the manual pages
//! do not state them).
//!
//! Only this folder and those formats use them. What the judge needs is in the model, in vendor-neutral terms.

pub(super) mod address_types;
pub(super) mod conntrack;
pub(super) mod hooks;
pub(super) mod interface;
pub(super) mod numbers;
pub(super) mod values;
