//! Sets of addresses as options of rules: a prefix, a range, or everything except one of these. Each is one rule.

use crate::packets::{Address, IntervalSet};

/// Addresses at one end of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// Any address.
    Any,
    /// `-s` or `-d`, perhaps negated.
    Net { text: String, negated: bool },
    /// `-m iprange`, perhaps negated.
    Range { text: String, negated: bool },
    /// `-m set`.
    Set { name: String },
}

/// Disjoint terms whose union is the set; none if the set is empty.
pub(super) fn terms<A: Address>(set: &IntervalSet<A>) -> Vec<Term> {
    if set.is_full() {
        return vec![Term::Any];
    }
    let others = set.complement();
    if let [(low, high)] = others.intervals()
        && set.intervals().len() > 1
    {
        return vec![term(*low, *high, true)];
    }
    set.intervals().iter().map(|(low, high)| term(*low, *high, false)).collect()
}

/// One interval: a prefix if it is one, else a range.
fn term<A: Address>(low: A, high: A, negated: bool) -> Term {
    match prefix_length(low, high) {
        Some(length) => Term::Net { text: format!("{}/{length}", low.to_ip()), negated },
        None => Term::Range { text: format!("{}-{}", low.to_ip(), high.to_ip()), negated },
    }
}

/// The prefix length of an interval, if it is a prefix.
fn prefix_length<A: Address>(low: A, high: A) -> Option<u32> {
    let (low, high) = (low.to_u128(), high.to_u128());
    let differing = low ^ high;
    let host = 128 - differing.leading_zeros();
    let mask = if host == 0 { 0 } else { u128::MAX >> (128 - host) };
    (low & mask == 0 && high & mask == mask).then(|| u32::from(A::BITS) - host)
}

impl Term {
    /// The generic option, `-s …` or `-d …`.
    pub(super) fn generic(&self, flag: &str) -> Option<String> {
        match self {
            Self::Net { text, negated } => Some(format!("{}{flag} {text}", not(*negated))),
            Self::Any | Self::Range { .. } | Self::Set { .. } => None,
        }
    }

    /// The option of iprange, `--src-range …` or `--dst-range …`.
    pub(super) fn range(&self, flag: &str) -> Option<String> {
        match self {
            Self::Range { text, negated } => Some(format!("{}{flag} {text}", not(*negated))),
            Self::Any | Self::Net { .. } | Self::Set { .. } => None,
        }
    }

    /// The option of a set, looked into by this end.
    pub(super) fn set(&self, end: &str) -> Option<String> {
        match self {
            Self::Set { name } => Some(format!("-m set --match-set {name} {end}")),
            Self::Any | Self::Net { .. } | Self::Range { .. } => None,
        }
    }
}

/// The `!` before a negated option.
pub(super) fn not(negated: bool) -> &'static str {
    if negated { "! " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(intervals: Vec<(u32, u32)>) -> Vec<String> {
        terms(&IntervalSet::from_intervals(intervals))
            .iter()
            .map(|term| term.generic("-s").or_else(|| term.range("--src-range")).unwrap_or_default())
            .collect()
    }

    #[test]
    fn an_interval_is_a_prefix_or_a_range() {
        assert_eq!(shown(vec![(0x0a00_0000, 0x0aff_ffff)]), ["-s 10.0.0.0/8"]);
        assert_eq!(shown(vec![(0x0a00_0001, 0x0a00_0001)]), ["-s 10.0.0.1/32"]);
        assert_eq!(shown(vec![(0x0a00_0001, 0x0a00_0002)]), ["--src-range 10.0.0.1-10.0.0.2"]);
        assert_eq!(shown(vec![(0, 0x7fff_ffff)]), ["-s 0.0.0.0/1"]);
        assert_eq!(shown(vec![(0, u32::MAX)]), [""]);
        assert_eq!(shown(vec![(0, 0x09ff_ffff), (0x0b00_0000, u32::MAX)]), ["! -s 10.0.0.0/8"]);
    }

    #[test]
    fn ipv6_prefixes_have_their_own_lengths() {
        assert_eq!(prefix_length(0x2001_0db8u128 << 96, (0x2001_0db9u128 << 96) - 1), Some(32));
        assert_eq!(prefix_length(1u128, 1u128), Some(128));
        assert_eq!(prefix_length(0u128, u128::MAX), Some(0));
        assert_eq!(prefix_length(1u128, 2u128), None);
    }
}
