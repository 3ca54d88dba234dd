//! One table of a dump while it is read: its chains, what stands in them, and what is in doubt.
//!
//! A line that could not be read may have been a rule of any chain. Instead of appending a doubt to each chain at once, the
//! block remembers the line, and a chain takes it in before its next rule, or at its end.

use rustc_hash::FxHashMap;

use crate::model::{Action, Family, Match, Origin, Policy, Rule, RuleSet};
use crate::packets::truth;

use super::addresses::FamiliesNamed;
use super::builtin::{Builtin, builtin, builtin_chains, is_table};
use super::context::quoted;
use super::order::{Position, ordered};
use super::place::Place;

/// The most rules that the rules with several addresses of one chain are taken apart into.
const MOST_TAKEN_APART: usize = 100_000;

/// A chain while it is read.
#[derive(Clone)]
pub struct DraftChain {
    /// Its name.
    pub name: String,
    /// Where it is declared, or first named.
    pub origin: Place,
    /// Whether it is declared, built in, or has rules; else it is only jumped to.
    pub exists: bool,
    /// Its policy, where one is given.
    pub policy: Option<Policy>,
    /// Whether an earlier table of this name gave it the policy DROP, and this one gives it none.
    keeps_drop: bool,
    /// Rules with the position each was given.
    entries: Vec<(Position, Rule)>,
    /// How many rules of IPv4 and of IPv6 it has, as iptables counts them.
    counts: (usize, usize),
    /// The last unreadable line that was taken in.
    doubted: Option<Place>,
    /// The first line that puts a rule at a place counted from the front.
    numbered: Option<Place>,
    /// A line that puts the whole chain in doubt.
    whole: Option<Place>,
    /// A policy line that could not be read.
    policy_doubt: Option<Place>,
}

/// A table of a dump.
#[derive(Clone)]
pub struct Block {
    /// Its name.
    pub table: String,
    /// Where it begins.
    pub origin: Place,
    /// The family that the dump's header names.
    pub header: Option<Family>,
    /// Which dump of its input it belongs to.
    pub dump: usize,
    /// Addresses in its rules.
    pub families_named: FamiliesNamed,
    /// Spellings in its rules that only one family has.
    pub spellings: FamiliesNamed,
    /// The family of rules marked `-4` or `-6`, by their origin: each loader leaves out the other family's.
    pub selected: FxHashMap<Origin, Family>,
    /// Its chains; a rule's jump is by the index here.
    pub chains: Vec<DraftChain>,
    by_name: FxHashMap<String, usize>,
    /// The last line that could not be read.
    unread: Option<Place>,
    /// A line that did something to an unknown chain, other than to append a rule.
    whole: Option<Place>,
}

impl Block {
    /// An empty table.
    pub fn new(table: &str, origin: Place, header: Option<Family>, dump: usize) -> Self {
        Self {
            table: table.to_owned(),
            origin,
            header,
            dump,
            families_named: FamiliesNamed::default(),
            spellings: FamiliesNamed::default(),
            selected: FxHashMap::default(),
            chains: Vec::new(),
            by_name: FxHashMap::default(),
            unread: None,
            whole: None,
        }
    }

    /// The built-in chains whose policy is DROP, or may be.
    pub fn dropping(&self) -> Vec<String> {
        let drops = |chain: &&DraftChain| {
            self.builtin(&chain.name).is_some() && (chain.policy == Some(Policy::Drop) || chain.keeps_drop)
        };
        self.chains.iter().filter(drops).map(|chain| chain.name.clone()).collect()
    }

    /// Takes in that the table which this one replaces gave a chain the policy DROP. Where this one gives it none,
    /// iptables-legacy-restore leaves the policy as it was and iptables-nft-restore makes it ACCEPT (both seen with 1.8.9).
    pub fn keep_drop(&mut self, rule_set: &mut RuleSet, name: &str) {
        let origin = self.origin;
        let chain = self.declare(name, origin);
        if chain.policy.is_some() || chain.keeps_drop {
            return;
        }
        chain.keeps_drop = true;
        let text = "the policy DROP of the table before is kept, as iptables-legacy-restore does";
        let condition = rule_set.condition(text, false);
        let matches = vec![Match { conditions: vec![(condition, truth(true))], ..Match::any() }];
        chain.entries.push((
            Position::End,
            Rule { origin: Some(origin.origin), matches, action: Action::Drop, comment: None, pairs: None },
        ));
    }

    /// Where a chain of this name is entered, if it is built in.
    pub fn builtin(&self, name: &str) -> Option<Builtin> {
        builtin(&self.table, name)
    }

    /// The chain of this name, if it exists.
    pub fn existing(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().filter(|index| self.chains.get(*index).is_some_and(|chain| chain.exists))
    }

    /// The index of a name, as something that is jumped to.
    pub fn named(&mut self, name: &str, origin: Place) -> usize {
        if let Some(index) = self.by_name.get(name) {
            return *index;
        }
        let index = self.chains.len();
        self.by_name.insert(name.to_owned(), index);
        self.chains.push(DraftChain {
            name: name.to_owned(),
            origin,
            exists: false,
            policy: None,
            keeps_drop: false,
            entries: Vec::new(),
            counts: (0, 0),
            doubted: self.unread,
            numbered: None,
            whole: None,
            // What could not be read may have been its policy.
            policy_doubt: self.unread.filter(|_| self.builtin(name).is_some()),
        });
        index
    }

    /// The chain of this name, made to exist.
    pub fn declare(&mut self, name: &str, origin: Place) -> &mut DraftChain {
        let index = self.named(name, origin);
        let chain = &mut self.chains[index];
        if !chain.exists {
            chain.exists = true;
            chain.origin = origin;
        }
        chain
    }

    /// A line that could not be read: a doubt in every chain that exists by now.
    pub fn unreadable(&mut self, origin: Place) {
        self.unread = Some(origin);
    }

    /// A line that did something to an unknown chain, other than to append a rule: everything here is in doubt.
    pub fn doubt_whole(&mut self, origin: Place) {
        self.whole = self.whole.or(Some(origin));
    }

    /// Whether no rule stands here yet.
    pub fn is_empty(&self) -> bool {
        self.chains.iter().all(|chain| chain.entries.is_empty())
    }

    /// Turns jumps to chains that do not exist into unknown actions; gives the line and target of each.
    pub fn unknown_targets(&mut self) -> Vec<(Origin, String)> {
        let missing: Vec<Option<String>> =
            self.chains.iter().map(|chain| (!chain.exists).then(|| chain.name.clone())).collect();
        let mut found: Vec<(Origin, String)> = Vec::new();
        for (_, rule) in self.chains.iter_mut().flat_map(|chain| &mut chain.entries) {
            if let Action::Jump(index) | Action::Goto(index) = rule.action
                && let Some(Some(name)) = missing.get(index)
            {
                found.extend(rule.origin.map(|origin| (origin, name.clone())));
                rule.action = Action::Unknown(format!("unknown target {}", quoted(name)));
            }
        }
        found
    }

    /// Whether a chain has a place with this index, from 0, the one behind its last rule included: iptables refuses to put a rule in
    /// at any other. `family` is the one that the rule says it is of; where nothing says it, the chain of either will do. What could
    /// not be read may have been rules.
    pub fn has_place(&self, name: &str, index: usize, family: Option<Family>) -> bool {
        let chain = self.by_name.get(name).and_then(|number| self.chains.get(*number));
        let in_doubt = self.unread.or(self.whole).or(chain.and_then(|chain| chain.whole)).is_some();
        let (ipv4, ipv6) = chain.map_or((0, 0), |chain| chain.counts);
        let count = match family.or(self.header) {
            Some(Family::Ipv4) => ipv4,
            Some(Family::Ipv6) => ipv6,
            None => ipv4.max(ipv6),
        };
        in_doubt || index <= count
    }

    /// Puts a rule into a chain.
    pub fn put(&mut self, rule_set: &mut RuleSet, name: &str, position: Position, (place, rule): (Place, Rule)) {
        let unread = self.unread;
        let of = self.selected.get(&place.origin).copied();
        let chain = self.declare(name, place);
        chain.take_in(rule_set, unread);
        let more = |family| if of.is_none_or(|of| of == family) { rule.count() } else { 0 };
        chain.counts = (chain.counts.0 + more(Family::Ipv4), chain.counts.1 + more(Family::Ipv6));
        if matches!(position, Position::At(index) if index > 0) {
            chain.numbered = chain.numbered.or(Some(place));
            if chain.doubted.is_some() {
                // The unreadable line decides which place that is.
                chain.whole = chain.whole.or(Some(place));
            }
        }
        chain.entries.push((position, rule));
    }

    /// Finishes the chains: doubts at their ends, rules in order. `cut` is where the input ended inside the table.
    pub fn finish(&mut self, rule_set: &mut RuleSet, cut: Option<Place>) {
        if let Some(origin) = cut.or(self.unread) {
            for name in builtin_chains(&self.table).collect::<Vec<_>>() {
                if self.existing(name).is_none() {
                    self.declare(name, origin).policy_doubt = self.unread.filter(|_| cut.is_none());
                }
            }
        }
        let (unread, whole) = (self.unread, self.whole);
        let strange = (!is_table(&self.table)).then_some(self.origin);
        for chain in self.chains.iter_mut().filter(|chain| chain.exists) {
            chain.take_in(rule_set, unread);
            chain.count_as_the_device();
            for (origin, what) in
                [(cut, "the input ends inside its table"), (chain.policy_doubt, "its policy could not be read")]
            {
                if let Some(origin) = origin {
                    chain
                        .entries
                        .push((Position::End, doubt(rule_set, origin, format!("line {}: {what}", origin.line))));
                }
            }
            let front =
                [(chain.whole.or(whole), "what it does to the chain could not be read"), (strange, "an unknown table")];
            for (origin, what) in front {
                if let Some(origin) = origin {
                    chain
                        .entries
                        .push((Position::At(0), doubt(rule_set, origin, format!("line {}: {what}", origin.line))));
                }
            }
        }
    }
}

impl DraftChain {
    /// Takes in the block's last unreadable line, unless it has it.
    fn take_in(&mut self, rule_set: &mut RuleSet, unread: Option<Place>) {
        if let Some(origin) = unread.filter(|_| self.doubted != unread) {
            self.doubted = unread;
            let rule = doubt(rule_set, origin, format!("line {} could not be read", origin.line));
            self.entries.push((Position::End, rule));
        }
    }

    /// Takes rules with several addresses apart where another rule was put in by number: the number counts what iptables makes
    /// of them.
    fn count_as_the_device(&mut self) {
        let Some(numbered) = self.numbered else { return };
        let more: usize = self.entries.iter().map(|(_, rule)| rule.count() - 1).sum();
        if more == 0 {
            return;
        }
        if more > MOST_TAKEN_APART {
            self.whole = self.whole.or(Some(numbered));
            return;
        }
        let entries = std::mem::take(&mut self.entries).into_iter();
        self.entries = entries
            .flat_map(|(position, rule)| rule.into_single().into_iter().map(move |rule| (position, rule)))
            .collect();
    }

    /// Notes that the policy could not be read.
    pub fn doubt_policy(&mut self, origin: Place) {
        self.policy_doubt = Some(origin);
    }

    /// A policy that was read: what was in doubt before no longer is.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = Some(policy);
        self.policy_doubt = None;
    }

    /// Notes that a line did something to this chain that was not understood.
    pub fn doubt_whole(&mut self, origin: Place) {
        self.whole = self.whole.or(Some(origin));
    }

    /// Takes all rules out.
    pub fn flush(&mut self) {
        self.entries.clear();
        self.counts = (0, 0);
        self.whole = None;
    }

    /// Its rules in order, of those that are kept.
    pub fn into_rules(mut self, keep: impl Fn(&Rule) -> bool) -> Vec<Rule> {
        self.entries.retain(|(_, rule)| keep(rule));
        ordered(self.entries)
    }
}

/// A rule that represents something unreadable: whether it matches and what it does are unknown.
fn doubt(rule_set: &mut RuleSet, origin: Place, why: String) -> Rule {
    let condition = rule_set.condition(&why, true);
    Rule {
        origin: Some(origin.origin),
        matches: vec![Match { conditions: vec![(condition, truth(true))], ..Match::any() }],
        action: Action::Unknown(why),
        comment: None,
        pairs: None,
    }
}
