//! How a rule set judges packets: the base chains a packet passes on its way, walked with whole sets of packets at a time.
//!
//! It knows rules and packets, neither the Edge nor a vendor's syntax. Start at [`Judge::partition`]: it cuts a set of packets
//! into pieces with one verdict and one deciding rule each. [`Judge::trace`] is the same walk with a single packet.

mod asked;
mod calls;
mod chain_effects;
mod compile;
mod compiled_rule;
mod conntrack;
mod constraining;
mod contexts;
mod decisions;
mod entries;
mod family;
mod interfaces;
mod lists;
mod matching;
mod merging;
mod passage;
mod put_off;
mod query;
mod region;
mod returned;
mod rewrite;
mod settling;
mod trace;
mod unreached;
mod walk;

pub use compile::Judge;
pub use conntrack::tracked_state;
pub use decisions::{Decision, Passed};
pub use family::FamilyAddress;
pub use interfaces::Interfaces;
pub use query::{Budget, Partition, Piece, Query, Route, Step, Verdict, Wanted};
pub use trace::Trace;
pub use unreached::{Reachability, Reached, Unreached};
