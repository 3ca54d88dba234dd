//! The features that call for needs: the switches of `[features]`, and how many nodes the Edge has.

use super::words::vocabulary;

vocabulary! {
    /// A switch of the deployment's `[features]`, or a condition that calls for needs as one does.
    Feature {
        /// `features.federation`.
        Federation = "federation",
        /// `features.hybrid`.
        Hybrid = "hybrid",
        /// `features.push`.
        Push = "push",
        /// `features.pic`: public IM connectivity.
        Pic = "pic",
        /// `features.pic_av`: audio and video with public IM.
        PicAv = "pic_av",
        /// `features.xmpp`.
        Xmpp = "xmpp",
        /// `features.webconf`.
        Webconf = "webconf",
        /// `features.cls`: Centralized Logging Service.
        Cls = "cls",
        /// `features.cac`: call admission control.
        Cac = "cac",
        /// `features.ocs2007_partners`.
        Ocs2007Partners = "ocs2007_partners",
        /// `features.legacy_exchange_um`.
        LegacyExchangeUm = "legacy_exchange_um",
        /// `features.legacy_clients`.
        LegacyClients = "legacy_clients",
        /// `features.other_edge_pools`.
        OtherEdgePools = "other_edge_pools",
        /// Not a switch: on where the Edge has more than one node.
        MultipleNodes = "multiple_nodes",
    }
}

impl Feature {
    /// The switches of `[features]`: all but those that follow from the rest of the deployment.
    pub fn switches() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|feature| *feature != Self::MultipleNodes)
    }
}

/// The features that are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeatureSet {
    bits: u16,
}

impl FeatureSet {
    /// Whether `feature` is on.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        self.bits & Self::bit(feature) != 0
    }

    /// Whether any of these is on.
    #[must_use]
    pub fn has_any(self, features: &[Feature]) -> bool {
        features.iter().any(|feature| self.has(*feature))
    }

    fn bit(feature: Feature) -> u16 {
        1 << feature as u16
    }
}

impl FromIterator<Feature> for FeatureSet {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        Self { bits: features.into_iter().fold(0, |bits, feature| bits | Self::bit(feature)) }
    }
}
