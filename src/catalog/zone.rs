//! The four zones that firewalls around an Edge separate.

use super::words::vocabulary;

vocabulary! {
    /// A zone, from the Internet inwards.
    Zone {
        /// The Internet.
        Internet = "internet",
        /// The Edge's external addresses.
        EdgeExternal = "edge_external",
        /// The Edge's internal addresses.
        EdgeInternal = "edge_internal",
        /// The internal networks and hosts.
        Lan = "lan",
    }
}

impl Zone {
    /// Whether the zone holds addresses of the Edge itself.
    #[must_use]
    pub fn is_edge(self) -> bool {
        matches!(self, Self::EdgeExternal | Self::EdgeInternal)
    }

    /// All pairs of different zones: source and destination.
    pub fn pairs() -> impl Iterator<Item = (Self, Self)> {
        let both = Self::ALL.into_iter().flat_map(|from| Self::ALL.into_iter().map(move |to| (from, to)));
        both.filter(|(from, to)| from != to)
    }
}
