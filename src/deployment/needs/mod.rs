//! The 28 needs of the catalogue, resolved against a deployment: one for each node (or virtual address) and family.
//!
//! A [`Need`] has two zones, the packets that must be permitted between them, and those that may be. Start at [`resolve`].

mod media;
mod path;
mod peers;
mod shape;

use std::net::IpAddr;

use crate::catalog::{self, Call, Direction, Interface, NeedDefinition, Role, Row};
use crate::model::{Addresses, Family, Match};
use crate::packets::IntervalSet;

use super::{AddressPlan, Deployment, Firewall, FirewallRole, Product, Topology, Zone};

pub use media::{CLOSED_RANGE_TCP, CLOSED_RANGE_UDP};

/// A need of one node in one family.
#[derive(Debug, Clone)]
pub struct Need {
    /// The catalogue's definition.
    pub definition: &'static NeedDefinition,
    /// The node's name, or `vip`.
    pub node: String,
    /// The family.
    pub family: Family,
    /// The table rows that call for it.
    pub rows: Vec<&'static Row>,
    /// The packets called for, or why the need is not judged.
    pub demand: Result<Demand, NotJudged>,
}

impl Need {
    /// Whether a firewall has to permit it: one of its side, or a host's own firewall on its node.
    #[must_use]
    pub fn is_of(&self, firewall: &Firewall) -> bool {
        match (firewall.role, self.definition.interface) {
            (FirewallRole::External, Interface::External)
            | (FirewallRole::Internal, Interface::Internal)
            | (FirewallRole::Combined, _) => true,
            (FirewallRole::External | FirewallRole::Internal, _) => false,
            (FirewallRole::Host, _) => firewall.node.as_ref() == Some(&self.node),
        }
    }
}

/// Why a need is not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotJudged {
    /// Product, topology or features do not call for it.
    NotApplicable(String),
    /// The deployment file lacks data that judging it needs.
    NotEvaluated(String),
}

/// The packets that a need calls for.
#[derive(Debug, Clone)]
pub struct Demand {
    /// How binding it is, and its severity when missing.
    pub call: Call,
    /// Where the packets come from.
    pub from: Zone,
    /// Where they go.
    pub to: Zone,
    /// Whether the other end is everyone on the Internet. Then a small part of its addresses may be refused (`audit` sets it).
    pub anyone: bool,
    /// What must be permitted: one of these alternatives, completely. Never empty.
    pub must: Vec<Alternative>,
    /// What may be permitted without being excess. Contains every alternative.
    pub may: Vec<Match>,
    /// The Edge's addresses as configured on its hosts.
    pub edge: Addresses,
    /// Pairs of such an address and its public address; empty without translation.
    pub public: Vec<(IpAddr, IpAddr)>,
}

/// One way to meet a need.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// A name for display; empty where there is only one alternative.
    pub name: &'static str,
    /// The packets, as a union: every packet of every entry must be permitted.
    pub packets: Vec<Match>,
    /// Needs that meet this one too: all of them satisfied, and none of these packets permitted. Empty: no such way.
    pub closed_if: &'static [&'static str],
}

/// All needs of a deployment: for each family, the 28 of each node in the file's order, then those of the virtual addresses.
#[must_use]
pub fn resolve(deployment: &Deployment, address_plan: &AddressPlan) -> Vec<Need> {
    let mut needs = Vec::new();
    for family in &deployment.families {
        for node in &deployment.edge.nodes {
            for definition in catalog::needs() {
                needs.push(resolve_one(deployment, address_plan, definition, &node.name, *family));
            }
        }
        if deployment.edge.vip.is_some() {
            for definition in catalog::needs() {
                needs.push(resolve_one(deployment, address_plan, definition, VIP, *family));
            }
        }
    }
    needs
}

/// The name of the virtual addresses among the nodes.
pub const VIP: &str = "vip";

fn resolve_one(
    deployment: &Deployment,
    address_plan: &AddressPlan,
    definition: &'static NeedDefinition,
    node: &str,
    family: Family,
) -> Need {
    let rows = catalog::rows_for(&definition.id, deployment.product, deployment.topology, node == VIP);
    let demand = demand(deployment, address_plan, definition, node, family);
    Need { definition, node: node.to_owned(), family, rows, demand }
}

fn demand(
    deployment: &Deployment,
    address_plan: &AddressPlan,
    definition: &'static NeedDefinition,
    node: &str,
    family: Family,
) -> Result<Demand, NotJudged> {
    let Some(call) = definition.call(deployment.product, deployment.features) else {
        let why = format!("{} with these features does not need it", deployment.product.name());
        return Err(NotJudged::NotApplicable(why));
    };
    load_balanced(deployment, definition, node)?;
    let (edge, public) = edge_addresses(deployment, definition, node, family);
    if edge.is_empty() {
        return Err(NotJudged::NotApplicable(format!("{node} has no {} address for it", family.name())));
    }
    let peers = peers::of(deployment, address_plan, definition, node, family)?;
    let (outer, inner) = match definition.interface {
        Interface::External => (Zone::Internet, Zone::EdgeExternal),
        Interface::Internal => (Zone::Lan, Zone::EdgeInternal),
    };
    let (from, to) = match definition.direction {
        Direction::In => (outer, inner),
        Direction::Out => (inner, outer),
    };
    let others = (node == VIP && definition.direction == Direction::Out).then(|| {
        let nodes =
            deployment.edge.nodes.iter().map(|node| edge_addresses(deployment, definition, &node.name, family).0);
        nodes.fold(Addresses::none(), |all, one| all.union(&one))
    });
    let others = others.filter(|others| !others.is_empty());
    let (must, mut may) = shape::of(deployment, definition, &edge, others.as_ref(), &peers);
    if node == VIP {
        may.extend(sixth_row(deployment, address_plan, &path::Path { definition, edge: &edge }));
    }
    Ok(Demand { call, from, to, anyone: peers.anyone, must, may, edge, public })
}

/// With a hardware load balancer each table is about the nodes or about the virtual addresses (docs/domain.md, C15, C16). None
/// of the five documents has such tables for Lync Server 2013, so tables 3 to 6 of document 004 are used for it too.
fn load_balanced(deployment: &Deployment, definition: &NeedDefinition, node: &str) -> Result<(), NotJudged> {
    if deployment.topology != Topology::ScaledHlb {
        return Ok(());
    }
    let tables = |vip| catalog::rows_for(&definition.id, Product::Sfb2015, Topology::ScaledHlb, vip);
    let virtual_table = |row: &&Row| matches!(row.table_number, 5 | 6);
    let of_vip = tables(true).iter().any(virtual_table);
    let of_node = !of_vip || !tables(false).iter().all(virtual_table);
    let internal_vip = deployment.edge.vip.as_ref().is_some_and(|vip| !vip.internal.is_empty());
    let unused = definition.interface == Interface::Internal && !internal_vip;
    if node == VIP {
        if unused {
            return Err(NotJudged::NotApplicable("the deployment uses no internal virtual address".to_owned()));
        }
        if !of_vip {
            return Err(NotJudged::NotApplicable(
                "the tables list it for each node, not for the virtual address".to_owned(),
            ));
        }
    } else if !of_node && !unused {
        return Err(NotJudged::NotApplicable(
            "the tables list it for the virtual address, not for each node".to_owned(),
        ));
    }
    Ok(())
}

/// Lync's table of internal virtual addresses has a sixth row, TCP 443 from the virtual address to any internal host. It is
/// optional, so it may be permitted (docs/domain.md, C19). It is added to the need for SIP from that address.
fn sixth_row(deployment: &Deployment, address_plan: &AddressPlan, path: &path::Path) -> Option<Match> {
    (deployment.product == Product::Lync2013
        && deployment.topology == Topology::ScaledHlb
        && path.definition.id == "internal.access.tcp-5061.out")
        .then(|| path.any_state(&address_plan.lan, IntervalSet::full(), IntervalSet::single(443)))
}

/// The Edge's addresses for a need, and those with a public address as pairs.
fn edge_addresses(
    deployment: &Deployment,
    definition: &NeedDefinition,
    node: &str,
    family: Family,
) -> (Addresses, Vec<(IpAddr, IpAddr)>) {
    let of_family = |ip: &&IpAddr| Family::of(**ip) == family;
    if node == VIP {
        let Some(vip) = &deployment.edge.vip else { return (Addresses::none(), Vec::new()) };
        let list = match (definition.interface, definition.role) {
            (Interface::Internal, _) => &vip.internal,
            (_, Role::Webconf) => &vip.webconf,
            (_, Role::Av) => &vip.av,
            _ => &vip.access,
        };
        return (Addresses::of_ips(list.iter().filter(of_family)), Vec::new());
    }
    let Some(node) = deployment.node(node) else { return (Addresses::none(), Vec::new()) };
    let service = match (definition.interface, definition.role) {
        (Interface::Internal, _) => &node.internal,
        (_, Role::Webconf) => &node.webconf,
        (_, Role::Av) => &node.av,
        _ => &node.access,
    };
    let pairs = service
        .addr
        .iter()
        .zip(&service.public)
        .filter(|(addr, _)| Family::of(**addr) == family)
        .map(|(addr, public)| (*addr, *public))
        .collect();
    (Addresses::of_ips(service.addr.iter().filter(of_family)), pairs)
}
