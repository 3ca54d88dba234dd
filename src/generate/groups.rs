//! Permits in groups as an administrator would write them: one for each pair of zones and each service of a node.
//!
//! Permits are merged where one contains another, and in a complete rule set where they differ in their ports only.

use std::fmt::Write as _;

use crate::catalog::{Interface, Role};
use crate::deployment::needs::{Demand, Need, VIP};
use crate::deployment::{Deployment, Firewall, FirewallRole, Zone};
use crate::model::{Addresses, Group, Match, Permit, Way};

use super::ends::{self, End};
use super::permits;

/// Groups under construction.
pub(super) struct Groups<'d> {
    deployment: &'d Deployment,
    firewall: &'d Firewall,
    /// Whether permits that differ in their ports only are merged.
    joins_ports: bool,
    by_key: Vec<(Key, Vec<Growing>)>,
}

/// What identifies a group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    from: Zone,
    to: Zone,
    node: String,
    service: &'static str,
}

/// A permit under construction.
struct Growing {
    packets: Match,
    purposes: Vec<String>,
    /// Each need it serves: its id and its table rows.
    rows: Vec<(String, Vec<String>)>,
}

impl<'d> Groups<'d> {
    pub(super) fn new(deployment: &'d Deployment, firewall: &'d Firewall, joins_ports: bool) -> Self {
        Self { deployment, firewall, joins_ports, by_key: Vec::new() }
    }

    /// Adds what a need calls for.
    pub(super) fn add(&mut self, need: &Need, demand: &Demand) {
        let key = Key {
            from: demand.from,
            to: demand.to,
            node: need.node.clone(),
            service: service(need.definition.interface, need.definition.role),
        };
        let far = match key.to {
            Zone::EdgeExternal | Zone::EdgeInternal => key.from,
            Zone::Internet | Zone::Lan => key.to,
        };
        let exclusive = ends::of(self.firewall, far).exclusive;
        let packets = permits::of(self.deployment, self.firewall, need, demand, exclusive);
        let place = self.by_key.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.by_key.push((key, Vec::new()));
            self.by_key.len() - 1
        });
        let Some((_, permits)) = self.by_key.get_mut(place) else { return };
        for packets in packets {
            let rows = need.rows.iter().map(|row| row.id.clone()).collect();
            merge(
                permits,
                self.joins_ports,
                Growing {
                    packets,
                    purposes: vec![format!("{} {}", need.definition.id, need.node)],
                    rows: vec![(need.definition.id.clone(), rows)],
                },
            );
        }
    }

    /// The groups, ordered by zones.
    pub(super) fn into_groups(self) -> Vec<Group> {
        let firewall = self.firewall;
        let mut groups = self.by_key;
        groups.sort_by_key(|(key, _)| (key.from, key.to));
        groups.into_iter().map(|(key, permits)| group(firewall, &key, permits)).collect()
    }
}

fn group(firewall: &Firewall, key: &Key, permits: Vec<Growing>) -> Group {
    let (End { interfaces: ingress, .. }, End { interfaces: egress, .. }) =
        (ends::of(firewall, key.from), ends::of(firewall, key.to));
    let inbound = key.to.is_edge();
    let way = match (firewall.role, inbound) {
        (FirewallRole::Host, true) => Way::In,
        (FirewallRole::Host, false) => Way::Out,
        _ => Way::Through,
    };
    let node = if key.node == VIP { "the virtual address" } else { &key.node };
    let edge = format!("{} of {node}", key.service);
    let title = match (key.from, key.to) {
        (Zone::Internet, _) => format!("Internet to {edge}"),
        (_, Zone::Internet) => format!("{edge} to Internet"),
        (Zone::Lan, _) => format!("LAN to {edge}"),
        _ => format!("{edge} to LAN"),
    };
    Group { title, way, ingress, egress, permits: permits.into_iter().map(Growing::into_permit).collect() }
}

/// The usual name of the address that a need is about.
fn service(interface: Interface, role: Role) -> &'static str {
    match (interface, role) {
        (Interface::Internal, _) => "internal interface",
        (_, Role::Webconf) => "Web Conferencing Edge",
        (_, Role::Av) => "A/V Edge",
        _ => "Access Edge",
    }
}

impl Growing {
    /// Adds the purposes of another permit.
    fn join(&mut self, other: Self) {
        for (id, rows) in other.rows {
            if let Some((_, known)) = self.rows.iter_mut().find(|(known, _)| *known == id) {
                let new: Vec<String> = rows.into_iter().filter(|row| !known.contains(row)).collect();
                known.extend(new);
            } else {
                self.rows.push((id, rows));
            }
        }
        let new: Vec<String> = other.purposes.into_iter().filter(|new| !self.purposes.contains(new)).collect();
        self.purposes.extend(new);
    }

    fn into_permit(self) -> Permit {
        let mut comment = String::new();
        for (id, rows) in &self.rows {
            let separator = if comment.is_empty() { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(comment, "{separator}{id} {}", rows.join(" "));
        }
        Permit { purposes: self.purposes, comment: comment.trim_end().to_owned(), packets: self.packets }
    }
}

/// Adds a permit to a group, merged with those that contain it, are contained in it, or differ in their ports only.
fn merge(permits: &mut Vec<Growing>, joins_ports: bool, mut new: Growing) {
    if let Some(wider) = permits.iter_mut().find(|permit| within(&new.packets, &permit.packets)) {
        wider.join(new);
        return;
    }
    let mut place = permits.len();
    // A permit that differs in its ports only gets the new ports.
    let same_but_ports =
        permits.iter().position(|permit| joins_ports && differ_in_ports(&permit.packets, &new.packets));
    if let Some(index) = same_but_ports {
        let mut old = permits.remove(index);
        old.packets.destination_port = old.packets.destination_port.union(&new.packets.destination_port);
        old.join(new);
        (new, place) = (old, index);
    }
    let mut index = 0;
    while index < permits.len() {
        if within(&permits[index].packets, &new.packets) {
            let narrower = permits.remove(index);
            new.join(narrower);
            place -= usize::from(index < place);
        } else {
            index += 1;
        }
    }
    permits.insert(place, new);
}

/// Whether all packets of `inner` are in `outer`; neither has conditions.
fn within(inner: &Match, outer: &Match) -> bool {
    let addresses = |inner: &Addresses, outer: &Addresses| inner.difference(outer).is_empty();
    let (one, other) = (family_part(inner), family_part(outer));
    one.0 == other.0
        && one.1 == other.1
        && addresses(&inner.source, &outer.source)
        && addresses(&inner.destination, &outer.destination)
        && inner.protocol.is_subset(&outer.protocol)
        && inner.source_port.is_subset(&outer.source_port)
        && inner.destination_port.is_subset(&outer.destination_port)
}

/// Whether two matches differ in their destination ports only.
fn differ_in_ports(one: &Match, other: &Match) -> bool {
    one.source == other.source
        && one.destination == other.destination
        && one.protocol == other.protocol
        && one.source_port == other.source_port
}

/// Whether a match has packets of IPv4, and of IPv6.
fn family_part(packets: &Match) -> (bool, bool) {
    let (source, destination) = (&packets.source, &packets.destination);
    (!source.ipv4.is_empty() && !destination.ipv4.is_empty(), !source.ipv6.is_empty() && !destination.ipv6.is_empty())
}
