//! Writes rules and whole files in the syntax of iptables-save. iptables-restore loads them, and [`super::read`] reads them back
//! as the same packets.
//!
//! A match is written axis by axis: `addresses`, `ports` and `fields` give the options, and `rule` combines them into lines.
//! `file` writes a draft. Start at [`Iptables`].

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

/// The lines of a rule. With `named`, each line names its family, as in a file that both loaders read.
fn write_rule(rule: &NewRule, named: bool) -> Result<Vec<String>, Unwritable> {
    let chain = rule.set.chains.get(rule.chain).ok_or_else(|| cannot("a rule of a chain that does not exist"))?;
    let line = Line {
        family: rule.family,
        named: named.then_some(rule.family),
        chain: words::chain(&chain.name)?,
        target: target(rule.set, rule.action)?,
        comment: rule.comment,
    };
    line.of_sets(rule.packets, &rule.set.sets)
}

/// The error for what the syntax cannot express.
fn cannot(what: impl Into<String>) -> Unwritable {
    Unwritable { dialect: NAME, what: what.into() }
}

/// The target's options.
fn target(set: &RuleSet, action: &Action) -> Result<String, Unwritable> {
    let named = |flag: &str, chain: usize| {
        let chain = set.chains.get(chain).ok_or_else(|| cannot("a jump to a chain that does not exist"))?;
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
            Err(cannot("this action: only accept, drop, reject, return and jumps can be written"))
        }
    }
}

/// `-4` or `-6`, as iptables-restore accepts them in a file for both families (iptables(8), "-4, --ipv4").
fn flag(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "-4",
        Family::Ipv6 => "-6",
    }
}
