//! One firewall in one address family: its judge, its zones, and the addresses by which its rules name the deployment's hosts.

use std::rc::Rc;

use crate::deployment::needs::Demand;
use crate::deployment::{AddressPlan, Deployment, FirewallRole, NatView, Zone};
use crate::judge::{FamilyAddress, Judge, Route};
use crate::model::{Action, Addresses, BaseChain, ChainKind, HookPoint, Match, Rewrite, RuleSet};
use crate::packets::{Conditions, Interface, IntervalSet, Packet, PacketSet};

use super::zones::Zones;
use crate::audit::case::Export;

/// Everything that the audit of a firewall uses.
pub(in crate::audit) struct View<'a, A: FamilyAddress> {
    pub(in crate::audit) export: &'a Export<'a>,
    pub(in crate::audit) judge: Judge<'a, A>,
    pub(in crate::audit) zones: Zones,
    pub(in crate::audit) address_plan: &'a AddressPlan,
    /// Whether the firewall may rewrite destinations before it filters.
    pub(in crate::audit) translates: bool,
    /// Whether the firewall translates any of the Edge's addresses. If so, it has to translate all of them.
    pub(in crate::audit) translates_edge: bool,
    /// Whether the firewall changes connections to the Edge's public addresses, or might. If not, they arrive translated already.
    pub(in crate::audit) touches_edge: bool,
    /// Packets between two addresses of the same node. They never leave the node.
    pub(in crate::audit) within_a_node: Rc<[Match]>,
    /// The addresses of the host whose own firewall this is; all addresses, where it is not a host's own.
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

    /// The same firewall with other rules. These must name the same interfaces and conditions, translate addresses in the same
    /// way and number their chains in the same way. The same base chains are entered.
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

    /// Whether the firewall's rules name the public addresses of the Edge instead of the Edge's own addresses.
    pub(in crate::audit) fn mapped(&self) -> bool {
        self.export.firewall.nat_view == NatView::Mapped
    }

    /// The filter rules alone: without translation, and without rules before connection tracking. Packets are asked about in the
    /// addresses that the rules name.
    pub(in crate::audit) fn filter(&self) -> Judge<'a, A> {
        let plain = |base: &&BaseChain| base.kind == ChainKind::Filter && !base.before_tracking;
        self.judge.entered_at(self.judge.base_chains().iter().filter(plain).cloned().collect())
    }

    /// The route of packets from one zone to another: forwarded, or, on a host's own firewall, received or sent.
    pub(in crate::audit) fn route(&self, from: Zone, to: Zone) -> Route {
        match (self.export.firewall.role, to) {
            (FirewallRole::Host, Zone::EdgeExternal | Zone::EdgeInternal) => Route::Input,
            (FirewallRole::Host, _) if from.is_edge() => Route::Output,
            _ => Route::Forward,
        }
    }

    /// The route of a packet, which follows from its interfaces.
    pub(in crate::audit) fn route_of(&self, packet: &Packet<A>) -> Route {
        let none = self.judge.interfaces().none();
        match (none.contains(packet.ingress), none.contains(packet.egress)) {
            (false, true) => Route::Input,
            (true, false) => Route::Output,
            _ => Route::Forward,
        }
    }

    /// The addresses behind a zone, as the firewall's rules name them. On a host's own firewall the Edge's are those of that
    /// host.
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

    /// Packets of a need, in the addresses that this firewall's rules name.
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

    /// The packets of a match between two sets of interfaces.
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

/// Whether a rule that packets meet before the filter may change their destination.
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
