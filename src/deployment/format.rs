//! The format that a deployment declares for an export: a word that is kept as it is. Which formats there are, the deployment
//! does not know; who reads exports asks whether the word is one of them.

use super::error::DeploymentError;
use super::reader::Section;
use super::wording;

/// `format = "…"` of a firewall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredFormat {
    /// The word; `auto` where the file has none.
    pub name: String,
    /// Its line in the file.
    pub line: u32,
    key: String,
}

impl DeclaredFormat {
    /// The word for "see what the export is".
    pub const AUTO: &str = "auto";

    pub(super) fn read(table: &Section<'_, '_>) -> Result<Self, DeploymentError> {
        let name = match table.get("format") {
            Some(value) => value.string()?,
            None => Self::AUTO,
        };
        let key = table.path("format");
        Ok(Self { name: name.to_owned(), line: table.reader.line_of(&key), key })
    }

    /// Whether the export's content decides.
    #[must_use]
    pub fn is_auto(&self) -> bool {
        self.name == Self::AUTO
    }

    /// The error for a word that names no format; `known` are the formats there are, `file` is the deployment's path.
    #[must_use]
    pub fn unknown(&self, file: &str, known: &[&str]) -> DeploymentError {
        let names: Vec<&str> = [Self::AUTO].iter().chain(known).copied().collect();
        let problem = format!("unknown format {}", wording::quoted(&self.name));
        DeploymentError::new(file, self.line, &self.key, &problem, &wording::one_of(&self.name, &names, "use one of"))
    }
}
