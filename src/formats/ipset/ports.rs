//! The interfaces of sets as points on an axis, and sets of such points as patterns.
//!
//! Each name is a point. Each prefix is a point for the names that begin with it and have no point of their own. The last two
//! points are for all other names and for no interface at all.

use crate::model::InterfacePattern;
use crate::packets::{Interface, IntervalSet};

use super::set::Port;

/// The points of the interfaces of some sets.
#[derive(Debug, Default)]
pub struct PortAxis {
    names: Vec<String>,
    beginnings: Vec<String>,
}

impl PortAxis {
    /// The points that these interfaces distinguish.
    pub fn new<'a>(ports: impl Iterator<Item = &'a Port>) -> Self {
        let mut axis = Self::default();
        for port in ports.filter(|port| !port.name.is_empty()) {
            if port.beginning { &mut axis.beginnings } else { &mut axis.names }.push(port.name.clone());
        }
        for list in [&mut axis.names, &mut axis.beginnings] {
            list.sort_unstable();
            list.dedup();
        }
        axis
    }

    /// How many points have a name.
    fn named(&self) -> usize {
        self.names.len() + self.beginnings.len()
    }

    /// The points of the interfaces that an element names.
    pub fn points(&self, port: &Port) -> IntervalSet<u128> {
        if port.beginning && port.name.is_empty() {
            return IntervalSet::full();
        }
        let fits = |(place, name): (usize, &String)| {
            let fits = if port.beginning {
                name.starts_with(&port.name)
            } else {
                place < self.names.len() && *name == port.name
            };
            fits.then_some((place as u128, place as u128))
        };
        IntervalSet::from_intervals(self.names.iter().chain(&self.beginnings).enumerate().filter_map(fits).collect())
    }

    /// A set of points as patterns. An interface is in the set if all patterns of one of the lists fit it.
    pub fn patterns(&self, points: &IntervalSet<Interface>) -> Vec<Vec<InterfacePattern>> {
        let named = Interface::try_from(self.named()).unwrap_or(Interface::MAX);
        if !points.contains(named) {
            return self.of_named(points);
        }
        if points.is_full() {
            return vec![Vec::new()];
        }
        let others = points.complement();
        let left_out = self.of_named(&others);
        if left_out.iter().all(|patterns| patterns.len() == 1) {
            return vec![left_out.into_iter().flatten().map(InterfacePattern::negate).collect()];
        }
        let mut lists = self.of_named(&points.intersection(&IntervalSet::range(0, named.saturating_sub(1))));
        let everything = IntervalSet::range(0, named.saturating_sub(1));
        lists.push(self.of_named(&everything).into_iter().flatten().map(InterfacePattern::negate).collect());
        lists
    }

    /// The patterns for points that have names.
    fn of_named(&self, points: &IntervalSet<Interface>) -> Vec<Vec<InterfacePattern>> {
        let has = |place: usize| Interface::try_from(place).is_ok_and(|point| points.contains(point));
        let beginning = |name: &str| InterfacePattern { name: name.to_owned(), prefix: true, negated: false };
        let first_beginning = self.names.len();
        // The shortest prefixes of which all names are in the set.
        let is_complete = |start: &str| {
            self.names
                .iter()
                .chain(&self.beginnings)
                .enumerate()
                .all(|(place, name)| !name.starts_with(start) || has(place))
        };
        let mut wholes: Vec<&str> = Vec::new();
        for name in &self.beginnings {
            if !wholes.iter().any(|shorter| name.starts_with(shorter)) && is_complete(name) {
                wholes.push(name);
            }
        }
        let covered = |name: &str| wholes.iter().any(|start| name.starts_with(start));
        let mut lists: Vec<Vec<InterfacePattern>> = wholes.iter().map(|start| vec![beginning(start)]).collect();
        for (place, name) in self.names.iter().enumerate() {
            if has(place) && !covered(name) {
                lists.push(vec![InterfacePattern::exact(name)]);
            }
        }
        for (place, name) in self.beginnings.iter().enumerate() {
            if has(first_beginning + place) && !covered(name) {
                let inside = |other: &&String| other.starts_with(name.as_str());
                let names = self.names.iter().filter(inside).map(|name| InterfacePattern::exact(name).negate());
                let longer = self.beginnings.iter().filter(inside).filter(|other| *other != name);
                let longer = longer.map(|longer| beginning(longer).negate());
                lists.push(std::iter::once(beginning(name)).chain(names).chain(longer).collect());
            }
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> Port {
        let name = text.strip_suffix('+');
        Port { name: name.unwrap_or(text).to_owned(), beginning: name.is_some() }
    }

    /// Whether a name is among the points, by the points themselves and by the patterns.
    fn agrees(ports: &[Port], meant: &[Port], names: &[&str]) {
        let axis = PortAxis::new(ports.iter());
        let union = |ports: &[Port]| ports.iter().fold(IntervalSet::empty(), |all, port| all.union(&axis.points(port)));
        let narrow = |set: &IntervalSet<u128>| {
            let of = |value: u128| Interface::try_from(value).unwrap_or(Interface::MAX);
            IntervalSet::from_intervals(set.intervals().iter().map(|(low, high)| (of(*low), of(*high))).collect())
        };
        let points = narrow(&union(meant));
        for (points, inside) in [(points.clone(), true), (points.complement(), false)] {
            let patterns = axis.patterns(&points);
            for name in names {
                let is = |pattern: &InterfacePattern| {
                    let fits = if pattern.prefix { name.starts_with(&pattern.name) } else { *name == pattern.name };
                    fits != pattern.negated
                };
                let wanted = meant
                    .iter()
                    .any(|port| if port.beginning { name.starts_with(&port.name) } else { *name == port.name });
                let found = patterns.iter().any(|list| list.iter().all(is));
                assert_eq!(found, wanted == inside, "{name}: {meant:?} among {ports:?}: {patterns:?}");
            }
        }
    }

    #[test]
    fn points_and_patterns_match_the_same_names() {
        let ports = ["eth0", "eth+", "eth1+", "eth12", "lan", "w+"].map(port);
        let names = ["", "eth", "eth0", "eth1", "eth10", "eth12", "eth2", "lan", "lan1", "wan", "x"];
        for bits in 0..64_u32 {
            let meant: Vec<Port> =
                ports.iter().zip(0..).filter(|(_, bit)| bits & (1 << bit) != 0).map(|(port, _)| port.clone()).collect();
            agrees(&ports, &meant, &names);
        }
    }
}
