//! Checks that a firewall that translates the Edge's addresses translates each of them as the deployment states: one to one, in
//! both directions, and without changing the port.
//!
//! Only a firewall that translates some of them is checked; otherwise another device translates them. The needs themselves are
//! judged with the translation that the rules make ([`super::required`]).

use std::collections::BTreeMap;

use crate::catalog::{Direction, Role};
use crate::deployment::Zone;
use crate::deployment::needs::{Demand, Need};
use crate::judge::{Budget, FamilyAddress, Judge, Piece, Query, Route, Step, Verdict};
use crate::model::{Action, BaseChain, ChainKind, HookPoint, NewAddress, Rewrite, RuleId};
use crate::packets::{IntervalSet, PacketSet, coalesce};

use super::exceptions::are_exceptions;
use super::firewall::View;

/// Wrongly translated packets by what is wrong, each with the rule that causes it.
type Wrong<A> = BTreeMap<What<A>, (Vec<PacketSet<A>>, Option<RuleId>)>;

/// A public address that is translated wrongly.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Fault<'n, A: FamilyAddress> {
    pub(in crate::audit) what: What<A>,
    /// The Edge's own address and its public address.
    pub(in crate::audit) real: A,
    pub(in crate::audit) public: A,
    /// The needs concerned. The finding names the node and role of the first.
    pub(in crate::audit) needs: Vec<&'n Need>,
    /// The packets that are translated wrongly, as they are on the wire.
    pub(in crate::audit) packets: Vec<PacketSet<A>>,
    /// The rule that translates them to something else, if one does.
    pub(in crate::audit) rule: Option<RuleId>,
}

/// What is wrong with a translation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::audit) enum What<A> {
    /// Connections to the public address are not translated.
    Untranslated,
    /// Connections to the public address are sent to this other address; none where that is the firewall itself or several.
    Elsewhere(Option<A>),
    /// The port is changed to this one; none where it becomes one of several.
    Port(Option<u16>),
    /// Connections from the Edge's own address leave with that address.
    LeavesAsItIs,
    /// Connections from the Edge's own address leave with this other address; none where the rules do not state which.
    LeavesAs(Option<A>),
}

/// The result of checking a firewall's translations.
pub(in crate::audit) struct Translations<'n, A: FamilyAddress> {
    /// Whether it translates any of the Edge's addresses as the deployment states, in either direction.
    pub(in crate::audit) any: bool,
    /// Whether it changes connections to the Edge's public addresses at all, or might.
    pub(in crate::audit) touches: bool,
    pub(in crate::audit) faults: Vec<Fault<'n, A>>,
}

impl<A: FamilyAddress> Translations<'_, A> {
    /// What is wrong with the translation of a need's packets.
    pub(in crate::audit) fn of(&self, need: &Need) -> Option<&Fault<'_, A>> {
        self.faults.iter().find(|fault| fault.needs.iter().any(|other| std::ptr::eq(*other, need)))
    }
}

/// Checks the translation of each address that the needs concern.
pub(in crate::audit) fn of<'n, A: FamilyAddress>(view: &View<A>, needs: &[&'n Need]) -> Translations<'n, A> {
    let mut found = Translations { any: false, touches: false, faults: Vec::new() };
    let any_rules = view.judge.base_chains().iter().any(|base| base.kind == ChainKind::Nat);
    if view.mapped() || !any_rules || !view.zones.has(Zone::Internet) {
        return found;
    }
    let inbound = only(view, HookPoint::Prerouting);
    let outbound = only(view, HookPoint::Postrouting);
    let mut faults: BTreeMap<(A, A, What<A>), Fault<'n, A>> = BTreeMap::new();
    let mut note = |fault: Fault<'n, A>| {
        let there = faults.entry((fault.real, fault.public, fault.what.clone())).or_insert_with(|| Fault {
            needs: Vec::new(),
            packets: Vec::new(),
            ..fault.clone()
        });
        there.needs.extend(fault.needs);
        there.packets.extend(fault.packets);
        there.rule = there.rule.or(fault.rule);
    };
    for need in needs {
        let Ok(demand) = &need.demand else { continue };
        for (real, public) in
            demand.public.iter().filter_map(|(real, public)| Some((A::from_ip(*real)?, A::from_ip(*public)?)))
        {
            if real == public {
                continue;
            }
            match need.definition.direction {
                Direction::In => {
                    let asked = Asked { need, demand, real, public };
                    let (reaches, touches) = arriving(view, &inbound, &asked, &mut note);
                    found.any |= reaches;
                    found.touches |= touches;
                }
                Direction::Out => {
                    let asked = Asked { need, demand, real, public };
                    found.any |= leaving(view, &outbound, &asked, &mut note);
                }
            }
        }
    }
    if found.any {
        found.faults = faults
            .into_values()
            .map(|mut fault| {
                fault.packets = coalesce(fault.packets);
                fault
            })
            .collect();
    }
    found
}

/// A need and one of its addresses.
struct Asked<'d, 'n, A> {
    need: &'n Need,
    demand: &'d Demand,
    real: A,
    public: A,
}

impl<'n, A: FamilyAddress> Asked<'_, 'n, A> {
    /// Records what is wrong, unless the packets concerned are so small a part that they are an exception.
    fn record(&self, wrong: Wrong<A>, wire: &PacketSet<A>, note: &mut impl FnMut(Fault<'n, A>)) {
        for (what, (packets, rule)) in wrong.into_iter().filter(|(_, (packets, _))| !self.are_exceptions(packets, wire))
        {
            note(Fault { what, real: self.real, public: self.public, needs: vec![self.need], packets, rule });
        }
    }

    /// Whether these packets concern so small a part of the Internet's addresses that they are an exception.
    fn are_exceptions(&self, sets: &[PacketSet<A>], of: &PacketSet<A>) -> bool {
        let inbound = self.demand.to == Zone::EdgeExternal;
        let far = |set: &PacketSet<A>| if inbound { set.source.clone() } else { set.destination.clone() };
        let addresses = sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&far(set)));
        self.demand.anyone && are_exceptions(&addresses, &far(of))
    }
}

/// The rules, entered only at the translation chains of one hook.
fn only<'a, A: FamilyAddress>(view: &View<'a, A>, hook: HookPoint) -> Judge<'a, A> {
    let there = |base: &&BaseChain| base.kind == ChainKind::Nat && base.hook == hook;
    view.judge.entered_at(view.judge.base_chains().iter().filter(there).cloned().collect())
}

fn pieces<A: FamilyAddress>(judge: &Judge<A>, set: &PacketSet<A>) -> Vec<Piece<A>> {
    let query = Query { record_path: true, ..Query::new(Route::Forward, set.clone()) };
    judge.partition(&query, Budget::default()).pieces
}

/// Whether a piece gets through for certain, so that its translation is known.
fn certain<A: FamilyAddress>(piece: &Piece<A>) -> bool {
    piece.verdict == Verdict::Accept && piece.wire.conditions.is_any()
}

/// Checks connections to the public address. Returns whether any of them reaches the Edge's own address, and whether any of them
/// is, or may be, translated at all.
fn arriving<'n, A: FamilyAddress>(
    view: &View<A>,
    judge: &Judge<A>,
    asked: &Asked<'_, 'n, A>,
    note: &mut impl FnMut(Fault<'n, A>),
) -> (bool, bool) {
    let Some(wanted) = wanted(view, asked.demand) else { return (false, false) };
    let wire = PacketSet { destination: IntervalSet::single(asked.public), ..wanted };
    let (mut reaches, mut touches) = (false, false);
    let mut wrong: Wrong<A> = BTreeMap::new();
    for piece in pieces(judge, &wire) {
        touches |= piece.own
            || piece.seen.destination != piece.wire.destination
            || piece.seen.destination_port != piece.wire.destination_port
            || matches!(piece.verdict, Verdict::Undecided(_));
        if !certain(&piece) {
            continue;
        }
        let what = if piece.own {
            What::Elsewhere(None)
        } else if piece.seen.destination == IntervalSet::single(asked.real) {
            reaches = true;
            if piece.seen.destination_port == piece.wire.destination_port {
                continue;
            }
            What::Port(piece.seen.destination_port.only())
        } else if piece.seen.destination == piece.wire.destination {
            What::Untranslated
        } else {
            What::Elsewhere(piece.seen.destination.only())
        };
        let rule = translator(view, &piece.path, HookPoint::Prerouting).map(|(rule, _)| rule);
        let entry = wrong.entry(what).or_default();
        entry.0.push(piece.wire);
        entry.1 = entry.1.or(rule);
    }
    asked.record(wrong, &wire, note);
    (reaches, touches)
}

/// Checks the source address with which connections from the Edge leave. Returns whether any leaves with the public one.
fn leaving<'n, A: FamilyAddress>(
    view: &View<A>,
    judge: &Judge<A>,
    asked: &Asked<'_, 'n, A>,
    note: &mut impl FnMut(Fault<'n, A>),
) -> bool {
    let Some(wanted) = wanted(view, asked.demand) else { return false };
    let wire = PacketSet { source: IntervalSet::single(asked.real), ..wanted };
    let mut translated = false;
    let mut wrong: Wrong<A> = BTreeMap::new();
    for piece in pieces(judge, &wire).into_iter().filter(certain) {
        let (what, rule) = match translator(view, &piece.path, HookPoint::Postrouting) {
            None => (What::LeavesAsItIs, None),
            Some((rule, new)) => match new_source(new, asked.real) {
                Some(new) if new == asked.public => {
                    translated = true;
                    continue;
                }
                new => (What::LeavesAs(new), Some(rule)),
            },
        };
        let entry = wrong.entry(what).or_default();
        entry.0.push(piece.wire);
        entry.1 = entry.1.or(rule);
    }
    asked.record(wrong, &wire, note);
    translated
}

/// The first packets that a need calls for, between the interfaces of its zones.
fn wanted<A: FamilyAddress>(view: &View<A>, demand: &Demand) -> Option<PacketSet<A>> {
    let packets = demand.must.first()?.packets.first()?;
    let set = View::packets(packets, view.zones.points(demand.from), view.zones.points(demand.to));
    (!set.is_empty()).then_some(set)
}

/// The rule on a packet's path that translates it at a hook, with the new address.
fn translator<'v, A: FamilyAddress>(
    view: &'v View<A>,
    path: &[Step],
    hook: HookPoint,
) -> Option<(RuleId, Option<&'v NewAddress>)> {
    path.iter().rev().map(|step| step.rule).find_map(|id| match &view.export.rule_set.rule(id)?.action {
        Action::Rewrite(Rewrite::Source(new)) if hook == HookPoint::Postrouting => Some((id, new.as_ref())),
        Action::Rewrite(Rewrite::Destination(new)) => Some((id, Some(&new.address))),
        _ => None,
    })
}

/// The address that a source is translated to, where the rules state exactly one.
fn new_source<A: FamilyAddress>(new: Option<&NewAddress>, old: A) -> Option<A> {
    match new? {
        NewAddress::Same => Some(old),
        NewAddress::Between(low, high) if low == high => A::from_ip(*low),
        NewAddress::Between(..) | NewAddress::Own => None,
        NewAddress::Network(net) => {
            let (base, mask) = (A::from_ip(net.network())?.to_u128(), A::from_ip(net.hostmask())?.to_u128());
            Some(A::from_u128(base | old.to_u128() & mask))
        }
    }
}

impl<A: FamilyAddress> Fault<'_, A> {
    /// Whether the fault concerns connections to the Edge, not from it.
    pub(in crate::audit) fn inbound(&self) -> bool {
        !matches!(self.what, What::LeavesAs(_) | What::LeavesAsItIs)
    }

    /// Whether the fault concerns an A/V service.
    pub(in crate::audit) fn media(&self) -> bool {
        self.needs.iter().any(|need| need.definition.role == Role::Av)
    }
}
