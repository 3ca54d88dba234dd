//! Rules and whole files in the syntax of iptables-save, which iptables-restore takes and [`super::read`] reads back as the
//! same packets.
//!
//! A match becomes lines by axis: `addresses`, `ports` and `fields` give the options for each, `rule` combines them; `file`
//! writes a draft out. Start at [`Iptables`].

mod addresses;
mod chains;
mod edits;
mod exclusion;
mod fields;
mod file;
mod ports;
mod rule;
mod words;

use crate::model::{Action, Dialect, Draft, Edit, Family, NewRule, RuleSet, Splice, Unwritable};

use rule::Line;

/// iptables and ip6tables.
#[derive(Debug)]
pub struct Iptables;

impl Dialect for Iptables {
    fn name(&self) -> &'static str {
        NAME
    }

    fn rule(&self, rule: &NewRule) -> Result<Vec<String>, Unwritable> {
        let both = rule.set.chains.get(rule.chain).is_some_and(|chain| chain.families.len() > 1);
        write_rule(rule, both)
    }

    fn edits(&self, set: &RuleSet, texts: &[&str], splices: &[Splice]) -> Result<Vec<Edit>, Unwritable> {
        edits::edits(set, texts, splices)
    }

    fn file(&self, draft: &Draft) -> Result<String, Unwritable> {
        file::write(draft)
    }
}

const NAME: &str = "iptables";

/// The lines of a rule; with `named` each says whose it is, as in a file that both loaders take.
fn write_rule(rule: &NewRule, named: bool) -> Result<Vec<String>, Unwritable> {
    let chain = rule.set.chains.get(rule.chain).ok_or_else(|| cannot("a rule of a chain that is not there"))?;
    let line = Line {
        family: rule.family,
        named: named.then_some(rule.family),
        chain: words::chain(&chain.name)?,
        target: target(rule.set, rule.action)?,
        comment: rule.comment,
    };
    line.of_sets(rule.packets, &rule.set.sets)
}

/// The error for what the syntax cannot say.
fn cannot(what: impl Into<String>) -> Unwritable {
    Unwritable { dialect: NAME, what: what.into() }
}

/// The target's options.
fn target(set: &RuleSet, action: &Action) -> Result<String, Unwritable> {
    let named = |flag: &str, chain: usize| {
        let chain = set.chains.get(chain).ok_or_else(|| cannot("a jump to a chain that is not there"))?;
        Ok(format!("{flag} {}", words::chain(&chain.name)?))
    };
    match action {
        Action::Accept => Ok("-j ACCEPT".to_owned()),
        Action::Drop => Ok("-j DROP".to_owned()),
        Action::Reject => Ok("-j REJECT".to_owned()),
        Action::Return => Ok("-j RETURN".to_owned()),
        Action::Jump(chain) => named("-j", *chain),
        Action::Goto(chain) => named("-g", *chain),
        Action::Continue | Action::Rewrite(_) | Action::Unknown(_) => {
            Err(cannot("what the rule does: only accept, drop, reject, return and jumps"))
        }
    }
}

/// `-4` or `-6`, as iptables-restore takes them in a file that both families load (iptables(8), "-4, --ipv4").
fn flag(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "-4",
        Family::Ipv6 => "-6",
    }
}
