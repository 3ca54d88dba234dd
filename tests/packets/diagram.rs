//! The oracle: a decision diagram over intervals, reduced and each node stored once, that leads every packet to the first set
//! that holds it. It shares nothing with the tree and the proofs, and grows too large for more than some thousand sets.

use std::collections::{BTreeSet, HashMap};

use edgewarden::packets::{Address, ConnectionState, IntervalSet, Ordinal, PacketSet};

use crate::random::worlds;

/// A node or, from `LEAVES` on, a terminal: the index of the first set, or `NOBODY`.
type Id = u32;
const LEAVES: Id = 1 << 31;
const NOBODY: Id = Id::MAX;

/// For each axis the intervals of a set.
type Row = Vec<Vec<(u128, u128)>>;

#[derive(Default)]
pub struct Diagram {
    /// Axis, and up to which value each child stands.
    nodes: Vec<(usize, Vec<(u128, Id)>)>,
    known: HashMap<(usize, Vec<(u128, Id)>), Id>,
}

impl Diagram {
    /// Indexes of the sets that are the first to hold some packet.
    pub fn first_to_hold<A: Address>(sets: &[PacketSet<A>]) -> BTreeSet<usize> {
        let mut diagram = Self::default();
        let root = diagram.lead((0..).zip(sets));
        let mut seen = BTreeSet::from([root]);
        let mut waiting = vec![root];
        while let Some(id) = waiting.pop() {
            if id < LEAVES {
                waiting
                    .extend(diagram.nodes[id as usize].1.iter().map(|(_, child)| *child).filter(|id| seen.insert(*id)));
            }
        }
        seen.range(LEAVES..NOBODY).map(|id| (id - LEAVES) as usize).collect()
    }

    /// The node from which each packet is led to the number of the first set that holds it. Nodes of one diagram are the same if
    /// and only if all packets are led alike.
    pub fn lead<'a, A: Address + 'a>(&mut self, sets: impl IntoIterator<Item = (u32, &'a PacketSet<A>)>) -> Id {
        sets.into_iter()
            .fold(NOBODY, |root, (number, set)| self.fill(root, 0, &row(set), LEAVES + number, &mut HashMap::new()))
    }

    /// Leads to `leaf` what nobody holds yet and the row does. The depth is the number of axes.
    fn fill(&mut self, id: Id, axis: usize, row: &Row, leaf: Id, done: &mut HashMap<(Id, usize), Id>) -> Id {
        if id >= LEAVES && id != NOBODY {
            return id;
        }
        let Some(inside) = row.get(axis) else { return if id == NOBODY { leaf } else { id } };
        if let Some(known) = done.get(&(id, axis)) {
            return *known;
        }
        let children = match self.nodes.get(id as usize) {
            Some((own, children)) if *own == axis => children.clone(),
            _ => vec![(u128::MAX, id)],
        };
        let mut filled: Vec<(u128, Id)> = Vec::new();
        let mut low = 0u128;
        for (high, child) in children {
            let within = self.fill(child, axis + 1, row, leaf, done);
            let start = low;
            for (from, to) in inside.iter().filter(|(from, to)| *from <= high && start <= *to) {
                if *from > low {
                    filled.push((from - 1, child));
                }
                filled.push((high.min(*to), within));
                low = high.min(*to).saturating_add(1);
            }
            if low <= high && filled.last().is_none_or(|(last, _)| *last < high) {
                filled.push((high, child));
            }
            low = high.saturating_add(1);
        }
        let filled = self.node(axis, filled);
        done.insert((id, axis), filled);
        filled
    }

    /// The one node with these children; their neighbour or the child itself where there is no difference.
    fn node(&mut self, axis: usize, mut children: Vec<(u128, Id)>) -> Id {
        children.reverse();
        children.dedup_by_key(|(_, child)| *child);
        children.reverse();
        if let [(_, only)] = children.as_slice() {
            return *only;
        }
        let next = self.nodes.len() as Id;
        *self.known.entry((axis, children)).or_insert_with_key(|node| {
            self.nodes.push(node.clone());
            next
        })
    }
}

/// The intervals of a set on every axis; on the last one the worlds in which its conditions hold.
fn row<A: Address>(set: &PacketSet<A>) -> Row {
    let states = ConnectionState::ALL.map(|state| set.state.contains(state));
    let flags: Vec<bool> = (0..=u8::MAX).map(|flags| set.tcp_flags.contains(flags)).collect();
    let demands = PacketSet::<A> { conditions: set.conditions.clone(), ..PacketSet::full() };
    let worlds: Vec<bool> = worlds().iter().map(|world| world.is_subset(&demands)).collect();
    vec![
        numbers(&set.destination),
        numbers(&set.source),
        numbers(&set.destination_port),
        numbers(&set.source_port),
        numbers(&set.protocol),
        numbers(&set.ingress),
        numbers(&set.egress),
        listed(&states),
        listed(&flags),
        listed(&worlds),
    ]
}

fn numbers<T: Ordinal>(set: &IntervalSet<T>) -> Vec<(u128, u128)> {
    let upper = |high: T| if high == T::HIGHEST { u128::MAX } else { high.to_u128() };
    set.intervals().iter().map(|(low, high)| (low.to_u128(), upper(*high))).collect()
}

fn listed(held: &[bool]) -> Vec<(u128, u128)> {
    let last = held.len() - 1;
    let one = |number: usize| (number as u128, if number == last { u128::MAX } else { number as u128 });
    (0..held.len()).filter(|number| held[*number]).map(one).collect()
}
