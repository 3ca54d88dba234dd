//! One firewall in one family: its judge, its zones, and how the deployment's addresses look from it.

use std::rc::Rc;

use crate::deployment::needs::Demand;
use crate::deployment::{AddressPlan, Deployment, FirewallRole, NatView, Zone};
use crate::judge::{FamilyAddress, Judge, Route};
use crate::model::{Action, Addresses, BaseChain, ChainKind, HookPoint, Match, Rewrite, RuleSet};
use crate::packets::{Conditions, Interface, IntervalSet, Packet, PacketSet};

use super::zones::Zones;
use crate::audit::case::Export;

/// What the audit of a firewall works with.
pub(in crate::audit) struct View<'a, A: FamilyAddress> {
    pub(in crate::audit) export: &'a Export<'a>,
    pub(in crate::audit) judge: Judge<'a, A>,
    pub(in crate::audit) zones: Zones,
    pub(in crate::audit) address_plan: &'a AddressPlan,
    /// Whether it rewrites destinations before it filters.
    pub(in crate::audit) translates: bool,
    /// Whether it translates any of the Edge's addresses: then it is this firewall that has to translate them all.
    pub(in crate::audit) translates_edge: bool,
    /// Whether it does anything with connections to the Edge's public addresses, or might; else they arrive translated.
    pub(in crate::audit) touches_edge: bool,
    /// Packets from one address of a node to another of the same: they never leave the node.
    pub(in crate::audit) within_a_node: Rc<[Match]>,
    /// The addresses of the host it is attached to; all, where it is attached to none.
    guarded: IntervalSet<A>,
}

impl<'a, A: FamilyAddress> View<'a, A> {
    pub(in crate::audit) fn new(
        export: &'a Export<'a>,
        interfaces: &'a crate::judge::Interfaces,
        address_plan: &'a AddressPlan,
        deployment: &Deployment,
    ) -> Self {
        let judge = Judge::<A>::new(&export.rule_set, interfaces).without_neutral_chains();
        let translates = translates_destinations::<A>(export);
        let guarded = match export.firewall.node.as_ref().and_then(|node| deployment.node(node)) {
            Some(node) => A::side(&Addresses::of_ips(
                [&node.access, &node.webconf, &node.av, &node.internal].into_iter().flat_map(|service| &service.addr),
            ))
            .clone(),
            None => IntervalSet::full(),
        };
        let zones = Zones::of(export.firewall, interfaces);
        let within_a_node = deployment.edge.nodes.iter().map(|node| {
            let services = [&node.access, &node.webconf, &node.av, &node.internal];
            let own = services.into_iter().flat_map(|service| service.addr.iter().chain(&service.public));
            let own = Addresses::of_ips(own);
            Match { source: own.clone(), destination: own, ..Match::any() }
        });
        let within_a_node = within_a_node.collect();
        Self {
            export,
            judge,
            zones,
            address_plan,
            translates,
            translates_edge: false,
            touches_edge: false,
            within_a_node,
            guarded,
        }
    }

    /// The same firewall with other rules, which name the same interfaces and conditions and translate alike. Their chains have the
    /// same numbers, and packets pass those that they pass here.
    pub(in crate::audit) fn judging<'b>(&'b self, rules: &'b RuleSet) -> View<'b, A> {
        let judge = Judge::new(rules, self.judge.interfaces());
        View {
            judge: judge.entered_at(self.judge.base_chains().to_vec()),
            zones: self.zones.clone(),
            guarded: self.guarded.clone(),
            within_a_node: Rc::clone(&self.within_a_node),
            ..*self
        }
    }

    /// Whether its rules name the addresses that the Internet sees instead of the Edge's own.
    pub(in crate::audit) fn mapped(&self) -> bool {
        self.export.firewall.nat_view == NatView::Mapped
    }

    /// The rules as a packet meets them that nothing before connection tracking and no translation has touched: in the addresses they name.
    pub(in crate::audit) fn filter(&self) -> Judge<'a, A> {
        let plain = |base: &&BaseChain| base.kind == ChainKind::Filter && !base.before_tracking;
        self.judge.entered_at(self.judge.base_chains().iter().filter(plain).cloned().collect())
    }

    /// Which way packets from one zone to another take here: through, or, on a host's own firewall, in or out.
    pub(in crate::audit) fn route(&self, from: Zone, to: Zone) -> Route {
        match (self.export.firewall.role, to) {
            (FirewallRole::Host, Zone::EdgeExternal | Zone::EdgeInternal) => Route::Input,
            (FirewallRole::Host, _) if from.is_edge() => Route::Output,
            _ => Route::Forward,
        }
    }

    /// Which way a packet takes, by the interfaces it has.
    pub(in crate::audit) fn route_of(&self, packet: &Packet<A>) -> Route {
        let none = self.judge.interfaces().none();
        match (none.contains(packet.ingress), none.contains(packet.egress)) {
            (false, true) => Route::Input,
            (true, false) => Route::Output,
            _ => Route::Forward,
        }
    }

    /// The addresses behind a zone as its rules name them; of the Edge, on a host's own firewall, that host's.
    pub(in crate::audit) fn behind(&self, zone: Zone) -> IntervalSet<A> {
        let real = A::side(self.address_plan.behind(zone)).intersection(&match zone {
            Zone::EdgeExternal | Zone::EdgeInternal => self.guarded.clone(),
            Zone::Internet | Zone::Lan => IntervalSet::full(),
        });
        if zone == Zone::EdgeExternal && self.mapped() {
            let public = A::side(&self.address_plan.edge_public);
            if !public.is_empty() {
                return public.clone();
            }
        }
        real
    }

    /// What a need asks for, in the addresses this firewall's rules name.
    pub(in crate::audit) fn as_named(&self, demand: &Demand, packets: &Match) -> Match {
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
    pub(in crate::audit) fn packets(
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
fn translates_destinations<A: FamilyAddress>(export: &Export) -> bool {
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
