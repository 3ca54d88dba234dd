//! `-m set`: whether a packet is in a set that a companion lists (iptables-extensions(8), "set").
//!
//! The elements that a companion lists become exact alternatives. If the set is not given, its elements may have expired, rules
//! edit it, or a mark has to match, the match is undecided and becomes a condition with the text of the match. One condition is
//! enough for a packet, since it matches at most one element.

use std::rc::Rc;

use crate::formats::ipset::{
    Contents, Dimension, Direction, IpSet, Look, MOST_ROWS, PortAxis, Sets, contents, outside,
};
use crate::model::{Addresses, Family, Match, NamedSet};
use crate::packets::{Address, IntervalSet, PacketSet};

use super::companions::{Meaning, Question};
use super::context::Context;
use super::statement::Module;
use super::volatility::Volatility;

/// The most directions that a match may name (kernel `include/uapi/linux/netfilter/ipset/ip_set.h`, `IPSET_DIM_MAX`).
const MOST_DIRECTIONS: usize = 6;

/// If one family has more boxes than this, the boxes of the other are not compared with them one by one.
const MOST_COMPARED: usize = 256;

/// Why the elements of a set are not used.
enum Unknown {
    /// The elements are not known from any export; no input is missing.
    Known,
    /// Something is missing or could not be read.
    Lacking(String),
}

/// `-m set --match-set NAME src,dst`.
///
/// # Errors
/// What is wrong with its options.
pub fn set(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Result<Vec<Match>, String> {
    let mut asked = module.options.iter().filter(|given| matches!(given.name, "match-set" | "set"));
    let given = asked.next().ok_or("a set match without --match-set")?;
    if asked.next().is_some() {
        return Err("--match-set twice".to_owned());
    }
    let has = |name: &str| module.options.iter().any(|given| given.name == name);
    let counters = ["packets-eq", "packets-lt", "packets-gt", "bytes-eq", "bytes-lt", "bytes-gt"];
    let question = Question {
        set: given.value().to_owned(),
        directions: directions(given.values.get(1).copied().unwrap_or_default())?,
        negated: given.negated,
        holes_match: has("return-nomatch"),
        counted: counters.into_iter().any(has),
    };
    let volatile = match doubts(context, &question.set) {
        Ok(volatile) => volatile,
        Err(unknown) => {
            if let Unknown::Lacking(why) = unknown {
                context.remark(why);
            }
            return Ok(vec![context.extension(module, Volatility::Header)]);
        }
    };
    let volatile = if volatile || question.counted { Volatility::Volatile } else { Volatility::Header };
    let Some(meaning) = meaning(context, &question) else {
        context.remark(format!("set {} has more alternatives than a rule may be split into", question.set));
        return Ok(vec![context.extension(module, volatile)]);
    };
    let mut matches = meaning.certain.clone();
    if !question.negated
        && meaning.open.is_empty()
        && let [only] = matches.as_mut_slice()
    {
        name_its_end(context, &question.set, only);
    }
    if !meaning.open.is_empty() {
        let condition = context.extension(module, volatile);
        matches.extend(meaning.open.iter().map(|product| product.intersection(&condition)));
    }
    Ok(matches)
}

/// Records the set by its name where the match is its addresses at one end and nothing else. All such ends share one storage.
fn name_its_end(context: &mut Context<'_>, name: &str, product: &mut Match) {
    let (at_source, at_destination) = (product.source != Addresses::any(), product.destination != Addresses::any());
    let alone = Match { source: product.source.clone(), destination: product.destination.clone(), ..Match::any() };
    if at_source == at_destination || alone != *product {
        return;
    }
    let end = if at_source { &mut product.source } else { &mut product.destination };
    let known = context.rule_set.sets.iter().find(|set| set.name == name && set.addresses == *end);
    if let Some(known) = known {
        end.clone_from(&known.addresses);
        return;
    }
    let origin = context.companions.sets.get(name).and_then(|set| set.origin);
    context.rule_set.sets.push(NamedSet { name: name.to_owned(), addresses: end.clone(), origin });
}

/// Reads `src` and `dst`, comma-separated.
fn directions(text: &str) -> Result<Vec<Direction>, String> {
    let direction = |word: &str| match word {
        "src" => Ok(Direction::Source),
        "dst" => Ok(Direction::Destination),
        _ => Err(format!("bad direction {word:?}")),
    };
    let directions: Vec<Direction> = text.split(',').map(direction).collect::<Result<_, _>>()?;
    if directions.len() > MOST_DIRECTIONS {
        return Err(format!("more than {MOST_DIRECTIONS} directions"));
    }
    Ok(directions)
}

/// The sets that a lookup uses: the set itself, or the members of the list.
fn looked_into<'s>(sets: &'s Sets, name: &'s str) -> Result<Vec<(&'s str, &'s IpSet)>, String> {
    let missing = |name: &str| format!("set {name} is not in the companions: give the output of ipset save");
    let set = sets.get(name).ok_or_else(|| missing(name))?;
    if !set.kind.is_list() {
        return Ok(vec![(name, set)]);
    }
    let members = set.members.iter().map(|member| {
        let set = sets.get(&member.name).ok_or_else(|| missing(&member.name))?;
        // The kernel allows no list in a list (net/netfilter/ipset/ip_set_list_set.c, IPSET_ERR_LOOP).
        if set.kind.is_list() {
            Err(format!("list {name} holds list {}", member.name))
        } else {
            Ok((member.name.as_str(), set))
        }
    });
    members.collect()
}

/// Whether the undecided part of a set may differ at each evaluation.
///
/// # Errors
/// Why the elements cannot be used.
fn doubts(context: &mut Context<'_>, name: &str) -> Result<bool, Unknown> {
    let sets = &context.companions.sets;
    if !sets.are_given() {
        return Err(Unknown::Known);
    }
    let own = sets.get(name).map(|set| (name, set));
    let through = looked_into(sets, name).map_err(Unknown::Lacking)?;
    let all = || own.iter().chain(&through);
    // The export does not show what rules add and delete.
    if all().any(|(name, _)| context.edits.has_set(name)) {
        return Err(Unknown::Known);
    }
    if let Some((name, why)) = all().find_map(|(name, set)| Some((name, set.doubt.as_ref()?))) {
        return Err(Unknown::Lacking(format!("set {name}: {why}")));
    }
    let mut families = all().filter(|(_, set)| !set.kind.is_neutral()).map(|(_, set)| set.family);
    if let Some((_, set)) = own.filter(|(_, set)| !set.kind.is_neutral()) {
        // The loaders refuse a set of the other family (observed with iptables 1.8.9), but lists may hold both.
        if context.header.is_some_and(|header| header != set.family) {
            return Err(Unknown::Lacking(format!("set {name} is of family {}: no such rule loads", set.family.name())));
        }
        let families_named = &mut *context.families_named;
        match families.next() {
            Some(Family::Ipv4) => families_named.ipv4 = true,
            Some(Family::Ipv6) => families_named.ipv6 = true,
            None => {}
        }
    }
    let volatile = all().any(|(_, set)| set.kind.has(Dimension::Mark));
    Ok(volatile)
}

/// The meaning of a match; `None` if it has too many alternatives.
fn meaning(context: &mut Context<'_>, question: &Question) -> Option<Rc<Meaning>> {
    if !context.companions.known.contains_key(question) {
        let effort: usize = looked_into(&context.companions.sets, &question.set)
            .map_or(0, |sets| sets.iter().map(|(_, set)| set.elements.len()).sum());
        let found = context.budget.checked_sub(effort / 8).and_then(|left| {
            *context.budget = left;
            worked_out(&context.companions.sets, question)
        });
        context.companions.known.insert(question.clone(), found.map(Rc::new));
    }
    let found = context.companions.known.get(question)?.clone()?;
    Some(found)
}

/// Computes the meaning from the set, or from the members of the list, for both families.
fn worked_out(sets: &Sets, question: &Question) -> Option<Meaning> {
    let through = looked_into(sets, &question.set).ok()?;
    let axis = PortAxis::new(through.iter().flat_map(|(_, set)| &set.interfaces));
    let (certain4, open4) = answered(&of_family::<u32>(sets, &through, question, &axis, Family::Ipv4)?, question)?;
    let (certain6, open6) = answered(&of_family::<u128>(sets, &through, question, &axis, Family::Ipv6)?, question)?;
    let certain = both_families(&axis, &certain4, &certain6);
    let open = both_families(&axis, &open4, &open6);
    (certain.len() + open.len() <= MOST_ROWS).then_some(Meaning { certain, open })
}

/// The packets of one family that are in the set.
fn of_family<A: Address>(
    sets: &Sets,
    through: &[(&str, &IpSet)],
    question: &Question,
    axis: &PortAxis,
    family: Family,
) -> Option<Contents<A>> {
    let own = sets.get(&question.set)?;
    let mut all = Contents::nothing();
    let look = Look { directions: &question.directions, holes_match: question.holes_match, axis };
    for (name, set) in through {
        if !set.kind.is_neutral() && set.family != family {
            continue;
        }
        let mut found = contents::<A>(set, look)?;
        if own.members.iter().any(|member| member.name == *name && member.open) {
            found.open.append(&mut found.inside);
        }
        all.inside.append(&mut found.inside);
        all.open.append(&mut found.open);
    }
    // The counters of a list count, those of its members do not (kernel ip_set_list_set.c, list_set_ktest).
    if question.counted && own.counters {
        all.open.append(&mut all.inside);
    }
    Some(all)
}

/// The packets that match, and those for which it is undecided.
type Answered<A> = (Vec<PacketSet<A>>, Vec<PacketSet<A>>);

/// The packets of a set's contents that the match accepts.
fn answered<A: Address>(found: &Contents<A>, question: &Question) -> Option<Answered<A>> {
    let open = if found.inside.is_empty() { found.open.clone() } else { outside(&found.open, &found.inside)? };
    if !question.negated {
        return Some((found.inside.clone(), open));
    }
    let held: Vec<PacketSet<A>> = found.inside.iter().chain(&found.open).cloned().collect();
    Some((outside(&[PacketSet::full()], &held)?, open))
}

/// Boxes of the two families as alternatives. Two boxes that differ only in their addresses become one.
fn both_families(axis: &PortAxis, ipv4: &[PacketSet<u32>], ipv6: &[PacketSet<u128>]) -> Vec<Match> {
    let mut matches: Vec<Match> = Vec::new();
    for set in ipv4 {
        let addresses = |part: &IntervalSet<u32>| Addresses { ipv4: part.clone(), ..Addresses::none() };
        matches.extend(products(axis, set, &addresses(&set.source), &addresses(&set.destination)));
    }
    let of_ipv4 = if matches.len() <= MOST_COMPARED { matches.len() } else { 0 };
    let mut taken = vec![false; of_ipv4];
    for set in ipv6 {
        let addresses = |part: &IntervalSet<u128>| Addresses { ipv6: part.clone(), ..Addresses::none() };
        for product in products(axis, set, &addresses(&set.source), &addresses(&set.destination)) {
            let mergeable = |(place, other): &(usize, &Match)| {
                !taken[*place]
                    && other.protocol == product.protocol
                    && other.source_port == product.source_port
                    && other.destination_port == product.destination_port
                    && other.ingress == product.ingress
                    && other.egress == product.egress
            };
            let place = matches[..of_ipv4].iter().enumerate().find(mergeable).map(|(place, _)| place);
            match place {
                Some(place) => {
                    taken[place] = true;
                    matches[place].source.ipv6 = product.source.ipv6;
                    matches[place].destination.ipv6 = product.destination.ipv6;
                }
                None => matches.push(product),
            }
        }
    }
    matches.iter_mut().for_each(say_family_once);
    matches
}

/// If addresses at both ends belong to one family, removes the restriction from an end where it has no other effect.
fn say_family_once(product: &mut Match) {
    let one = product.source.ipv4.is_empty() || product.source.ipv6.is_empty();
    let (source, destination) = (&mut product.source, &mut product.destination);
    let is_any_of_family = |addresses: &Addresses| addresses.ipv4.is_full() || addresses.ipv6.is_full();
    if one && is_any_of_family(destination) {
        *destination = Addresses::any();
    } else if one && is_any_of_family(source) {
        *source = Addresses::any();
    }
}

/// One box as alternatives, one for each pair of interface patterns.
fn products<A: Address>(
    axis: &PortAxis,
    set: &PacketSet<A>,
    source: &Addresses,
    destination: &Addresses,
) -> Vec<Match> {
    let mut matches = Vec::new();
    for ingress in axis.patterns(&set.ingress) {
        for egress in axis.patterns(&set.egress) {
            matches.push(Match {
                source: source.clone(),
                destination: destination.clone(),
                protocol: set.protocol.clone(),
                source_port: set.source_port.clone(),
                destination_port: set.destination_port.clone(),
                ingress: ingress.clone(),
                egress,
                ..Match::any()
            });
        }
    }
    matches
}
