//! Names of numbers that all formats share: protocols, services, ICMP messages. Each format has its own syntax around them
//! (ranges, abbreviated names, number systems).

mod icmp;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub use icmp::{ICMP, ICMPV6};

/// The IANA's protocol numbers by the names of `/etc/protocols` (IANA, "Assigned Internet Protocol Numbers").
static PROTOCOLS: LazyLock<FxHashMap<&str, u16>> = LazyLock::new(|| table(include_str!("data/protocols.tsv")));

/// The IANA's ports by the names of `/etc/services` (IANA, "Service Name and Transport Protocol Port Number Registry").
static SERVICES: LazyLock<FxHashMap<&str, u16>> = LazyLock::new(|| table(include_str!("data/services.tsv")));

/// Reads rows of a name, a tab and a number. If a name occurs twice, the first counts.
fn table(rows: &'static str) -> FxHashMap<&'static str, u16> {
    let mut names = FxHashMap::default();
    for (name, value) in rows.lines().filter_map(|row| row.split_once('\t')) {
        if let Ok(value) = value.parse() {
            names.entry(name).or_insert(value);
        }
    }
    names
}

/// The number of a protocol; names are taken in any case.
pub fn protocol(name: &str) -> Option<u8> {
    u8::try_from(*PROTOCOLS.get(name.to_ascii_lowercase().as_str())?).ok()
}

/// The port of a service.
pub fn service(name: &str) -> Option<u16> {
    SERVICES.get(name).copied()
}
