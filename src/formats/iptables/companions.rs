//! The sets that companions list, with the results of the matches that use them.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::formats::ipset::{Direction, Sets};
use crate::model::Match;

/// The sets of all companions, and the results of matches so far.
#[derive(Debug, Default)]
pub struct Companions {
    /// The sets.
    pub sets: Sets,
    /// The meaning of each match that was asked about; `None` if it has too many alternatives.
    pub known: FxHashMap<Question, Option<Rc<Meaning>>>,
}

impl Companions {
    /// Companions with these sets and no results yet.
    pub fn new(sets: Sets) -> Self {
        Self { sets, known: FxHashMap::default() }
    }
}

/// The parts of a match that determine its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// The set's name.
    pub set: String,
    /// The end of the packet that each dimension of an element is compared with.
    pub directions: Vec<Direction>,
    /// Whether the packet must not be in the set.
    pub negated: bool,
    /// Whether an element with `nomatch` matches (`--return-nomatch`).
    pub holes_match: bool,
    /// Whether counters are compared.
    pub counted: bool,
}

/// The meaning of a match.
#[derive(Debug)]
pub struct Meaning {
    /// The packets that match.
    pub certain: Vec<Match>,
    /// The packets for which it is undecided.
    pub open: Vec<Match>,
}
