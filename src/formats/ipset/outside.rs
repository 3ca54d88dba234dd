//! The packets outside a union of boxes, as a small number of disjoint boxes: `! --match-set`.
//!
//! The number of pieces depends on the order in which the axes are cut. Boxes that differ in their services are best cut by
//! services first, boxes that differ in their hosts by addresses first. Both orders are tried. Of many boxes,
//! all are cut along at once.

use crate::packets::{Address, PacketSet, coalesce, cut_along};

use super::contents::MOST_ROWS;

/// The most pieces that may remain outside a union whose boxes are taken away one by one.
const MOST_PIECES: usize = 256;

/// The most steps for cutting along all boxes at once.
const MOST_STEPS: usize = 8_000_000;

/// An order of axes.
#[derive(Clone, Copy)]
enum Order {
    ServicesFirst,
    AddressesFirst,
}

/// The packets of `from` that are in none of the boxes; `None` for more than [`MOST_ROWS`] pieces.
pub fn outside<A: Address>(from: &[PacketSet<A>], boxes: &[PacketSet<A>]) -> Option<Vec<PacketSet<A>>> {
    let tries = [Order::ServicesFirst, Order::AddressesFirst].map(|order| cut_all(from, boxes, order));
    let fewest = tries.into_iter().flatten().min_by_key(Vec::len).filter(|pieces| pieces.len() <= MOST_PIECES);
    fewest.or_else(|| along(from, boxes)).filter(|pieces| pieces.len() <= MOST_ROWS)
}

fn along<A: Address>(from: &[PacketSet<A>], boxes: &[PacketSet<A>]) -> Option<Vec<PacketSet<A>>> {
    let boxes: Vec<&PacketSet<A>> = boxes.iter().collect();
    let outside: Option<Vec<Vec<PacketSet<A>>>> =
        from.iter().map(|piece| Some(cut_along(piece, &boxes, MOST_STEPS)?.outside)).collect();
    Some(coalesce(outside?.into_iter().flatten().collect()))
}

fn cut_all<A: Address>(from: &[PacketSet<A>], boxes: &[PacketSet<A>], order: Order) -> Option<Vec<PacketSet<A>>> {
    let mut pieces = from.to_vec();
    for taken in boxes {
        let mut left = Vec::with_capacity(pieces.len() + 1);
        for piece in pieces {
            cut(piece, taken, order, &mut left);
        }
        if left.len() > MOST_PIECES * 4 {
            return None;
        }
        pieces = left;
    }
    Some(coalesce(pieces))
}

/// Adds to `left` the part of a piece that is not in `taken`, axis by axis.
fn cut<A: Address>(mut rest: PacketSet<A>, taken: &PacketSet<A>, order: Order, left: &mut Vec<PacketSet<A>>) {
    if !rest.meets(taken) {
        left.push(rest);
        return;
    }
    macro_rules! cut_axes {
        ($($axis:ident),*) => {$(
            let outside_part = rest.$axis.difference(&taken.$axis);
            if !outside_part.is_empty() {
                let inside = rest.$axis.intersection(&taken.$axis);
                left.push(PacketSet { $axis: outside_part, ..rest.clone() });
                rest.$axis = inside;
            }
        )*};
    }
    match order {
        Order::ServicesFirst => {
            cut_axes!(protocol, destination_port, source_port, ingress, egress, destination, source);
        }
        Order::AddressesFirst => {
            cut_axes!(destination, source, ingress, egress, protocol, destination_port, source_port);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packets::IntervalSet;

    #[test]
    fn what_is_outside_thousands_of_pairs_is_what_no_pair_holds() {
        let pair = |place: u16| PacketSet {
            protocol: IntervalSet::single(6),
            destination_port: IntervalSet::single(1024 + place % 997),
            source: IntervalSet::single(u32::from(place) * 3),
            ..PacketSet::<u32>::full()
        };
        let boxes: Vec<PacketSet<u32>> = (0..3_000).map(pair).collect();
        let found = outside(&[PacketSet::full()], &boxes).expect("one piece for each port, and few beside");
        assert!((997..1_100).contains(&found.len()), "{}", found.len());
        for place in 0..3_000 {
            let (inside, other) = (pair(place), PacketSet { source: IntervalSet::single(1), ..pair(place) });
            assert!(!found.iter().any(|piece| piece.meets(&inside)));
            assert_eq!(found.iter().filter(|piece| piece.meets(&other)).count(), 1);
        }
    }

    #[test]
    fn pieces_outside_many_services_grow_only_with_the_number_of_services() {
        let boxes: Vec<PacketSet<u32>> = (0..60_u16)
            .map(|place| PacketSet {
                protocol: IntervalSet::single(6),
                destination_port: IntervalSet::single(place * 7),
                destination: IntervalSet::range(u32::from(place) * 3, u32::from(place) * 5 + 9),
                ..PacketSet::full()
            })
            .collect();
        let found = outside(&[PacketSet::full()], &boxes).expect("a few pieces");
        assert!(found.len() <= 62, "{}", found.len());
        assert!(found.iter().all(|piece| boxes.iter().all(|taken| !piece.meets(taken))));
        let both: Vec<_> = found.iter().chain(&boxes).cloned().collect();
        assert!(outside(&[PacketSet::full()], &both).expect("nothing").is_empty());
    }
}
