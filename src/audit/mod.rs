//! The needs of a deployment against the rule sets of its firewalls: what is missing, what is in excess, what nobody can tell.
//!
//! It knows needs, zones and verdicts, neither a vendor's syntax nor a terminal. Start at [`audit`]. Three rooms, each of which uses
//! those before it and none behind it: `judgement` says how needs, translations and replies come out and what is permitted beyond
//! them; `findings` says what that comes to and how grave it is; `remediation` proposes changes of the rules and proves them.

mod case;
mod findings;
mod judgement;
mod remediation;
mod run;
mod sanitise;

pub use case::{Case, Export};
pub use run::audit;
