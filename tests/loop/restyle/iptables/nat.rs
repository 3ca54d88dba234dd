//! The nat table: translations of single addresses or of blocks, in the built-in chains or in chains that these jump to.

use std::fmt::Write as _;
use std::net::IpAddr;

use edgewarden::model::{Family, InterfacePattern};

use crate::random::Random;
use crate::restyle::{Pair, Wanted};

use super::Knobs;
use super::line::address;

/// The nat table; none if nothing is translated.
pub fn table(wanted: &Wanted, family: Family, knobs: &mut Knobs, random: &mut Random) -> Option<String> {
    let pairs: Vec<&Pair> = wanted.translations.iter().filter(|pair| Family::of(pair.inner) == family).collect();
    let first = pairs.first()?;
    let mut chains = String::from(
        ":PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n",
    );
    let (mut before, mut after) = ("PREROUTING", "POSTROUTING");
    let mut jumps = String::new();
    if !knobs.plain && random.chance(25) {
        knobs.rewrites += 1;
        chains.push_str(":EDGE-DNAT - [0:0]\n:EDGE-SNAT - [0:0]\n");
        for name in interfaces(&first.outside, "-i") {
            let _ = writeln!(jumps, "-A PREROUTING{name} -j EDGE-DNAT");
        }
        for name in interfaces(&first.outside, "-o") {
            let _ = writeln!(jumps, "-A POSTROUTING{name} -j EDGE-SNAT");
        }
        (before, after) = ("EDGE-DNAT", "EDGE-SNAT");
    }
    let block = if knobs.plain || wanted.one_by_one || random.chance(50) { None } else { block(&pairs, family) };
    let mut rules = String::new();
    let bound = knobs.plain || random.chance(70);
    for pair in &pairs {
        for name in if bound { interfaces(&pair.outside, "-i") } else { vec![String::new()] } {
            let (outer, inner) = (pair.outer, pair.inner);
            let host = |ip: IpAddr| if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
            if let Some((protocol, from, to)) = pair.moved_port {
                let protocol = if protocol == 6 { "tcp" } else { "udp" };
                let _ = writeln!(
                    rules,
                    "-A {before} -d {outer}{name} -p {protocol} -m {protocol} --dport {from} -j DNAT --to-destination {}:{to}",
                    host(inner)
                );
            }
            if block.is_none() {
                let _ = writeln!(rules, "-A {before} -d {outer}{name} -j DNAT --to-destination {inner}");
            }
        }
        if block.is_none() {
            for name in interfaces(&pair.outside, "-o") {
                let _ = writeln!(rules, "-A {after} -s {}{name} -j SNAT --to-source {}", pair.inner, pair.outer);
            }
        }
    }
    if let Some((outer, inner)) = block {
        knobs.rewrites += 1;
        for name in interfaces(&first.outside, "-i") {
            let _ = writeln!(rules, "-A {before} -d {outer}{name} -j NETMAP --to {inner}");
        }
        for name in interfaces(&first.outside, "-o") {
            let _ = writeln!(rules, "-A {after} -s {inner}{name} -j NETMAP --to {outer}");
        }
    }
    if !knobs.plain && random.chance(30) && family == Family::Ipv4 {
        for name in interfaces(&first.outside, "-o") {
            let _ = writeln!(
                rules,
                "-A POSTROUTING -s 192.168.0.0/16{name} -m comment --comment \"everyone else\" -j MASQUERADE"
            );
        }
    }
    Some(format!("*nat\n{chains}{jumps}{rules}COMMIT\n"))
}

/// ` -i NAME` for each interface; one empty text if there is none.
fn interfaces(patterns: &[InterfacePattern], option: &str) -> Vec<String> {
    if patterns.is_empty() {
        return vec![String::new()];
    }
    let spelt = |pattern: &InterfacePattern| {
        let (not, any) = (if pattern.negated { "! " } else { "" }, if pattern.prefix { "+" } else { "" });
        format!(" {not}{option} {}{any}", pattern.name)
    };
    patterns.iter().map(spelt).collect()
}

/// The public and the inner block of addresses, if all pairs have the same host part in both.
fn block(pairs: &[&Pair], family: Family) -> Option<(String, String)> {
    let number = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    };
    let numbers: Vec<(u128, u128)> = pairs.iter().map(|pair| (number(pair.outer), number(pair.inner))).collect();
    let (outer, inner) = numbers.first()?;
    let width = if family == Family::Ipv4 { 32 } else { 128 };
    (4..=8).find_map(|host| {
        let mask = (1_u128 << host) - 1;
        let fits = |(one, other): &(u128, u128)| {
            one & mask == other & mask && one | mask == outer | mask && other | mask == inner | mask
        };
        numbers.iter().all(fits).then(|| {
            let text = |number: u128| format!("{}/{}", address(number & !mask, family), width - host);
            (text(*outer), text(*inner))
        })
    })
}
