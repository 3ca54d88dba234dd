//! Interface names: their length, patterns for several names, and the loopback interface.

use crate::model::InterfacePattern;

/// The most bytes of a name (kernel `include/uapi/linux/if.h`, `IFNAMSIZ` less the terminating zero).
pub const LONGEST: usize = 15;

/// The loopback interface, for packets from the machine to itself (kernel `drivers/net/loopback.c`).
pub const LOOPBACK: &str = "lo";

/// A name as iptables reads it: a trailing `+` fits any ending, and `+` alone any interface (iptables(8), "--in-interface").
pub fn pattern(text: &str) -> InterfacePattern {
    match text.strip_suffix('+') {
        Some(beginning) => InterfacePattern::beginning(beginning),
        None => InterfacePattern::exact(text),
    }
}
