//! The sets that lines use, in the form of `ipset save`.

use std::fmt::Write as _;

use edgewarden::model::Family;
use edgewarden::packets::IntervalSet;

use crate::random::Random;

use super::line::{address, networks};

/// The sets of one file.
#[derive(Debug, Default)]
pub struct Sets {
    text: String,
    count: usize,
}

impl Sets {
    /// The dump; none if there are no sets.
    pub fn text(self) -> Option<String> {
        (self.count > 0).then_some(self.text)
    }

    fn name(&mut self, beginning: &str) -> String {
        self.count += 1;
        format!("{beginning}{}", self.count)
    }

    /// Adds a set of these addresses and returns its name.
    pub fn of_addresses(&mut self, addresses: &IntervalSet<u128>, family: Family, random: &mut Random) -> String {
        let inet = if family == Family::Ipv4 { "inet" } else { "inet6" };
        let mut members: Vec<(u128, u32)> =
            addresses.intervals().iter().flat_map(|(low, high)| networks(*low, *high, family)).collect();
        let width = if family == Family::Ipv4 { 32 } else { 128 };
        random.shuffle(&mut members);
        let hosts = members.iter().all(|(_, length)| *length == width);
        if members.len() > 3 && random.chance(30) {
            let (first, second) = members.split_at(members.len() / 2);
            let parts: Vec<String> =
                [first, second].iter().map(|part| self.of_networks(part, inet, width, hosts)).collect();
            let name = self.name("all");
            let _ = writeln!(self.text, "create {name} list:set size 8");
            for part in parts {
                let _ = writeln!(self.text, "add {name} {part}");
            }
            return name;
        }
        let hosts = hosts && random.chance(80);
        self.of_networks(&members, inet, width, hosts)
    }

    fn of_networks(&mut self, members: &[(u128, u32)], inet: &str, width: u32, hosts: bool) -> String {
        let family = if width == 32 { Family::Ipv4 } else { Family::Ipv6 };
        let name = self.name(if hosts { "hosts" } else { "nets" });
        let kind = if hosts { "hash:ip" } else { "hash:net" };
        let _ = writeln!(self.text, "create {name} {kind} family {inet} hashsize 1024 maxelem 65536");
        for (first, length) in members {
            let length = if hosts || *length == width { String::new() } else { format!("/{length}") };
            let _ = writeln!(self.text, "add {name} {}{length}", address(*first, family));
        }
        name
    }

    /// Adds a set of triples of address, protocol and port, and returns its name.
    pub fn of_services(&mut self, services: &[(u128, &str, u16)], family: Family) -> String {
        let inet = if family == Family::Ipv4 { "inet" } else { "inet6" };
        let name = self.name("services");
        let _ = writeln!(self.text, "create {name} hash:ip,port family {inet} hashsize 1024 maxelem 65536");
        for (host, protocol, port) in services {
            let _ = writeln!(self.text, "add {name} {},{protocol}:{port}", address(*host, family));
        }
        name
    }

    /// Adds a set of these ports and returns its name.
    pub fn of_ports(&mut self, ports: &IntervalSet<u16>, random: &mut Random) -> String {
        let name = self.name("ports");
        let (low, high) = match (ports.intervals().first(), ports.intervals().last()) {
            (Some(first), Some(last)) if random.chance(50) => (first.0, last.1),
            _ => (0, u16::MAX),
        };
        let _ = writeln!(self.text, "create {name} bitmap:port range {low}-{high}");
        for port in ports.intervals().iter().flat_map(|(low, high)| *low..=*high) {
            let _ = writeln!(self.text, "add {name} {port}");
        }
        name
    }
}
