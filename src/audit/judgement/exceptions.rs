//! How few of the Internet's addresses are an exception, and neither a need nor its loss.

use crate::packets::{Address, IntervalSet};

/// At most one in so many.
const EXCEPTIONAL: u128 = 256;

/// Whether these are so few of those that they do not matter.
pub(in crate::audit) fn are_exceptions<A: Address>(some: &IntervalSet<A>, of: &IntervalSet<A>) -> bool {
    some.count().saturating_mul(EXCEPTIONAL) <= of.count()
}
