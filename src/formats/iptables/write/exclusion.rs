//! Chains for packets from or to all addresses except some. In such a chain a first rule returns the excluded addresses to the
//! calling chain, and the rules after it name no address. Without the chain, each rule would be needed once for every interval
//! between excluded addresses.

use crate::model::{Addresses, Draft, Family, Group, InterfacePattern, Match, Permit, Unwritable};
use crate::packets::{Address, IntervalSet};

use super::chains::{Chains, GroupPlace};
use super::rule::Line;

/// A chain for packets of one calling chain, with the addresses that are excluded.
#[derive(Debug, Clone)]
struct Exclusion {
    family: Family,
    caller: String,
    ingress: Vec<InterfacePattern>,
    egress: Vec<InterfacePattern>,
    /// Whether sources are excluded; else destinations.
    sources: bool,
    /// The excluded addresses.
    excluded: Addresses,
    /// How many permits are in the chain.
    permits: usize,
    /// How many rules each permit would need without the chain.
    intervals_without: usize,
    chain: String,
}

/// The chains of a draft.
#[derive(Debug)]
pub(super) struct Exclusions {
    exclusions: Vec<Exclusion>,
}

impl Exclusions {
    /// A chain for each set of excluded addresses, if that takes fewer lines.
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
        exclusions
            .retain(|apart| 1 + apart.intervals_without + apart.permits <= apart.intervals_without * apart.permits);
        for (number, apart) in exclusions.iter_mut().enumerate() {
            apart.chain = format!("EXCEPT-{}", number + 1);
        }
        Self { exclusions }
    }

    /// The place of a permit, and the packets that its rule has to match there.
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

    /// The names of all chains.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.exclusions.iter().map(|apart| apart.chain.as_str())
    }

    /// For each chain, a comment on its purpose, and the rules that jump into it and return from it. `named` gives the family
    /// that the rules name.
    ///
    /// # Errors
    /// If iptables cannot express an interface.
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
            let excluded = if apart.sources {
                Match { source: apart.excluded.clone(), ..Match::any() }
            } else {
                Match { destination: apart.excluded.clone(), ..Match::any() }
            };
            rules.extend(line(&apart.chain, "-j RETURN".to_owned()).of(&excluded)?);
            let end = if apart.sources { "from" } else { "to" };
            let what = format!("{}: packets {end} all addresses except these, which other rules decide.", apart.chain);
            all.push((what, rules));
        }
        Ok(all)
    }
}

impl Exclusion {
    fn is_like(&self, other: &Self) -> bool {
        (self.family, &self.caller, &self.ingress, &self.egress, self.sources, &self.excluded)
            == (other.family, &other.caller, &other.ingress, &other.egress, other.sources, &other.excluded)
    }
}

fn each<'d>(group: &'d Group, draft: &'d Draft) -> impl Iterator<Item = (&'d Permit, Family)> {
    group.permits.iter().flat_map(|permit| draft.families.iter().map(move |family| (permit, *family)))
}

/// The chain for packets, if one of their ends is all addresses except some.
fn apart(place: &GroupPlace, packets: &Match, family: Family) -> Option<Exclusion> {
    for (sources, addresses) in [(true, &packets.source), (false, &packets.destination)] {
        let (excluded, intervals_without) = match family {
            Family::Ipv4 => (
                excluded(&addresses.ipv4).map(|ipv4| Addresses { ipv4, ..Addresses::none() }),
                addresses.ipv4.intervals().len(),
            ),
            Family::Ipv6 => (
                excluded(&addresses.ipv6).map(|ipv6| Addresses { ipv6, ..Addresses::none() }),
                addresses.ipv6.intervals().len(),
            ),
        };
        if let Some(excluded) = excluded {
            return Some(Exclusion {
                family,
                caller: place.chain.clone(),
                ingress: place.ingress.clone(),
                egress: place.egress.clone(),
                sources,
                intervals_without,
                excluded,
                permits: 1,
                chain: String::new(),
            });
        }
    }
    None
}

/// The excluded addresses of a set, if they have fewer intervals than the set. A single interval is not excluded here, since a
/// rule can negate it.
fn excluded<A: Address>(set: &IntervalSet<A>) -> Option<IntervalSet<A>> {
    let others = set.complement();
    (others.intervals().len() > 1 && others.intervals().len() < set.intervals().len()).then_some(others)
}
