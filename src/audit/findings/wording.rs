//! The sentences of findings: what is called what, and why it matters.

use crate::catalog::{Direction, Interface, NeedDefinition, Role};
use crate::deployment::Zone;

/// A zone in a sentence.
pub(in crate::audit) fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::Internet => "the Internet",
        Zone::EdgeExternal => "the Edge's external side",
        Zone::EdgeInternal => "the Edge's internal side",
        Zone::Lan => "the internal network",
    }
}

/// A role in a sentence.
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

/// `TCP 443 in to Access Edge on edge1`.
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

/// Texts in one sentence, at most a few.
pub(in crate::audit) fn listed(texts: &[String], most: usize) -> String {
    let mut all = texts.iter().take(most).map(String::as_str).collect::<Vec<_>>().join("; ");
    if texts.len() > most {
        use std::fmt::Write as _;
        let _ = write!(all, "; and {} more", texts.len() - most);
    }
    all
}
