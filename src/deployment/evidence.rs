//! Reads `[evidence]`: zone files and certificates. They are not judged yet, so only the names of the given keys are kept.

use super::Node;
use super::error::DeploymentError;
use super::reader::Section;

const EVIDENCE: [&str; 4] = ["dns_external", "dns_internal", "cert_external", "cert_internal"];

/// The paths of the keys that are given and not empty, in the order of the file.
pub(super) fn read(root: &Section<'_, '_>, nodes: &[Node]) -> Result<Vec<String>, DeploymentError> {
    let section = root.section("evidence", &EVIDENCE)?;
    let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    let mut given = Vec::new();
    for name in section.names() {
        let Some(value) = section.get(name) else { continue };
        let holds_something = if name.starts_with("cert_") {
            let table = section.section(name, &names)?;
            let files = table.names();
            for node in &files {
                if let Some(file) = table.get(node) {
                    file.string()?;
                }
            }
            !files.is_empty()
        } else {
            let files = value.list("paths")?;
            for file in &files {
                file.string()?;
            }
            !files.is_empty()
        };
        if holds_something {
            given.push(section.path(name));
        }
    }
    Ok(given)
}
