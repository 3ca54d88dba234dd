//! Chains for packets of anyone but a few: the few go back to where they came from, and the rules behind say no address. Without
//! them each rule would be one for every stretch between the few.

use crate::model::{Addresses, Draft, Family, Group, InterfacePattern, Match, Permit, Unwritable};
use crate::packets::{Address, IntervalSet};

use super::chains::{Chains, GroupPlace};
use super::rule::Line;

/// A chain for the packets of one calling chain that have such an end.
#[derive(Debug, Clone)]
struct Exclusion {
    family: Family,
    caller: String,
    ingress: Vec<InterfacePattern>,
    egress: Vec<InterfacePattern>,
    /// Whether it is about sources; else about destinations.
    sources: bool,
    /// Those that are not meant.
    few: Addresses,
    /// How many permits stand in it.
    permits: usize,
    /// How many rules each of them would be without it.
    stretches: usize,
    chain: String,
}

/// The chains of a draft.
#[derive(Debug)]
pub(super) struct Exclusions {
    exclusions: Vec<Exclusion>,
}

impl Exclusions {
    /// A chain for each end that is anyone but a few, where that takes fewer lines.
    pub(super) fn of(draft: &Draft, chains: &Chains) -> Self {
        let mut exclusions: Vec<Exclusion> = Vec::new();
        for group in &draft.groups {
            let place = chains.place(group);
            for (permit, family) in each(group, draft) {
                let Some(new) = apart(&place, &permit.packets, family) else { continue };
                match exclusions.iter_mut().find(|known| known.is_like(&new)) {
                    Some(known) => known.permits += 1,
                    None => exclusions.push(new),
                }
            }
        }
        exclusions.retain(|apart| 1 + apart.stretches + apart.permits <= apart.stretches * apart.permits);
        for (number, apart) in exclusions.iter_mut().enumerate() {
            apart.chain = format!("EXCEPT-{}", number + 1);
        }
        Self { exclusions }
    }

    /// Where a permit stands, and what is left to say of its packets.
    pub(super) fn place(&self, place: &GroupPlace, packets: &Match, family: Family) -> (GroupPlace, Match) {
        let own = apart(place, packets, family);
        let Some(apart) = own.and_then(|own| self.exclusions.iter().find(|known| known.is_like(&own))) else {
            return (place.clone(), packets.clone());
        };
        let place = GroupPlace { chain: apart.chain.clone(), ingress: Vec::new(), egress: Vec::new() };
        let mut packets = packets.clone();
        if apart.sources {
            packets.source = Addresses::any();
        } else {
            packets.destination = Addresses::any();
        }
        (place, packets)
    }

    /// The names of all.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.exclusions.iter().map(|apart| apart.chain.as_str())
    }

    /// For each chain what it is for, and the rules that lead into it and back. `named` gives the family to be named.
    ///
    /// # Errors
    /// An interface that iptables has no name for.
    pub(super) fn rules(
        &self,
        named: impl Fn(Family) -> Option<Family>,
    ) -> Result<Vec<(String, Vec<String>)>, Unwritable> {
        let mut all = Vec::new();
        for apart in &self.exclusions {
            let family = apart.family;
            let line = |chain, target| Line { family, named: named(family), chain, target, comment: None };
            let into = Match { ingress: apart.ingress.clone(), egress: apart.egress.clone(), ..Match::any() };
            let mut rules = line(&apart.caller, format!("-j {}", apart.chain)).of(&into)?;
            let few = if apart.sources {
                Match { source: apart.few.clone(), ..Match::any() }
            } else {
                Match { destination: apart.few.clone(), ..Match::any() }
            };
            rules.extend(line(&apart.chain, "-j RETURN".to_owned()).of(&few)?);
            let end = if apart.sources { "from" } else { "to" };
            let what = format!("{}: {end} anyone but these addresses, which are left to the other rules.", apart.chain);
            all.push((what, rules));
        }
        Ok(all)
    }
}

impl Exclusion {
    fn is_like(&self, other: &Self) -> bool {
        (self.family, &self.caller, &self.ingress, &self.egress, self.sources, &self.few)
            == (other.family, &other.caller, &other.ingress, &other.egress, other.sources, &other.few)
    }
}

fn each<'d>(group: &'d Group, draft: &'d Draft) -> impl Iterator<Item = (&'d Permit, Family)> {
    group.permits.iter().flat_map(|permit| draft.families.iter().map(move |family| (permit, *family)))
}

/// The chain that packets would stand in, if one of their ends is anyone but a few.
fn apart(place: &GroupPlace, packets: &Match, family: Family) -> Option<Exclusion> {
    for (sources, addresses) in [(true, &packets.source), (false, &packets.destination)] {
        let (few, stretches) = match family {
            Family::Ipv4 => (
                few(&addresses.ipv4).map(|ipv4| Addresses { ipv4, ..Addresses::none() }),
                addresses.ipv4.intervals().len(),
            ),
            Family::Ipv6 => (
                few(&addresses.ipv6).map(|ipv6| Addresses { ipv6, ..Addresses::none() }),
                addresses.ipv6.intervals().len(),
            ),
        };
        if let Some(few) = few {
            return Some(Exclusion {
                family,
                caller: place.chain.clone(),
                ingress: place.ingress.clone(),
                egress: place.egress.clone(),
                sources,
                stretches,
                few,
                permits: 1,
                chain: String::new(),
            });
        }
    }
    None
}

/// The addresses that are left out, where fewer stretches are left out than are in; one alone a rule can negate.
fn few<A: Address>(set: &IntervalSet<A>) -> Option<IntervalSet<A>> {
    let others = set.complement();
    (others.intervals().len() > 1 && others.intervals().len() < set.intervals().len()).then_some(others)
}
