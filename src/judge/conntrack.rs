//! What connection tracking makes of a packet, from what is known of its flow (docs/semantics.md, 20 to 22).

use crate::packets::{ConnectionState, TcpFlagSet};

const ICMP: u8 = 1;
const TCP: u8 = 6;
const ICMPV6: u8 = 58;

/// The flags connection tracking looks at; PSH, ECE and CWR it ignores.
const LOOKED_AT: u8 = TcpFlagSet::FIN | TcpFlagSet::SYN | TcpFlagSet::RST | TcpFlagSet::ACK | TcpFlagSet::URG;

/// The state of a packet of which nothing (`known` is new) or a flow (`known` is established) is known. `kind` is the ICMP
/// type. Any other state is as it was said to be.
#[must_use]
pub fn tracked_state(known: ConnectionState, protocol: u8, tcp_flags: u8, kind: u8) -> ConnectionState {
    use ConnectionState::{Established, Invalid, New, Untracked};
    match (known, protocol) {
        (New | Established, TCP) if !valid_flags(tcp_flags) => Invalid,
        (New, TCP) if opens(tcp_flags) => New,
        // The flow was opened by the other side; a SYN from this one belongs to none.
        (Established, TCP) if tcp_flags & LOOKED_AT & !TcpFlagSet::URG == TcpFlagSet::SYN => Invalid,
        // Echo, timestamp, information and address mask requests (RFC 792, RFC 950) ask; every other type answers or reports.
        (New, ICMP) if matches!(kind, 8 | 13 | 15 | 17) => New,
        // Listener and neighbour discovery are not tracked at all (RFC 2710, RFC 3810, RFC 4861, RFC 4286).
        (New | Established, ICMPV6) if matches!(kind, 130..=136 | 143 | 151 | 152) => Untracked,
        // Echo and node information queries (RFC 4443, RFC 4620).
        (New, ICMPV6) if matches!(kind, 128 | 139) => New,
        (New, TCP | ICMP | ICMPV6) => Invalid,
        (known, _) => known,
    }
}

/// Combinations that a TCP segment can have: SYN, SYN+ACK, RST, RST+ACK, FIN+ACK, ACK, with URG where that makes sense.
fn valid_flags(flags: u8) -> bool {
    use TcpFlagSet as F;
    let seen = flags & LOOKED_AT;
    [
        F::SYN,
        F::SYN | F::URG,
        F::SYN | F::ACK,
        F::RST,
        F::RST | F::ACK,
        F::FIN | F::ACK,
        F::FIN | F::ACK | F::URG,
        F::ACK,
        F::ACK | F::URG,
    ]
    .contains(&seen)
}

/// A SYN opens a flow, and so does a bare ACK: it may belong to one older than the firewall's memory.
fn opens(flags: u8) -> bool {
    let seen = flags & LOOKED_AT & !TcpFlagSet::URG;
    seen == TcpFlagSet::SYN || seen == TcpFlagSet::ACK
}

#[cfg(test)]
mod tests {
    use super::tracked_state;
    use crate::packets::ConnectionState::{Established, Invalid, New, Untracked};
    use crate::packets::TcpFlagSet as F;

    #[test]
    fn without_a_flow_syn_and_bare_ack_are_new_and_answers_are_invalid() {
        for flags in [F::SYN, F::ACK, F::SYN | F::ECE | F::CWR, F::ACK | F::PSH] {
            assert_eq!(tracked_state(New, 6, flags, 0), New, "{flags:#x}");
        }
        for flags in [F::SYN | F::ACK, F::FIN | F::ACK, F::RST, F::RST | F::ACK, 0, F::SYN | F::FIN, F::FIN] {
            assert_eq!(tracked_state(New, 6, flags, 0), Invalid, "{flags:#x}");
        }
    }

    #[test]
    fn icmp_requests_are_new_and_what_answers_or_reports_is_invalid() {
        for kind in [8, 13] {
            assert_eq!(tracked_state(New, 1, 0, kind), New);
        }
        for kind in [0, 3, 10] {
            assert_eq!(tracked_state(New, 1, 0, kind), Invalid);
        }
    }

    #[test]
    fn discovery_of_ipv6_is_untracked() {
        for kind in [130, 133, 136, 143, 151, 152] {
            assert_eq!(tracked_state(New, 58, 0, kind), Untracked);
        }
        assert_eq!(tracked_state(New, 58, 0, 137), Invalid);
        assert_eq!(tracked_state(New, 58, 0, 139), New);
    }

    #[test]
    fn a_syn_from_the_side_that_did_not_open_the_flow_is_invalid() {
        assert_eq!(tracked_state(Established, 6, F::SYN, 0), Invalid);
        assert_eq!(tracked_state(Established, 6, F::ACK, 0), Established);
        assert_eq!(tracked_state(Established, 6, F::SYN | F::ACK, 0), Established);
    }
}
