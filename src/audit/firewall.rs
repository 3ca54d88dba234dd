//! One firewall in one family: its judge, its zones, and how the deployment's addresses look from it.

use crate::deployment::needs::Demand;
use crate::deployment::{NatView, Territory, Zone};
use crate::judge::Judge;
use crate::judge::Side;
use crate::model::{Action, Addresses, ChainKind, HookPoint, Match, Rewrite};
use crate::packets::{Conditions, Interface, IntervalSet, PacketSet};

use super::case::Export;
use super::zones::Zones;

/// What the audit of a firewall works with.
pub(super) struct View<'a, A: Side> {
    pub(super) export: &'a Export<'a>,
    pub(super) judge: Judge<'a, A>,
    pub(super) zones: Zones,
    pub(super) territory: &'a Territory,
    /// Whether it rewrites destinations before it filters.
    pub(super) translates: bool,
}

impl<'a, A: Side> View<'a, A> {
    pub(super) fn new(
        export: &'a Export<'a>,
        interfaces: &'a crate::judge::Interfaces,
        territory: &'a Territory,
    ) -> Self {
        let judge = Judge::<A>::new(&export.rule_set, interfaces);
        let translates = translates_destinations::<A>(export);
        Self { export, judge, zones: Zones::of(export.firewall, interfaces), territory, translates }
    }

    /// The same firewall with other rules, which name the same interfaces and conditions and translate alike.
    pub(super) fn judging<'b>(&'b self, judge: Judge<'b, A>) -> View<'b, A> {
        View { judge, zones: self.zones.clone(), ..*self }
    }

    /// Whether its rules name the addresses that the Internet sees instead of the Edge's own.
    pub(super) fn mapped(&self) -> bool {
        self.export.firewall.nat_view == NatView::Mapped
    }

    /// The addresses behind a zone as its rules name them.
    pub(super) fn behind(&self, zone: Zone) -> IntervalSet<A> {
        let real = A::side(self.territory.behind(zone));
        if zone == Zone::EdgeExternal && self.mapped() {
            let public = A::side(&self.territory.edge_public);
            if !public.is_empty() {
                return public.clone();
            }
        }
        real.clone()
    }

    /// What a need asks for, in the addresses this firewall's rules name.
    pub(super) fn as_named(&self, demand: &Demand, packets: &Match) -> Match {
        let mut matching = packets.clone();
        if self.mapped() && !demand.public.is_empty() {
            let public: Vec<_> = demand.public.iter().map(|(_, public)| *public).collect();
            let public = Addresses::of_ips(&public);
            if demand.to == Zone::EdgeExternal {
                matching.destination = public;
            } else if demand.from == Zone::EdgeExternal {
                matching.source = public;
            }
        }
        matching
    }

    /// A match as packets between two sets of interfaces.
    pub(super) fn packets(
        matching: &Match,
        ingress: &IntervalSet<Interface>,
        egress: &IntervalSet<Interface>,
    ) -> PacketSet<A> {
        PacketSet {
            protocol: matching.protocol.clone(),
            destination_port: matching.destination_port.clone(),
            destination: A::side(&matching.destination).clone(),
            source: A::side(&matching.source).clone(),
            source_port: matching.source_port.clone(),
            ingress: ingress.clone(),
            egress: egress.clone(),
            state: matching.state,
            tcp_flags: matching.tcp_flags,
            conditions: Conditions::any(),
        }
    }
}

/// Whether any rule before the filter may change a destination.
fn translates_destinations<A: Side>(export: &Export) -> bool {
    let set = &export.rule_set;
    set.base_chains.iter().any(|base| {
        base.kind == ChainKind::Nat
            && base.hook == HookPoint::Prerouting
            && set.chains[base.chain].families.contains(&A::FAMILY)
    }) && set
        .chains
        .iter()
        .filter(|chain| chain.families.contains(&A::FAMILY))
        .flat_map(|chain| &chain.rules)
        .any(|rule| matches!(rule.action, Action::Rewrite(Rewrite::Destination(_)) | Action::Unknown(_)))
}
