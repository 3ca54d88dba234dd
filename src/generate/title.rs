//! The head of a written file: its firewall, the deployment file, and the needs that could not be written.

use crate::deployment::needs::{Need, NotJudged};
use crate::deployment::{Deployment, Firewall};

/// The lines of the head.
pub(super) fn of(deployment: &Deployment, firewall: &Firewall, needs: &[&Need]) -> Vec<String> {
    let mut lines = vec![
        format!(
            "Firewall {} ({}): what the Edge Servers of this deployment need, and nothing else.",
            firewall.name,
            firewall.role.name()
        ),
        format!(
            "{}, {}; deployment file SHA-256 {}.",
            deployment.product.name(),
            deployment.topology.name(),
            deployment.sha256
        ),
        format!("Written by edgewarden {}.", env!("CARGO_PKG_VERSION")),
    ];
    for need in needs {
        if let Err(NotJudged::NotEvaluated(why)) = &need.demand {
            lines.push(format!("Not written: {} of {}, {}: {why}.", need.definition.id, need.node, need.family.name()));
        }
    }
    let exceptions = deployment.allows.len();
    if exceptions > 0 {
        lines.push(format!(
            "Not written: {exceptions} declared exceptions ([[allow]]), which are tolerated but not needed."
        ));
    }
    lines
}
