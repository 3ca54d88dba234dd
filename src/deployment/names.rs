//! Which names the deployment file may use.

use super::error::DeploymentError;
use super::reader::Value;
use super::wording;

/// Longest name of a node or firewall, in characters.
pub(super) const LONGEST_NAME: usize = 64;

/// A DNS name: labels of letters, digits, `-` and `_`, at most 63 characters each and 253 together.
pub(super) fn domain_name(value: &Value<'_, '_>) -> Result<String, DeploymentError> {
    let text = value.string()?;
    let labels_fit = text.strip_suffix('.').unwrap_or(text).split('.').all(|label| {
        !label.is_empty()
            && label.chars().count() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    if labels_fit && text.chars().count() <= 253 && !is_address {
        Ok(text.to_owned())
    } else {
        let problem = format!("{} is not a DNS name", wording::quoted(text));
        Err(value.refuse(&problem, "write the name alone, such as \"sip.contoso.com\""))
    }
}
