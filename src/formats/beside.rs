//! What stands beside an export in the same file. Prompts, banners and dates say nothing of packets; lines of another device's
//! configuration say much, and nobody reads them there.
//!
//! A reader ignores such lines with the reason [`OUTSIDE`] or [`PROMPT`]; [`mark_rules`] looks which of them are none to ignore.
//! Nothing is parsed: a line is told by the words of the formats, of what is never read (`others`), and of rules that stand alone.

use crate::source::{Ledger, LineState, Source};

use super::format::Format;
use super::others;
use super::recognition::Certainty::Shared;
use super::recognition::{Sign, recognise};

/// Why a reader ignores a line that is no part of the export.
pub(super) const OUTSIDE: &str = "beside the export";

/// Why it ignores a prompt, with the command behind it.
pub(super) const PROMPT: &str = "prompt";

/// What a line is said to be of, whose syntax nobody knows.
const NO_FORMAT: &str = "rules that are no part of the export";

/// Marks those lines beside an export of a format as unrecognised that have the words of another configuration, and what follows
/// them up to the next prompt or line of the export.
pub(super) fn mark_rules(formats: &[&dyn Format], own: &dyn Format, source: &Source, ledger: &mut Ledger) {
    let mut looks_like = None;
    for (line, text) in source.lines() {
        let is_prompt = match (ledger.state(line), ledger.reason(line)) {
            (Some(LineState::Ignored), OUTSIDE) => false,
            (Some(LineState::Ignored), PROMPT) => true,
            (Some(LineState::Understood), _) => {
                looks_like = None;
                continue;
            }
            _ => continue,
        };
        let other = of_another_format(text.trim(), formats, own);
        looks_like = match (other, is_prompt) {
            (Some(other), _) => Some(other),
            (None, true) => None,
            (None, false) => looks_like.or_else(|| is_like_a_rule(text.trim()).then_some(NO_FORMAT)),
        };
        if let Some(what) = looks_like {
            ledger.mark(line, LineState::Unrecognised, format!("{OUTSIDE}: it looks like {what}"));
        }
    }
}

/// What a line is of, where it has words of another format than this one: with an article, to follow "like". Of a companion too:
/// sets beside rules in one file are not read.
fn of_another_format(line: &str, formats: &[&dyn Format], own: &dyn Format) -> Option<&'static str> {
    let mut others = formats.iter().filter(|format| format.name() != own.name());
    let other = others.find(|format| format.recognise(line).is_some()).map(|format| format.description());
    other.or_else(|| others::look(line)?.0.what.split([',', ';']).next())
}

/// Whether a line has the form of a rule, or of a part of one, in any syntax: also where those words are missing by which a whole
/// file is recognised.
fn is_like_a_rule(line: &str) -> bool {
    recognise(line, SIGNS).is_some()
}

/// Words of rules without the head of their file.
const SIGNS: &[Sign] = &[
    Sign::form(Shared, "an entry of an access list such as permit tcp any any", is_entry),
    Sign::form(Shared, "a statement such as tcp dport 443 accept", is_statement),
    Sign::form(Shared, "a row of a table of rules", is_row),
    Sign::begins(Shared, "network-object "),
    Sign::begins(Shared, "service-object "),
    Sign::begins(Shared, "protocol-object "),
    Sign::begins(Shared, "port-object "),
    Sign::begins(Shared, "group-object "),
    Sign::begins(Shared, "nat ("),
    Sign::begins(Shared, "static ("),
    Sign::begins(Shared, "global ("),
    Sign::begins(Shared, "conduit "),
    Sign::begins(Shared, "netsh advfirewall "),
    Sign::has(Shared, " -j "),
    Sign::has(Shared, " --jump "),
    Sign::has(Shared, "\"nftables\""),
];

/// What rules do with packets.
const ACTIONS: [&str; 8] = ["permit", "deny", "allow", "accept", "drop", "reject", "block", "pass"];

const PROTOCOLS: [&str; 15] =
    ["ip", "ipv4", "ipv6", "tcp", "udp", "icmp", "icmp6", "icmpv6", "esp", "ah", "ahp", "gre", "sctp", "ospf", "eigrp"];

/// How an end of a packet's way begins.
const ENDS: [&str; 9] = ["any", "any4", "any6", "host", "object", "object-group", "interface", "from", "all"];

/// `permit tcp any any eq 443`, `10 deny ip any any`, `permit host 192.0.2.1`, `block in quick on em0`.
fn is_entry(line: &str) -> bool {
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut words = line.split_whitespace().skip_while(is_number);
    let (Some(action), Some(what), more) = (words.next(), words.next(), words.next()) else { return false };
    let is_end = |word: &str| ENDS.contains(&word) || is_address(word);
    ACTIONS.contains(&action)
        && match what {
            "in" | "out" => {
                more.is_some_and(|more| matches!(more, "on" | "quick" | "log" | "proto" | "inet" | "inet6"))
            }
            what if PROTOCOLS.contains(&what) => more.is_some_and(is_end),
            what if is_end(what) => more.is_none_or(|more| is_end(more) || matches!(more, "eq" | "log")),
            _ => false,
        }
}

/// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`.
fn is_address(word: &str) -> bool {
    let (address, _) = word.split_once('/').unwrap_or((word, ""));
    address.parse::<std::net::IpAddr>().is_ok()
}

/// `tcp dport 443 accept`, `iifname "eth0" drop`, `type filter hook input priority 0; policy drop;`.
fn is_statement(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_end_matches(';')).collect();
    let pair = |two: &[&str]| match two {
        ["tcp" | "udp" | "udplite" | "sctp" | "dccp" | "th", what] => matches!(*what, "dport" | "sport"),
        ["ip" | "ip6", what] => matches!(*what, "saddr" | "daddr"),
        ["ct", what] => matches!(*what, "state" | "status"),
        ["iif" | "oif" | "iifname" | "oifname", name] => name.starts_with(['"', '{', '!']),
        ["meta", what] => matches!(*what, "l4proto" | "nfproto" | "iif" | "oif" | "iifname" | "oifname"),
        _ => false,
    };
    let verdict = |word: &&str| matches!(*word, "accept" | "drop" | "reject");
    let begins = [
        "ip", "ip6", "tcp", "udp", "icmp", "icmpv6", "ct", "meta", "iif", "oif", "iifname", "oifname", "counter",
        "limit", "fib", "th",
    ];
    words.windows(2).any(pair)
        || (words.first() == Some(&"type") && words.contains(&"hook"))
        || (words.last().is_some_and(verdict)
            && (words.len() == 1 || words.first().is_some_and(|word| begins.contains(word))))
}

/// `web,any,192.0.2.10,443,allow`: cells, one of which is an action, and one an address or anybody.
fn is_row(line: &str) -> bool {
    let cells = |mark: char| line.split(mark).map(|cell| cell.trim_matches(['"', ' ']).to_ascii_lowercase());
    [',', ';', '\t', '|'].into_iter().any(|mark| {
        let is_action = |cell: String| ACTIONS.contains(&cell.as_str());
        let is_end = |cell: String| matches!(cell.as_str(), "any" | "all" | "*") || is_address(&cell);
        line.matches(mark).count() >= 3 && cells(mark).any(is_action) && cells(mark).any(is_end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_without_the_head_of_their_file() {
        for line in [
            "permit tcp any any eq 443",
            "10 deny ip any any log",
            "permit host 192.0.2.1",
            "deny any",
            "permit 192.0.2.0 0.0.0.255",
            "00100 allow ip from any to any",
            "block in quick on em0",
            "tcp dport 443 accept",
            "ip saddr 192.0.2.0/24 drop;",
            "ct state established,related accept",
            "iifname \"eth0\" oifname \"eth1\" counter packets 0 bytes 0 jump edge",
            "type filter hook input priority 0; policy drop;",
            "counter drop",
            "accept",
            "network-object host 192.0.2.10",
            "nat (inside,outside) source static a b",
            "web,any,192.0.2.10,443,Allow",
            "FORWARD -p tcp --dport 443 -j ACCEPT",
        ] {
            assert!(is_like_a_rule(line), "{line}");
        }
    }

    #[test]
    fn banners_dates_and_other_output_are_no_rules() {
        for line in [
            "Last login: Thu Dec  5 10:00:00 2026 from 192.0.2.1",
            "Unauthorized access is prohibited. We deny any access without permission, and drop any session.",
            "You must accept the terms before you log in.",
            "deny any access that is not yours",
            "Please allow, where you can, two working days, or pass it on",
            "Fri Nov 20 10:00:00 UTC 2026",
            "fw1.example.com",
            "Linux fw1 5.10.0-8-amd64 #1 SMP Debian 5.10.46-4 (2021-08-03) x86_64 GNU/Linux",
            "default via 192.0.2.254 dev eth0 proto static",
            "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000",
            "inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0",
            "Welcome to the firewall, source, destination, any and all of you",
            "exit",
            "logout",
            "Connection to fw1 closed.",
        ] {
            assert!(!is_like_a_rule(line), "{line}");
        }
    }
}
