//! Exact packet-set algebra: products of interval sets, their differences, and the question that all other code asks: is any
//! packet of this set in none of these earlier sets?
//!
//! Nothing here knows rules, firewalls or syntax. Start at [`PacketSet`], then [`live()`].
//!
//! All packets are unfragmented. A packet has two addresses, a protocol, two ports (ICMP type and code use the same two axes; for
//! a protocol with neither, these axes have any value), the interface it arrives on and the one it leaves by, a
//! connection-tracking state, the TCP flag byte, and a value for each condition that cannot be computed from an export.

mod canonical;
mod conditions;
mod cut;
mod hygiene;
mod interval_set;
mod live;
mod ordered;
mod ordinal;
mod packet_set;
mod small_sets;
mod space;
mod tree;
mod union;

pub use canonical::canonical;
pub use conditions::{ConditionId, Conditions, Values, truth};
pub use cut::{Cut, cut_along};
pub use hygiene::{Redundancies, Redundant, Shadowed, Shadows};
pub use interval_set::IntervalSet;
pub use live::{Live, live};
pub use ordered::Ordered;
pub use ordinal::{Address, Ordinal};
pub use packet_set::{Interface, Packet, PacketSet};
pub use small_sets::{ConnectionState, StateSet, TcpFlagSet};
pub use space::{coalesce, effort, intersect_all, subtract_all, subtract_within, without_conditions};
pub use tree::Tree;
pub use union::Union;
