//! What a firewall does with the packets that needs call for, and with all other packets to and from the Edge.
//!
//! `required` judges one need on one firewall, `near_miss` looks for a rule that was meant for a missing need, `excess` finds
//! what is permitted beyond all needs. `translation` checks translated addresses, `replies` the later packets of connections and
//! `unlisted_family` the traffic of a family that the deployment does not list. All of them use [`firewall::View`].

pub(super) mod edge;
pub(super) mod exceptions;
pub(super) mod excess;
pub(super) mod firewall;
pub(super) mod near_miss;
pub(super) mod outcome;
pub(super) mod path;
pub(super) mod replies;
pub(super) mod required;
pub(super) mod reverse_path;
pub(super) mod translation;
pub(super) mod unlisted_family;
pub(super) mod zones;
