//! The packets outside a union of boxes, as a small number of disjoint boxes: `! --match-set`.
//!
//! The number of pieces depends on the order in which the axes are cut. Boxes that differ in their services are best cut by
//! services first, boxes that differ in their hosts by addresses first. Both orders are tried.

use crate::packets::{Address, PacketSet, coalesce};

/// The most pieces that may remain outside a union.
const MOST_PIECES: usize = 256;

/// An order of axes.
#[derive(Clone, Copy)]
enum Order {
    ServicesFirst,
    AddressesFirst,
}

/// The packets of `from` that are in none of the boxes; `None` for more than [`MOST_PIECES`] pieces.
pub fn outside<A: Address>(from: &[PacketSet<A>], boxes: &[PacketSet<A>]) -> Option<Vec<PacketSet<A>>> {
    let tries = [Order::ServicesFirst, Order::AddressesFirst].map(|order| cut_all(from, boxes, order));
    tries.into_iter().flatten().min_by_key(Vec::len).filter(|pieces| pieces.len() <= MOST_PIECES)
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
