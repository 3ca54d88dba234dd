//! What a rule asks of what earlier rules did to a packet: its marks, and its destination before translation.

use crate::model::{Family, HookPoint, MarkOf, Test};
use crate::packets::{ConditionId, IntervalSet, StateSet, truth};

use super::family::FamilyAddress;
use super::region::{Before, Mark, Region, TRACKED, shifted};

/// The regions of which all tests hold, and the others. `number` gives the number of a condition in this call of the chain.
pub(super) fn ask<A: FamilyAddress>(
    region: Region<A>,
    tests: &[Test],
    at: HookPoint,
    mut number: impl FnMut(ConditionId) -> ConditionId,
) -> (Vec<Region<A>>, Vec<Region<A>>) {
    let (mut holding, mut others) = (vec![region], Vec::new());
    for test in tests {
        let mut still = Vec::new();
        for region in holding {
            let (yes, no) = ask_one(region, test, at, &mut number);
            still.extend(yes);
            others.extend(no);
        }
        holding = still;
    }
    (holding, others)
}

type Halves<A> = (Vec<Region<A>>, Vec<Region<A>>);

fn ask_one<A: FamilyAddress>(
    region: Region<A>,
    test: &Test,
    at: HookPoint,
    number: &mut impl FnMut(ConditionId) -> ConditionId,
) -> Halves<A> {
    match test {
        Test::Masked { source, ipv4, mask, value, negated, otherwise } => {
            if *ipv4 != (A::FAMILY == Family::Ipv4) {
                return (Vec::new(), vec![region]);
            }
            let holds = |address: A| (address.to_u128() & mask == *value) != *negated;
            ask_addresses(region, *source, holds, || number(*otherwise))
        }
        Test::At { hook, there } if (*hook == at) == *there => (vec![region], Vec::new()),
        Test::At { .. } => (Vec::new(), vec![region]),
        Test::Mark { of, mask, values, otherwise } => {
            let (asked, without) = match of {
                MarkOf::Packet => (Some(region), None),
                MarkOf::Connection => region.split_states(StateSet::of(&TRACKED)),
            };
            let Some(region) = asked else { return (Vec::new(), without.into_iter().collect()) };
            let mark = if *of == MarkOf::Packet { region.marks.packet } else { region.marks.connection };
            let (yes, mut no) = match compare(mark, *mask, values) {
                Some(true) => (vec![region], Vec::new()),
                Some(false) => (Vec::new(), vec![region]),
                None => open(&region, number(*otherwise)),
            };
            no.extend(without);
            (yes, no)
        }
        Test::OriginalDestination(addresses) => {
            let asked = A::side(addresses);
            let here = match &region.was.destination {
                Some(Before::Set(before)) => {
                    let part = |set: IntervalSet<A>| {
                        let mut part = region.clone();
                        part.was.destination = Some(Before::Set(set));
                        part
                    };
                    let (inside, outside) = (before.intersection(asked), before.difference(asked));
                    return (
                        (!inside.is_empty()).then(|| part(inside)).into_iter().collect(),
                        (!outside.is_empty()).then(|| part(outside)).into_iter().collect(),
                    );
                }
                Some(Before::Shifted { from, to }) => {
                    let before = shifted(&region.now.destination, *to, *from);
                    shifted(&before.intersection(asked), *from, *to)
                }
                None => region.now.destination.intersection(asked),
            };
            let outside = region.now.destination.difference(&here);
            let part = |set: IntervalSet<A>| {
                let mut part = region.clone();
                part.now.destination = set;
                part
            };
            (
                (!here.is_empty()).then(|| part(here)).into_iter().collect(),
                (!outside.is_empty()).then(|| part(outside)).into_iter().collect(),
            )
        }
        Test::OriginalDestinationPort(ports) => {
            let before = region.was.destination_port.as_ref().unwrap_or(&region.now.destination_port);
            let part = |set: IntervalSet<u16>| {
                let mut part = region.clone();
                match &mut part.was.destination_port {
                    Some(before) => *before = set,
                    None => part.now.destination_port = set,
                }
                part
            };
            let (inside, outside) = (before.intersection(ports), before.difference(ports));
            (
                (!inside.is_empty()).then(|| part(inside)).into_iter().collect(),
                (!outside.is_empty()).then(|| part(outside)).into_iter().collect(),
            )
        }
        Test::DestinationTranslated { translated, otherwise } => {
            let (yes, no) = ask_translated(region, || number(*otherwise));
            if *translated { (yes, no) } else { (no, yes) }
        }
    }
}

/// Those whose address is so, and the others; both ways where there are too many to look at each.
#[allow(clippy::needless_pass_by_value)] // as the others take it
fn ask_addresses<A: FamilyAddress>(
    region: Region<A>,
    source: bool,
    holds: impl Fn(A) -> bool,
    number: impl FnOnce() -> ConditionId,
) -> Halves<A> {
    let set = if source { &region.now.source } else { &region.now.destination };
    if set.count() > MOST_ADDRESSES || (!source && region.chosen.destination.is_some()) {
        return open(&region, number());
    }
    let each = set.intervals().iter().flat_map(|(low, high)| (low.to_u128()..=high.to_u128()).map(A::from_u128));
    let (yes, no): (Vec<A>, Vec<A>) = each.partition(|address| holds(*address));
    let part = |addresses: Vec<A>| {
        let set = IntervalSet::from_intervals(addresses.into_iter().map(|address| (address, address)).collect());
        let mut part = region.clone();
        if source {
            part.now.source = set;
        } else {
            part.now.destination = set;
        }
        part
    };
    (
        (!yes.is_empty()).then(|| part(yes)).into_iter().collect(),
        (!no.is_empty()).then(|| part(no)).into_iter().collect(),
    )
}

/// Addresses that are looked at one by one.
const MOST_ADDRESSES: u128 = 1024;

/// Whether a mark under a mask is one of these; none where that is not known.
fn compare(known: Mark, under: u32, values: &IntervalSet<u32>) -> Option<bool> {
    if under & !known.known == 0 {
        return Some(values.contains(known.value & under));
    }
    // A known bit may settle it: the one value that is asked for has another.
    match values.only() {
        Some(value) if (known.value ^ value) & known.known & under != 0 || value & !under != 0 => Some(false),
        _ => None,
    }
}

/// Both ways, by a condition.
fn open<A: FamilyAddress>(region: &Region<A>, condition: ConditionId) -> Halves<A> {
    let part = |holds: bool| {
        let conditions = region.now.conditions.clone().restricted(condition, &truth(holds))?;
        let mut part = region.clone();
        part.now.conditions = conditions;
        Some(part)
    };
    (part(true).into_iter().collect(), part(false).into_iter().collect())
}

/// Those whose destination changed, and the others. The kernel notes a translation only where it changes something
/// (`net/netfilter/nf_nat_core.c`, `nf_nat_setup_info`).
fn ask_translated<A: FamilyAddress>(region: Region<A>, number: impl FnOnce() -> ConditionId) -> Halves<A> {
    if !region.translated {
        return (Vec::new(), vec![region]);
    }
    let elsewhere = matches!(&region.was.destination, Some(Before::Shifted { from, to }) if from != to);
    let (was, seen) = (region.wire(), region.seen());
    let same_address = was.destination.intersection(&seen.destination);
    let same_port = was.destination_port.intersection(&seen.destination_port);
    if elsewhere || same_address.is_empty() || same_port.is_empty() {
        return (vec![region], Vec::new());
    }
    if !region.chosen.is_nothing() {
        return open(&region, number());
    }
    // What came with these; a field that was not written to stays as it is.
    let came_with = |address: &IntervalSet<A>, port: &IntervalSet<u16>| {
        let mut part = region.clone();
        match &mut part.was.destination {
            Some(Before::Set(before)) => *before = before.intersection(address),
            _ => part.now.destination = part.now.destination.intersection(address),
        }
        match &mut part.was.destination_port {
            Some(before) => *before = before.intersection(port),
            None => part.now.destination_port = part.now.destination_port.intersection(port),
        }
        let wire = part.wire();
        (!wire.destination.is_empty() && !wire.destination_port.is_empty()).then_some(part)
    };
    let everywhere = IntervalSet::full();
    let changed =
        [came_with(&same_address.complement(), &everywhere), came_with(&same_address, &same_port.complement())];
    (changed.into_iter().flatten().collect(), came_with(&same_address, &same_port).into_iter().collect())
}
