//! What the deployment says of a firewall that its reader has to know and its export does not say.

/// Facts for a reader, from the firewall's entry in the deployment; all at their defaults where there is no deployment.
///
/// A format that needs another one (to which interface and direction an access list is bound, which column of a table holds what)
/// adds a field with a default here, and `cli/load.rs` fills it from the deployment. Every reader gets all of them and uses those
/// it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether the device lets the replies of permitted connections through by itself. Only readers of exports that do not say it
    /// use this ([`super::Format::says_what_is_tracked`]).
    pub stateful: bool,
}

impl Options {
    /// Facts with this one given.
    #[must_use]
    pub fn stateful(stateful: bool) -> Self {
        Self { stateful }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { stateful: true }
    }
}
