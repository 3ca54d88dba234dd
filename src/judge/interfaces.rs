//! Interface names as points on an axis.
//!
//! Rules and deployments speak of names and of beginnings of names. Every name that one of them spells out is a point; every
//! beginning is a point too, standing for the names that begin so and are spelt out nowhere; one point stands for all other
//! names, and one for no interface at all, whose name is empty to the kernel (so that `! -o int0` matches it and `-o +` too,
//! while `-o int0` does not: docs/semantics.md, 12).

use rustc_hash::FxHashMap;

use crate::model::{InterfacePattern, RuleSet};
use crate::packets::{Interface, IntervalSet};

/// The points of the interface axis.
#[derive(Debug, Clone)]
pub struct Interfaces {
    /// Spelt-out names; the point is [`FIRST_NAME`] plus the index.
    names: Vec<String>,
    /// Beginnings of names; the points follow those of the names.
    beginnings: Vec<String>,
    points: FxHashMap<String, Interface>,
    loopback: Option<String>,
}

/// No interface.
const NONE: Interface = 0;
/// A name that no rule and no deployment says anything of.
const OTHER: Interface = 1;
/// Point of the first spelt-out name.
const FIRST_NAME: Interface = 2;

impl Interfaces {
    /// The points that these rules and these further patterns tell apart.
    pub fn new<'a>(rule_set: &'a RuleSet, further: impl IntoIterator<Item = &'a InterfacePattern>) -> Self {
        let of_rules = rule_set
            .chains
            .iter()
            .flat_map(|chain| &chain.rules)
            .flat_map(|rule| &rule.matches)
            .flat_map(|matching| matching.ingress.iter().chain(&matching.egress));
        let (mut names, mut beginnings) = (Vec::new(), Vec::new());
        for pattern in of_rules.chain(further) {
            if pattern.prefix {
                beginnings.push(pattern.name.clone());
            } else if !pattern.name.is_empty() {
                names.push(pattern.name.clone());
            }
        }
        for list in [&mut names, &mut beginnings] {
            list.sort_unstable();
            list.dedup();
        }
        beginnings.retain(|beginning| !beginning.is_empty());
        let points = names.iter().cloned().zip(FIRST_NAME..).collect();
        Self { names, beginnings, points, loopback: rule_set.loopback.clone() }
    }

    /// The point of no interface.
    #[must_use]
    pub fn none(&self) -> IntervalSet<Interface> {
        IntervalSet::single(NONE)
    }

    /// Every interface there may be.
    #[must_use]
    pub fn any(&self) -> IntervalSet<Interface> {
        IntervalSet::range(OTHER, self.last())
    }

    fn last(&self) -> Interface {
        OTHER + Interface::try_from(self.names.len() + self.beginnings.len()).unwrap_or(Interface::MAX - OTHER)
    }

    fn first_beginning(&self) -> Interface {
        FIRST_NAME + Interface::try_from(self.names.len()).unwrap_or(Interface::MAX - FIRST_NAME)
    }

    /// The point of a name.
    #[must_use]
    pub fn point(&self, name: &str) -> Interface {
        if name.is_empty() {
            return NONE;
        }
        if let Some(point) = self.points.get(name) {
            return *point;
        }
        self.beginnings
            .iter()
            .zip(self.first_beginning()..)
            .filter(|(beginning, _)| name.starts_with(beginning.as_str()))
            .max_by_key(|(beginning, _)| beginning.len())
            .map_or(OTHER, |(_, point)| point)
    }

    /// The point of the interface by which the device talks to itself; other interfaces share it where no rule names this one.
    #[must_use]
    pub fn loopback(&self) -> Option<Interface> {
        self.loopback.as_deref().map(|name| self.point(name))
    }

    /// The same, where no other interface shares its point; else nothing.
    #[must_use]
    pub fn loopback_alone(&self) -> IntervalSet<Interface> {
        let alone = self.loopback.as_ref().and_then(|name| self.points.get(name));
        alone.map_or_else(IntervalSet::empty, |point| IntervalSet::single(*point))
    }

    /// The points a pattern means; no interface is among them where the kernel would find it there.
    #[must_use]
    pub fn matching(&self, pattern: &InterfacePattern) -> IntervalSet<Interface> {
        let points = if !pattern.prefix {
            IntervalSet::single(self.point(&pattern.name))
        } else if pattern.name.is_empty() {
            IntervalSet::range(NONE, self.last())
        } else {
            let begins = |name: &String| name.starts_with(&pattern.name);
            let names = self.names.iter().zip(FIRST_NAME..).filter(|(name, _)| begins(name));
            let beginnings = self.beginnings.iter().zip(self.first_beginning()..).filter(|(name, _)| begins(name));
            IntervalSet::from_intervals(names.chain(beginnings).map(|(_, point)| (point, point)).collect())
        };
        if pattern.negated { IntervalSet::range(NONE, self.last()).difference(&points) } else { points }
    }

    /// The points that all of these patterns mean; every point, no interface included, where there is no pattern.
    #[must_use]
    pub fn matching_all(&self, patterns: &[InterfacePattern]) -> IntervalSet<Interface> {
        patterns.iter().fold(IntervalSet::full(), |points, pattern| points.intersection(&self.matching(pattern)))
    }

    /// A name that lies on the point: the name itself, or an example of the names it stands for; empty for no interface.
    #[must_use]
    pub fn example(&self, point: Interface) -> String {
        if point == NONE {
            return String::new();
        }
        let beginning = match point.checked_sub(FIRST_NAME).map(|index| index as usize) {
            None => "other",
            Some(index) => match self.names.get(index) {
                Some(name) => return name.clone(),
                None => self.beginnings.get(index - self.names.len()).map_or("other", String::as_str),
            },
        };
        (0..=self.names.len() + self.beginnings.len())
            .map(|number| format!("{beginning}{number}"))
            .find(|name| self.point(name) == point)
            .unwrap_or_else(|| beginning.to_owned())
    }

    /// What a set of points is called: names, beginnings with `+`, `any`, `none`, or what it is not.
    #[must_use]
    pub fn describe(&self, points: &IntervalSet<Interface>) -> String {
        let everything = self.any();
        let inside = points.intersection(&everything);
        if inside == everything {
            return "any".to_owned();
        }
        if inside.is_empty() {
            return "none".to_owned();
        }
        let list = |points: &IntervalSet<Interface>| {
            let mut parts = Vec::new();
            for (low, high) in points.intervals() {
                for point in *low..=*high {
                    parts.push(self.label(point));
                }
            }
            parts.join(",")
        };
        if inside.contains(OTHER) { format!("!{}", list(&everything.difference(&inside))) } else { list(&inside) }
    }

    fn label(&self, point: Interface) -> String {
        match point {
            NONE => "none".to_owned(),
            OTHER => "other".to_owned(),
            _ => {
                let index = (point - FIRST_NAME) as usize;
                self.names.get(index).cloned().unwrap_or_else(|| {
                    self.beginnings.get(index - self.names.len()).map_or_else(String::new, |name| format!("{name}+"))
                })
            }
        }
    }
}
