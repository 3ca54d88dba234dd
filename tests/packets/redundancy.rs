//! Compares redundancy with the diagram: a place is redundant if and only if the diagram without it is the same.

use edgewarden::packets::{Address, Ordered, PacketSet, Redundancies};

use crate::diagram::Diagram;
use crate::families::{crossing, tile};
use crate::random::{Random, set};
use crate::rules::{Flavour, generate};

/// Sets with their places and outcomes; the default is outcome 0.
type Entry<A> = (u32, PacketSet<A>, u32);

fn redundant<A: Address + Send + Sync>(entries: &[Entry<A>]) -> Redundancies {
    let ordered = Ordered::new(entries.iter().map(|(place, set, _)| (*place, set)));
    let shadows = ordered.shadowed(Ordered::<A>::LOOKS);
    let outcome = |place| entries.iter().find(|(at, ..)| *at == place).unwrap().2;
    ordered.redundant(&shadows, outcome, 0, Ordered::<A>::LOOKS)
}

/// Compares every `every`th place with the diagrams. Returns how many places are redundant.
fn check<A: Address + Send + Sync>(entries: &[Entry<A>], every: usize) -> usize {
    let found = redundant(entries);
    assert_eq!(found.undecided, Vec::<u32>::new());
    let everything = PacketSet::full();
    let mut diagram = Diagram::default();
    let mut without = |place: Option<u32>| {
        let kept = entries.iter().filter(|(at, ..)| Some(*at) != place).map(|(_, set, outcome)| (*outcome, set));
        diagram.root(kept.chain([(0, &everything)]))
    };
    let all = without(None);
    let mut places: Vec<u32> = entries.iter().map(|(place, ..)| *place).collect();
    places.dedup();
    for place in places.into_iter().step_by(every) {
        let reported = found.redundant.iter().any(|redundant| redundant.place == place);
        assert_eq!(reported, without(Some(place)) == all, "place {place}");
    }
    for redundant in &found.redundant {
        assert!(redundant.before.iter().all(|index| entries[*index].0 < redundant.place));
        let own = entries.iter().find(|(place, ..)| *place == redundant.place).unwrap().2;
        assert!(redundant.after.iter().all(|index| entries[*index].0 > redundant.place && entries[*index].2 == own));
        assert!(!redundant.default || own == 0);
    }
    found.redundant.len()
}

#[test]
fn random_places_of_one_set_or_two_are_redundant_where_the_diagram_stays_the_same() {
    let mut count = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let entries: Vec<Entry<u32>> = (0..16)
            .map(|number| {
                let place = number * 3 / 4;
                (place, set(&mut random), place / 4 % 2)
            })
            .collect();
        count += check(&entries, 1);
    }
    assert!(count > 30, "{count} redundant places");
}

fn check_rules(flavour: Flavour, seed: u64) {
    let rules = generate(flavour, 140, seed).rules;
    let entries: Vec<Entry<u32>> =
        (0u32..).zip(&rules).map(|(place, rule)| (place, rule.set(), u32::from(rule.accept))).collect();
    let count = check(&entries, 8);
    assert!(count > 5 && count < 110, "{count} redundant rules");
}

#[test]
fn rules_of_every_flavour_are_redundant_where_the_diagram_stays_the_same() {
    check_rules(Flavour::Acl, 11);
    check_rules(Flavour::Fw, 12);
    check_rules(Flavour::Ipc, 13);
}

#[test]
fn of_two_equal_sets_each_is_redundant_and_with_different_outcomes_only_the_later() {
    let (some, all) = (tile::<u32>((0, 9), (0, 9)), PacketSet::full());
    let twice = redundant(&[(3, some.clone(), 1), (5, some.clone(), 1), (7, all.clone(), 0)]);
    assert_eq!(twice.redundant.iter().map(|redundant| redundant.place).collect::<Vec<_>>(), [3, 5, 7]);
    assert_eq!((twice.redundant[0].after.as_slice(), twice.redundant[1].before.as_slice()), (&[1][..], &[0][..]));
    assert!(twice.redundant[2].default);
    let differing = redundant(&[(3, some.clone(), 1), (5, some, 2), (7, all, 2)]);
    assert_eq!(differing.redundant.iter().map(|redundant| redundant.place).collect::<Vec<_>>(), [5]);
}

#[test]
fn crossings_are_redundant_except_for_the_set_that_differs_from_the_default() {
    let sets = crossing::<u128>(30);
    let last = sets.len() as u32 - 1;
    let entries: Vec<Entry<u128>> =
        (0u32..).zip(sets).map(|(place, set)| (place, set, u32::from(place == last))).collect();
    // The last set gives all other packets another outcome.
    assert_eq!(redundant(&entries).redundant.len(), 30);
    let same_outcome: Vec<Entry<u128>> = entries.into_iter().map(|(place, set, _)| (place, set, 1)).collect();
    assert_eq!(redundant(&same_outcome).redundant.len(), same_outcome.len() - 1);
}
