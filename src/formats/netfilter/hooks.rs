//! The order of the base chains at a hook (kernel `include/uapi/linux/netfilter_ipv4.h`,
//! `enum nf_ip_hook_priorities`; nft(8), "standard priority names"). Lower comes first.

use crate::model::HookPoint;

/// `NF_IP_PRI_RAW`: before connection tracking.
pub const RAW: i32 = -300;
/// `NF_IP_PRI_CONNTRACK`: connection tracking, for arriving packets and for those that the firewall sends itself.
pub const CONNECTION_TRACKING: i32 = -200;
/// `NF_IP_PRI_MANGLE`.
pub const MANGLE: i32 = -150;
/// `NF_IP_PRI_NAT_DST`: translation of destinations.
pub const DESTINATION_NAT: i32 = -100;
/// `NF_IP_PRI_FILTER`.
pub const FILTER: i32 = 0;
/// `NF_IP_PRI_NAT_SRC`: translation of sources.
pub const SOURCE_NAT: i32 = 100;
/// The table `security` as iptables-nft enters it: after the translation of sources (observed, iptables 1.8.9 over nftables). The
/// old back end enters it at `NF_IP_PRI_SECURITY`, 50. They differ only where `nat INPUT` translates a source.
pub const SECURITY: i32 = 150;

/// Whether a base chain comes before connection tracking. Only the hooks prerouting and output have such chains.
pub fn is_before_tracking(hook: HookPoint, priority: i32) -> bool {
    matches!(hook, HookPoint::Prerouting | HookPoint::Output) && priority <= CONNECTION_TRACKING
}
