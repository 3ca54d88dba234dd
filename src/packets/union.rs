//! A union of packet sets that is asked about many others: with an index where it is large.

use super::{Address, Live, Ordered, PacketSet, cut_along, live, subtract_within};

/// From so many sets on, an index is worth it.
const WORTH_AN_INDEX: usize = 48;

/// From so many sets near another on, that is cut along all of them at once.
const WORTH_CUTTING_ALONG: usize = 16;

/// A union of packet sets.
#[derive(Debug, Clone)]
pub struct Union<'s, A: Address> {
    sets: &'s [PacketSet<A>],
    ordered: Option<Ordered<'s, A>>,
}

impl<'s, A: Address> Union<'s, A> {
    /// Of these sets.
    #[must_use]
    pub fn of(sets: &'s [PacketSet<A>]) -> Self {
        let indexed = || Ordered::new((0u32..).zip(sets));
        Self { sets, ordered: (sets.len() >= WORTH_AN_INDEX).then(indexed) }
    }

    /// Whether every packet of a set is proved to be in it; `budget` as for [`live()`].
    #[must_use]
    pub fn covers(&self, set: &PacketSet<A>, budget: usize) -> bool {
        let answer = match &self.ordered {
            Some(ordered) => ordered.live(u32::MAX, set, budget),
            None => live(set, self.sets, budget),
        };
        matches!(answer, Live::Covered(_))
    }

    /// Whether any packet of a set is in it.
    #[must_use]
    pub fn meets(&self, set: &PacketSet<A>) -> bool {
        match &self.ordered {
            Some(ordered) => self.near(ordered, set).next().is_some(),
            None => self.sets.iter().any(|own| own.meets(set)),
        }
    }

    /// What of a set is not in it, as disjoint sets; none where that takes more than `most` comparisons.
    #[must_use]
    pub fn outside(&self, set: PacketSet<A>, most: &mut usize) -> Option<Vec<PacketSet<A>>> {
        let Some(ordered) = &self.ordered else { return subtract_within(vec![set], self.sets, most) };
        let near: Vec<&PacketSet<A>> = self.near(ordered, &set).collect();
        *most = most.checked_sub(1 + near.len())?;
        if near.len() >= WORTH_CUTTING_ALONG
            && let Some(cut) = cut_along(&set, &near, *most)
        {
            *most = most.checked_sub(cut.inside.len() + cut.outside.len())?;
            return Some(cut.outside);
        }
        near.into_iter().try_fold(vec![set], |left, near| subtract_within(left, std::slice::from_ref(near), most))
    }

    /// Its sets that meet another.
    fn near<'u>(
        &'u self,
        ordered: &'u Ordered<'s, A>,
        set: &'u PacketSet<A>,
    ) -> impl Iterator<Item = &'s PacketSet<A>> {
        let places = ordered.tree().meeting(set, 0).into_iter();
        places.filter_map(|place| self.sets.get(place as usize)).filter(|own| own.meets(set))
    }
}
