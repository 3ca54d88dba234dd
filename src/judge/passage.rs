//! A packet's passage through the machine: which base chains it meets on its route, in order, and what each sees of it.
//!
//! Prerouting sees no outgoing interface; before connection tracking every packet looks invalid; translation
//! changes the destination for whatever comes after it. A [`Region`] carries both: the packets as they are now and, for each
//! field that was changed or hidden, what it was on the wire.

use crate::model::{BaseChain, ChainKind, HookPoint};
use crate::packets::{Address, ConnectionState, IntervalSet, StateSet};

use super::Judge;
use super::family::FamilyAddress;
use super::query::{Budget, Partition, Query, Route};
use super::region::{Mark, Region};
use super::walk::Walk;

/// A base chain with its place among all.
type Numbered<'b> = (usize, &'b BaseChain);

impl<A: FamilyAddress> Judge<'_, A> {
    /// Cuts the packets of a query into pieces with one verdict and one deciding rule each.
    #[must_use]
    pub fn partition(&self, query: &Query<A>, budget: Budget) -> Partition<A> {
        let mut walk = Walk::new(self, query, budget);
        let regions = self.pass(&mut walk, query);
        for region in regions {
            walk.accept(&region);
        }
        let own_hook = query.route.own_hook();
        walk.into_partition(self.base_chains.iter().any(|base| base.hook == own_hook && base.kind == ChainKind::Filter))
    }

    /// Sends the packets of a query along their route; those that are accepted come back.
    pub(super) fn pass(&self, walk: &mut Walk<'_, '_, A>, query: &Query<A>) -> Vec<Region<A>> {
        let mut regions = vec![Region::arriving(query.wire.clone())];
        regions.retain(|region| !region.now.is_empty());
        // Of a connection that is not new, nobody knows the mark.
        if self.reads_connection_marks {
            regions = regions.into_iter().flat_map(with_connection_mark).collect();
        }
        match query.route {
            Route::Forward => {
                regions = self.prerouting(walk, regions, query.arriving.as_ref());
                let (own, onward): (Vec<_>, Vec<_>) = regions.into_iter().partition(|region| region.own);
                let onward = self.hook(walk, HookPoint::Forward, onward, true);
                regions = self.hook(walk, HookPoint::Postrouting, onward, false);
                let own = own.into_iter().map(|region| self.to_itself(region)).collect();
                regions.extend(self.hook(walk, HookPoint::Input, own, false));
            }
            Route::Input => {
                regions = self.prerouting(walk, regions, query.arriving.as_ref());
                regions = self.hook(walk, HookPoint::Input, regions, true);
            }
            Route::Output => {
                regions = self.hook(walk, HookPoint::Output, regions, true);
                regions = regions.into_iter().map(|region| self.by_loopback(region)).collect();
                regions = self.hook(walk, HookPoint::Postrouting, regions, false);
            }
        }
        regions
    }

    /// Prerouting, which sees no outgoing interface; then those that go to one of the destinations asked for.
    fn prerouting(
        &self,
        walk: &mut Walk<'_, '_, A>,
        mut regions: Vec<Region<A>>,
        arriving: Option<&IntervalSet<A>>,
    ) -> Vec<Region<A>> {
        for region in &mut regions {
            region.was.egress = Some(std::mem::replace(&mut region.now.egress, self.interfaces.none()));
        }
        regions = self.hook(walk, HookPoint::Prerouting, regions, false);
        for region in &mut regions {
            if let Some(egress) = region.was.egress.take() {
                region.now.egress = egress;
            }
        }
        match arriving {
            Some(arriving) => regions.into_iter().filter_map(|region| region.bound_for(arriving)).collect(),
            None => regions,
        }
    }

    /// The base chains of one hook, in order of priority.
    fn hook(
        &self,
        walk: &mut Walk<'_, '_, A>,
        hook: HookPoint,
        mut regions: Vec<Region<A>>,
        own: bool,
    ) -> Vec<Region<A>> {
        if regions.is_empty() || walk.reached.is_some() {
            return Vec::new();
        }
        let at_hook = self.base_chains.iter().enumerate().filter(|(_, base)| base.hook == hook);
        let (before, after): (Vec<Numbered>, Vec<Numbered>) = at_hook.partition(|(_, base)| base.before_tracking);
        let noted = |number| own.then_some(number);
        if !before.is_empty() {
            hide_state(&mut regions);
            for (number, base) in before {
                regions = walk.base_chain(base, regions, noted(number));
                if walk.reached.is_some() {
                    return Vec::new();
                }
            }
            for region in &mut regions {
                if region.now.state != StateSet::single(ConnectionState::Untracked)
                    && let Some(state) = region.was.state.take()
                {
                    region.now.state = state;
                }
            }
        }
        for (number, base) in after {
            regions = match base.kind {
                ChainKind::Filter => walk.base_chain(base, regions, noted(number)),
                ChainKind::Nat => nat_chain(walk, base, regions),
            };
            if walk.reached.is_some() {
                return Vec::new();
            }
        }
        regions
    }

    /// What was redirected to the firewall itself has no outgoing interface any more.
    fn to_itself(&self, mut region: Region<A>) -> Region<A> {
        let egress = std::mem::replace(&mut region.now.egress, self.interfaces.none());
        region.was.egress = Some(egress);
        region
    }

    /// What the firewall sent and redirected to itself leaves by the loopback interface.
    fn by_loopback(&self, mut region: Region<A>) -> Region<A> {
        if region.own
            && let Some(loopback) = self.interfaces.loopback()
        {
            let loopback = IntervalSet::single(loopback);
            region.was.egress = Some(std::mem::replace(&mut region.now.egress, loopback));
        }
        region
    }
}

/// By its state, with what is known of the connection's mark: 0 when it opens.
fn with_connection_mark<A: Address>(region: Region<A>) -> impl Iterator<Item = Region<A>> {
    let (new, others) = region.split_states(StateSet::single(ConnectionState::New));
    let new = new.map(|mut region| {
        region.marks.connection = Mark::ZERO;
        region
    });
    new.into_iter().chain(others)
}

/// Before connection tracking a packet has no state: matches find it invalid.
fn hide_state<A: Address>(regions: &mut [Region<A>]) {
    for region in regions {
        region.was.state = Some(region.now.state);
        region.now.state = StateSet::single(ConnectionState::Invalid);
    }
}

/// Only what opens a connection is looked up in nat chains, and only until one has decided.
fn nat_chain<A: FamilyAddress>(
    walk: &mut Walk<'_, '_, A>,
    base: &BaseChain,
    regions: Vec<Region<A>>,
) -> Vec<Region<A>> {
    let new = StateSet::single(ConnectionState::New);
    let destination = matches!(base.hook, HookPoint::Prerouting | HookPoint::Output);
    let (mut looked_up, mut passed) = (Vec::new(), Vec::new());
    for region in regions {
        if destination && region.translated {
            passed.push(region);
            continue;
        }
        let others = region.now.state.difference(new);
        if !others.is_empty() {
            let mut other = region.clone();
            other.now.state = others;
            passed.push(other);
        }
        let opening = region.now.state.intersection(new);
        if !opening.is_empty() {
            let mut region = region;
            region.now.state = opening;
            looked_up.push(region);
        }
    }
    if !looked_up.is_empty() {
        passed.extend(walk.base_chain(base, looked_up, None));
    }
    passed
}
