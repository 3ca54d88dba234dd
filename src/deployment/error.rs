//! What is wrong with a deployment file, where, and what to do about it.
//!
//! Every message has file, line, key, problem and advice. Text from the file is sanitised here, so an error is safe to show.

use super::wording;

/// A deployment file that cannot be used. One error is reported at a time; its text is safe to print.
///
/// Displayed as `FILE:LINE: KEY: PROBLEM: ADVICE`, without the key where the file is not valid TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{problem}: {advice}", prefix(.key))]
pub struct DeploymentError {
    /// The file's name as the caller gave it, sanitised.
    pub file: String,
    /// The line, from 1; where a key is missing, the line of the table it belongs in.
    pub line: u32,
    /// The full path of the key, list items counted from 1: `edge.node[2].access.addr[1]`. Empty where the TOML is invalid.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

impl DeploymentError {
    /// An error; all its texts are sanitised.
    pub(super) fn new(file: &str, line: u32, key: &str, problem: &str, advice: &str) -> Self {
        Self {
            file: wording::sanitised(file),
            line,
            key: wording::sanitised(key),
            problem: wording::sanitised(problem),
            advice: wording::sanitised(advice),
        }
    }
}

/// The key with its colon, or nothing.
fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}
