//! The normalized rule set: what every export format is lowered into and everything behind it judges.
//!
//! A rule set is a set of base chains, each entered at a hook; a chain is an ordered list of rules; a rule is a union of
//! products over the packet's axes, with an action. Nothing here knows a vendor's syntax. Start at [`RuleSet`].

mod address;
mod change;
mod condition;
mod dialect;
mod draft;
mod interface;
mod named_set;
mod origin;
mod place;
mod rewrite;
mod rule;
mod rule_set;

pub use address::{Addresses, Family};
pub use change::{Edit, Insertion, Splice};
pub use condition::{Condition, ConditionKind};
pub use dialect::{Dialect, NewRule, Unwritable};
pub use draft::{Draft, Group, Permit, Translation, Way};
pub use interface::InterfacePattern;
pub use named_set::NamedSet;
pub use origin::{Origin, Span};
pub use place::{ChainId, HookPoint, RuleId};
pub use rewrite::{MarkOf, MarkSource, NewAddress, NewDestination, Rewrite, Test};
pub use rule::{Action, AddressPairs, Match, Rule};
pub use rule_set::{BaseChain, Chain, ChainKind, Labels, Policy, RuleSet};
