//! Configurations of other Cisco systems. Only ASA and its predecessors PIX and FWSM have a format here.

use super::super::recognition::Certainty::{Own, Title};
use super::super::recognition::Sign;
use super::other::Other;

pub(super) const OTHERS: &[Other] = &[
    // Cisco IOS Security Command Reference, `ip access-list`, `ip access-group`; `show running-config` begins with
    // "Building configuration...".
    Other {
        what: "a Cisco IOS configuration; of Cisco's systems only ASA, PIX and FWSM have a format",
        instead: None,
        signs: &[
            Sign::begins(Own, "ip access-list extended "),
            Sign::begins(Own, "ip access-list standard "),
            Sign::form(Own, "an access group such as ip access-group NAME in", |line| {
                line.starts_with("ip access-group ") && (line.ends_with(" in") || line.ends_with(" out"))
            }),
            Sign::begins(Own, "ip inspect name "),
            Sign::begins(Own, "zone-pair security "),
            Sign::form(Own, "a version such as version 15.2", is_version),
        ],
    },
    // Cisco Nexus 9000 NX-OS Security Configuration Guide, "Configuring IP ACLs".
    Other {
        what: "a Cisco NX-OS configuration; of Cisco's systems only ASA, PIX and FWSM have a format",
        instead: None,
        signs: &[
            Sign::begins(Title, "!Command: show running-config"),
            Sign::begins(Title, "!Running configuration last done at"),
            Sign::begins(Own, "object-group ip address "),
            Sign::begins(Own, "vdc "),
            Sign::form(Own, "an access list such as ip access-list NAME", |line| {
                line.strip_prefix("ip access-list ").is_some_and(|name| !name.trim().contains(' '))
            }),
        ],
    },
    // Cisco IOS XR IP Addresses and Services Command Reference, `ipv4 access-list`.
    Other {
        what: "a Cisco IOS XR configuration; of Cisco's systems only ASA, PIX and FWSM have a format",
        instead: None,
        signs: &[
            Sign::begins(Title, "!! IOS XR Configuration"),
            Sign::begins(Own, "ipv4 access-list "),
            Sign::begins(Own, "ipv4 access-group "),
        ],
    },
];

/// Whether a line is a version of IOS 11 to 17, such as `version 15.2`.
fn is_version(line: &str) -> bool {
    let number = line.strip_prefix("version ").unwrap_or_default();
    let (major, minor) = number.split_once('.').unwrap_or_default();
    let major: u8 = major.parse().unwrap_or_default();
    (11..=17).contains(&major) && minor.starts_with(|first: char| first.is_ascii_digit()) && !number.contains('(')
}
