//! Warnings about a deployment file that is valid but probably not as intended, each with its line.
//!
//! A warning does not stop a run. What the audit reports as a finding is not repeated here.

use super::addresses::is_public;
use super::reader::Reader;
use super::{Deployment, Family, Feature, FirewallRole, LoadBalancing, Node, Product, Zone, Zones, wording};

/// All warnings, in the order of the file: text, and line from 1.
pub(super) fn of(reader: &Reader<'_>, deployment: &Deployment) -> Vec<(String, u32)> {
    let mut warnings = Vec::new();
    let mut warn = |key: &str, text: &str| {
        warnings.push((wording::sanitised(&format!("{key}: {text}")), reader.line_of(key)));
    };
    families(deployment, &mut warn);
    features(deployment, &mut warn);
    firewalls(deployment, &mut warn);
    edge(deployment, &mut warn);
    warnings.sort_by_key(|(_, line)| *line);
    warnings
}

fn families(deployment: &Deployment, warn: &mut impl FnMut(&str, &str)) {
    for family in &deployment.families {
        let name = family.name();
        if !deployment.edge.nodes.iter().any(|node| has_family(node, *family)) {
            warn(
                "deployment.ip_families",
                &format!("no node has an {name} address, so the needs of {name} are not evaluated"),
            );
        } else if let Some(vip) = &deployment.edge.vip {
            let lists =
                [("access", &vip.access), ("webconf", &vip.webconf), ("av", &vip.av), ("internal", &vip.internal)];
            for (service, list) in lists {
                if !list.is_empty() && !list.iter().any(|address| Family::of(*address) == *family) {
                    warn(
                        &format!("edge.vip.{service}"),
                        &format!("has no {name} address, but ip_families lists {name}"),
                    );
                }
            }
        }
    }
}

fn has_family(node: &Node, family: Family) -> bool {
    [&node.internal, &node.access, &node.webconf, &node.av]
        .iter()
        .flat_map(|addresses| &addresses.addr)
        .any(|address| Family::of(*address) == family)
}

fn features(deployment: &Deployment, warn: &mut impl FnMut(&str, &str)) {
    let on = |feature| deployment.features.has(feature);
    if on(Feature::Xmpp) && deployment.product == Product::Sfb2019 {
        warn("features.xmpp", "sfb2019 has no XMPP gateway, so the XMPP needs do not apply");
    }
    if on(Feature::Ocs2007Partners) && deployment.product != Product::Lync2013 {
        warn("features.ocs2007_partners", "has no effect: only lync2013 federates with OCS 2007");
    }
    if on(Feature::PicAv) && !on(Feature::Pic) {
        warn(
            "features.pic_av",
            "has no effect while pic is off; set pic = true for audio and video with public providers",
        );
    }
}

fn firewalls(deployment: &Deployment, warn: &mut impl FnMut(&str, &str)) {
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        let key = format!("firewall[{}]", index + 1);
        let zones = &firewall.zones;
        // On a host, an Edge zone and the zone beyond it may share an interface.
        let apart = firewall.role != FirewallRole::Host;
        for (first, a, second, b) in shared_interfaces(zones).into_iter().filter(|_| apart) {
            let text = format!(
                "{} of {} and {} of {} can be one interface",
                wording::quoted(a),
                first.name(),
                wording::quoted(b),
                second.name()
            );
            warn(&format!("{key}.zones"), &text);
        }
    }
}

fn edge(deployment: &Deployment, warn: &mut impl FnMut(&str, &str)) {
    let edge = &deployment.edge;
    let expected = LoadBalancing::of(deployment.topology);
    for (key, given) in [("edge.external_lb", edge.external_lb), ("edge.internal_lb", edge.internal_lb)] {
        if given != expected {
            let text =
                format!("is \"{}\", but {} has \"{}\"", given.name(), deployment.topology.name(), expected.name());
            warn(key, &text);
        }
    }
    for (index, node) in edge.nodes.iter().enumerate() {
        let key = format!("edge.node[{}]", index + 1);
        if node.internal.public.iter().zip(&node.internal.addr).any(|(public, addr)| public != addr) {
            warn(
                &format!("{key}.internal.public"),
                "the internal interface must not be translated; its needs are judged by the addresses in addr",
            );
        }
        for (service, addresses) in [("access", &node.access), ("webconf", &node.webconf), ("av", &node.av)] {
            let inherited = deployment.single_ip && service != "access";
            for (at, address) in
                addresses.public.iter().enumerate().filter(|(_, address)| !inherited && !is_public(**address))
            {
                let text = format!("{address} is private, so the Internet cannot reach it");
                warn(&format!("{key}.{service}.public[{}]", at + 1), &text);
            }
        }
    }
}

/// Interfaces of a firewall that are in two zones: each pair of patterns with their zones, in the order of the zones.
fn shared_interfaces(zones: &Zones) -> Vec<(Zone, &str, Zone, &str)> {
    let mut shared = Vec::new();
    for (index, first) in Zone::ALL.into_iter().enumerate() {
        for second in Zone::ALL.into_iter().skip(index + 1) {
            for a in zones.of(first).unwrap_or_default() {
                let clash = zones.of(second).unwrap_or_default().iter().find(|b| overlap(a, b));
                shared.extend(clash.map(|b| (first, a.as_str(), second, b.as_str())));
            }
        }
    }
    shared
}

/// Whether two interface patterns can mean the same interface.
fn overlap(a: &str, b: &str) -> bool {
    let stem = |pattern: &'static [char], name: &str| -> Option<usize> { name.strip_suffix(pattern).map(str::len) };
    match (stem(&['*', '+'], a), stem(&['*', '+'], b)) {
        (None, None) => a == b,
        (Some(length), None) => b.as_bytes().starts_with(&a.as_bytes()[..length]),
        (None, Some(length)) => a.as_bytes().starts_with(&b.as_bytes()[..length]),
        (Some(of_a), Some(of_b)) => {
            let length = of_a.min(of_b);
            a.as_bytes()[..length] == b.as_bytes()[..length]
        }
    }
}
