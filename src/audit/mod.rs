//! The needs of a deployment against the rule sets of its firewalls: what is missing, what is in excess, what nobody can tell.
//!
//! It knows needs, zones and verdicts, neither a vendor's syntax nor a terminal. Start at [`audit`]; `required` judges one
//! need on one firewall, `near_miss` looks for the rule that was meant for it, `excess` finds what is permitted beyond all of them;
//! `translation`, `replies` and `unaudited` check the rest.

mod alike;
mod boxes;
mod case;
mod evidence;
mod excess;
mod few;
mod findings;
mod firewall;
mod harmless;
mod mend;
mod near_miss;
mod outcome;
mod path;
mod replies;
mod required;
mod reverse_path;
mod run;
mod translation;
mod unaudited;
mod wording;
mod zones;

pub use case::{Case, Export};
pub use run::audit;
