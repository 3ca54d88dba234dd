//! What the lowering of one rule needs of its surroundings: conditions by number, what other rules edit, and where to put
//! what was not understood.

use rustc_hash::FxHashSet;

use crate::model::{ConditionKind, Family, Match, RuleSet, Test};
use crate::packets::{Conditions, IntervalSet, Values, truth};

use super::addresses::FamiliesNamed;
use super::companions::Companions;
use super::statement::{Given, Module};
use super::volatility::Volatility;

/// The most alternatives that one rule is taken apart into.
const MOST_ALTERNATIVES: usize = 256;

/// The most pairs of alternatives that are looked at for that.
const MOST_PAIRS: usize = 16_384;

/// What targets anywhere in the inputs change, so that a later match may see another thing than an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    /// Names of targets that edit headers.
    pub targets: FxHashSet<String>,
    /// Sets to which rules add, or from which they delete.
    sets: FxHashSet<String>,
}

/// Targets that edit what a match could look at.
const EDITING: &[&str] = &["TOS", "DSCP", "TTL", "HL", "ECN", "TCPMSS", "TCPOPTSTRIP"];

impl Edits {
    /// Whether rules add to this set, or delete from it.
    pub fn has_set(&self, name: &str) -> bool {
        self.sets.contains(name)
    }

    /// Takes note of what a line's target edits. Text in quotes counts too: one edit more makes nothing wrong.
    pub fn see(&mut self, line: &str) {
        for (at, flag) in line.match_indices("-j ").chain(line.match_indices("--jump ")) {
            let target =
                line.get(at + flag.len()..).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
            if EDITING.contains(&target) {
                self.targets.insert(target.to_owned());
            }
        }
        for (at, flag) in line.match_indices("--add-set ").chain(line.match_indices("--del-set ")) {
            if let Some(set) = line.get(at + flag.len()..).and_then(|rest| rest.split_whitespace().next()) {
                self.sets.insert(set.trim_matches('"').to_owned());
            }
        }
    }
}

/// Something in a rule that was not understood.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What and why.
    pub reason: String,
    /// Whether the rule says so by itself, by a condition or an unknown action; else it needs a condition yet.
    pub covered: bool,
}

/// Where a rule is lowered.
pub struct Context<'a> {
    /// The rule set, for its conditions.
    pub rule_set: &'a mut RuleSet,
    /// The table's name.
    pub table: &'a str,
    /// The family that the dump's header names.
    pub header: Option<Family>,
    /// The sets that companions list.
    pub companions: &'a mut Companions,
    /// What rules edit.
    pub edits: &'a Edits,
    /// Addresses heard so far in this table.
    pub families_named: &'a mut FamiliesNamed,
    /// Spellings heard so far in this table that only one family has.
    pub spellings: &'a mut FamiliesNamed,
    /// How many pieces rules may yet be taken apart into, intervals of masks with holes among them.
    pub budget: &'a mut usize,
    /// What was not understood in this rule.
    pub problems: Vec<Problem>,
    /// The rule's comment.
    pub comment: Option<String>,
}

impl Context<'_> {
    /// Notes what was not understood and what nothing stands for yet.
    pub fn doubt(&mut self, reason: String) {
        self.problems.push(Problem { reason, covered: false });
    }

    /// Notes what the ledger is to say, the rule being lowered all the same.
    pub fn remark(&mut self, reason: String) {
        self.problems.push(Problem { reason, covered: true });
    }

    /// The packets for which a condition is so.
    pub fn when(&mut self, text: &str, value: bool, volatile: bool) -> Match {
        Match { conditions: vec![(self.rule_set.condition(text, volatile), truth(value))], ..Match::any() }
    }

    /// The packets of which a field has one of these values.
    pub fn field(&mut self, text: &str, kind: ConditionKind, volatile: bool, values: &Values) -> Match {
        let id = self.rule_set.field(text, kind, volatile);
        Match { conditions: vec![(id, values.clone())], ..Match::any() }
    }

    /// The condition that a whole extension with its options makes. One negated option alone is the other side of the
    /// condition without the negation.
    pub fn extension(&mut self, module: &Module<'_>, volatility: Volatility) -> Match {
        let volatile = self.is_volatile(module, volatility);
        let (text, value) = match module.options.as_slice() {
            [only] => (words_of(module.name, [only], false), !only.negated),
            options => {
                // `--invert` is rpfilter's own way to say so.
                let inverted = |given: &Given<'_>| module.name == "rpfilter" && given.name == "invert";
                let value = !options.iter().any(inverted);
                (words_of(module.name, options.iter().filter(|given| !inverted(given)), true), value)
            }
        };
        let (text, value) =
            if text == "-m rpfilter --invert" { ("-m rpfilter".to_owned(), false) } else { (text, value) };
        if module.name == "rpfilter" {
            return self.field(&text, ConditionKind::ReversePath, volatile, &truth(value));
        }
        self.when(&text, value, volatile)
    }

    /// Whether an extension's condition may differ at each evaluation.
    fn is_volatile(&self, module: &Module<'_>, volatility: Volatility) -> bool {
        match volatility {
            Volatility::Fixed => false,
            Volatility::Volatile => true,
            Volatility::EditedBy(targets) => targets.iter().any(|target| self.edits.targets.contains(*target)),
            Volatility::Header => {
                let counts = ["packets", "bytes", "update"];
                self.moves()
                    || module.options.iter().any(|given| {
                        (given.name.ends_with("set") && self.edits.sets.contains(given.value()))
                            || counts.iter().any(|count| given.name.starts_with(count))
                    })
            }
        }
    }

    /// Whether the same packet can meet rules of this table at several hooks, before and after its addresses are translated
    /// and its way is known, or meets them before while other tables see it after.
    pub fn moves(&self) -> bool {
        !matches!(self.table, "filter" | "security")
    }
}

/// An extension with options in the spelling of iptables-save.
pub fn words_of<'g, 'w: 'g>(
    name: &str,
    options: impl IntoIterator<Item = &'g Given<'w>>,
    with_negation: bool,
) -> String {
    let mut text = format!("-m {name}");
    for given in options {
        if with_negation && given.negated {
            text.push_str(" !");
        }
        text.push_str(" --");
        text.push_str(given.name);
        for value in &given.values {
            text.push(' ');
            text.push_str(&quoted(value));
        }
    }
    text
}

/// A value as iptables-save quotes it.
pub fn quoted(value: &str) -> String {
    if value.is_empty()
        || value.contains(|character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '\\'))
    {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        value.to_owned()
    }
}

/// What is in one of the first and in one of the second; `None` where that is more than a rule may be taken apart into.
pub fn both(one: &[Match], other: &[Match]) -> Option<Vec<Match>> {
    // One with many comes to no more than the many are.
    let paired = one.len() > 1 && other.len() > 1;
    if paired && one.len().saturating_mul(other.len()) > MOST_PAIRS {
        return None;
    }
    let most = if paired { MOST_ALTERNATIVES } else { usize::MAX - 1 };
    let joined = one.iter().flat_map(|a| other.iter().map(move |b| a.intersection(b)));
    // Most pairs of two sets' pieces have nothing in common.
    let found: Vec<Match> = joined.filter(|product| !is_empty(product)).take(most + 1).collect();
    (found.len() <= most).then_some(found)
}

/// Whether no packet of either family is in a product.
pub fn is_empty(product: &Match) -> bool {
    let (source, destination) = (&product.source, &product.destination);
    (source.ipv4.is_empty() || destination.ipv4.is_empty()) && (source.ipv6.is_empty() || destination.ipv6.is_empty())
        || product.protocol.is_empty()
        || product.source_port.is_empty()
        || product.destination_port.is_empty()
        || product.state.is_empty()
        || product.tcp_flags.is_empty()
        || Conditions::all_of(&product.conditions).is_none()
        || product.tests.iter().any(|test| match test {
            // Nowhere is a packet both at a hook and not.
            Test::At { hook, there } => product.tests.contains(&Test::At { hook: *hook, there: !there }),
            _ => false,
        })
}

/// Only this protocol.
pub fn of_protocol(protocol: u8) -> Match {
    Match { protocol: IntervalSet::single(protocol), ..Match::any() }
}
