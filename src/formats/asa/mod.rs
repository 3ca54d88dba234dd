//! Cisco ASA, and the PIX and FWSM before it: configurations, and what `show access-list` prints (Cisco ASA Series Command
//! Reference, `access-list extended`, `access-group`, `nameif`). They are recognised; no reader is written yet.

use super::format::Format;
use super::recognition::Certainty::{Own, Shared, Title};
use super::recognition::{Recognition, Sign, recognise};

/// Cisco ASA.
#[derive(Debug)]
pub struct Asa;

impl Format for Asa {
    fn name(&self) -> &'static str {
        "asa"
    }

    fn description(&self) -> &'static str {
        "a Cisco ASA configuration"
    }

    fn recognise(&self, text: &str) -> Option<Recognition> {
        recognise(text, SIGNS)
    }
}

/// IOS has numbered access lists and object groups that begin with the same words: these prove nothing.
const SIGNS: &[Sign] = &[
    Sign::begins(Title, "ASA Version"),
    Sign::begins(Title, "PIX Version"),
    Sign::begins(Title, "FWSM Version"),
    Sign::begins(Title, ": Saved"),
    Sign::begins(Own, "nameif "),
    Sign::begins(Own, "security-level "),
    Sign::begins(Own, "same-security-traffic "),
    Sign::form(Own, "an access list such as access-list NAME extended", is_list),
    Sign::form(Own, "an access-group such as access-group NAME in interface", is_group),
    Sign::begins(Own, "object network "),
    Sign::begins(Own, "object service "),
    Sign::begins(Shared, "access-list "),
    Sign::begins(Shared, "access-group "),
    Sign::begins(Shared, "object-group "),
    Sign::begins(Shared, "ipv6 access-list "),
];

/// `access-list NAME KEYWORD`, where IOS has no such keyword behind the name; `show access-list` counts elements and lines.
fn is_list(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let name = words.next() == Some("access-list") && words.next().is_some_and(|name| !name.is_empty());
    let keywords = ["extended", "advanced", "standard", "ethertype", "webtype", "line"];
    let keyword = words.next().unwrap_or_default();
    name && (keywords.contains(&keyword) || (line.contains("; ") && line.contains(" elements")))
}

/// `access-group NAME in|out interface IF`, `access-group NAME global`.
fn is_group(line: &str) -> bool {
    let mut words = line.split_whitespace();
    if words.next() != Some("access-group") || words.next().is_none() {
        return false;
    }
    match words.next() {
        Some("global") => true,
        Some("in" | "out") => words.next() == Some("interface"),
        _ => false,
    }
}
