//! Checks across sections: names refer to something, and topology, ports and nodes agree.
//!
//! Contradictions are refused; oddities become warnings (`warnings`). Addresses are checked in `placement`.

use std::collections::{BTreeMap, BTreeSet};

use super::error::DeploymentError;
use super::reader::Reader;
use super::{Allow, Deployment, FirewallRole, placement, warnings, wording};

/// Checks a deployment and adds its warnings.
pub(super) fn check(reader: &Reader<'_>, mut deployment: Deployment) -> Result<Deployment, DeploymentError> {
    nodes(reader, &deployment)?;
    firewalls(reader, &deployment)?;
    single_ip_ports(reader, &deployment)?;
    placement::check(reader, &deployment)?;
    let names: BTreeSet<&str> = deployment.firewalls.iter().map(|firewall| firewall.name.as_str()).collect();
    for (index, allow) in deployment.allows.iter().enumerate() {
        allow_names(reader, &names, allow, &format!("allow[{}]", index + 1))?;
    }
    deployment.warnings = warnings::of(reader, &deployment);
    Ok(deployment)
}

fn nodes(reader: &Reader<'_>, deployment: &Deployment) -> Result<(), DeploymentError> {
    let mut names = BTreeMap::new();
    for (index, node) in deployment.edge.nodes.iter().enumerate() {
        let key = format!("edge.node[{}].name", index + 1);
        // Host names are case-insensitive.
        let name = node.name.to_lowercase();
        if name == "vip" {
            return Err(reader.refuse(
                &key,
                "a node cannot be named vip",
                "choose another name: vip means the load balancer's virtual IP",
            ));
        }
        if let Some(earlier) = names.insert(name, index + 1) {
            let problem = format!("{} is already the name of edge.node[{earlier}]", wording::quoted(&node.name));
            return Err(reader.refuse(&key, &problem, "give each node a name of its own"));
        }
    }
    let count = deployment.edge.nodes.len();
    if count > 1 && !deployment.topology.is_scaled() {
        let problem = format!("{} has one node, but the file has {count}", deployment.topology.name());
        let advice = "use a scaled topology, or remove the other nodes";
        return Err(reader.refuse("edge.node[2]", &problem, advice));
    }
    Ok(())
}

fn firewalls(reader: &Reader<'_>, deployment: &Deployment) -> Result<(), DeploymentError> {
    let nodes: BTreeSet<&str> = deployment.edge.nodes.iter().map(|node| node.name.as_str()).collect();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        let key = format!("firewall[{}]", index + 1);
        if let Some(earlier) = names.insert(&firewall.name, index + 1) {
            let problem = format!("{} is already the name of firewall[{earlier}]", wording::quoted(&firewall.name));
            return Err(reader.refuse(&format!("{key}.name"), &problem, "give each firewall a name of its own"));
        }
        if let (FirewallRole::Host, Some(node)) = (firewall.role, &firewall.node)
            && !nodes.contains(node.as_str())
        {
            let nodes: Vec<&str> = nodes.into_iter().collect();
            let problem = format!("no node is named {}", wording::quoted(node));
            return Err(reader.refuse(
                &format!("{key}.node"),
                &problem,
                &wording::one_of(node, &nodes, "the nodes are"),
            ));
        }
    }
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        if let Some(first) = companion_of(&firewall.name).filter(|first| names.contains_key(first)) {
            let problem = format!("{} is also the id of another export of {first}", wording::quoted(&firewall.name));
            return Err(reader.refuse(
                &format!("firewall[{}].name", index + 1),
                &problem,
                "do not end the name in a dot and a number",
            ));
        }
    }
    Ok(())
}

/// The firewall whose second, third … export has this id: `fw.2` belongs to `fw`.
fn companion_of(id: &str) -> Option<&str> {
    let (name, number) = id.rsplit_once('.')?;
    let canonical = !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
    (canonical && number.parse::<u32>().ok()? >= 2).then_some(name)
}

/// TOPO-SINGLE-IP-PORTS of docs/domain.md: on one address each service needs a TCP port of its own.
fn single_ip_ports(reader: &Reader<'_>, deployment: &Deployment) -> Result<(), DeploymentError> {
    if !deployment.single_ip {
        return Ok(());
    }
    let ports = deployment.edge.ports;
    let mut used = BTreeSet::from([ports.access, ports.federation]);
    for (name, port) in [("webconf", ports.webconf), ("av_tcp", ports.av_tcp)] {
        if !used.insert(port) {
            return Err(reader.refuse(
                &format!("edge.ports.{name}"),
                &format!("TCP {port} is already used by another service, but single_ip = true means one address for all"),
                "give access, webconf and av_tcp different ports, as in ports = { access = 5061, webconf = 444, av_tcp = 443 }",
            ));
        }
    }
    Ok(())
}

fn allow_names(reader: &Reader<'_>, names: &BTreeSet<&str>, allow: &Allow, key: &str) -> Result<(), DeploymentError> {
    let known = |name: &str| names.contains(name);
    let unknown = |key: &str, name: &str| {
        let names: Vec<&str> = names.iter().copied().collect();
        let problem = format!("no firewall is named {}", wording::quoted(name));
        reader.refuse(key, &problem, &wording::one_of(name, &names, "the firewalls are"))
    };
    if let Some(name) = allow.firewall.as_deref().filter(|name| !known(name)) {
        return Err(unknown(&format!("{key}.firewall"), name));
    }
    let Some((id, _)) = &allow.rule else { return Ok(()) };
    let owner = if known(id) { Some(id.as_str()) } else { companion_of(id).filter(|name| known(name)) };
    let Some(owner) = owner else { return Err(unknown(&format!("{key}.rule"), id)) };
    match allow.firewall.as_deref() {
        Some(name) if name != owner => Err(reader.refuse(
            &format!("{key}.firewall"),
            &format!("the rule belongs to {owner}, not to {name}"),
            "leave firewall out, as rule names it already",
        )),
        _ => Ok(()),
    }
}
