//! The words that the sentences of findings share: names of zones, roles and needs, and lists.

use crate::catalog::{Direction, Interface, NeedDefinition, Role};
use crate::deployment::Zone;

/// The name of a zone in a sentence.
pub(in crate::audit) fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::Internet => "the Internet",
        Zone::EdgeExternal => "the Edge's external side",
        Zone::EdgeInternal => "the Edge's internal side",
        Zone::Lan => "the internal network",
    }
}

/// The name of a role in a sentence.
pub(in crate::audit) fn role(role: Role) -> &'static str {
    match role {
        Role::Access => "Access Edge",
        Role::Webconf => "Web Conferencing Edge",
        Role::Av => "A/V Edge",
        Role::Xmpp => "the XMPP proxy",
        Role::Replication => "CMS replication",
        Role::Logging => "centralized logging",
    }
}

/// A need in a title, such as `TCP 443 in to Access Edge on edge1`.
pub(in crate::audit) fn need(definition: &NeedDefinition, ports: &str, node: &str) -> String {
    let transport = definition.transport.name().to_uppercase();
    let service = role(definition.role);
    let end = match definition.interface {
        Interface::External => format!("{service} on {node}"),
        Interface::Internal => format!("the internal interface of {node} ({service})"),
    };
    match definition.direction {
        Direction::In => format!("{transport} {ports} in to {end}"),
        Direction::Out => format!("{transport} {ports} out of {end}"),
    }
}

/// Texts joined into one sentence: at most `most` of them, then the number of the others.
pub(in crate::audit) fn listed(texts: &[String], most: usize) -> String {
    let mut all = texts.iter().take(most).map(String::as_str).collect::<Vec<_>>().join("; ");
    if texts.len() > most {
        use std::fmt::Write as _;
        let _ = write!(all, "; and {} more", texts.len() - most);
    }
    all
}
