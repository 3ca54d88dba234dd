//! A draft as a file for iptables-restore: translations, what every rule set has before and behind its rules, and the rules.
//!
//! A file of both families names the family of each rule with `-4` or `-6`: iptables-restore and ip6tables-restore both load
//! it whole, each leaving out what is the other's (iptables(8), "-4, --ipv4").

use std::fmt::Write as _;

use crate::model::{Draft, Family, Match, Translation, Unwritable, Way};
use crate::packets::{ConnectionState, StateSet};
use crate::source::sanitise;

use super::chains::{Chains, base};
use super::rule::Line;
use super::{fields, flag, words};

/// Messages that a host of IPv6 lives by, which conntrack leaves alone (RFC 4861: router solicitation and advertisement,
/// neighbour solicitation and advertisement).
const NEIGHBOURS: [u8; 4] = [133, 134, 135, 136];

/// The whole file.
pub(super) fn write(draft: &Draft) -> Result<String, Unwritable> {
    let mut text = String::new();
    for line in draft.title.iter().map(String::as_str).chain(how_to_load(draft)) {
        comment(&mut text, line);
    }
    if !draft.translations.is_empty() {
        nat(&mut text, draft)?;
    }
    filter(&mut text, draft)?;
    Ok(text)
}

/// A line of a text; writing to a String cannot fail.
fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}

fn comment(text: &mut String, words: &str) {
    line(text, &format!("# {}", sanitise(words)));
}

fn how_to_load(draft: &Draft) -> Vec<&'static str> {
    match draft.families.as_slice() {
        [Family::Ipv4] => vec!["Load it with iptables-restore. It says nothing of IPv6, which ip6tables has to deny."],
        [Family::Ipv6] => vec!["Load it with ip6tables-restore. It says nothing of IPv4, which iptables has to deny."],
        _ => vec!["Load it with iptables-restore and with ip6tables-restore: each leaves out what is the other's."],
    }
}

/// The family's flag, in a file of both.
fn named(draft: &Draft, family: Family) -> Option<Family> {
    (draft.families.len() > 1).then_some(family)
}

fn nat(text: &mut String, draft: &Draft) -> Result<(), Unwritable> {
    line(text, "*nat");
    for chain in ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"] {
        line(text, &format!(":{chain} ACCEPT [0:0]"));
    }
    comment(text, "The addresses that the Internet knows, one to one.");
    for (chain, inward) in [("PREROUTING", true), ("POSTROUTING", false)] {
        for translation in &draft.translations {
            for rule in translated(draft, translation, chain, inward)? {
                line(text, &rule);
            }
        }
    }
    line(text, "COMMIT");
    Ok(())
}

/// The rules of one translation in one direction: one for each interface of the outside.
fn translated(draft: &Draft, translation: &Translation, chain: &str, inward: bool) -> Result<Vec<String>, Unwritable> {
    let family = Family::of(translation.inner);
    let Translation { inner, outer, .. } = translation;
    let mut rules = Vec::new();
    let outside = &translation.outside;
    let interfaces =
        if outside.is_empty() { vec![Vec::new()] } else { outside.iter().map(|one| vec![one.clone()]).collect() };
    for interface in interfaces {
        let (packets, target) = if inward {
            let destination = crate::model::Addresses::of_ips([outer]);
            (Match { destination, ingress: interface, ..Match::any() }, format!("-j DNAT --to-destination {inner}"))
        } else {
            let source = crate::model::Addresses::of_ips([inner]);
            (Match { source, egress: interface, ..Match::any() }, format!("-j SNAT --to-source {outer}"))
        };
        let rule = Line { family, named: named(draft, family), chain, target, comment: Some(&translation.comment) };
        rules.extend(rule.of(&packets)?);
    }
    Ok(rules)
}

fn filter(text: &mut String, draft: &Draft) -> Result<(), Unwritable> {
    let host = draft.groups.iter().any(|group| group.way != Way::Through);
    let ways: &[Way] = if host { &[Way::In, Way::Out] } else { &[Way::Through] };
    let chains = Chains::of(draft);
    line(text, "*filter");
    if !host {
        comment(
            text,
            "What the firewall itself accepts and sends is left as it is: INPUT and OUTPUT are another policy's.",
        );
    }
    for chain in ["INPUT", "FORWARD", "OUTPUT"] {
        let policy = if host || chain == "FORWARD" { "DROP" } else { "ACCEPT" };
        line(text, &format!(":{chain} {policy} [0:0]"));
    }
    for chain in chains.names() {
        line(text, &format!(":{chain} - [0:0]"));
    }
    for way in ways {
        before(text, draft, *way);
    }
    for jump in chains.jumps()? {
        line(text, &jump);
    }
    for group in &draft.groups {
        comment(text, &group.title);
        let place = chains.place(group);
        for permit in &group.permits {
            let packets = Match {
                ingress: place.ingress.clone(),
                egress: place.egress.clone(),
                state: StateSet::single(ConnectionState::New),
                ..permit.packets.clone()
            };
            for family in &draft.families {
                let rule = Line {
                    family: *family,
                    named: named(draft, *family),
                    chain: &place.chain,
                    target: "-j ACCEPT".to_owned(),
                    comment: Some(&permit.comment),
                };
                for rule in rule.of(&packets)? {
                    line(text, &rule);
                }
            }
        }
    }
    comment(text, "Nothing else.");
    for way in ways {
        let chain = base(*way);
        line(
            text,
            &format!(
                "-A {chain} -m limit --limit 5/min --limit-burst 10 -j LOG --log-prefix \"denied: \" --log-level 6"
            ),
        );
        line(text, &format!("-A {chain} -j DROP"));
    }
    line(text, "COMMIT");
    Ok(())
}

/// What stands before the rules: a host's own loopback and neighbours, replies, and what belongs to no connection.
fn before(text: &mut String, draft: &Draft, way: Way) {
    let chain = base(way);
    let own = match way {
        Way::Through => None,
        Way::In => Some("-i lo"),
        Way::Out => Some("-o lo"),
    };
    if let Some(own) = own {
        line(text, &format!("-A {chain} {own} -j ACCEPT"));
        if draft.families.contains(&Family::Ipv6) {
            let family = named(draft, Family::Ipv6).map(|family| format!("{} ", flag(family))).unwrap_or_default();
            let protocol = fields::protocol(58);
            for message in NEIGHBOURS {
                line(text, &format!("-A {chain} {family}-p {protocol} -m icmp6 --icmpv6-type {message} -j ACCEPT"));
            }
        }
    }
    let replies = words::comment("replies, and errors about connections");
    line(text, &format!("-A {chain} -m conntrack --ctstate RELATED,ESTABLISHED {replies} -j ACCEPT"));
    line(text, &format!("-A {chain} -m conntrack --ctstate INVALID -j DROP"));
}
