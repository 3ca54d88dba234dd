//! The identity of a finding, which stays the same when a rule moves to another line.
//!
//! SHA-256 over length-prefixed fields: scheme, check kind, need, role, firewall, interface, direction, and the canonical
//! packet set. Paths, lines, rule numbers, comments and object names are not hashed, so a moved rule keeps its id.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use super::TrafficRow;

/// The scheme's name; it changes when the hashed fields change.
const SCHEME: &str = "edgewarden/fingerprint/1";

/// What identifies a finding.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The kind's name.
    pub kind: &'a str,
    /// The need's id, or empty.
    pub need: &'a str,
    /// The role, or empty.
    pub role: &'a str,
    /// The firewall's name, or empty.
    pub firewall: &'a str,
    /// The logical interface, or empty.
    pub interface: &'a str,
    /// The direction, or empty.
    pub direction: &'a str,
    /// The node, or empty.
    pub node: &'a str,
    /// The family, or empty.
    pub family: &'a str,
    /// The canonical packet set: for a missing need what is required, for excess what is permitted.
    pub packets: &'a [TrafficRow],
}

/// The fingerprint in hexadecimal, and the display id: its first ten characters in base 32.
#[must_use]
pub fn fingerprint(identity: &Identity) -> (String, String) {
    let mut hash = Sha256::new();
    let mut field = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    let Identity { kind, need, role, firewall, interface, direction, node, family, packets } = *identity;
    for text in [SCHEME, kind, need, role, firewall, interface, direction, node, family] {
        field(text);
    }
    for packet in packets {
        for text in
            [&packet.source, &packet.destination, &packet.protocol, &packet.source_ports, &packet.destination_ports]
        {
            field(text);
        }
    }
    let digest = hash.finalize();
    let id = BASE32_NOPAD.encode(&digest).chars().take(10).collect();
    (HEXLOWER.encode(&digest), id)
}
