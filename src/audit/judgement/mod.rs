//! What a firewall does to the packets that needs call for, and to all others around an Edge.
//!
//! `required` judges one need on one firewall, `near_miss` looks for the rule that was meant for it, `excess` finds what is permitted
//! beyond all of them; `translation`, `replies` and `unlisted_family` check the rest. All of them look at the firewall through
//! [`firewall::View`].

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
