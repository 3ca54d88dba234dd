//! The finding of excess: which rule permits it, between which zones, and how severe it is.

use crate::catalog::EdgeAddress;
use crate::deployment::{Deployment, Zone};
use crate::findings::fingerprint::{Identity, fingerprint};
use crate::findings::{Category, Disposition, Finding, Kind};
use crate::judge::FamilyAddress;
use crate::model::RuleId;
use crate::packets::IntervalSet;

use super::grade::class_of;
use super::of_need::MOST_REASONS;
use crate::audit::findings::evidence;
use crate::audit::findings::traffic_rows;
use crate::audit::findings::wording;
use crate::audit::judgement::edge::edge_addresses;
use crate::audit::judgement::excess::Excess;
use crate::audit::judgement::firewall::View;

/// The finding of packets that get through although no need calls for them. With `follow`, it lists the rules on the path of its
/// example packet.
pub(in crate::audit) fn of_excess<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    excess: &Excess<A>,
    follow: bool,
) -> Finding {
    let firewall = &view.export.firewall.name;
    let class = class_of(view, deployment, excess);
    let rows = traffic_rows::rows(view, excess.from, excess.to, &excess.packets);
    let by = match excess.rule.and_then(|rule| view.export.place(rule)) {
        Some(place) if !excess.grouped.is_empty() => {
            format!("{} rules of {}, the first on line {},", excess.grouped.len(), place.input, place.line)
        }
        Some(place) => format!("{} line {}", place.input, place.line),
        None => format!("{firewall}'s policy"),
    };
    let open = !excess.reasons.is_empty();
    let kind = if open { Kind::Undecided } else { Kind::Excess };
    let what = format!("{} to {}", wording::zone(excess.from), wording::zone(excess.to));
    let title = if open {
        format!("{by} may permit what no need calls for, from {what}: {}", class.title)
    } else {
        let permit = if excess.grouped.is_empty() { "permits" } else { "permit" };
        format!("{by} {permit} what no need calls for, from {what}: {}", class.title)
    };
    let mut why = class.why.clone();
    if open {
        why.push_str(" Whether it gets through depends on: ");
        why.push_str(&wording::listed(&excess.reasons, MOST_REASONS));
        why.push('.');
    }
    if !excess.grouped.is_empty() {
        why.extend([" The rules are on lines ", &lines_of(view, &excess.grouped), "."]);
    }
    let ends = Ends::of(view, deployment, excess);
    let (witness, mut rules) = match traffic_rows::witness(view, &excess.wire, &[]) {
        Some((shown, packet)) if follow => {
            (Some(shown), evidence::on_the_path(view, &view.judge.trace(view.route_of(&packet), &packet)))
        }
        Some((shown, _)) => (Some(shown), Vec::new()),
        None => (None, Vec::new()),
    };
    let effect = if open { "undecided" } else { "permits" };
    for rule in excess.grouped.iter().take(MOST_QUOTED).rev() {
        let quoted = evidence::quote(view.export, *rule, effect);
        rules.extend(quoted.filter(|new| !rules.iter().any(|old| (&old.input, old.line) == (&new.input, new.line))));
    }
    if let Some(own) = excess.rule.and_then(|rule| evidence::quote(view.export, rule, effect)) {
        // The example packet may meet another rule that permits it too, under conditions. The finding is about this rule.
        rules.retain(|rule| (&rule.input, rule.line) != (&own.input, own.line));
        rules.push(own);
    }
    let identity = Identity {
        kind: kind.name(),
        need: "",
        role: ends.role.unwrap_or_default(),
        firewall,
        interface: ends.interface,
        direction: ends.direction,
        node: ends.node.as_deref().unwrap_or_default(),
        family: A::FAMILY.name(),
        packets: &rows,
    };
    let (fingerprint, id) = fingerprint(&identity);
    Finding {
        id,
        fingerprint,
        kind,
        severity: class.severity,
        category: Category::Exposure,
        disposition: Disposition::Open,
        title,
        why,
        need: None,
        role: ends.role.map(str::to_owned),
        interface: Some(ends.interface.to_owned()),
        direction: Some(ends.direction.to_owned()),
        firewall: Some(firewall.clone()),
        node: ends.node,
        family: Some(A::FAMILY.name().to_owned()),
        expected: Vec::new(),
        gap: Vec::new(),
        excess: rows,
        near_miss: None,
        witness,
        rules,
        remediation: None,
    }
}

/// How many of a group of rules are quoted. All of them are listed by line.
pub(super) const MOST_QUOTED: usize = 10;
/// How many ranges of lines are listed; the lines of further ranges are only counted.
const MOST_RUNS: usize = 40;

/// The lines of rules, as numbers and ranges of consecutive lines.
pub(super) fn lines_of<A: FamilyAddress>(view: &View<A>, rules: &[RuleId]) -> String {
    let mut lines: Vec<u32> = rules.iter().filter_map(|rule| Some(view.export.place(*rule)?.line)).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(line) => *last = line,
            _ => runs.push((line, line)),
        }
    }
    let shown = runs.iter().take(MOST_RUNS);
    let shown = shown.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    let left: u64 = runs.iter().skip(MOST_RUNS).map(|(first, last)| u64::from(last - first) + 1).sum();
    if left > 0 {
        text.extend([" and ", &left.to_string(), " more"]);
    }
    text
}

/// The node that the packets concern, if they concern only one.
pub(in crate::audit) fn node_of<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    excess: &Excess<A>,
) -> Option<String> {
    Ends::of(view, deployment, excess).node
}

/// The part of the Edge that excess concerns. Role and node are none where it concerns several.
struct Ends {
    role: Option<&'static str>,
    interface: &'static str,
    direction: &'static str,
    node: Option<String>,
}

impl Ends {
    fn of<A: FamilyAddress>(view: &View<A>, deployment: &Deployment, excess: &Excess<A>) -> Self {
        let inbound = excess.to.is_edge();
        let edge_zone = if inbound { excess.to } else { excess.from };
        let edge = edge_end(excess, inbound);
        let concerned: Vec<_> =
            edge_addresses(view, deployment).into_iter().filter(|end| edge.contains(end.address)).collect();
        let mut nodes: Vec<&str> = concerned.iter().map(|end| end.node.as_str()).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let mut roles: Vec<EdgeAddress> = concerned.iter().map(|end| end.role).collect();
        roles.sort_by_key(|role| role.name());
        roles.dedup();
        Self {
            role: match roles.as_slice() {
                [EdgeAddress::Internal] | [] => None,
                [one] => Some(one.name()),
                _ => None,
            },
            interface: if edge_zone == Zone::EdgeExternal { "external" } else { "internal" },
            direction: if inbound { "in" } else { "out" },
            node: if let [one] = nodes.as_slice() { Some((*one).to_owned()) } else { None },
        }
    }
}

/// The addresses of excess packets at the Edge's end.
fn edge_end<A: FamilyAddress>(excess: &Excess<A>, inbound: bool) -> IntervalSet<A> {
    let ends = excess.packets.iter().map(|set| if inbound { &set.destination } else { &set.source });
    IntervalSet::from_intervals(ends.flat_map(IntervalSet::intervals).copied().collect())
}
