//! What is recognised and will never be read: listings that leave out a part of the rules, and configurations of devices that
//! have no format here. Each says what it is, and which command or export of its device gives something better.
//!
//! A kind of file is one entry of a table, by its maker: nothing else has to know it. These are looked for only where no
//! format is sure that a file is its own.

mod appliances;
mod cisco;
mod hosts;
mod other;

use super::recognition::{Recognition, recognise};

pub(super) use other::Other;

/// The advice where there is none.
pub(super) const NOTHING_INSTEAD: &str = "no format here covers it, nor anything else that its device exports";

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
