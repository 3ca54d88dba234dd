//! How to mend a need that is not, or not wholly, permitted: accepts for what is refused, where they take effect, proved by judging
//! the rules with them.

use crate::deployment::needs::{Demand, Need};
use crate::findings::Remediation;
use crate::judge::{Judge, Side};
use crate::model::{Action, Match, RuleId};
use crate::packets::{Packet, PacketSet};

use crate::audit::boxes;
use crate::audit::required::{Judgement, Standing};

use super::change::{NewRule, Splice, Within, changed};
use super::difference::{Difference, difference, routes_to};
use super::shape::{self, Width};
use super::spot::{self, spot};
use super::way::{self, Place};
use super::{Mending, wording};

/// Refused packets whose way is followed.
const MOST_WITNESSES: usize = 12;

/// A mend of a need.
pub(super) fn remedy<A: Side>(
    mending: &Mending<A>,
    need: &Need,
    demand: &Demand,
    judgement: &Judgement<A>,
    misplaced: &[RuleId],
) -> Option<Remediation> {
    let witnesses = refused(mending, judgement);
    let places = way::places(mending.view, &witnesses, &mending.permitters(demand.from, demand.to));
    let mut beyond = None;
    for width in Width::ALL {
        let Some(rules) = shape::of(mending, demand, &judgement.gap, width) else { continue };
        for at in &places {
            let attempt = Attempt { mending, need, demand, rules: &rules, at: *at };
            let Some((remediation, opens_nothing)) = attempt.proved(misplaced) else { continue };
            if opens_nothing {
                return Some(remediation);
            }
            beyond = beyond.or(Some(remediation));
        }
    }
    beyond
}

/// Packets of the gap, those of the largest parts first, as they are on the wire.
fn refused<A: Side>(mending: &Mending<A>, judgement: &Judgement<A>) -> Vec<Packet<A>> {
    let mut gap: Vec<&PacketSet<A>> = judgement.gap.iter().collect();
    gap.sort_by_key(|set| std::cmp::Reverse(set.source.count().saturating_mul(set.destination.count())));
    let witness = |set: &PacketSet<A>| boxes::witness(mending.view, std::slice::from_ref(set), &judgement.wire);
    gap.into_iter().take(MOST_WITNESSES).filter_map(|set| Some(witness(set)?.1)).collect()
}

/// Accepts at a place.
struct Attempt<'t, 'm, 'a, A: Side> {
    mending: &'t Mending<'m, 'a, A>,
    need: &'t Need,
    demand: &'t Demand,
    rules: &'t [Match],
    at: Place,
}

impl<A: Side> Attempt<'_, '_, '_, A> {
    /// The remediation, and whether it opens nothing beyond the need, if judging the changed rules shows that it mends.
    fn proved(&self, misplaced: &[RuleId]) -> Option<(Remediation, bool)> {
        let view = self.mending.view;
        let export = view.export;
        let spot = spot(export, self.at.chain, self.at.place)?;
        let comment = format!("{} {}", self.need.definition.id, self.need.node);
        let lines = self.mending.lines(self.at.chain, self.rules, &Action::Accept, &comment)?;
        let inserted = self.rules.iter().map(|matching| NewRule { matching: matching.clone(), action: Action::Accept });
        let insert = Splice { chain: self.at.chain, place: self.at.place, removed: 0, inserted: inserted.collect() };
        let opened = self.opened(std::slice::from_ref(&insert))?;
        let rows: Vec<_> = self.mending.beyond(&opened);
        let mut remediation = Remediation {
            dialect: self.mending.dialect.name().to_owned(),
            snippet: lines.join("\n"),
            r#where: spot.words(),
            also_opens: wording::opens(&rows),
            undo: wording::take_out(&lines),
        };
        if let Some(removal) = self.mending.removable(misplaced, &insert) {
            let named: Vec<String> = removal.rules.iter().filter_map(|rule| spot::named(export, *rule)).collect();
            remediation.r#where.push_str(&wording::remove_misplaced(&named));
            remediation.undo.push_str(&wording::put_back(export, &removal.texts));
        }
        Some((remediation, rows.is_empty()))
    }

    /// What gets through with the change and did not before, where the need is satisfied with it and nothing is closed.
    fn opened(&self, change: &[Splice]) -> Option<Vec<PacketSet<A>>> {
        let view = self.mending.view;
        let interfaces = view.judge.interfaces();
        let packets: Vec<PacketSet<A>> = self.rules.iter().filter_map(|rule| view.judge.packets_of(rule)).collect();
        let called_for = self.demand.must.iter().flat_map(|alternative| &alternative.packets);
        let any = interfaces.any();
        let called_for = called_for
            .map(|matching| crate::audit::firewall::View::packets(&view.as_named(self.demand, matching), &any, &any));
        let concerned: Vec<PacketSet<A>> = packets.iter().cloned().chain(called_for).collect();
        self.mending.spend()?;
        let rule_set = changed(&view.judge, &Within::of(view, &concerned), change);
        let after = view.judging(Judge::new(&rule_set, interfaces));
        if self.mending.standing(&after, self.need, self.demand) != Some(Standing::Satisfied) {
            return None;
        }
        let Difference { opened, closed, still: _ } =
            difference(view, &after, &packets, &routes_to(view.judge.rule_set(), self.at.chain))?;
        closed.is_empty().then_some(opened)
    }
}
