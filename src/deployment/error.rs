//! What is wrong with a deployment file, where, and how to mend it.
//!
//! Every message names file, line, key and cure. Text of the file is made harmless here, once, so that an error can be shown
//! on any screen or log as it is.

use super::wording;

/// A deployment file that cannot be used. One error is reported at a time; its text is safe to print.
///
/// Displayed as `FILE:LINE: KEY: PROBLEM: CURE`, the key left out where the file is not even TOML there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{problem}: {cure}", prefix(.key))]
pub struct DeploymentError {
    /// The file's name, as the caller gave it, made harmless.
    pub file: String,
    /// The line, from 1; where a key is missing, the line of the table it belongs in.
    pub line: u32,
    /// The key's whole path, list items counted from 1: `edge.node[2].access.addr[1]`. Empty where no key can be named.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub cure: String,
}

impl DeploymentError {
    /// An error whose texts are all made harmless, whatever they quote.
    pub(super) fn new(file: &str, line: u32, key: &str, problem: &str, cure: &str) -> Self {
        Self {
            file: wording::sanitised(file),
            line,
            key: wording::sanitised(key),
            problem: wording::sanitised(problem),
            cure: wording::sanitised(cure),
        }
    }
}

/// The key with its colon, or nothing.
fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}
