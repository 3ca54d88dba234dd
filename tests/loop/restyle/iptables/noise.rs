//! Other rules in a firewall's file: for other hosts, against spoofing, for logs, for the firewall itself. They neither let
//! packets to or from the Edge through nor refuse packets that the Edge needs.

use std::fmt::Write as _;

use edgewarden::deployment::Zone;
use edgewarden::model::{Family, InterfacePattern};

use crate::entries::{Wiring, addresses};
use crate::random::Random;
use crate::restyle::Wanted;

use super::line::{Line, address};

/// Lines for the beginning and the end of the forward chain, and tables other than the filter.
#[derive(Default)]
pub struct Noise {
    pub first: Vec<Line>,
    pub last: Vec<Line>,
    pub input: Vec<Line>,
    pub tables: Vec<String>,
}

/// Noise for a family.
pub fn of(wanted: &Wanted, family: Family, random: &mut Random) -> Noise {
    let mut noise = Noise::default();
    let others = other_hosts(wanted, family, random);
    let outside = if family == Family::Ipv4 {
        ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.7"]
    } else {
        ["2001:db8:bad::/48", "2001:db8::/32", "2001:db8::7"]
    };
    if random.chance(40) {
        noise.first.push(Line::plain("-m conntrack --ctstate INVALID", "-j DROP"));
    }
    for outside in outside {
        if random.chance(25) {
            let verdict = *random.pick(&["-j DROP", "-j REJECT"]);
            noise.first.push(Line::plain(&format!("-s {outside}"), verdict));
        }
    }
    if random.chance(30) {
        noise.first.push(Line::plain("-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE", "-j DROP"));
        noise
            .first
            .push(Line::plain("-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW", "-j DROP"));
    }
    if random.chance(30) {
        noise.first.push(Line::plain("-m limit --limit 3/min", "-j LOG --log-prefix \"fwd: \""));
    }
    spoofing(wanted.wiring, family, &mut noise, random);
    for (zone, host) in &others {
        let (ports, verdict) = (
            *random.pick(&[
                "-p tcp -m tcp --dport 25",
                "-p tcp -m multiport --dports 80,443",
                "-p udp -m udp --dport 53",
                "-p tcp -m tcp --dport 3389",
            ]),
            *random.pick(&["-j ACCEPT", "-j ACCEPT", "-j DROP", "-j REJECT"]),
        );
        for pattern in wanted.wiring.names(*zone) {
            let name = name(&pattern);
            let ends = if random.chance(60) { format!("-d {host} -i {name}") } else { format!("-s {host} -o {name}") };
            let line = Line::plain(&format!("{ends} {ports}"), verdict);
            if random.chance(50) { noise.first.push(line) } else { noise.last.push(line) }
        }
    }
    let named = wanted.wiring.named();
    if named.len() == 4 && random.chance(30) {
        let first = |zone| name(&wanted.wiring.names(zone)[0]);
        let line = format!("-i {} -o {}", first(Zone::Lan), first(Zone::Internet));
        noise.last.push(Line::plain(&line, "-j ACCEPT"));
    }
    machine(family, &mut noise, random);
    tables(family, &mut noise, random);
    noise
}

/// An interface in the notation of a rule.
fn name(pattern: &InterfacePattern) -> String {
    format!("{}{}", pattern.name, if pattern.prefix { "+" } else { "" })
}

/// Addresses near those of the Edge that no host of the deployment has, and the zone from which they are reached.
fn other_hosts(wanted: &Wanted, family: Family, random: &mut Random) -> Vec<(Zone, String)> {
    let address_plan = wanted.address_plan;
    let edge = address_plan.edge_external.union(&address_plan.edge_internal).union(&address_plan.edge_public);
    let edge = addresses(&edge, family);
    let mut near = Vec::new();
    for (zone, own) in [(Zone::Internet, &address_plan.edge_external), (Zone::Lan, &address_plan.edge_internal)] {
        for (low, _) in addresses(own, family).intervals() {
            let host = (low & !0xff) + u128::try_from(random.between(225, 254)).unwrap();
            let nobody = !edge.contains(host) && addresses(&address_plan.internet, family).contains(host);
            if nobody && random.chance(30) {
                near.push((zone, address(host, family)));
            }
        }
    }
    near.truncate(8);
    near
}

/// Rules against packets with spoofed sources.
fn spoofing(wiring: &Wiring, family: Family, noise: &mut Noise, random: &mut Random) {
    if family == Family::Ipv6 || !random.chance(40) {
        return;
    }
    let mut raw = String::new();
    for pattern in wiring.names(Zone::Internet) {
        let name = name(&pattern);
        for private in ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"]
        {
            if random.chance(50) {
                noise.first.push(Line::plain(&format!("-s {private} -i {name}"), "-j DROP"));
            } else {
                let _ = writeln!(raw, "-A PREROUTING -s {private} -i {name} -j DROP");
            }
        }
    }
    if !raw.is_empty() {
        noise.tables.push(format!("*raw\n:PREROUTING ACCEPT [12:840]\n:OUTPUT ACCEPT [3:180]\n{raw}COMMIT\n"));
    }
}

/// Rules for the firewall itself.
fn machine(family: Family, noise: &mut Noise, random: &mut Random) {
    if !random.chance(70) {
        return;
    }
    noise.input.push(Line::plain("-i lo", "-j ACCEPT"));
    noise.input.push(Line::plain("-m conntrack --ctstate RELATED,ESTABLISHED", "-j ACCEPT"));
    if family == Family::Ipv4 {
        noise
            .input
            .push(Line::plain("-s 192.168.250.0/24 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW", "-j ACCEPT"));
        noise.input.push(Line::plain("-p icmp -m icmp --icmp-type 8", "-j ACCEPT"));
    } else {
        noise.input.push(Line::plain("-p ipv6-icmp", "-j ACCEPT"));
    }
}

/// Tables that change no field that the filter matches.
fn tables(family: Family, noise: &mut Noise, random: &mut Random) {
    if random.chance(30) {
        noise.tables.push(
            "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n\
             :POSTROUTING ACCEPT [0:0]\n\
             -A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu\n\
             -A POSTROUTING -p udp -m udp --sport 3478 -j DSCP --set-dscp 0x2e\n\
             -A PREROUTING -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n"
                .to_owned(),
        );
    }
    if random.chance(15) && family == Family::Ipv6 {
        noise.first.push(Line::plain("-p ipv6-icmp -m icmp6 --icmpv6-type 1", "-j ACCEPT"));
    }
}
