//! Whole audits: a deployment, the exports of its firewalls, and every finding of the run. Each witness is replayed.

#![allow(clippy::expect_used, clippy::panic)] // these are tests, whatever clippy takes their helpers for

#[path = "remediation/applied.rs"]
mod applied;
#[path = "audit/conditions.rs"]
mod conditions;
#[path = "audit/excess.rs"]
mod excess;
#[path = "audit/filter_chains.rs"]
mod filter_chains;
#[path = "audit/harness.rs"]
mod harness;
#[path = "audit/hostile.rs"]
mod hostile;
#[path = "audit/large_sets.rs"]
mod large_sets;
#[path = "audit/media.rs"]
mod media;
#[path = "audit/nat.rs"]
mod nat;
#[path = "audit/near_miss.rs"]
mod near_miss;
#[path = "neutral/tables.rs"]
mod neutral;
#[path = "audit/other_checks.rs"]
mod other_checks;
#[path = "audit/peers.rs"]
mod peers;
#[path = "audit/remediation.rs"]
mod remediation;
#[path = "audit/topologies.rs"]
mod topologies;
#[path = "audit/unread.rs"]
mod unread;
#[path = "audit/zones.rs"]
mod zones;
