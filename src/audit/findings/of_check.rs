//! The findings of what is checked beside needs and excess: replies, translation, families nobody listed.

use crate::catalog::{self, Check};
use crate::deployment::needs::Need;
use crate::deployment::{Deployment, Zone};
use crate::findings::fingerprint::{Identity, fingerprint};
use crate::findings::{Disposition, Finding, Kind, RuleEvidence, Severity};
use crate::judge::FamilyAddress;
use crate::model::RuleId;
use crate::packets::PacketSet;

use super::grade::class_of_unlisted_family;
use super::of_excess::{MOST_QUOTED, lines_of};
use crate::audit::findings::evidence;
use crate::audit::findings::traffic_rows;
use crate::audit::findings::wording;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::replies::Blocked;
use crate::audit::judgement::translation::{Fault, What};
use crate::audit::judgement::unlisted_family::UnlistedTraffic;

/// How many needs a sentence lists.
const MOST_NEEDS: usize = 6;

/// Packets from one zone to another.
type Between<'s, A> = ((Zone, Zone), &'s [PacketSet<A>]);

/// What such a finding says, beside what its check says.
struct Facts<'s, A: FamilyAddress> {
    kind: Kind,
    title: String,
    why: String,
    /// The gravest of the needs concerned, where the check leaves it to them.
    severity: Severity,
    media: bool,
    /// The needs concerned.
    needs: Vec<&'s Need>,
    /// The packets, by where they come from and go to; there are some.
    packets: Vec<Between<'s, A>>,
    /// The rule it is about, and what it does.
    rule: Option<(RuleId, &'static str)>,
}

/// Connections of needs that do not go on.
pub(in crate::audit) fn of_blocked<A: FamilyAddress>(view: &View<A>, blocked: &Blocked<A>) -> Option<Finding> {
    let needs: Vec<&Need> = blocked.needs.iter().map(|(need, _)| *need).collect();
    let severities = blocked.needs.iter().map(|(_, demand)| demand.call.severity);
    let title = format!("{} refuses packets of connections that were let in", by(view, blocked.rule));
    let why = format!("The connections of {} may open, and do not go on.", named(&needs));
    let said = Facts {
        kind: Kind::RepliesBlocked,
        title,
        why,
        severity: severities.min().unwrap_or(Severity::High),
        media: false,
        needs,
        packets: blocked.packets.iter().map(|(between, packets)| (*between, packets.as_slice())).collect(),
        rule: blocked.rule.map(|rule| (rule, "denies")),
    };
    finding(view, &said)
}

/// An address that is translated wrongly.
pub(in crate::audit) fn of_fault<A: FamilyAddress>(view: &View<A>, fault: &Fault<A>) -> Option<Finding> {
    let firewall = &view.export.firewall.name;
    let (real, public) = (fault.real.to_ip(), fault.public.to_ip());
    let first = fault.needs.first()?;
    let whose = format!("{} on {}", wording::role(first.definition.role), first.node);
    let line = fault
        .rule
        .and_then(|rule| view.export.place(rule))
        .map_or_else(|| "A rule".to_owned(), |place| format!("Line {}", place.line));
    let (kind, title, why) = match &fault.what {
        What::Untranslated => (
            Kind::NatSymmetric,
            format!("{public} is not translated to {real} by {firewall}"),
            format!(
                "It is the public address of {whose}. This firewall translates others of the Edge and not this one."
            ),
        ),
        What::Elsewhere(other) => (
            Kind::NatSymmetric,
            format!("{public} is not translated to {real} by {firewall}"),
            match other {
                Some(other) => {
                    format!("It is the public address of {whose}. {line} translates it to {}.", other.to_ip())
                }
                None => format!("It is the public address of {whose}. {line} does not translate it to that one alone."),
            },
        ),
        What::Port(port) => (
            Kind::NatPort,
            format!("{firewall} changes the port of connections to {public}"),
            match port {
                Some(port) => format!("{line} sends them to port {port} of {real}, {whose}."),
                None => format!("{line} sends them to other ports of {real}, {whose}."),
            },
        ),
        What::LeavesAsItIs => (
            Kind::NatSymmetric,
            format!("Connections of {real} do not leave {firewall} as {public}"),
            format!(
                "It is the public address of {whose}. No rule translates their source, though this firewall translates for the Edge."
            ),
        ),
        What::LeavesAs(other) => (
            Kind::NatSymmetric,
            format!("Connections of {real} do not leave {firewall} as {public}"),
            match other {
                Some(other) => {
                    format!("It is the public address of {whose}. {line} makes their source {}.", other.to_ip())
                }
                None => format!(
                    "It is the public address of {whose}. {line} gives them an address that the rules do not tell."
                ),
            },
        ),
    };
    let said = Facts {
        kind,
        title,
        why: format!("{why} Concerned: {}.", named(&fault.needs)),
        severity: Severity::High,
        media: fault.media(),
        needs: fault.needs.clone(),
        packets: vec![(
            if fault.inbound() { (Zone::Internet, Zone::EdgeExternal) } else { (Zone::EdgeExternal, Zone::Internet) },
            &fault.packets,
        )],
        rule: fault.rule.map(|rule| (rule, "translates")),
    };
    finding(view, &said)
}

/// Traffic of a family that the deployment does not list. It is as grave as the same packets would be as excess.
pub(in crate::audit) fn of_unlisted_family<A: FamilyAddress>(
    view: &View<A>,
    deployment: &Deployment,
    found: &UnlistedTraffic<A>,
) -> Option<Finding> {
    let family = A::FAMILY.name();
    let class = class_of_unlisted_family(view, deployment, found);
    let first = found.rules.first().copied();
    let many = found.rules.len() > 1;
    let by = match first.filter(|_| many).and_then(|rule| view.export.place(rule)) {
        Some(place) => {
            format!("{} rules of {}, the first on line {}, permit", found.rules.len(), place.input, place.line)
        }
        None => format!("{} permits", by(view, first)),
    };
    let mut why = format!("It was not judged against any need. The gravest of it: {}.", class.title);
    if many {
        why.extend([" The rules stand on lines ", &lines_of(view, &found.rules), "."]);
    }
    let said = Facts {
        kind: Kind::FamilyUnaudited,
        title: format!(
            "{by} {family} traffic from {} to {}, and the deployment does not list {family}",
            wording::zone(found.from),
            wording::zone(found.to)
        ),
        why,
        severity: class.severity,
        media: false,
        needs: Vec::new(),
        packets: vec![((found.from, found.to), &found.packets)],
        rule: first.map(|rule| (rule, "permits")),
    };
    let mut finding = finding(view, &said)?;
    for rule in found.rules.iter().skip(1).take(MOST_QUOTED).rev() {
        let quoted = evidence::quote(view.export, *rule, "permits");
        let rules = &mut finding.rules;
        let new = quoted.filter(|new| !rules.iter().any(|old| (&old.input, old.line) == (&new.input, new.line)));
        rules.splice(0..0, new);
    }
    Some(finding)
}

/// `ext line 12`, or `ext's policy`.
fn by<A: FamilyAddress>(view: &View<A>, rule: Option<RuleId>) -> String {
    match rule.and_then(|rule| view.export.place(rule)) {
        Some(place) => format!("{} line {}", place.input, place.line),
        None => format!("{}'s policy", view.export.firewall.name),
    }
}

/// Needs by their ids and nodes.
fn named(needs: &[&Need]) -> String {
    let names: Vec<String> = needs.iter().map(|need| format!("{} on {}", need.definition.id, need.node)).collect();
    wording::listed(&names, MOST_NEEDS)
}

/// The one word that all of these share.
fn shared<T: PartialEq>(mut words: impl Iterator<Item = T>) -> Option<T> {
    let first = words.next()?;
    words.all(|word| word == first).then_some(first)
}

fn finding<A: FamilyAddress>(view: &View<A>, said: &Facts<A>) -> Option<Finding> {
    let check: &Check = catalog::check(said.kind.name())?;
    let ((from, to), first) = *said.packets.first()?;
    let inbound = to.is_edge();
    let interface = match if inbound { to } else { from } {
        Zone::EdgeInternal | Zone::Lan => "internal",
        Zone::EdgeExternal | Zone::Internet => "external",
    };
    let direction = if inbound { "in" } else { "out" };
    let rows: Vec<_> =
        said.packets.iter().flat_map(|((from, to), packets)| traffic_rows::rows(view, *from, *to, packets)).collect();
    let node = shared(said.needs.iter().map(|need| need.node.clone()));
    let role = shared(said.needs.iter().map(|need| need.definition.role.name()));
    let (witness, mut rules) = match traffic_rows::witness(view, first, &[]) {
        Some((told, packet)) => {
            (Some(told), evidence::on_the_way(view, &view.judge.trace(view.route_of(&packet), &packet)))
        }
        None => (None, Vec::new()),
    };
    if let Some(own) = said.rule.and_then(|(rule, effect)| evidence::quote(view.export, rule, effect)) {
        rules.retain(|rule: &RuleEvidence| (&rule.input, rule.line) != (&own.input, own.line));
        rules.push(own);
    }
    let identity = Identity {
        kind: said.kind.name(),
        need: "",
        role: role.unwrap_or_default(),
        firewall: &view.export.firewall.name,
        interface,
        direction,
        node: node.as_deref().unwrap_or_default(),
        family: A::FAMILY.name(),
        packets: &rows,
    };
    let (fingerprint, id) = fingerprint(&identity);
    let severity = check.severity_av.filter(|_| said.media).or(check.severity).unwrap_or(said.severity);
    let (gap, excess) =
        if check.category == crate::findings::Category::Exposure { (Vec::new(), rows) } else { (rows, Vec::new()) };
    Some(Finding {
        id,
        fingerprint,
        kind: said.kind,
        severity,
        category: check.category,
        disposition: Disposition::Open,
        title: said.title.clone(),
        why: format!("{} {}", said.why, check.why),
        need: None,
        role: role.map(str::to_owned),
        interface: Some(interface.to_owned()),
        direction: Some(direction.to_owned()),
        firewall: Some(view.export.firewall.name.clone()),
        node,
        family: Some(A::FAMILY.name().to_owned()),
        expected: Vec::new(),
        gap,
        excess,
        near_miss: None,
        witness,
        rules,
        remediation: None,
    })
}
