//! Dumps of ipset, which accompany iptables dumps: the output of `ipset save` and `ipset list` (ipset(8)).
//!
//! `reader` makes sets from the lines, `set` reads the definition and the elements of one set, and `contents` returns the packets
//! that it contains; `lookup` searches networks as the kernel does. Nothing here knows rules. Start at [`Sets::read`], then
//! [`contents()`].

mod contents;
mod format;
mod kind;
mod lookup;
mod outside;
mod ports;
mod prefix;
mod reader;
mod service;
mod set;
mod words;

pub use contents::{Contents, Direction, Look, MOST_ROWS, contents};
pub use format::Ipset;
pub use kind::Dimension;
pub use outside::outside;
pub use ports::PortAxis;
pub use reader::Sets;
pub use set::IpSet;

#[cfg(test)]
mod literal;
