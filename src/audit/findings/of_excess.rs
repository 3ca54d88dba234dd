//! The finding of what gets through without need: by which rule, between which zones, and how grave that is.

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

/// The finding of packets that get through without need. With `follow` it names the rules on the way of its packet.
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
        why.push_str(" Whether it gets through hangs on: ");
        why.push_str(&wording::listed(&excess.reasons, MOST_REASONS));
        why.push('.');
    }
    if !excess.grouped.is_empty() {
        why.extend([" The rules stand on lines ", &lines_of(view, &excess.grouped), "."]);
    }
    let ends = Ends::of(view, deployment, excess);
    let (witness, mut rules) = match traffic_rows::witness(view, &excess.wire, &[]) {
        Some((told, packet)) if follow => {
            (Some(told), evidence::on_the_way(view, &view.judge.trace(view.route_of(&packet), &packet)))
        }
        Some((told, _)) => (Some(told), Vec::new()),
        None => (None, Vec::new()),
    };
    let effect = if open { "undecided" } else { "permits" };
    for rule in excess.grouped.iter().take(MOST_QUOTED).rev() {
        let quoted = evidence::quote(view.export, *rule, effect);
        rules.extend(quoted.filter(|new| !rules.iter().any(|old| (&old.input, old.line) == (&new.input, new.line))));
    }
    if let Some(own) = excess.rule.and_then(|rule| evidence::quote(view.export, rule, effect)) {
        // The witness may meet another rule that permits it too, under conditions; the finding is about this one.
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

/// Of many alike rules, so many are quoted; all are named by their lines.
pub(super) const MOST_QUOTED: usize = 10;
/// So many runs of lines are written out; of more, the rules are counted.
const MOST_RUNS: usize = 40;

/// The lines of rules, as numbers and ranges of lines that follow each other.
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
    let told = runs.iter().take(MOST_RUNS);
    let told = told.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    let mut text = told.collect::<Vec<_>>().join(", ");
    let left: u64 = runs.iter().skip(MOST_RUNS).map(|(first, last)| u64::from(last - first) + 1).sum();
    if left > 0 {
        text.extend([" and ", &left.to_string(), " more"]);
    }
    text
}

/// The node whose packets these are, where they are those of one.
pub(in crate::audit) fn node_of<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    excess: &Excess<A>,
) -> Option<String> {
    Ends::of(view, deployment, excess).node
}

/// Which part of the Edge a set of packets concerns, where it is one part.
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

/// The Edge's end of excess packets.
fn edge_end<A: FamilyAddress>(excess: &Excess<A>, inbound: bool) -> IntervalSet<A> {
    let ends = excess.packets.iter().map(|set| if inbound { &set.destination } else { &set.source });
    IntervalSet::from_intervals(ends.flat_map(IntervalSet::intervals).copied().collect())
}
