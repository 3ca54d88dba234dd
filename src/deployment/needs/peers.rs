//! The other end of a need: the lists of the deployment file for each peer of the catalogue (docs/domain.md, "Needs").

use ipnet::IpNet;

use crate::catalog::{Feature, NeedDefinition, Peer};
use crate::model::{Addresses, Family};

use super::{AddressPlan, Deployment, NotJudged, Topology, VIP};

/// The other end.
pub(super) struct Peers {
    /// Addresses that must get through.
    pub(super) must: Addresses,
    /// Addresses that may get through.
    pub(super) may: Addresses,
    /// Whether it is everyone on the Internet.
    pub(super) anyone: bool,
}

/// The other end of a need; an error where the deployment file lists no address for it.
pub(super) fn of(
    deployment: &Deployment,
    address_plan: &AddressPlan,
    definition: &NeedDefinition,
    node: &str,
    family: Family,
) -> Result<Peers, NotJudged> {
    let hosts = &deployment.hosts;
    let declared = &deployment.peers;
    let features = deployment.features;
    let internet = |lists: &[&Vec<IpNet>]| from_internet(address_plan, lists, family);
    let lan = |lists: &[&Vec<IpNet>]| {
        let addresses = one_family(&Addresses::of_nets(lists.iter().copied().flatten()), family);
        Peers { must: addresses.clone(), may: addresses, anyone: false }
    };
    let peers = match definition.peer {
        Peer::Internet => internet(&[]),
        Peer::RemoteClients => internet(&[&declared.remote_clients]),
        Peer::XmppPeers => internet(&[&declared.xmpp]),
        Peer::CrlHosts => internet(&[&hosts.crl_hosts]),
        Peer::DnsResolvers => internet(&[&hosts.dns_resolvers]),
        Peer::Federation => {
            let mut lists = Vec::new();
            if features.has_any(&[Feature::Federation, Feature::Hybrid, Feature::Push]) {
                lists.push(&declared.federation);
            }
            if features.has(Feature::Pic) {
                lists.push(&declared.pic);
            }
            if lists.iter().any(|list| list.is_empty()) { internet(&[]) } else { internet(&lists) }
        }
        Peer::SipServers => lan(&[&hosts.director, &hosts.director_vip, &hosts.front_end, &hosts.front_end_vip]),
        Peer::FrontEnd => lan(&[&hosts.front_end]),
        Peer::MediaAuth => lan(&[&hosts.front_end, &hosts.front_end_vip, &hosts.sba]),
        Peer::Cms => lan(&[&hosts.cms]),
        Peer::XmppGateway => lan(&[&hosts.xmpp_gateway]),
        Peer::LoggingHosts if hosts.admin_hosts.is_empty() => lan(&[&hosts.front_end]),
        Peer::LoggingHosts => lan(&[&hosts.admin_hosts]),
        Peer::InternalClients => {
            let everyone = lan(&[&hosts.internal_networks, &hosts.front_end, &hosts.sba]);
            let balanced = deployment.topology == Topology::ScaledHlb && node != VIP;
            let vip = deployment.edge.vip.as_ref().is_some_and(|vip| !vip.internal.is_empty());
            if balanced && vip {
                // Clients use the virtual address; only the Front Ends use the node's own (docs/domain.md, C17).
                Peers { must: lan(&[&hosts.front_end]).must, ..everyone }
            } else {
                everyone
            }
        }
    };
    if peers.must.is_empty() {
        let why = format!(
            "the deployment file lists no {} address for the other end ({})",
            family.name(),
            definition.peer.name()
        );
        return Err(NotJudged::NotEvaluated(why));
    }
    Ok(peers)
}

/// The listed addresses that are in the Internet zone; everyone where no list is given.
fn from_internet(address_plan: &AddressPlan, lists: &[&Vec<IpNet>], family: Family) -> Peers {
    let listed = Addresses::of_nets(lists.iter().copied().flatten());
    if lists.iter().all(|list| list.is_empty()) {
        return Peers {
            must: one_family(&address_plan.anyone(), family),
            may: one_family(&address_plan.internet, family),
            anyone: true,
        };
    }
    let reached = one_family(&listed.intersection(&address_plan.internet), family);
    Peers { must: reached.clone(), may: reached, anyone: false }
}

/// The part of one family.
fn one_family(addresses: &Addresses, family: Family) -> Addresses {
    let mut part = Addresses::none();
    match family {
        Family::Ipv4 => part.ipv4 = addresses.ipv4.clone(),
        Family::Ipv6 => part.ipv6 = addresses.ipv6.clone(),
    }
    part
}
