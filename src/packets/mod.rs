//! Exact packet-set algebra: products of interval sets, what is left when one is taken from another, and the one question
//! every job asks: does any packet of this set get past these earlier ones?
//!
//! Nothing here knows rules, firewalls or syntax. Start at [`PacketSet`], then [`live()`].
//!
//! The universe is that of unfragmented packets: a packet has two addresses, a protocol, two ports (ICMP's type and code stand
//! on the same two axes, and a protocol without either leaves them free), the interface it comes in by and the one it leaves
//! by, a connection-tracking state, the TCP flag byte, and a value for each condition that nobody can compute.

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
