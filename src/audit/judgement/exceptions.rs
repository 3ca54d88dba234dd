//! How small a part of the Internet's addresses counts as an exception, which neither satisfies a need nor breaks it.

use crate::packets::{Address, IntervalSet};

/// Exceptions are at most one address in this many.
const EXCEPTIONAL: u128 = 256;

/// Whether `some` is so small a part of `of` that it counts as an exception.
pub(in crate::audit) fn are_exceptions<A: Address>(some: &IntervalSet<A>, of: &IntervalSet<A>) -> bool {
    some.count().saturating_mul(EXCEPTIONAL) <= of.count()
}
