//! The features that call for needs: the switches of `[features]`, and how many nodes the Edge has.

use super::words::vocabulary;
use crate::deployment::{Deployment, Features};

vocabulary! {
    /// A switch of the deployment's `[features]`, or something that acts like one.
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

/// What is on in a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureSet {
    switches: Features,
    multiple_nodes: bool,
}

impl FeatureSet {
    /// The switches, and whether the Edge has more than one node.
    #[must_use]
    pub fn new(switches: Features, multiple_nodes: bool) -> Self {
        Self { switches, multiple_nodes }
    }

    /// What is on in `deployment`.
    #[must_use]
    pub fn of(deployment: &Deployment) -> Self {
        Self::new(deployment.features, deployment.edge.nodes.len() > 1)
    }

    /// Whether `feature` is on.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        match feature {
            Feature::Federation => self.switches.federation,
            Feature::Hybrid => self.switches.hybrid,
            Feature::Push => self.switches.push,
            Feature::Pic => self.switches.pic,
            Feature::PicAv => self.switches.pic_av,
            Feature::Xmpp => self.switches.xmpp,
            Feature::Webconf => self.switches.webconf,
            Feature::Cls => self.switches.cls,
            Feature::Cac => self.switches.cac,
            Feature::Ocs2007Partners => self.switches.ocs2007_partners,
            Feature::LegacyExchangeUm => self.switches.legacy_exchange_um,
            Feature::LegacyClients => self.switches.legacy_clients,
            Feature::OtherEdgePools => self.switches.other_edge_pools,
            Feature::MultipleNodes => self.multiple_nodes,
        }
    }
}
