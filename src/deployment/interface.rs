//! How the deployment file names interfaces: a name, or a beginning of names with `*` or `+` behind it.

use crate::model::InterfacePattern;

/// The interfaces that one entry of a zone means. Iptables' users write `+`, everybody else `*`.
#[must_use]
pub fn interface_pattern(text: &str) -> InterfacePattern {
    match text.strip_suffix(['*', '+']) {
        Some(beginning) => InterfacePattern::beginning(beginning),
        None => InterfacePattern::exact(text),
    }
}
