//! Interface names: how long they are, which ones mean several, and the one by which the machine talks to itself.

use crate::model::InterfacePattern;

/// The most bytes of a name (kernel `include/uapi/linux/if.h`, `IFNAMSIZ`, with its end).
pub const LONGEST: usize = 15;

/// The loopback interface: what the machine sends to itself goes by it (kernel `drivers/net/loopback.c`).
pub const LOOPBACK: &str = "lo";

/// A name as iptables reads it: a trailing `+` is any ending, and a lone `+` any interface (iptables(8), "--in-interface").
pub fn pattern(text: &str) -> InterfacePattern {
    match text.strip_suffix('+') {
        Some(beginning) => InterfacePattern::beginning(beginning),
        None => InterfacePattern::exact(text),
    }
}
