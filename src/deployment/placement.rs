//! Checks that each address fits the topology: translated or not, public or private, and used only once.
//!
//! The checks TOPO-NAT-ALL3, TOPO-NAT-LB, TOPO-PUBLIC and TOPO-IP-UNIQUE of docs/domain.md, "Refused when the deployment file is
//! loaded".

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::addresses::is_public;
use super::error::DeploymentError;
use super::reader::Reader;
use super::{Addresses, Deployment, Node, Vip};

/// Checks all addresses of `[edge]`.
pub(super) fn check(reader: &Reader<'_>, deployment: &Deployment) -> Result<(), DeploymentError> {
    for (index, node) in deployment.edge.nodes.iter().enumerate() {
        let key = format!("edge.node[{}]", index + 1);
        if deployment.single_ip {
            one_address(reader, &key, node)?;
        }
        if deployment.topology.is_hlb() && !node.internal.public.is_empty() {
            return Err(no_translation(reader, &format!("{key}.internal.public"), deployment));
        }
        for (service, addresses) in external(deployment, node) {
            translation(reader, deployment, &format!("{key}.{service}"), addresses)?;
        }
    }
    if let Some(vip) = &deployment.edge.vip {
        check_vip(reader, deployment, vip)?;
    }
    used_once(reader, deployment)
}

/// The external services with addresses of their own; with `single_ip` Access alone.
fn external<'d>(deployment: &Deployment, node: &'d Node) -> Vec<(&'static str, &'d Addresses)> {
    let all = [("access", &node.access), ("webconf", &node.webconf), ("av", &node.av)];
    all.into_iter().take(if deployment.single_ip { 1 } else { 3 }).collect()
}

fn one_address(reader: &Reader<'_>, key: &str, node: &Node) -> Result<(), DeploymentError> {
    for (service, addresses) in [("webconf", &node.webconf), ("av", &node.av)] {
        if *addresses != node.access {
            return Err(not_single(reader, &format!("{key}.{service}")));
        }
    }
    Ok(())
}

fn not_single(reader: &Reader<'_>, key: &str) -> DeploymentError {
    let advice = "leave it out, or set single_ip = false";
    reader.refuse(key, "differs from access, but single_ip = true means one address for all services", advice)
}

/// Checks that an external service is translated if and only if the topology is.
fn translation(
    reader: &Reader<'_>,
    deployment: &Deployment,
    key: &str,
    addresses: &Addresses,
) -> Result<(), DeploymentError> {
    let topology = deployment.topology;
    if topology.is_nat() {
        if addresses.public.is_empty() {
            let problem = format!("missing, but {} translates each external address", topology.name());
            let advice = "add public = [\"ADDRESS\"], one for each in addr";
            return Err(reader.refuse(&format!("{key}.public"), &problem, advice));
        }
        return Ok(());
    }
    // An address whose public address is the same is not translated.
    if !addresses.public.is_empty() && (topology.is_hlb() || addresses.public != addresses.addr) {
        return Err(no_translation(reader, &format!("{key}.public"), deployment));
    }
    reachable(reader, deployment, &format!("{key}.addr"), &addresses.addr)
}

fn no_translation(reader: &Reader<'_>, key: &str, deployment: &Deployment) -> DeploymentError {
    let problem = format!("{} translates no address", deployment.topology.name());
    let advice = if deployment.topology.is_hlb() {
        "leave public out: NAT is not supported with a hardware load balancer"
    } else {
        "leave public out and give the public address as addr, or use a -nat topology"
    };
    reader.refuse(key, &problem, advice)
}

fn reachable(reader: &Reader<'_>, deployment: &Deployment, key: &str, list: &[IpAddr]) -> Result<(), DeploymentError> {
    match list.iter().enumerate().find(|(_, address)| !is_public(**address)) {
        Some((index, address)) => Err(reader.refuse(
            &format!("{key}[{}]", index + 1),
            &format!("{address} is private, but {} has public external addresses", deployment.topology.name()),
            if deployment.topology.is_hlb() {
                "give the address that the Internet reaches"
            } else {
                "give the address that the Internet reaches, or use a -nat topology"
            },
        )),
        None => Ok(()),
    }
}

fn check_vip(reader: &Reader<'_>, deployment: &Deployment, vip: &Vip) -> Result<(), DeploymentError> {
    for (service, list) in [("access", &vip.access), ("webconf", &vip.webconf), ("av", &vip.av)] {
        let key = format!("edge.vip.{service}");
        if deployment.single_ip && !list.is_empty() && *list != vip.access {
            return Err(not_single(reader, &key));
        }
        reachable(reader, deployment, &key, list)?;
    }
    Ok(())
}

/// Checks that no address is used twice. An address and an equal public address count once.
fn used_once(reader: &Reader<'_>, deployment: &Deployment) -> Result<(), DeploymentError> {
    let mut places: BTreeMap<IpAddr, String> = BTreeMap::new();
    let mut place = |address: IpAddr, key: String| {
        let Some(earlier) = places.get(&address) else {
            places.insert(address, key);
            return Ok(());
        };
        let advice = if !deployment.single_ip && one_node_outside(earlier, &key) {
            "give each service an address of its own, or set single_ip = true for one address with different ports"
        } else {
            "give each its own address"
        };
        Err(reader.refuse(&key, &format!("{address} is already used as {earlier}"), advice))
    };
    for (index, node) in deployment.edge.nodes.iter().enumerate() {
        let key = format!("edge.node[{}]", index + 1);
        let mut services = vec![("internal", &node.internal)];
        services.extend(external(deployment, node));
        for (service, addresses) in services {
            for (at, address) in addresses.addr.iter().enumerate() {
                place(*address, format!("{key}.{service}.addr[{}]", at + 1))?;
            }
            for (at, public) in addresses.public.iter().enumerate() {
                if addresses.addr.get(at) != Some(public) {
                    place(*public, format!("{key}.{service}.public[{}]", at + 1))?;
                }
            }
        }
    }
    let Some(vip) = &deployment.edge.vip else { return Ok(()) };
    let external = [("access", &vip.access), ("webconf", &vip.webconf), ("av", &vip.av)];
    let external = external.into_iter().take(if deployment.single_ip { 1 } else { 3 });
    for (service, list) in external.chain([("internal", &vip.internal)]) {
        for (at, address) in list.iter().enumerate() {
            place(*address, format!("edge.vip.{service}[{}]", at + 1))?;
        }
    }
    Ok(())
}

/// Whether two key paths belong to external services of the same node.
fn one_node_outside(first: &str, second: &str) -> bool {
    let node =
        |key: &str| key.split_once("].").map(|(node, service)| (node.to_owned(), service.starts_with("internal")));
    matches!((node(first), node(second)), (Some((a, false)), Some((b, false))) if a == b)
}
