//! Kinds of files that are recognised but never read: listings that leave out a part of the rules, and configurations of devices
//! without a format here. Each has a name, and the command or export of its device that gives a file that can be read.
//!
//! Each kind of file is one entry in the table of its vendor; no other code depends on it. These kinds are considered only if no
//! format recognises the file for certain.

mod appliances;
mod cisco;
mod hosts;
mod other;

use super::recognition::{Recognition, recognise};

pub(super) use other::Other;

/// The advice if nothing can be read in place of the file.
pub(super) const NOTHING_INSTEAD: &str = "no format here can read it, nor anything else that its device exports";

const TABLES: [&[Other]; 3] = [hosts::OTHERS, cisco::OTHERS, appliances::OTHERS];

/// The kind of file that recognises a text best.
pub(super) fn look(text: &str) -> Option<(&'static Other, Recognition)> {
    let mut best: Option<(&'static Other, Recognition)> = None;
    for other in TABLES.into_iter().flatten() {
        let Some(found) = recognise(text, other.signs) else { continue };
        if best.as_ref().is_none_or(|(_, best)| (found.certainty, found.lines) > (best.certainty, best.lines)) {
            best = Some((other, found));
        }
    }
    best
}
