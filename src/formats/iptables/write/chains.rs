//! Separate chains for groups of rules with several interfaces. A rule can name only one interface at each end, so jumps match
//! the interfaces once, and the rules in the chain name none.

use crate::model::{Draft, Family, Group, InterfacePattern, Match, Unwritable, Way};

use super::rule::Line;

/// The chain of a group's rules, and the interfaces that the rules themselves have to name.
#[derive(Debug, Clone)]
pub(super) struct GroupPlace {
    /// The chain.
    pub(super) chain: String,
    /// The interfaces on which packets arrive, if the rules name them.
    pub(super) ingress: Vec<InterfacePattern>,
    /// The interfaces by which packets leave, if the rules name them.
    pub(super) egress: Vec<InterfacePattern>,
}

/// A chain to be declared, with the jumps into it.
#[derive(Debug, Clone)]
struct Dispatch {
    way: Way,
    ingress: Vec<InterfacePattern>,
    egress: Vec<InterfacePattern>,
    /// The chain of the rules.
    chain: String,
    /// The chain between the base chain and that chain, if both ends have several interfaces.
    between: Option<String>,
}

/// The chains of a draft.
#[derive(Debug)]
pub(super) struct Chains {
    dispatches: Vec<Dispatch>,
}

impl Chains {
    /// A chain for each group with several interfaces.
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

    /// The place of a group's rules.
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

    /// The names of all chains.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.dispatches.iter().flat_map(|dispatch| dispatch.between.iter().chain([&dispatch.chain])).map(String::as_str)
    }

    /// The rules that jump into the chains.
    ///
    /// # Errors
    /// If iptables cannot express an interface.
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

/// The built-in chain for a direction.
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
            // Interfaces have no family, so the rule is the same for both.
            let line =
                Line { family: Family::Ipv4, named: None, chain: from, target: format!("-j {to}"), comment: None };
            lines.extend(line.of(&packets)?);
        }
    }
    Ok(())
}
