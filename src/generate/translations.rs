//! The one-to-one translations of an external firewall, between the Edge's own and its public addresses.

use crate::deployment::{Deployment, Firewall, FirewallRole, NatView, Node, Zone};
use crate::model::{Family, Translation};

use super::ends;

/// The translations a firewall makes; none where its rules name public addresses, or where it is not on the external side.
pub(super) fn of(deployment: &Deployment, firewall: &Firewall) -> Vec<Translation> {
    let outer = matches!(firewall.role, FirewallRole::External | FirewallRole::Combined);
    if !outer || firewall.nat_view == NatView::Mapped {
        return Vec::new();
    }
    let outside = ends::of(firewall, Zone::Internet).interfaces;
    let mut translations: Vec<Translation> = Vec::new();
    for node in &deployment.edge.nodes {
        for (service, addresses) in services(node) {
            for (inner, public) in addresses.addr.iter().zip(&addresses.public) {
                let known = translations.iter().any(|known| known.inner == *inner && known.outer == *public);
                if inner == public || known || !deployment.families.contains(&Family::of(*inner)) {
                    continue;
                }
                translations.push(Translation {
                    inner: *inner,
                    outer: *public,
                    outside: outside.clone(),
                    comment: format!("{service} of {}", node.name),
                });
            }
        }
    }
    translations
}

fn services(node: &Node) -> [(&'static str, &crate::deployment::Addresses); 3] {
    [("Access Edge", &node.access), ("Web Conferencing Edge", &node.webconf), ("A/V Edge", &node.av)]
}
