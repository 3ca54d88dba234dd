//! Where rules are put into an export, by its lines: a place in a chain is a line to stand before or behind.

use crate::audit::case::Export;
use crate::model::{ChainId, Origin, RuleId};
use crate::source::sanitise_to;

/// The longest text of a rule that a place is told by, in characters.
const LONGEST_TEXT: usize = 200;

/// A place between two lines of an export.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    /// The input's id.
    pub(super) input: String,
    pub(super) line: u32,
    /// Behind that line; else before it.
    pub(super) behind: bool,
    /// What stands there, for people.
    pub(super) told: String,
}

impl Spot {
    /// `Insert before line 12 of fw-ext …`
    pub(super) fn words(&self) -> String {
        let side = if self.behind { "after" } else { "before" };
        format!("Insert {side} line {} of {}, {}", self.line, self.input, self.told)
    }
}

/// The place before a rule of a chain, or behind its last. None where the lines do not stand in the order of the rules, or where
/// one line makes both the rule before and the rule behind.
pub(super) fn spot(export: &Export, chain: ChainId, place: usize) -> Option<Spot> {
    let set = &export.rule_set;
    let rules = &set.chains.get(chain)?.rules;
    if !in_order(rules.iter().map(|rule| rule.origin)) {
        return None;
    }
    let name = chain_name(export, chain)?;
    let number = |place: usize| numbered(export, chain, place);
    if let Some(rule) = rules.get(place) {
        if place > 0 && rules[place - 1].origin == rule.origin {
            return None;
        }
        let told = format!("{}: {}", number(place), text(export, rule.origin)?);
        return Some(Spot { input: input(export, rule.origin)?, line: rule.origin.line, behind: false, told });
    }
    if let Some(last) = rules.last() {
        let told = format!("the last rule of {name}: {}", text(export, last.origin)?);
        return Some(Spot { input: input(export, last.origin)?, line: last.origin.line, behind: true, told });
    }
    // All chains of a table are declared before its first rule.
    let own = set.chains.get(chain)?;
    let declared = own.origin?;
    let beside = set.chains.iter().filter(|other| other.table == own.table && other.families == own.families);
    let last = beside.filter_map(|other| other.origin).filter(|origin| origin.input == declared.input).max()?;
    let told = format!("the last declaration of a chain of the table; {name} has no rule yet");
    Some(Spot { input: input(export, last)?, line: last.line, behind: true, told })
}

/// The rules that stand on the line of this one: first place and how many. None where others of the chain stand between.
pub(super) fn line_of(export: &Export, rule: RuleId) -> Option<(usize, usize)> {
    let rules = &export.rule_set.chains.get(rule.chain)?.rules;
    let origin = rules.get(rule.place)?.origin;
    if !in_order(rules.iter().map(|rule| rule.origin)) {
        return None;
    }
    let elsewhere = |other: &crate::model::Chain| other.rules.iter().any(|rule| rule.origin == origin);
    let chains = &export.rule_set.chains;
    if chains.iter().enumerate().any(|(number, other)| number != rule.chain && elsewhere(other)) {
        return None;
    }
    let first = rules.iter().position(|rule| rule.origin == origin)?;
    let count = rules[first..].iter().take_while(|rule| rule.origin == origin).count();
    Some((first, count))
}

/// `line 12 of fw-ext, rule 3 of chain FORWARD: -A FORWARD …`
pub(super) fn named(export: &Export, rule: RuleId) -> Option<String> {
    let origin = export.rule_set.rule(rule)?.origin;
    let number = numbered(export, rule.chain, rule.place);
    Some(format!("line {} of {}, {number}: {}", origin.line, input(export, origin)?, text(export, origin)?))
}

fn numbered(export: &Export, chain: ChainId, place: usize) -> String {
    format!("rule {} of {}", place + 1, chain_name(export, chain).unwrap_or_default())
}

fn chain_name(export: &Export, chain: ChainId) -> Option<String> {
    let chain = export.rule_set.chains.get(chain)?;
    Some(format!("chain {}", sanitise_to(&chain.name, LONGEST_TEXT)))
}

fn in_order(mut origins: impl Iterator<Item = Origin>) -> bool {
    let Some(mut last) = origins.next() else { return true };
    origins.all(|origin| {
        let follows = origin.input == last.input && origin.line >= last.line;
        last = origin;
        follows
    })
}

fn input(export: &Export, origin: Origin) -> Option<String> {
    export.sources.get(origin.input).map(|source| source.id.clone())
}

/// A line's text as it is shown.
pub(super) fn text(export: &Export, origin: Origin) -> Option<String> {
    let line = export.sources.get(origin.input)?.line(origin.line)?;
    Some(sanitise_to(line, LONGEST_TEXT).into_owned())
}

/// A line's text as it is, where it can be shown as it is.
pub(super) fn verbatim(export: &Export, origin: Origin) -> Option<String> {
    let line = export.sources.get(origin.input)?.line(origin.line)?.trim_end();
    (crate::source::sanitise(line) == line).then(|| line.to_owned())
}
