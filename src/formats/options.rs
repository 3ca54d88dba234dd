//! What the deployment says of a firewall that its reader has to know and its export does not say.

/// Facts for a reader, from the firewall's entry in the deployment; all at their defaults where there is no deployment.
///
/// There are none yet: an iptables dump says all that its reader needs. A format that needs one (to which interface and direction
/// an access list is bound, which column of a table holds what) adds a field with a default here, and `cli` fills it from the
/// deployment. Every reader gets all of them and takes those it knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {}
