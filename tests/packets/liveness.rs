//! Checks `live` on complete lists of sets: every verdict against the diagram, every packet against every earlier set, every
//! cover against a diagram of the cover alone.

use std::collections::BTreeSet;

use edgewarden::packets::{Address, Live, Ordered, PacketSet, live};

use crate::diagram::Diagram;
use crate::families::{block_list, corners, crossing, diagonal, groups, tile, tiling};
use crate::random::{Random, packet, set};
use crate::rules::{Flavour, Planted, generate};

/// A budget of pieces that is large enough for every family below.
const ENOUGH: usize = 1 << 20;

fn ordered<A: Address>(sets: &[PacketSet<A>]) -> Ordered<'_, A> {
    Ordered::new((0u32..).zip(sets))
}

/// Checks all answers about these sets. Returns the indexes of the sets that no packet reaches.
fn check<A: Address + Send + Sync>(sets: &[PacketSet<A>]) -> BTreeSet<usize> {
    let alive = Diagram::first_to_contain(sets);
    let dead: BTreeSet<usize> = (0..sets.len()).filter(|index| !alive.contains(index)).collect();
    let ordered = ordered(sets);
    let shadows = ordered.shadowed(Ordered::<A>::LOOKS);
    assert_eq!(shadows.undecided, Vec::<usize>::new());
    assert_eq!(shadows.dead.iter().map(|shadowed| shadowed.index).collect::<BTreeSet<_>>(), dead);
    for shadowed in &shadows.dead {
        covers(sets, shadowed.index, &shadowed.by);
    }
    for (index, set) in sets.iter().enumerate() {
        judge(sets, index, &alive, ordered.live(index as u32, set, ENOUGH));
        if sets.len() < 500 {
            judge(sets, index, &alive, live(set, &sets[..index], ENOUGH));
        }
    }
    dead
}

fn judge<A: Address>(sets: &[PacketSet<A>], index: usize, alive: &BTreeSet<usize>, verdict: Live<A>) {
    match verdict {
        Live::Witness(packet) => {
            assert!(alive.contains(&index), "{index} is dead");
            assert!(sets[index].contains(&packet));
            assert!(!sets[..index].iter().any(|set| set.contains(&packet)));
        }
        Live::Covered(by) => {
            assert!(!alive.contains(&index), "{index} is alive");
            covers(sets, index, &by);
        }
        Live::Undecided => panic!("the budget is large enough for {index}"),
    }
}

/// Checks that the sets of a cover alone cover the set.
fn covers<A: Address>(sets: &[PacketSet<A>], index: usize, by: &[usize]) {
    assert!(by.is_sorted() && by.iter().all(|cover| *cover < index));
    let mut cover_and_set: Vec<PacketSet<A>> = by.iter().map(|cover| sets[*cover].clone()).collect();
    cover_and_set.push(sets[index].clone());
    assert!(!Diagram::first_to_contain(&cover_and_set).contains(&by.len()), "{by:?} do not cover {index}");
}

#[test]
fn random_sets_on_every_axis_are_judged_as_the_diagram_does() {
    let mut dead = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let sets: Vec<PacketSet<u32>> = (0..40).map(|_| set(&mut random)).collect();
        dead += check(&sets).len();
    }
    for seed in 100..110 {
        let mut random = Random::new(seed);
        let sets: Vec<PacketSet<u128>> = (0..40).map(|_| set(&mut random)).collect();
        dead += check(&sets).len();
    }
    assert!(dead > 100, "{dead} of 2,000 are dead");
}

#[test]
fn the_first_set_that_contains_a_packet_is_reachable_in_the_diagram() {
    let mut random = Random::new(7);
    let sets: Vec<PacketSet<u32>> = (0..100).map(|_| set(&mut random)).collect();
    let (ordered, alive) = (ordered(&sets), Diagram::first_to_contain(&sets));
    let mut hit = BTreeSet::new();
    for _ in 0..20_000 {
        let packet = packet(&mut random);
        let first = sets.iter().position(|set| set.contains(&packet));
        assert_eq!(ordered.first_holding(&packet), first.map(|first| first as u32));
        hit.extend(first);
    }
    assert!(hit.len() > 10 && hit.is_subset(&alive));
}

fn check_rules<A: Address + Send + Sync>(flavour: Flavour, count: u32, seed: u64) {
    let Planted { rules, by_one, by_two } = generate(flavour, count, seed);
    let sets: Vec<PacketSet<A>> = rules.iter().map(crate::rules::Rule::set).collect();
    let dead = check(&sets);
    assert!(!by_one.is_empty() && by_one.iter().chain(&by_two).all(|index| dead.contains(index)));
    assert!(dead.len() < sets.len() / 2);
}

#[test]
fn rules_like_an_access_lists_are_judged_as_the_diagram_does() {
    check_rules::<u32>(Flavour::Acl, 600, 1);
    check_rules::<u128>(Flavour::Acl, 200, 2);
}

#[test]
fn rules_like_a_firewalls_are_judged_as_the_diagram_does() {
    check_rules::<u32>(Flavour::Fw, 500, 3);
    check_rules::<u128>(Flavour::Fw, 200, 4);
}

#[test]
fn rules_like_a_packet_filters_are_judged_as_the_diagram_does() {
    check_rules::<u32>(Flavour::Ipc, 500, 5);
    check_rules::<u128>(Flavour::Ipc, 200, 6);
}

#[test]
fn on_a_diagonal_all_points_and_the_full_set_are_reachable() {
    assert!(check(&diagonal::<u32>(300)).is_empty());
    assert!(check(&diagonal::<u128>(60)).is_empty());
}

#[test]
fn crossings_are_unreachable_and_the_full_set_is_reachable() {
    assert_eq!(check(&crossing::<u32>(100)).len(), 100);
    assert_eq!(check(&crossing::<u128>(20)).len(), 20);
}

#[test]
fn a_tiling_of_many_tiles_covers_and_without_one_tile_it_does_not() {
    for (count, seed) in [(4, 1), (40, 2), (400, 3)] {
        assert_eq!(check(&tiling::<u32>(count, false, seed)), BTreeSet::from([count]));
        assert_eq!(check(&tiling::<u32>(count, true, seed)), BTreeSet::new());
    }
    // Too many for the diagram; the verdicts follow from the construction of the tiles.
    let sets = tiling::<u32>(10_000, false, 4);
    assert_eq!(ordered(&sets).live(10_000, &sets[10_000], ENOUGH), Live::Covered((0..10_000).collect()));
    let sets = tiling::<u32>(10_000, true, 4);
    let Live::Witness(packet) = ordered(&sets).live(9_999, &sets[9_999], ENOUGH) else { panic!("one tile is open") };
    assert!(sets[9_999].contains(&packet) && !sets[..9_999].iter().any(|set| set.contains(&packet)));
}

#[test]
fn a_network_is_unreachable_if_all_its_hosts_are_blocked() {
    let dead = check(&block_list::<u32>(800, 60, 1));
    assert!(dead.len() >= 30, "{} networks are blocked", dead.len());
}

#[test]
fn rules_on_groups_are_judged_without_multiplying_them_out() {
    assert!(!check(&groups::<u32>(20, 6, 8, 4, 1)).is_empty());
    let sets = groups::<u32>(60, 200, 50, 40, 2);
    let shadows = ordered(&sets).shadowed(Ordered::<u32>::LOOKS);
    assert_eq!(shadows.undecided, Vec::<usize>::new());
    assert!((4..60).step_by(5).all(|planted| shadows.dead.iter().any(|dead| dead.index == planted)));
}

#[test]
fn a_cover_with_many_corners_is_proved() {
    for axes in 2..=7 {
        let sets = corners::<u32>(axes);
        assert_eq!(check(&sets), BTreeSet::from([sets.len() - 1]));
    }
}

#[test]
fn sets_that_share_a_place_do_not_shadow_each_other() {
    let (left, right) = (tile::<u32>((0, 5), (0, 9)), tile::<u32>((4, 9), (0, 9)));
    let both = tile((2, 7), (3, 3));
    let ordered = Ordered::new([(0, &left), (0, &right), (0, &both), (1, &both)]);
    let shadows = ordered.shadowed(Ordered::<u32>::LOOKS);
    assert_eq!(shadows.dead.len(), 1);
    assert_eq!((shadows.dead[0].index, shadows.dead[0].by.as_slice()), (3, [2].as_slice()));
}

#[test]
fn an_empty_set_is_unreachable_and_an_empty_list_shadows_nothing() {
    let nothing = tile::<u32>((5, 4), (0, 0));
    assert_eq!(live(&nothing, &[], ENOUGH), Live::Covered(Vec::new()));
    let all = PacketSet::<u32>::full();
    assert!(matches!(live(&all, &[nothing], ENOUGH), Live::Witness(_)));
    assert!(matches!(Ordered::new([]).live(9, &all, ENOUGH), Live::Witness(_)));
}

#[test]
fn lists_without_looks_are_undecided() {
    let sets = tiling::<u32>(2000, false, 5);
    let shadows = ordered(&sets).shadowed(0);
    assert_eq!(shadows.undecided, [2000]);
    assert!(shadows.dead.is_empty());
}
