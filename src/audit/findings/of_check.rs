//! The findings of the checks other than needs and excess: replies, translation and unlisted address families.

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

/// The facts of one finding. The check in the catalogue adds the rest.
struct Facts<'s, A: FamilyAddress> {
    kind: Kind,
    title: String,
    why: String,
    /// The severity of the most severe need concerned; used if the check has no severity of its own.
    severity: Severity,
    media: bool,
    /// The needs concerned.
    needs: Vec<&'s Need>,
    /// The packets, by the zone they come from and the zone they go to; not empty.
    packets: Vec<Between<'s, A>>,
    /// The rule that the finding is about, and its effect.
    rule: Option<(RuleId, &'static str)>,
}

/// The finding that later packets of a need's connections are refused.
pub(in crate::audit) fn of_blocked<A: FamilyAddress>(view: &View<A>, blocked: &Blocked<A>) -> Option<Finding> {
    let needs: Vec<&Need> = blocked.needs.iter().map(|(need, _)| *need).collect();
    let severities = blocked.needs.iter().map(|(_, demand)| demand.call.severity);
    let title = format!("{} refuses packets of connections that were let in", by(view, blocked.rule));
    let why = format!("The connections of {} can be opened, but their later packets are refused.", named(&needs));
    let facts = Facts {
        kind: Kind::RepliesBlocked,
        title,
        why,
        severity: severities.min().unwrap_or(Severity::High),
        media: false,
        needs,
        packets: blocked.packets.iter().map(|(between, packets)| (*between, packets.as_slice())).collect(),
        rule: blocked.rule.map(|rule| (rule, "denies")),
    };
    finding(view, &facts)
}

/// The finding that an address is translated wrongly.
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
                "It is the public address of {whose}. This firewall translates other addresses of the Edge, but not this one."
            ),
        ),
        What::Elsewhere(other) => (
            Kind::NatSymmetric,
            format!("{public} is not translated to {real} by {firewall}"),
            match other {
                Some(other) => {
                    format!("It is the public address of {whose}. {line} translates it to {}.", other.to_ip())
                }
                None => {
                    format!("It is the public address of {whose}. {line} translates it to other addresses as well.")
                }
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
                    "It is the public address of {whose}. {line} gives them an address that the rules do not state."
                ),
            },
        ),
    };
    let facts = Facts {
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
    finding(view, &facts)
}

/// The finding of traffic of a family that the deployment does not list. It is as severe as the same packets would be as excess.
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
    let mut why = format!("It was not judged against any need. Its most severe part: {}.", class.title);
    if many {
        why.extend([" The rules are on lines ", &lines_of(view, &found.rules), "."]);
    }
    let facts = Facts {
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
    let mut finding = finding(view, &facts)?;
    for rule in found.rules.iter().skip(1).take(MOST_QUOTED).rev() {
        let quoted = evidence::quote(view.export, *rule, "permits");
        let rules = &mut finding.rules;
        let new = quoted.filter(|new| !rules.iter().any(|old| (&old.input, old.line) == (&new.input, new.line)));
        rules.splice(0..0, new);
    }
    Some(finding)
}

/// The place of a rule, such as `ext line 12` or `ext's policy`.
fn by<A: FamilyAddress>(view: &View<A>, rule: Option<RuleId>) -> String {
    match rule.and_then(|rule| view.export.place(rule)) {
        Some(place) => format!("{} line {}", place.input, place.line),
        None => format!("{}'s policy", view.export.firewall.name),
    }
}

/// The ids and nodes of needs, in a list of limited length.
fn named(needs: &[&Need]) -> String {
    let names: Vec<String> = needs.iter().map(|need| format!("{} on {}", need.definition.id, need.node)).collect();
    wording::listed(&names, MOST_NEEDS)
}

/// The common value, if all of these are equal.
fn shared<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// The finding of a check, made from its facts.
fn finding<A: FamilyAddress>(view: &View<A>, facts: &Facts<A>) -> Option<Finding> {
    let check: &Check = catalog::check(facts.kind.name())?;
    let ((from, to), first) = *facts.packets.first()?;
    let inbound = to.is_edge();
    let interface = match if inbound { to } else { from } {
        Zone::EdgeInternal | Zone::Lan => "internal",
        Zone::EdgeExternal | Zone::Internet => "external",
    };
    let direction = if inbound { "in" } else { "out" };
    let rows: Vec<_> =
        facts.packets.iter().flat_map(|((from, to), packets)| traffic_rows::rows(view, *from, *to, packets)).collect();
    let node = shared(facts.needs.iter().map(|need| need.node.clone()));
    let role = shared(facts.needs.iter().map(|need| need.definition.role.name()));
    let (witness, mut rules) = match traffic_rows::witness(view, first, &[]) {
        Some((shown, packet)) => {
            (Some(shown), evidence::on_the_path(view, &view.judge.trace(view.route_of(&packet), &packet)))
        }
        None => (None, Vec::new()),
    };
    if let Some(own) = facts.rule.and_then(|(rule, effect)| evidence::quote(view.export, rule, effect)) {
        rules.retain(|rule: &RuleEvidence| (&rule.input, rule.line) != (&own.input, own.line));
        rules.push(own);
    }
    let identity = Identity {
        kind: facts.kind.name(),
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
    let severity = check.severity_av.filter(|_| facts.media).or(check.severity).unwrap_or(facts.severity);
    let (gap, excess) =
        if check.category == crate::findings::Category::Exposure { (Vec::new(), rows) } else { (rows, Vec::new()) };
    Some(Finding {
        id,
        fingerprint,
        kind: facts.kind,
        severity,
        category: check.category,
        disposition: Disposition::Open,
        title: facts.title.clone(),
        why: format!("{} {}", facts.why, check.why),
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
