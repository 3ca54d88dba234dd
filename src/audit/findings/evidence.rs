//! The evidence of a finding: the rules on a packet's path, with their text and what they do to the packet.

use std::collections::BTreeSet;

use crate::findings::RuleEvidence;
use crate::judge::{Budget, FamilyAddress, Query, Route, Trace, Verdict};
use crate::model::{Action, BaseChain, ChainKind, Family, NamedSet, Origin, Rewrite, RuleId};
use crate::packets::{Live, PacketSet, intersect_all, live};
use crate::source::sanitise_to;

use crate::audit::case::Export;
use crate::audit::judgement::firewall::View;

/// The longest text of a rule that a finding quotes, in characters.
const LONGEST_TEXT: usize = 400;
/// How many shadowed rules a finding names.
const MOST_SHADOWED: usize = 5;
/// How many pieces may be examined to find out which rules cover a rule. Beyond that, no covering rules are named.
const COVER_BUDGET: usize = 1024;
/// How many calls of chains are followed to find shadowed rules, and how many packet sets are followed through one call.
const MOST_CALLS: usize = 500;
const MOST_LED: usize = 64;
/// How many rules that decide undecided packets a finding names.
const MOST_DOUBTFUL: usize = 5;

/// A rule with its place and text, and its effect on the packet.
pub(in crate::audit) fn quote(export: &Export, rule: RuleId, effect: &str) -> Option<RuleEvidence> {
    quote_at(export, export.rule_set.origin(rule)?, effect)
}

/// A statement with its own text.
fn quote_at(export: &Export, origin: Origin, effect: &str) -> Option<RuleEvidence> {
    let (source, line) = export.line_of(origin)?;
    let text = sanitise_to(export.text(origin).unwrap_or_default().trim(), LONGEST_TEXT).into_owned();
    Some(RuleEvidence { input: source.id.clone(), line, text, effect: effect.to_owned() })
}

/// The sets that a rule names at an end, by the lines that create them.
fn sets_named(export: &Export, rule: RuleId) -> Vec<RuleEvidence> {
    let matches = export.rule_set.rule(rule).map_or(&[][..], |rule| &rule.matches);
    let names = |set: &&NamedSet| {
        let ends = matches.iter().flat_map(|product| [&product.source, &product.destination]);
        ends.into_iter().any(|end| Family::ALL.iter().any(|family| set.is_end(end, *family)))
    };
    let sets = export.rule_set.sets.iter().filter(names);
    sets.filter_map(|set| quote_at(export, set.origin?, "is named")).collect()
}

/// The rules on a packet's path that influence its verdict; the one that decides it comes last.
pub(in crate::audit) fn on_the_path<A: FamilyAddress>(view: &View<A>, trace: &Trace) -> Vec<RuleEvidence> {
    let export = view.export;
    let mut rules = Vec::new();
    for rule in trace.path.iter().map(|step| &step.rule) {
        if trace.deciders.contains(rule) {
            continue;
        }
        let effect = match export.rule_set.rule(*rule).map(|rule| &rule.action) {
            Some(Action::Jump(_)) => "jumps",
            Some(Action::Goto(_)) => "goes to",
            Some(Action::Return) => "returns",
            Some(Action::Rewrite(Rewrite::Source(_) | Rewrite::Destination(_))) => "translates",
            Some(Action::Rewrite(Rewrite::Untrack)) => "untracks",
            Some(Action::Rewrite(Rewrite::Mark { .. })) => "marks",
            Some(Action::Accept) => "permits, here",
            _ => continue,
        };
        rules.extend(quote(export, *rule, effect));
    }
    let effect = match trace.verdict {
        Verdict::Accept => "permits",
        Verdict::Drop | Verdict::Reject => "denies",
        Verdict::Undecided(_) => "undecided",
    };
    let deciders = trace.deciders.iter().take(MOST_DOUBTFUL);
    rules.extend(deciders.clone().flat_map(|decider| sets_named(export, *decider)));
    rules.extend(deciders.filter_map(|decider| quote(export, *decider, effect)));
    rules
}

/// Rules that permit a part of a need, in the order of the export.
pub(in crate::audit) fn permitting(export: &Export, rules: &BTreeSet<RuleId>) -> Vec<RuleEvidence> {
    let mut rules: Vec<RuleId> = rules.iter().copied().collect();
    rules.sort_by_key(|rule| export.rule_set.origin(*rule));
    rules.into_iter().take(MOST_DOUBTFUL).filter_map(|rule| quote(export, rule, "permits a part")).collect()
}

/// Rules that decide undecided packets, in the order of the export. Policies and other verdicts without a rule are left out.
pub(in crate::audit) fn doubtful(export: &Export, rules: &BTreeSet<RuleId>) -> Vec<RuleEvidence> {
    let mut rules: Vec<RuleId> = rules.iter().copied().collect();
    rules.sort_by_key(|rule| export.rule_set.origin(*rule));
    rules
        .into_iter()
        .filter(|rule| export.rule_set.rule(*rule).is_some())
        .take(MOST_DOUBTFUL)
        .filter_map(|rule| quote(export, rule, "undecided"))
        .collect()
}

/// A rule that would permit some of the packets, and the earlier rules of its chain that decide all of them first.
pub(in crate::audit) struct Shadowed {
    /// The rule that comes too late.
    pub(in crate::audit) rule: RuleId,
    /// Earlier rules that together decide all of its packets; not necessarily the smallest set. Empty if another chain decides
    /// them.
    pub(in crate::audit) by: Vec<RuleId>,
}

/// Rules at the hook of a route that would permit some of these packets if no earlier rule decided them. The packets are followed
/// through the jumps that match them; the rules before a jump are ignored.
pub(in crate::audit) fn shadowed<A: FamilyAddress>(
    view: &View<A>,
    route: Route,
    packets: &[PacketSet<A>],
) -> Vec<Shadowed> {
    let set = &view.export.rule_set;
    let mut work: Vec<(usize, Vec<PacketSet<A>>)> =
        refusing_chains(view, route, packets).into_iter().map(|chain| (chain, packets.to_vec())).collect();
    let mut found = BTreeSet::new();
    let mut left = MOST_CALLS;
    while let Some((chain, packets)) = work.pop() {
        if left == 0 {
            break;
        }
        left -= 1;
        for (place, rule) in set.chains[chain].rules.iter().enumerate() {
            let id = RuleId { chain, place };
            let own = view.judge.sets_of(id);
            match rule.action {
                Action::Jump(callee) | Action::Goto(callee) => {
                    let through = intersect_all(&packets, own);
                    if !through.is_empty() && through.len() <= MOST_LED {
                        work.push((callee, through));
                    }
                }
                Action::Accept if own.iter().any(|own| packets.iter().any(|wanted| own.meets(wanted))) => {
                    found.insert(id);
                }
                _ => {}
            }
        }
    }
    let mut found: Vec<RuleId> = found.into_iter().collect();
    found.sort_by_key(|id| set.origin(*id));
    found.truncate(MOST_SHADOWED);
    found.into_iter().map(|rule| Shadowed { rule, by: covering(view, rule, packets) }).collect()
}

/// The filter chains at the hook of a route that, judged alone, do not accept all of these packets. If there is none, all filter
/// chains at that hook except those that accept everything.
fn refusing_chains<A: FamilyAddress>(view: &View<A>, route: Route, packets: &[PacketSet<A>]) -> Vec<usize> {
    let hook = route.own_hook();
    let bases = view.judge.base_chains().iter().enumerate();
    let filters = bases.filter(|(_, base)| base.hook == hook && base.kind == ChainKind::Filter);
    let filters: Vec<&BaseChain> =
        filters.filter(|(number, _)| !view.judge.is_neutral(*number)).map(|(_, base)| base).collect();
    let chains = |bases: &[&BaseChain]| bases.iter().map(|base| base.chain).collect();
    if filters.len() < 2 {
        return chains(&filters);
    }
    let refuses = |base: &&&BaseChain| {
        let alone = view.judge.entered_at(vec![(**base).clone()]);
        packets.iter().any(|set| {
            let query = Query::new(route, set.clone());
            let partition = alone.partition(&query, Budget::default());
            partition.pieces.iter().any(|piece| piece.verdict != Verdict::Accept)
        })
    };
    let refusing: Vec<&BaseChain> = filters.iter().filter(refuses).copied().collect();
    chains(if refusing.is_empty() { &filters } else { &refusing })
}

/// The earlier rules of the same chain that together decide every packet that the rule would permit.
fn covering<A: FamilyAddress>(view: &View<A>, rule: RuleId, packets: &[PacketSet<A>]) -> Vec<RuleId> {
    let set = &view.export.rule_set;
    let mut earlier = Vec::new();
    let mut whose = Vec::new();
    for place in 0..rule.place {
        let id = RuleId { chain: rule.chain, place };
        if set.rule(id).is_some_and(|rule| rule.action == Action::Continue) {
            continue;
        }
        earlier.extend_from_slice(view.judge.sets_of(id));
        whose.resize(earlier.len(), id);
    }
    let mut covering = Vec::new();
    for wanted in intersect_all(view.judge.sets_of(rule), packets) {
        match live(&wanted, &earlier, COVER_BUDGET) {
            Live::Covered(by) => covering.extend(by.into_iter().map(|index| whose[index])),
            Live::Witness(_) | Live::Undecided => return Vec::new(),
        }
    }
    covering.sort_unstable();
    covering.dedup();
    covering
}
