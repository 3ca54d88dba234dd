//! The oracle: a reduced decision diagram over intervals, with each node stored once. It gives for every packet the first set
//! that contains it. It shares no code with the tree and the proofs, and becomes too large for more than some thousand sets.

use std::collections::{BTreeSet, HashMap};

use edgewarden::packets::{Address, ConnectionState, IntervalSet, Ordinal, PacketSet};

use crate::random::worlds;

/// A node, or from `LEAVES` on a leaf: the index of the first set that contains the packet, or `NOBODY` if none does.
type Id = u32;
const LEAVES: Id = 1 << 31;
const NOBODY: Id = Id::MAX;

/// The intervals of a set on each axis.
type Row = Vec<Vec<(u128, u128)>>;

#[derive(Default)]
pub struct Diagram {
    /// The axis of a node, and its children, each with the highest value that it is for.
    nodes: Vec<(usize, Vec<(u128, Id)>)>,
    known: HashMap<(usize, Vec<(u128, Id)>), Id>,
}

impl Diagram {
    /// The indexes of the sets that are the first to contain some packet.
    pub fn first_to_contain<A: Address>(sets: &[PacketSet<A>]) -> BTreeSet<usize> {
        let mut diagram = Self::default();
        let root = diagram.root((0..).zip(sets));
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

    /// The root node that gives for each packet the number of the first set that contains it. Two roots of one diagram are equal
    /// if and only if they give the same number for every packet.
    pub fn root<'a, A: Address + 'a>(&mut self, sets: impl IntoIterator<Item = (u32, &'a PacketSet<A>)>) -> Id {
        sets.into_iter()
            .fold(NOBODY, |root, (number, set)| self.fill(root, 0, &row(set), LEAVES + number, &mut HashMap::new()))
    }

    /// Sets `leaf` for the packets of the row that no set contains yet. The recursion is as deep as there are axes.
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

    /// The unique node with these children. Adjacent equal children are merged; if only one child is left, it is returned itself.
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

/// The intervals of a set on every axis. The last axis has the worlds in which its conditions are satisfied.
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
