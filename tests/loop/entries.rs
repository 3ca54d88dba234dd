//! A rule set before it is written: a flat list of permits, each a product of sets, independent of any syntax.
//!
//! Restyling rewrites this list, a planted fault changes one permit of it, the oracle computes its effect, and then a format
//! writes it. Addresses of both families are numbers on one axis; a list has addresses of one family.

use edgewarden::deployment::{Deployment, Firewall, Zone};
use edgewarden::model::{Draft, Family, InterfacePattern, Match};
use edgewarden::packets::{Interface, IntervalSet, PacketSet};

/// Packets of either family. IPv4 addresses are stored as their number.
pub type Packets = PacketSet<u128>;

/// One permit. Written as rules, it may take several lines.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Any of these; empty: any.
    pub ingress: Vec<InterfacePattern>,
    /// Any of these; empty: any.
    pub egress: Vec<InterfacePattern>,
    pub source: IntervalSet<u128>,
    pub destination: IntervalSet<u128>,
    pub protocol: IntervalSet<u8>,
    pub source_port: IntervalSet<u16>,
    pub destination_port: IntervalSet<u16>,
    /// Where it is written in the file.
    pub placement: Placement,
    /// The condition it depends on, if any.
    pub condition: Option<Condition>,
    /// The permits of the draft it comes from, by index.
    pub of: Vec<usize>,
}

/// Where an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Among the rules that packets meet.
    Applied,
    /// After a rule that denies the same packets.
    BehindDeny,
    /// Among the rules for packets to the firewall itself.
    ForTheMachine,
    /// In a chain that nothing leads to.
    Unapplied,
    /// In a comment.
    CommentedOut,
}

/// A condition of a permit. No export states whether it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Time,
    Recent,
    Rate,
    Payload,
    Length,
}

/// All addresses of a family.
pub fn whole(family: Family) -> IntervalSet<u128> {
    match family {
        Family::Ipv4 => IntervalSet::range(0, u128::from(u32::MAX)),
        Family::Ipv6 => IntervalSet::full(),
    }
}

/// The addresses of a family as numbers.
pub fn addresses(of: &edgewarden::model::Addresses, family: Family) -> IntervalSet<u128> {
    match family {
        Family::Ipv4 => {
            let wide = of.ipv4.intervals().iter().map(|(low, high)| (u128::from(*low), u128::from(*high)));
            IntervalSet::from_intervals(wide.collect())
        }
        Family::Ipv6 => of.ipv6.clone(),
    }
}

impl Entry {
    /// The permits of a draft in one family.
    pub fn of_draft(draft: &Draft, family: Family) -> Vec<Self> {
        let mut entries = Vec::new();
        for group in &draft.groups {
            for permit in &group.permits {
                let entry = Self::of_match(&permit.packets, family, &group.ingress, &group.egress, entries.len());
                if !entry.source.is_empty() && !entry.destination.is_empty() {
                    entries.push(entry);
                }
            }
        }
        entries
    }

    fn of_match(
        packets: &Match,
        family: Family,
        ingress: &[InterfacePattern],
        egress: &[InterfacePattern],
        of: usize,
    ) -> Self {
        Self {
            ingress: ingress.to_vec(),
            egress: egress.to_vec(),
            source: addresses(&packets.source, family),
            destination: addresses(&packets.destination, family),
            protocol: packets.protocol.clone(),
            source_port: packets.source_port.clone(),
            destination_port: packets.destination_port.clone(),
            placement: Placement::Applied,
            condition: None,
            of: vec![of],
        }
    }

    /// The packets of the entry, wherever it is written.
    pub fn packets(&self, wiring: &Wiring) -> Packets {
        PacketSet {
            source: self.source.clone(),
            destination: self.destination.clone(),
            protocol: self.protocol.clone(),
            source_port: self.source_port.clone(),
            destination_port: self.destination_port.clone(),
            ingress: wiring.points(&self.ingress),
            egress: wiring.points(&self.egress),
            ..PacketSet::full()
        }
    }
}

/// The interfaces of a firewall as numbers: one for each pattern that its zones name, and one for all other interfaces.
#[derive(Debug, Clone)]
pub struct Wiring {
    patterns: Vec<InterfacePattern>,
    zones: Vec<(Zone, Vec<InterfacePattern>)>,
}

/// An interface's number.
fn number(place: usize) -> Interface {
    Interface::try_from(place).expect("a small number")
}

/// The four zones.
pub const ZONES: [Zone; 4] = [Zone::Internet, Zone::EdgeExternal, Zone::EdgeInternal, Zone::Lan];

impl Wiring {
    /// The wiring of a firewall.
    pub fn of(firewall: &Firewall) -> Self {
        let named = |zone| {
            let names = firewall.zones.of(zone)?;
            Some((zone, names.iter().map(|name| edgewarden::deployment::interface_pattern(name)).collect()))
        };
        let zones: Vec<(Zone, Vec<InterfacePattern>)> = ZONES.into_iter().filter_map(named).collect();
        Self { patterns: zones.iter().flat_map(|(_, names)| names.clone()).collect(), zones }
    }

    /// The zones whose interfaces the deployment names.
    pub fn named(&self) -> Vec<Zone> {
        self.zones.iter().map(|(zone, _)| *zone).collect()
    }

    /// The names of a zone's interfaces; empty if the zone is not named.
    pub fn names(&self, zone: Zone) -> Vec<InterfacePattern> {
        self.zones.iter().find(|(known, _)| *known == zone).map(|(_, names)| names.clone()).unwrap_or_default()
    }

    /// The interfaces that fit any of the patterns; all interfaces if there are no patterns.
    pub fn points(&self, patterns: &[InterfacePattern]) -> IntervalSet<Interface> {
        let all = IntervalSet::range(0, number(self.patterns.len()));
        let one = |pattern: &InterfacePattern| {
            let plain = InterfacePattern { negated: false, ..pattern.clone() };
            let place = self.patterns.iter().position(|known| *known == plain);
            let points = place.map_or_else(IntervalSet::empty, |place| IntervalSet::single(number(place)));
            if pattern.negated { all.difference(&points) } else { points }
        };
        if patterns.is_empty() {
            all
        } else {
            patterns.iter().fold(IntervalSet::empty(), |all, pattern| all.union(&one(pattern)))
        }
    }
}

/// Whether the deployment names every zone of this firewall.
pub fn all_zones_named(deployment: &Deployment, firewall: usize) -> bool {
    use edgewarden::deployment::FirewallRole;
    let firewall = &deployment.firewalls[firewall];
    let named = Wiring::of(firewall).named().len();
    named == if firewall.role == FirewallRole::Combined { 4 } else { 2 }
}
