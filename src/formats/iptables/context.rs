//! The context in which one rule is lowered: numbers of conditions, the edits that other rules make, and the list of problems
//! that were not understood.

use rustc_hash::FxHashSet;

use crate::model::{ConditionKind, Family, Match, RuleSet, Test};
use crate::packets::{Conditions, IntervalSet, Values, truth};

use super::addresses::FamiliesNamed;
use super::companions::Companions;
use super::statement::{Given, Module};
use super::volatility::Volatility;

/// The most alternatives that one rule may be split into.
const MOST_ALTERNATIVES: usize = 256;

/// The most pairs of alternatives that are examined for that.
const MOST_PAIRS: usize = 16_384;

/// The packet fields and sets that targets anywhere in the inputs change, so that a later match may see other values than an
/// earlier one.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    /// Names of targets that edit headers.
    pub targets: FxHashSet<String>,
    /// Sets to which rules add, or from which they delete.
    sets: FxHashSet<String>,
}

/// Targets that edit fields that matches compare.
const EDITING: &[&str] = &["TOS", "DSCP", "TTL", "HL", "ECN", "TCPMSS", "TCPOPTSTRIP"];

impl Edits {
    /// Whether rules add to this set, or delete from it.
    pub fn has_set(&self, name: &str) -> bool {
        self.sets.contains(name)
    }

    /// Records what a line's target edits. Text in quotes counts too, since an additional edit does no harm.
    pub fn note(&mut self, line: &str) {
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
    /// What was not understood, and why.
    pub reason: String,
    /// Whether the rule already has a condition or an unknown action for it. If not, a condition has to be added.
    pub covered: bool,
}

/// The context in which a rule is lowered.
pub struct Context<'a> {
    /// The rule set, for its conditions.
    pub rule_set: &'a mut RuleSet,
    /// The table's name.
    pub table: &'a str,
    /// The family that the dump's header names.
    pub header: Option<Family>,
    /// The sets that companions list.
    pub companions: &'a mut Companions,
    /// The edits that rules make.
    pub edits: &'a Edits,
    /// The families of the addresses so far in this table.
    pub families_named: &'a mut FamiliesNamed,
    /// The families of spellings so far in this table that only one family has.
    pub spellings: &'a mut FamiliesNamed,
    /// Into how many more pieces rules may be split. Intervals of masks with holes count as pieces.
    pub budget: &'a mut usize,
    /// What was not understood in this rule.
    pub problems: Vec<Problem>,
    /// The rule's comment.
    pub comment: Option<String>,
}

impl Context<'_> {
    /// Records what was not understood and is not yet represented by a condition or an unknown action.
    pub fn doubt(&mut self, reason: String) {
        self.problems.push(Problem { reason, covered: false });
    }

    /// Records a remark for the ledger. The rule itself is fully represented.
    pub fn remark(&mut self, reason: String) {
        self.problems.push(Problem { reason, covered: true });
    }

    /// The packets for which a condition is true, or false.
    pub fn when(&mut self, text: &str, value: bool, volatile: bool) -> Match {
        Match { conditions: vec![(self.rule_set.condition(text, volatile), truth(value))], ..Match::any() }
    }

    /// The packets with one of these values in a field.
    pub fn field(&mut self, text: &str, kind: ConditionKind, volatile: bool, values: &Values) -> Match {
        let id = self.rule_set.field(text, kind, volatile);
        Match { conditions: vec![(id, values.clone())], ..Match::any() }
    }

    /// The condition for an extension with all of its options. A single negated option uses the condition without the negation,
    /// with the opposite value.
    pub fn extension(&mut self, module: &Module<'_>, volatility: Volatility) -> Match {
        let volatile = self.is_volatile(module, volatility);
        let (text, value) = match module.options.as_slice() {
            [only] => (words_of(module.name, [only], false), !only.negated),
            options => {
                // rpfilter is negated with `--invert`.
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

    /// Whether an extension's condition may have another value at each evaluation.
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

    /// Whether a packet can meet rules of this table at several hooks, before and after translation and routing, or meets them
    /// only before these while other tables see it afterwards.
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

/// The packets in one of the first alternatives and one of the second; `None` if that is more than a rule may be split into.
pub fn both(one: &[Match], other: &[Match]) -> Option<Vec<Match>> {
    // One alternative combined with many gives at most as many.
    let paired = one.len() > 1 && other.len() > 1;
    if paired && one.len().saturating_mul(other.len()) > MOST_PAIRS {
        return None;
    }
    let most = if paired { MOST_ALTERNATIVES } else { usize::MAX - 1 };
    let joined = one.iter().flat_map(|a| other.iter().map(move |b| a.intersection(b)));
    // Most pairs of pieces of two sets are disjoint.
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
            // A packet cannot both be at a hook and not be there.
            Test::At { hook, there } => product.tests.contains(&Test::At { hook: *hook, there: !there }),
            _ => false,
        })
}

/// Only this protocol.
pub fn of_protocol(protocol: u8) -> Match {
    Match { protocol: IntervalSet::single(protocol), ..Match::any() }
}
