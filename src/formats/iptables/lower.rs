//! From the sorted words of one rule to what it matches and does.
//!
//! What is not understood leaves its part of the rule at its widest and adds one fresh condition, so that the rule is
//! neither lost nor believed.

use crate::formats::netfilter::interface;
use crate::model::{Action, Addresses, InterfacePattern, Match, Test};
use crate::packets::IntervalSet;

use super::addresses::{Endpoint, MOST_INTERVALS, endpoint, of_family};
use super::context::{Context, both, is_empty, quoted, words_of};
use super::extensions::{Understanding, extension};
use super::statement::{Given, Module, Statement, Target};
use super::targets;
use crate::formats::netfilter::values;

/// How many alternatives any rule may have; more are paid for.
const FREE_ALTERNATIVES: usize = 4;

/// How many intervals of its own any rule may have; more are paid for.
const FREE_INTERVALS: usize = 64;

/// What an alternative costs, in intervals.
const ALTERNATIVE: usize = 16;

/// What a rule comes to; a chain is yet a name.
pub struct Lowered {
    /// The alternatives it matches.
    pub matches: Vec<Match>,
    /// What it does.
    pub outcome: Outcome,
}

/// What a rule does.
pub enum Outcome {
    /// This.
    Does(Action),
    /// Goes to the chain of this name.
    Chain {
        /// Its name.
        name: String,
        /// Whether it does not come back here.
        goto: bool,
    },
}

/// Lowers a rule. What was not understood is left in the context.
pub fn lower(context: &mut Context<'_>, statement: &Statement<'_>) -> Lowered {
    let mut matches = vec![Match::any()];
    let mut protocol = None;
    for (place, given) in statement.generic.iter().enumerate() {
        if let Some(first) = twice(&statement.generic, given) {
            // Which of them holds, nobody could say.
            if first == place {
                context.doubt(format!("--{} twice", given.name));
            }
            continue;
        }
        match generic(context, given) {
            Ok(alternatives) => {
                narrow(context, &mut matches, &alternatives, given.name);
                if given.name == "protocol" && !given.negated {
                    protocol = values::protocol(given.value()).filter(|number| *number != 0);
                }
            }
            Err(reason) => context.doubt(reason),
        }
    }
    for module in &statement.modules {
        match understand(context, module, protocol) {
            Ok(alternatives) => narrow(context, &mut matches, &alternatives, module.name),
            Err(reason) => context.doubt(reason),
        }
    }
    let outcome = match &statement.target {
        Some(target) => outcome(context, target),
        // The words that were not understood may have been the target.
        None if !statement.problems.is_empty() => {
            Outcome::Does(Action::Unknown("its target could not be read".to_owned()))
        }
        None => Outcome::Does(Action::Continue),
    };
    for problem in &statement.problems {
        context.doubt(problem.clone());
    }
    if let Some(doubt) = context.problems.iter().find(|problem| !problem.covered) {
        let text = format!("not understood: {}", doubt.reason);
        let fresh = context.when(&text, true, true);
        matches = matches.iter().map(|product| product.intersection(&fresh)).collect();
    }
    matches.shrink_to_fit();
    Lowered { matches, outcome }
}

/// Where an option that may stand once stands for the first time, if it stands more than once.
fn twice(generic: &[Given<'_>], given: &Given<'_>) -> Option<usize> {
    if !matches!(given.name, "protocol" | "source" | "destination" | "in-interface" | "out-interface") {
        return None;
    }
    let mut same = generic.iter().enumerate().filter(|(_, other)| other.name == given.name).map(|(place, _)| place);
    let first = same.next()?;
    same.next().map(|_| first)
}

/// Takes one more demand into the alternatives.
fn narrow(context: &mut Context<'_>, matches: &mut Vec<Match>, alternatives: &[Match], name: &str) {
    if matches!(alternatives, [only] if *only == Match::any()) {
        return;
    }
    if let ([product], [demand]) = (matches.as_mut_slice(), alternatives) {
        let before = product.clone();
        product.narrow(demand);
        if is_empty(product) {
            matches.clear();
        } else {
            pay_for_intervals(context, product, &[&before, demand], name);
        }
        return;
    }
    let count = matches.len().saturating_mul(alternatives.len());
    if count > FREE_ALTERNATIVES {
        let intervals =
            |product: &Match| product.source.ipv4.intervals().len() + product.destination.ipv4.intervals().len();
        let weight = matches.first().map_or(0, intervals) + alternatives.first().map_or(0, intervals);
        let Some(left) = context.budget.checked_sub(count.saturating_mul(ALTERNATIVE + weight)) else {
            return context.doubt(format!("too many alternatives at {name}"));
        };
        *context.budget = left;
    }
    match both(matches, alternatives) {
        Some(narrower) => *matches = narrower,
        None => context.doubt(format!("too many alternatives at {name}")),
    }
}

/// Charges the budget for the intervals of a product that it shares with neither of those it was made of. If the budget is spent,
/// the product is what it was before, with a doubt.
fn pay_for_intervals(context: &mut Context<'_>, product: &mut Match, made_of: &[&Match; 2], name: &str) {
    let mut count = 0;
    macro_rules! add {
        ($($end:ident . $family:ident),*) => {$(
            let own = &product.$end.$family;
            if !made_of.iter().any(|from| from.$end.$family.shares_storage(own)) {
                count += own.intervals().len();
            }
        )*};
    }
    add!(source.ipv4, source.ipv6, destination.ipv4, destination.ipv6);
    if count <= FREE_INTERVALS {
        return;
    }
    if let Some(left) = context.budget.checked_sub(count) {
        *context.budget = left;
    } else {
        product.clone_from(made_of[0]);
        context.doubt(format!("too many intervals at {name}"));
    }
}

/// One option of iptables itself.
fn generic(context: &mut Context<'_>, given: &Given<'_>) -> Result<Vec<Match>, String> {
    let value = given.value();
    let any = || Ok(vec![Match::any()]);
    match given.name {
        "protocol" => {
            let number = values::protocol(value).ok_or_else(|| format!("unknown protocol {value:?}"))?;
            context.spellings.ipv4 |= number == 1;
            context.spellings.ipv6 |= number == 58;
            let named = if number == 0 { IntervalSet::full() } else { IntervalSet::single(number) };
            let protocol = if given.negated { named.complement() } else { named };
            Ok(vec![Match { protocol, ..Match::any() }])
        }
        "source" | "destination" => endpoints(context, given),
        "in-interface" => {
            Ok(interfaces(given)?.map_or_else(Vec::new, |ingress| vec![Match { ingress, ..Match::any() }]))
        }
        "out-interface" => {
            Ok(interfaces(given)?.map_or_else(Vec::new, |egress| vec![Match { egress, ..Match::any() }]))
        }
        // No packet of this universe is a fragment.
        "fragment" if given.negated => any(),
        "fragment" => Ok(Vec::new()),
        "ipv4" | "ipv6" => Ok(vec![Match { source: of_family(given.name == "ipv4"), ..Match::any() }]),
        "table" if value != context.table => Err(format!("a rule of table {value} inside table {}", context.table)),
        _ => any(),
    }
}

/// The interfaces an option demands; `None` where none can be.
fn interfaces(given: &Given<'_>) -> Result<Option<Vec<InterfacePattern>>, String> {
    let name = given.value();
    if name.is_empty() || name.len() > interface::LONGEST {
        return Err(format!("bad interface name {name:?}"));
    }
    let pattern = interface::pattern(name);
    Ok(match (pattern.prefix && pattern.name.is_empty(), given.negated) {
        (true, true) => None,
        (true, false) => Some(Vec::new()),
        (false, true) => Some(vec![pattern.negate()]),
        (false, false) => Some(vec![pattern]),
    })
}

/// The addresses of `-s` or `-d`, comma-separated ones being alternatives.
fn endpoints(context: &mut Context<'_>, given: &Given<'_>) -> Result<Vec<Match>, String> {
    let on_axis = |addresses: Addresses| match given.name {
        "source" => Match { source: addresses, ..Match::any() },
        _ => Match { destination: addresses, ..Match::any() },
    };
    let flag = if given.name == "source" { "-s" } else { "-d" };
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    // Alternatives for addresses that cannot be listed: to be one of them, and to be none of them.
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for text in given.value().split(',').map(str::trim) {
        let most = MOST_INTERVALS.min(*context.budget);
        let (reason, volatile) = match endpoint(text, most, context.families_named)? {
            Endpoint::Known(addresses) => {
                let count = addresses.ipv4.intervals().len() + addresses.ipv6.intervals().len();
                *context.budget -= if count > 2 { count.min(*context.budget) } else { 0 };
                v4.extend_from_slice(addresses.ipv4.intervals());
                v6.extend_from_slice(addresses.ipv6.intervals());
                continue;
            }
            Endpoint::TooManyHoles(holed) => {
                let moves = context.moves();
                let otherwise = context.rule_set.condition(&format!("{flag} {}", quoted(text)), moves);
                let asked = |negated: bool| {
                    let test = Test::Masked {
                        source: given.name == "source",
                        ipv4: holed.ipv4,
                        mask: holed.mask,
                        value: holed.value,
                        negated,
                        otherwise,
                    };
                    Match { tests: vec![test], ..on_axis(holed.network()) }
                };
                inside.push(asked(false));
                let elsewhere = of_family(holed.ipv4).difference(&holed.network());
                outside.push(vec![on_axis(elsewhere), asked(true)]);
                continue;
            }
            Endpoint::Name => (Some(format!("host name {text}: give the address")), context.moves()),
            Endpoint::Redacted => (Some(format!("{text} stands for an address: give it")), true),
        };
        if let Some(reason) = reason {
            context.remark(reason);
        }
        let condition = context.when(&format!("{flag} {}", quoted(text)), !given.negated, volatile);
        inside.push(condition.clone());
        outside.push(vec![condition]);
    }
    let known = Addresses { ipv4: IntervalSet::from_intervals(v4), ipv6: IntervalSet::from_intervals(v6) };
    if given.negated {
        // None of them; an address of the other family is none of them either, but this rule's family has no such packet.
        let others = vec![on_axis(complement(&known))];
        return outside
            .iter()
            .try_fold(others, |so_far, alternatives| both(&so_far, alternatives))
            .ok_or_else(|| "too many alternatives".to_owned());
    }
    if !known.is_empty() {
        inside.insert(0, on_axis(known));
    }
    Ok(inside)
}

/// The other addresses of the families that are named: `! -s 10.0.0.0/8` matches no IPv6 packet.
fn complement(addresses: &Addresses) -> Addresses {
    let (ipv4, ipv6) = (&addresses.ipv4, &addresses.ipv6);
    match (ipv4.is_empty(), ipv6.is_empty()) {
        (true, true) => Addresses::any(),
        (false, true) => Addresses { ipv4: ipv4.complement(), ipv6: IntervalSet::empty() },
        (true, false) => Addresses { ipv4: IntervalSet::empty(), ipv6: ipv6.complement() },
        (false, false) => Addresses { ipv4: ipv4.complement(), ipv6: ipv6.complement() },
    }
}

/// What a match extension says.
fn understand(context: &mut Context<'_>, module: &Module<'_>, protocol: Option<u8>) -> Result<Vec<Match>, String> {
    context.spellings.ipv6 |= matches!(module.name, "icmp6" | "icmpv6");
    context.spellings.ipv4 |= module.name == "icmp";
    match extension(module.name).map(|known| known.understanding) {
        Some(Understanding::Exact(meaning)) => meaning(context, module, protocol),
        Some(Understanding::Condition(volatility)) => Ok(vec![context.extension(module, volatility)]),
        None => {
            context.remark(format!("unknown match {}", quoted(module.name)));
            let text = words_of(module.name, &module.options, true);
            Ok(vec![context.when(&text, true, true)])
        }
    }
}

/// What the target does.
fn outcome(context: &mut Context<'_>, target: &Target<'_>) -> Outcome {
    let unknown = |why: String| Outcome::Does(Action::Unknown(why));
    let known = target.extension.then(|| targets::target_extension(target.name)).flatten();
    match known {
        Some(known) => match targets::action(context, target, known) {
            Ok(action) => Outcome::Does(action),
            Err(reason) => {
                context.remark(reason.clone());
                unknown(reason)
            }
        },
        None if target.name.is_empty() => {
            context.remark("a target without a name".to_owned());
            unknown("its target could not be read".to_owned())
        }
        None if !target.options.is_empty() => {
            let reason = format!("unknown target {}", quoted(target.name));
            context.remark(reason.clone());
            unknown(reason)
        }
        None if target.goto && targets::is_verdict(target.name) => {
            let reason = format!("-g {} is no chain", target.name);
            context.remark(reason.clone());
            unknown(reason)
        }
        None => Outcome::Chain { name: target.name.to_owned(), goto: target.goto },
    }
}
