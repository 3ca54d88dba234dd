//! Compares the needs of a deployment with the rule sets of its firewalls: what is missing, what is in excess, what is undecided.
//!
//! The audit knows needs, zones and verdicts, but neither a vendor's syntax nor a terminal. Start at [`audit`]. It has three
//! parts, each of which uses only those before it: `judgement` judges needs, translations and replies and finds what is permitted
//! beyond the needs; `findings` makes findings of the results and grades them; `remediation` proposes changes of the rules and
//! proves them.

mod case;
mod findings;
mod judgement;
mod remediation;
mod run;
mod sanitise;

pub use case::{Case, Export};
pub use run::audit;
