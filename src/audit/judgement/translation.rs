//! Whether a firewall that translates the Edge's addresses translates each of them as the deployment says: one to one, both
//! ways, and the port as it was.
//!
//! Only a firewall that translates some of them can have one wrong; else another device does it. The needs themselves are judged
//! through the translation as it is ([`super::required`]).

use std::collections::BTreeMap;

use crate::catalog::{Direction, Role};
use crate::deployment::Zone;
use crate::deployment::needs::{Demand, Need};
use crate::judge::{Budget, FamilyAddress, Judge, Piece, Query, Route, Step, Verdict};
use crate::model::{Action, BaseChain, ChainKind, HookPoint, NewAddress, Rewrite, RuleId};
use crate::packets::{IntervalSet, PacketSet, coalesce};

use super::exceptions::are_exceptions;
use super::firewall::View;

/// By what becomes of them: the packets, and the rule that does it.
type Wrong<A> = BTreeMap<What<A>, (Vec<PacketSet<A>>, Option<RuleId>)>;

/// A public address that is translated wrongly.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Fault<'n, A: FamilyAddress> {
    pub(in crate::audit) what: What<A>,
    /// The Edge's own address, and the one that the Internet knows it by.
    pub(in crate::audit) real: A,
    pub(in crate::audit) public: A,
    /// The needs concerned; the first says of which node and role.
    pub(in crate::audit) needs: Vec<&'n Need>,
    /// The packets, as they are on the wire.
    pub(in crate::audit) packets: Vec<PacketSet<A>>,
    /// The rule that translates them otherwise, if one does.
    pub(in crate::audit) rule: Option<RuleId>,
}

/// What is wrong with a translation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::audit) enum What<A> {
    /// Connections to the public address are not translated.
    Untranslated,
    /// They are sent to another address: this one, or the firewall itself.
    Elsewhere(Option<A>),
    /// The port is changed to this one, or to one of several.
    Port(Option<u16>),
    /// Connections from the Edge's address leave with it.
    LeavesAsItIs,
    /// They leave with another address: this one, or one that the rules do not tell.
    LeavesAs(Option<A>),
}

/// What was found of a firewall's translations.
pub(in crate::audit) struct Translations<'n, A: FamilyAddress> {
    /// Whether it translates any of the Edge's addresses as the deployment says, one way or the other.
    pub(in crate::audit) any: bool,
    /// Whether it does anything at all with connections to their public addresses, or might.
    pub(in crate::audit) touches: bool,
    pub(in crate::audit) faults: Vec<Fault<'n, A>>,
}

impl<A: FamilyAddress> Translations<'_, A> {
    /// What is wrong with the translation that a need goes through.
    pub(in crate::audit) fn of(&self, need: &Need) -> Option<&Fault<'_, A>> {
        self.faults.iter().find(|fault| fault.needs.iter().any(|other| std::ptr::eq(*other, need)))
    }
}

/// Looks at the translation of each address that the needs are about.
pub(in crate::audit) fn of<'n, A: FamilyAddress>(view: &View<A>, needs: &[&'n Need]) -> Translations<'n, A> {
    let mut found = Translations { any: false, touches: false, faults: Vec::new() };
    let any_rules = view.judge.base_chains().iter().any(|base| base.kind == ChainKind::Nat);
    if view.mapped() || !any_rules || !view.zones.stands(Zone::Internet) {
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
    /// Notes what is wrong with more than a few of the packets asked about.
    fn tell(&self, wrong: Wrong<A>, wire: &PacketSet<A>, note: &mut impl FnMut(Fault<'n, A>)) {
        for (what, (packets, rule)) in wrong.into_iter().filter(|(_, (packets, _))| !self.are_exceptions(packets, wire))
        {
            note(Fault { what, real: self.real, public: self.public, needs: vec![self.need], packets, rule });
        }
    }

    /// Whether these are too few of the Internet's addresses to matter.
    fn are_exceptions(&self, sets: &[PacketSet<A>], of: &PacketSet<A>) -> bool {
        let inbound = self.demand.to == Zone::EdgeExternal;
        let far = |set: &PacketSet<A>| if inbound { set.source.clone() } else { set.destination.clone() };
        let addresses = sets.iter().fold(IntervalSet::empty(), |all, set| all.union(&far(set)));
        self.demand.anyone && are_exceptions(&addresses, &far(of))
    }
}

/// The rules entered at the translation of one hook alone.
fn only<'a, A: FamilyAddress>(view: &View<'a, A>, hook: HookPoint) -> Judge<'a, A> {
    let there = |base: &&BaseChain| base.kind == ChainKind::Nat && base.hook == hook;
    view.judge.entered_at(view.judge.base_chains().iter().filter(there).cloned().collect())
}

fn pieces<A: FamilyAddress>(judge: &Judge<A>, set: &PacketSet<A>) -> Vec<Piece<A>> {
    let query = Query { record_path: true, ..Query::new(Route::Forward, set.clone()) };
    judge.partition(&query, Budget::default()).pieces
}

/// Whether it is certain what becomes of a piece.
fn certain<A: FamilyAddress>(piece: &Piece<A>) -> bool {
    piece.verdict == Verdict::Accept && piece.wire.conditions.is_any()
}

/// What becomes of connections to the public address: whether any of them reaches the Edge's, and whether any are, or may be,
/// translated at all.
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
    asked.tell(wrong, &wire, note);
    (reaches, touches)
}

/// With which address connections from the Edge leave; whether any leaves with the right one.
fn leaving<'n, A: FamilyAddress>(
    view: &View<A>,
    judge: &Judge<A>,
    asked: &Asked<'_, 'n, A>,
    note: &mut impl FnMut(Fault<'n, A>),
) -> bool {
    let Some(wanted) = wanted(view, asked.demand) else { return false };
    let wire = PacketSet { source: IntervalSet::single(asked.real), ..wanted };
    let mut well = false;
    let mut wrong: Wrong<A> = BTreeMap::new();
    for piece in pieces(judge, &wire).into_iter().filter(certain) {
        let (what, rule) = match translator(view, &piece.path, HookPoint::Postrouting) {
            None => (What::LeavesAsItIs, None),
            Some((rule, new)) => match new_source(new, asked.real) {
                Some(new) if new == asked.public => {
                    well = true;
                    continue;
                }
                new => (What::LeavesAs(new), Some(rule)),
            },
        };
        let entry = wrong.entry(what).or_default();
        entry.0.push(piece.wire);
        entry.1 = entry.1.or(rule);
    }
    asked.tell(wrong, &wire, note);
    well
}

/// What a need wants first, between its zones.
fn wanted<A: FamilyAddress>(view: &View<A>, demand: &Demand) -> Option<PacketSet<A>> {
    let packets = demand.must.first()?.packets.first()?;
    let set = View::packets(packets, view.zones.points(demand.from), view.zones.points(demand.to));
    (!set.is_empty()).then_some(set)
}

/// The rule on a packet's way that translates it at a hook, and to what.
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

/// The address that a source becomes, where there is one that the rules tell.
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
    /// Whether it is about connections to the Edge.
    pub(in crate::audit) fn inbound(&self) -> bool {
        !matches!(self.what, What::LeavesAs(_) | What::LeavesAsItIs)
    }

    /// Whether an A/V service is concerned.
    pub(in crate::audit) fn media(&self) -> bool {
        self.needs.iter().any(|need| need.definition.role == Role::Av)
    }
}
