//! Builds the tree. A plane splits the entries into those left of it, those right of it, and those that straddle it. Straddling
//! entries are split again on the other axes only, so that wildcards do not widen the hulls of other entries. Every entry is
//! stored once.
//!
//! A part of a split has at most 15/16 of the entries, or one axis less to be split on, so the depth is some hundred at most. The
//! work is kept in a list, without recursion.

use super::hull::{Axis, Hull};
use super::{Entry, Node};
use crate::packets::Address;

/// Entries in a leaf. With fewer, the additional nodes would cost more than they save.
const LEAF: usize = 8;
/// How many entries are sampled to choose a plane.
const SAMPLE: usize = 24;

/// A run of entries that is to become a node.
struct Task {
    node: usize,
    first: usize,
    end: usize,
    /// The axes that may still be split, as bits in the order of [`Axis::ALL`].
    axes: u8,
}

/// The nodes over the entries, the root first; none if there are no entries. The entries are put in the order of the leaves.
pub(super) fn build<A: Address>(entries: &mut [Entry<A>]) -> Vec<Node<A>> {
    let Some(some) = entries.first() else { return Vec::new() };
    let blank = Node::blank(some.hull);
    let mut nodes = Vec::with_capacity(entries.len() / 3 + 1);
    nodes.push(blank);
    let mut tasks = vec![Task { node: 0, first: 0, end: entries.len(), axes: (1 << Axis::ALL.len()) - 1 }];
    while let Some(task) = tasks.pop() {
        let part = &mut entries[task.first..task.end];
        if part.len() <= LEAF {
            part.sort_unstable_by_key(|entry| (entry.place, entry.index));
            nodes[task.node].set_entries(task.first, part.len());
            continue;
        }
        let first_child = nodes.len();
        for (first, end, axes) in split(part, task.axes) {
            if first < end {
                tasks.push(Task { node: nodes.len(), first: task.first + first, end: task.first + end, axes });
                nodes.push(blank);
            }
        }
        let children = nodes.len() - first_child;
        nodes[task.node].set_children(first_child, children);
    }
    measure(&mut nodes, entries);
    nodes
}

/// Computes hulls and places from the leaves up; children are stored after their parents. Siblings are sorted by place.
fn measure<A: Address>(nodes: &mut [Node<A>], entries: &[Entry<A>]) {
    for parent in (0..nodes.len()).rev() {
        let (head, below) = nodes.split_at_mut(parent + 1);
        let Some(node) = head.last_mut() else { return };
        let range = node.range();
        if node.is_leaf() {
            node.measure(entries[range].iter().map(|entry| (&entry.hull, entry.place, entry.place)));
        } else {
            let children = &mut below[range.start - parent - 1..range.end - parent - 1];
            children.sort_unstable_by_key(|child| child.lowest);
            node.measure(children.iter().map(|child| (&child.hull, child.lowest, child.highest)));
        }
    }
}

/// Splits a run into three parts: left of the plane, straddling it, and right of it, each with the axes it may be split on.
fn split<A: Address>(part: &mut [Entry<A>], axes: u8) -> [(usize, usize, u8); 3] {
    let all = part.len();
    if let Some((axis, plane)) = best_plane(part, axes) {
        let (left, right) = match axis {
            Axis::Destination => partition(part, plane, |hull| hull.extent(Axis::Destination)),
            Axis::Source => partition(part, plane, |hull| hull.extent(Axis::Source)),
            Axis::DestinationPort => partition(part, plane, |hull| hull.extent(Axis::DestinationPort)),
            Axis::SourcePort => partition(part, plane, |hull| hull.extent(Axis::SourcePort)),
            Axis::Protocol => partition(part, plane, |hull| hull.extent(Axis::Protocol)),
            Axis::Ingress => partition(part, plane, |hull| hull.extent(Axis::Ingress)),
            Axis::Egress => partition(part, plane, |hull| hull.extent(Axis::Egress)),
        };
        if left.max(all - right) <= all / 16 * 15 {
            return [(0, left, axes), (left, right, axes & !(1 << axis as u8)), (right, all, axes)];
        }
    }
    // No plane separates them, so they are halved by their order.
    let half = all / 2;
    part.select_nth_unstable_by_key(half, |entry| (entry.place, entry.index));
    [(0, half, axes), (half, half, axes), (half, all, axes)]
}

/// Moves entries that end before the plane to the front, and entries that begin at or after it to the back. Returns where the
/// middle begins and ends.
fn partition<A: Address>(
    part: &mut [Entry<A>],
    plane: u128,
    extent: impl Fn(&Hull<A>) -> (u128, u128),
) -> (usize, usize) {
    let (mut left, mut next, mut right) = (0, 0, part.len());
    while next < right {
        let (low, high) = extent(&part[next].hull);
        if high < plane {
            part.swap(left, next);
            left += 1;
            next += 1;
        } else if low >= plane {
            right -= 1;
            part.swap(next, right);
        } else {
            next += 1;
        }
    }
    (left, right)
}

/// The plane that separates most of a sample, if any separates two.
fn best_plane<A: Address>(part: &[Entry<A>], axes: u8) -> Option<(Axis, u128)> {
    let mut sample = [&part[0].hull; SAMPLE];
    let taken = part.len().min(SAMPLE);
    for (number, slot) in sample.iter_mut().enumerate().take(taken) {
        *slot = &part[number * part.len() / taken].hull;
    }
    let sample = &sample[..taken];
    let mut best = None;
    let mut most = 0;
    for axis in Axis::ALL.into_iter().filter(|axis| axes & (1 << *axis as u8) != 0) {
        let mut extents = [(0, 0); SAMPLE];
        for (slot, hull) in extents.iter_mut().zip(sample) {
            *slot = hull.extent(axis);
        }
        let extents = &mut extents[..taken];
        if extents.iter().all(|extent| *extent == extents[0]) {
            continue;
        }
        let half = taken / 2;
        let low = extents.select_nth_unstable_by_key(half, |(low, _)| *low).1.0;
        let high = extents.select_nth_unstable_by_key(half, |(_, high)| *high).1.1;
        for plane in [Some(low), high.checked_add(1)].into_iter().flatten() {
            let left = extents.iter().filter(|(_, high)| *high < plane).count();
            let right = extents.iter().filter(|(low, _)| *low >= plane).count();
            if left * right > most {
                most = left * right;
                best = Some((axis, plane));
            }
        }
    }
    best
}
