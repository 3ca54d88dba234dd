//! The sets that companions list, and what the matches that look into them have come to.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::formats::ipset::{Direction, Sets};
use crate::model::Match;

/// The sets of all companions, and what matches have come to already.
#[derive(Debug, Default)]
pub struct Companions {
    /// The sets.
    pub sets: Sets,
    /// What each match that was asked about comes to; `None` where that is too much.
    pub known: FxHashMap<Question, Option<Rc<Meaning>>>,
}

impl Companions {
    /// Of these sets nothing is known yet but what they hold.
    pub fn new(sets: Sets) -> Self {
        Self { sets, known: FxHashMap::default() }
    }
}

/// What of a match decides its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// The set's name.
    pub set: String,
    /// Which end of the packet each part of an element is compared with.
    pub directions: Vec<Direction>,
    /// Whether the packet must not be in the set.
    pub negated: bool,
    /// Whether an element with `nomatch` matches (`--return-nomatch`).
    pub holes_match: bool,
    /// Whether counters are compared.
    pub counted: bool,
}

/// What a match comes to.
#[derive(Debug)]
pub struct Meaning {
    /// These packets match.
    pub certain: Vec<Match>,
    /// These perhaps.
    pub open: Vec<Match>,
}
