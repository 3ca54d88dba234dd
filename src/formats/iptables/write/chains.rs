//! Chains of their own for ways between several interfaces: a rule names one interface at each end, so that the way is
//! told by jumps, once, and the rules behind them name none.

use crate::model::{Draft, Family, Group, InterfacePattern, Match, Unwritable, Way};

use super::rule::Line;

/// Where the rules of a group stand, and what is left to say of their interfaces.
#[derive(Debug, Clone)]
pub(super) struct GroupPlace {
    /// The chain.
    pub(super) chain: String,
    /// The rule's own interface in.
    pub(super) ingress: Vec<InterfacePattern>,
    /// The rule's own interface out.
    pub(super) egress: Vec<InterfacePattern>,
}

/// A chain to be declared, with the jumps into it.
#[derive(Debug, Clone)]
struct Dispatch {
    way: Way,
    ingress: Vec<InterfacePattern>,
    egress: Vec<InterfacePattern>,
    /// The chain that the rules stand in.
    chain: String,
    /// The chain between, where both ends have several interfaces.
    between: Option<String>,
}

/// The chains of a draft.
#[derive(Debug)]
pub(super) struct Chains {
    dispatches: Vec<Dispatch>,
}

impl Chains {
    /// A chain for each way that takes one.
    pub(super) fn of(draft: &Draft) -> Self {
        let mut dispatches: Vec<Dispatch> = Vec::new();
        for group in draft.groups.iter().filter(|group| group.ingress.len() > 1 || group.egress.len() > 1) {
            if dispatches.iter().any(|known| known.is_of(group)) {
                continue;
            }
            let chain = format!("EDGE-{}", dispatches.len() + 1);
            let both = group.ingress.len() > 1 && group.egress.len() > 1;
            dispatches.push(Dispatch {
                way: group.way,
                ingress: group.ingress.clone(),
                egress: group.egress.clone(),
                between: both.then(|| format!("{chain}-FROM")),
                chain,
            });
        }
        Self { dispatches }
    }

    /// Where the rules of a group stand.
    pub(super) fn place(&self, group: &Group) -> GroupPlace {
        match self.dispatches.iter().find(|dispatch| dispatch.is_of(group)) {
            Some(dispatch) => GroupPlace { chain: dispatch.chain.clone(), ingress: Vec::new(), egress: Vec::new() },
            None => GroupPlace {
                chain: base(group.way).to_owned(),
                ingress: group.ingress.clone(),
                egress: group.egress.clone(),
            },
        }
    }

    /// The names of all.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.dispatches.iter().flat_map(|dispatch| dispatch.between.iter().chain([&dispatch.chain])).map(String::as_str)
    }

    /// The rules that jump into the chains.
    ///
    /// # Errors
    /// An interface that iptables has no name for.
    pub(super) fn jumps(&self) -> Result<Vec<String>, Unwritable> {
        let mut lines = Vec::new();
        for dispatch in &self.dispatches {
            let Dispatch { way, ingress, egress, chain, between } = dispatch;
            match between {
                Some(between) => {
                    jump(&mut lines, base(*way), between, ingress, &[])?;
                    jump(&mut lines, between, chain, &[], egress)?;
                }
                None => jump(&mut lines, base(*way), chain, ingress, egress)?,
            }
        }
        Ok(lines)
    }
}

impl Dispatch {
    fn is_of(&self, group: &Group) -> bool {
        self.way == group.way && self.ingress == group.ingress && self.egress == group.egress
    }
}

/// The built-in chain of a way.
pub(super) fn base(way: Way) -> &'static str {
    match way {
        Way::Through => "FORWARD",
        Way::In => "INPUT",
        Way::Out => "OUTPUT",
    }
}

/// Jumps from one chain to another, for each interface in and each interface out.
fn jump(
    lines: &mut Vec<String>,
    from: &str,
    to: &str,
    ingress: &[InterfacePattern],
    egress: &[InterfacePattern],
) -> Result<(), Unwritable> {
    let each = |patterns: &[InterfacePattern]| -> Vec<Vec<InterfacePattern>> {
        if patterns.is_empty() { vec![Vec::new()] } else { patterns.iter().map(|one| vec![one.clone()]).collect() }
    };
    for ingress in each(ingress) {
        for egress in each(egress) {
            let packets = Match { ingress: ingress.clone(), egress, ..Match::any() };
            // Interfaces have no family; the rule is one in either.
            let line =
                Line { family: Family::Ipv4, named: None, chain: from, target: format!("-j {to}"), comment: None };
            lines.extend(line.of(&packets)?);
        }
    }
    Ok(())
}
