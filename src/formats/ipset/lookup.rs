//! The addresses that a list of networks contains, by the kernel's lookup. The element with the longest matching prefix decides,
//! whether it matches or has `nomatch`. With two networks, the prefix length of the first is compared before that of the second
//! (kernel `net/netfilter/ipset/ip_set_hash_gen.h`, `mtype_test_cidrs`).
//!
//! An element that may have expired may decide; the search also continues as if it were absent.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::packets::IntervalSet;

use super::prefix::Prefix;
use super::set::Element;

/// The result on the second axis (second addresses or interfaces) for one region of the first axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The values that match.
    pub inside: IntervalSet<u128>,
    /// The values for which it is undecided.
    pub open: IntervalSet<u128>,
}

impl Answer {
    fn nothing() -> Self {
        Self { inside: IntervalSet::empty(), open: IntervalSet::empty() }
    }

    fn is_nothing(&self) -> bool {
        self.inside.is_empty() && self.open.is_empty()
    }
}

/// A region of the first axis, and the answer there.
pub type Region = (IntervalSet<u128>, Answer);

/// How the elements of one first network change the answer that shorter prefixes gave.
pub trait Overlay {
    /// The answer of the elements of one first network; `below` is the answer of shorter prefixes.
    fn over(&self, below: &Answer, elements: &[&Element]) -> Answer;
}

/// Sorts elements into regions of the first axis with equal answers; regions where nothing matches are left out.
pub fn regions(mut elements: Vec<&Element>, overlay: &dyn Overlay) -> Vec<Region> {
    // A network that contains another one comes before it; equal ones keep their order.
    elements.sort_by_key(|element| (element.first.0, std::cmp::Reverse(element.first.1)));
    let mut found = Found::default();
    let mut open: Vec<(u128, Rc<Answer>)> = Vec::new();
    let mut from = Some(0);
    for group in elements.chunk_by(|a, b| a.first == b.first) {
        let Some((low, high)) = group.first().map(|element| element.first) else { continue };
        while let Some((end, answer)) = open.pop_if(|(end, _)| *end < low) {
            found.add(from, end, &answer);
            from = end.checked_add(1);
        }
        if let (Some((_, answer)), Some(before)) = (open.last(), low.checked_sub(1)) {
            found.add(from, before, answer);
        }
        let nothing = Answer::nothing();
        let answer = overlay.over(open.last().map_or(&nothing, |(_, answer)| answer), group);
        open.push((high, Rc::new(answer)));
        from = Some(low);
    }
    while let Some((end, answer)) = open.pop() {
        found.add(from, end, &answer);
        from = end.checked_add(1);
    }
    found.regions()
}

/// Intervals by their answers, in the order in which the answers first occur.
#[derive(Default)]
struct Found {
    places: FxHashMap<Rc<Answer>, usize>,
    regions: Vec<(Rc<Answer>, Vec<Prefix>)>,
}

impl Found {
    fn add(&mut self, from: Option<u128>, to: u128, answer: &Rc<Answer>) {
        let Some(from) = from.filter(|from| *from <= to && !answer.is_nothing()) else { return };
        let place = *self.places.entry(Rc::clone(answer)).or_insert_with(|| {
            self.regions.push((Rc::clone(answer), Vec::new()));
            self.regions.len() - 1
        });
        self.regions[place].1.push((from, to));
    }

    fn regions(self) -> Vec<Region> {
        let region = |(answer, intervals): (Rc<Answer>, _)| (IntervalSet::from_intervals(intervals), (*answer).clone());
        self.regions.into_iter().map(region).collect()
    }
}

/// The overlay for types whose second dimension is an address, or that have none.
pub struct Networks {
    /// Whether `nomatch` elements match instead of the others (`--return-nomatch`).
    pub holes_match: bool,
}

impl Overlay for Networks {
    fn over(&self, below: &Answer, elements: &[&Element]) -> Answer {
        let mut sorted: Vec<&Element> = elements.to_vec();
        // From the shortest prefix to the longest: each overrides those before it.
        sorted.sort_by_key(|element| (std::cmp::Reverse(element.second.1 - element.second.0), element.second.0));
        let mut answer = below.clone();
        for length in sorted.chunk_by(|a, b| a.second.1 - a.second.0 == b.second.1 - b.second.0) {
            let mut parts: [Vec<(u128, u128)>; 4] = Default::default();
            // If an element is given twice, the last one counts.
            for element in length.chunk_by(|a, b| a.second == b.second).filter_map(<[_]>::last) {
                let matches = element.hole == self.holes_match;
                parts[usize::from(element.open) * 2 + usize::from(matches)].push(element.second);
            }
            let [no, yes, perhaps_not, perhaps] = parts.map(IntervalSet::from_intervals);
            let open = answer.open.difference(&no).difference(&yes);
            let open = open.union(&perhaps.difference(&answer.inside));
            let inside = answer.inside.difference(&no).union(&yes);
            answer = Answer {
                open: open.union(&perhaps_not.intersection(&inside)),
                inside: inside.difference(&perhaps_not),
            };
        }
        answer
    }
}

/// The overlay for types whose second dimension is an interface. The search ends at the first prefix with the network, whatever
/// the interface (kernel `ip_set_hash_netiface.c`, `hash_netiface4_data_equal`: `multi`); there, the first element that fits
/// decides.
pub struct Ports<'s> {
    /// Whether `nomatch` elements match instead of the others.
    pub holes_match: bool,
    /// The points of each interface.
    pub points: &'s [IntervalSet<u128>],
}

impl Overlay for Ports<'_> {
    fn over(&self, below: &Answer, elements: &[&Element]) -> Answer {
        let nowhere = IntervalSet::empty();
        let points = |element: &Element| element.interface.and_then(|place| self.points.get(place)).unwrap_or(&nowhere);
        // If an element is given twice, the last one counts, in the place of the first.
        let mut places: FxHashMap<Option<usize>, usize> = FxHashMap::default();
        let mut distinct: Vec<&Element> = Vec::new();
        for element in elements {
            let place = *places.entry(element.interface).or_insert(distinct.len());
            match distinct.get_mut(place) {
                Some(earlier) => *earlier = element,
                None => distinct.push(element),
            }
        }
        let mut lasting = Answer::nothing();
        let (mut any, mut decided) = (false, IntervalSet::empty());
        for element in distinct.iter().filter(|element| !element.open) {
            any = true;
            let here = points(element).difference(&decided);
            decided = decided.union(&here);
            if element.hole == self.holes_match {
                lasting.inside = lasting.inside.union(&here);
            }
        }
        let base = if any { &lasting } else { below };
        if distinct.iter().all(|element| !element.open) {
            return base.clone();
        }
        // The element may have expired: its own answer, that of the others and that of shorter prefixes are all possible.
        let named = |matches: bool| {
            let these = distinct.iter().filter(|element| element.open && (element.hole == self.holes_match) == matches);
            these.fold(IntervalSet::empty(), |all, element| all.union(points(element)))
        };
        let (yes, no) = (named(true), named(false));
        let covered = yes.union(&no);
        let perhaps = base.inside.union(&base.open).union(&yes);
        let perhaps = perhaps.union(&covered.intersection(&below.inside.union(&below.open)));
        // While it exists, the search ends with it, and interfaces that it does not name do not match.
        let not_below = if any { covered.difference(&below.inside) } else { IntervalSet::full() };
        let perhaps_not = base.inside.complement().union(&no).union(&not_below);
        Answer { inside: perhaps.difference(&perhaps_not), open: perhaps.intersection(&perhaps_not) }
    }
}
