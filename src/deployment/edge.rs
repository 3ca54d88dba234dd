//! Reads `[edge]`: its nodes, their addresses, the ports, the media range and the VIP of a load balancer.
//!
//! Each value is checked by itself here; `validate` checks them against each other and the topology.

use std::net::IpAddr;

use super::error::DeploymentError;
use super::reader::{Reader, Section};
use super::{Addresses, Edge, LoadBalancing, Node, Ports, Snat, Topology, Vip, addresses, names, wording};

const EDGE: [&str; 10] = [
    "internal_fqdn",
    "access_fqdn",
    "webconf_fqdn",
    "av_fqdn",
    "external_lb",
    "internal_lb",
    "media_ports",
    "ports",
    "node",
    "vip",
];
const NODE: [&str; 5] = ["name", "internal", "access", "webconf", "av"];
const VIP: [&str; 5] = ["access", "webconf", "av", "internal", "snat"];
const PORTS: [&str; 5] = ["access", "federation", "webconf", "av_tcp", "av_udp"];

/// Reads `[edge]` and everything below it.
pub(super) fn read(
    root: &Section<'_, '_>,
    topology: Topology,
    single_ip: bool,
    webconf: bool,
) -> Result<Edge, DeploymentError> {
    let section = root.section("edge", &EDGE)?;
    let fqdn = |name: &str| section.get(name).map(|value| names::domain_name(&value)).transpose();
    let balancing = |name: &str| match section.get(name) {
        Some(value) => value.word("kind of load balancing", &LoadBalancing::ALL, LoadBalancing::name),
        None => Ok(LoadBalancing::of(topology)),
    };
    Ok(Edge {
        internal_fqdn: fqdn("internal_fqdn")?,
        access_fqdn: fqdn("access_fqdn")?,
        webconf_fqdn: fqdn("webconf_fqdn")?,
        av_fqdn: fqdn("av_fqdn")?,
        external_lb: balancing("external_lb")?,
        internal_lb: balancing("internal_lb")?,
        media_ports: media_ports(&section)?,
        ports: ports(&section)?,
        nodes: nodes(&section, single_ip)?,
        vip: vip(&section, topology, single_ip, webconf)?,
    })
}

fn media_ports(section: &Section<'_, '_>) -> Result<(u16, u16), DeploymentError> {
    const ADVICE: &str = "write the first and the last port, as in [50000, 59999]";
    let Some(value) = section.get("media_ports") else { return Ok((50000, 59999)) };
    let items = value.list("two ports")?;
    let [first, last] = items.as_slice() else {
        return Err(value.refuse(&format!("expected two ports, found {}", items.len()), ADVICE));
    };
    let (first, last) = (first.number(1, u16::MAX)?, last.number(1, u16::MAX)?);
    if first > last {
        return Err(value.refuse("the range is reversed", &format!("write [{last}, {first}]")));
    }
    Ok((first, last))
}

fn ports(section: &Section<'_, '_>) -> Result<Ports, DeploymentError> {
    let ports = section.section("ports", &PORTS)?;
    let port = |name: &str, default: u16| ports.get(name).map_or(Ok(default), |value| value.number(1, u16::MAX));
    Ok(Ports {
        access: port("access", 443)?,
        federation: port("federation", 5061)?,
        webconf: port("webconf", 443)?,
        av_tcp: port("av_tcp", 443)?,
        av_udp: port("av_udp", 3478)?,
    })
}

fn nodes(section: &Section<'_, '_>, single_ip: bool) -> Result<Vec<Node>, DeploymentError> {
    let tables = section.sections("node", &NODE)?;
    if tables.is_empty() {
        let advice = "add an [[edge.node]] with name, internal, access, webconf and av";
        return Err(section.reader.refuse(&section.path("node"), "missing", advice));
    }
    tables.iter().map(|table| node(table, single_ip)).collect()
}

fn node(table: &Section<'_, '_>, single_ip: bool) -> Result<Node, DeploymentError> {
    let name = table.require("name", "name = \"edge1\", or what the server is called")?;
    let text = name.string()?;
    if text.trim() != text || text.chars().count() > names::LONGEST_NAME {
        let problem = format!("{} cannot be a node's name", wording::quoted(text));
        return Err(name.refuse(&problem, "use at most 64 characters, without spaces around them"));
    }
    let access = pair(table, "access")?;
    let or_access = |service: &str| {
        if single_ip && !table.has(service) { Ok(access.clone()) } else { pair(table, service) }
    };
    Ok(Node {
        name: text.to_owned(),
        internal: pair(table, "internal")?,
        webconf: or_access("webconf")?,
        av: or_access("av")?,
        access,
        line: table.reader.line_of(&table.key),
    })
}

/// `{ addr = […], public = […] }`; `public` is left out, or as long as `addr` and of the same family at each index.
fn pair(table: &Section<'_, '_>, service: &str) -> Result<Addresses, DeploymentError> {
    let add = format!("{service} = {{ addr = [\"ADDRESS\"] }}, with public = [\"ADDRESS\"] where it is translated");
    let section = table.require(service, &add)?.table()?;
    section.only(&["addr", "public"])?;
    let addr_key = section.require("addr", "addr = [\"ADDRESS\"]")?;
    let addr = addresses::hosts(&section, "addr")?;
    let public = addresses::hosts(&section, "public")?;
    if addr.is_empty() {
        return Err(addr_key.refuse("empty", "name at least one address"));
    }
    let public_key = section.path("public");
    check_pairs(section.reader, &public_key, &addr, &public)?;
    Ok(Addresses { addr, public })
}

fn check_pairs(reader: &Reader<'_>, key: &str, addr: &[IpAddr], public: &[IpAddr]) -> Result<(), DeploymentError> {
    if public.is_empty() {
        return Ok(());
    }
    if public.len() != addr.len() {
        let problem = format!("{} addresses in public for {} in addr", public.len(), addr.len());
        return Err(reader.refuse(
            key,
            &problem,
            "give each address its public address at the same position; repeat an address that is not translated",
        ));
    }
    match addr.iter().zip(public).position(|(inside, outside)| inside.is_ipv4() != outside.is_ipv4()) {
        Some(index) => Err(reader.refuse(
            &format!("{key}[{}]", index + 1),
            "not of the family of the address at the same position in addr",
            "pair IPv4 with IPv4 and IPv6 with IPv6; repeat an address that is not translated",
        )),
        None => Ok(()),
    }
}

fn vip(
    section: &Section<'_, '_>,
    topology: Topology,
    single_ip: bool,
    webconf: bool,
) -> Result<Option<Vip>, DeploymentError> {
    let table = section.section("vip", &VIP)?;
    if !table.is_given() {
        if topology.is_hlb() {
            let advice = "add [edge.vip] with access, webconf and av, and internal where that VIP is used";
            return Err(section.reader.refuse(&table.key, "missing, and scaled-hlb needs one", advice));
        }
        return Ok(None);
    }
    if !topology.is_hlb() {
        let problem = format!("{} has no VIP", topology.name());
        return Err(section.reader.refuse(
            &table.key,
            &problem,
            "leave [edge.vip] out, or use topology = \"scaled-hlb\"",
        ));
    }
    let required = |name: &str| {
        let add = format!("{name} = [\"ADDRESS\"]");
        let value = table.require(name, &add)?;
        let list = addresses::hosts(&table, name)?;
        if list.is_empty() { Err(value.refuse("empty", &format!("write {add}"))) } else { Ok(list) }
    };
    let access = required("access")?;
    let or_access = |name: &str| if single_ip && !table.has(name) { Ok(access.clone()) } else { required(name) };
    let snat = table.section("snat", &["access", "webconf", "av"])?;
    let rewrites = |name: &str| snat.get(name).map(|value| value.boolean()).transpose();
    Ok(Some(Vip {
        webconf: if webconf || table.has("webconf") { or_access("webconf")? } else { Vec::new() },
        av: or_access("av")?,
        internal: addresses::hosts(&table, "internal")?,
        snat: Snat { access: rewrites("access")?, webconf: rewrites("webconf")?, av: rewrites("av")? },
        access,
    }))
}
