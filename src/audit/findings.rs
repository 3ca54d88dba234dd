//! Findings made of judgements: identity, severity, sentences and evidence.

use crate::catalog::{self, EdgeAddress, ExcessClass, ExcessProbe, ExcessProtocol, FeatureSet};
use crate::deployment::needs::{Demand, Need};
use crate::deployment::{Deployment, Zone};
use crate::findings::fingerprint::{Identity, fingerprint};
use crate::findings::{Box, Category, Disposition, Finding, Kind, RuleEvidence, Severity};
use crate::judge::{Route, Side};
use crate::model::RuleId;
use crate::packets::{IntervalSet, PacketSet};

use super::excess::Excess;
use super::firewall::View;
use super::required::{Judgement, Standing};
use super::{boxes, evidence, wording};

/// How many reasons a sentence lists.
const MOST_REASONS: usize = 3;

/// The finding of a need that is not satisfied; none for one that is.
pub(super) fn of_need<A: Side>(
    view: &View<A>,
    need: &Need,
    demand: &Demand,
    judgement: &Judgement<A>,
) -> Option<Finding> {
    let kind = match judgement.standing {
        Standing::Satisfied | Standing::Closed(_) => return None,
        Standing::Undecided => Kind::Undecided,
        Standing::Partial => Kind::Partial,
        Standing::Missing => Kind::Missing,
    };
    let expected = boxes::rows(view, demand.from, demand.to, &judgement.expected);
    let gap = boxes::rows(view, demand.from, demand.to, &judgement.gap);
    let what = wording::need(need.definition, &ports_of(&expected), &need.node);
    let firewall = &view.export.firewall.name;
    let mut shadowed = Vec::new();
    let (witness, mut rules) = match boxes::witness(view, &judgement.gap, &judgement.wire) {
        Some((told, packet)) => {
            let trace = view.judge.trace(Route::Forward, &packet);
            if kind == Kind::Missing {
                shadowed = evidence::shadowed(view, &judgement.expected);
            }
            (Some(told), evidence::on_the_way(view, &trace))
        }
        None => (None, Vec::new()),
    };
    let title = match kind {
        Kind::Missing => format!("{what} is not permitted by {firewall}"),
        Kind::Partial => format!("{what} is permitted only in part by {firewall}"),
        _ => format!("{what}: nobody can tell from {firewall}'s export"),
    };
    let mut why = match kind {
        Kind::Missing if shadowed.is_empty() => "No rule permits any of it.".to_owned(),
        Kind::Missing => why_shadowed(view, &shadowed),
        Kind::Partial => "Some of it is permitted and some is not; the gap is listed.".to_owned(),
        _ => format!("It hangs on: {}.", wording::listed(&judgement.reasons, MOST_REASONS)),
    };
    why.push(' ');
    why.push_str(&need.definition.when_missing);
    why.push(' ');
    why.push_str(&needed_by(need));
    let too_late = shadowed.iter().filter_map(|one| evidence::quote(view.export, one.rule, "shadowed"));
    rules.splice(0..0, too_late);
    if kind == Kind::Undecided {
        add_new(&mut rules, evidence::doubtful(view.export, &judgement.doubtful));
    }
    let identity = Identity {
        kind: kind.name(),
        need: &need.definition.id,
        role: need.definition.role.name(),
        firewall,
        interface: need.definition.interface.name(),
        direction: need.definition.direction.name(),
        node: &need.node,
        family: need.family.name(),
        packets: &expected,
    };
    let (fingerprint, id) = fingerprint(&identity);
    Some(Finding {
        id,
        fingerprint,
        kind,
        severity: demand.call.severity,
        category: Category::Service,
        disposition: Disposition::Open,
        title,
        why,
        need: Some(need.definition.id.clone()),
        role: Some(need.definition.role.name().to_owned()),
        interface: Some(need.definition.interface.name().to_owned()),
        direction: Some(need.definition.direction.name().to_owned()),
        firewall: Some(firewall.clone()),
        node: Some(need.node.clone()),
        family: Some(need.family.name().to_owned()),
        expected,
        gap,
        excess: Vec::new(),
        near_miss: None,
        witness,
        rules,
        remediation: None,
    })
}

/// Adds the rules that are not there yet.
fn add_new(rules: &mut Vec<RuleEvidence>, more: Vec<RuleEvidence>) {
    for rule in more {
        if !rules.iter().any(|there| (&there.input, there.line) == (&rule.input, rule.line)) {
            rules.push(rule);
        }
    }
}

/// Why rules that would permit a need do not: what comes before them, where that can be named.
fn why_shadowed<A: Side>(view: &View<A>, shadowed: &[evidence::Shadowed]) -> String {
    let lines = |rules: &[RuleId]| {
        let places = rules.iter().filter_map(|rule| evidence::place(view.export, *rule));
        places.map(|place| place.line.to_string()).collect::<Vec<_>>().join(", ")
    };
    let sentences: Vec<String> = shadowed
        .iter()
        .map(|one| {
            let late = lines(&[one.rule]);
            if one.by.is_empty() {
                format!(
                    "Line {late} would permit it, but no such packet gets there: an earlier rule on its way decides."
                )
            } else {
                format!("Line {late} would permit it, but line {} comes first.", lines(&one.by))
            }
        })
        .collect();
    sentences.join(" ")
}

/// The note that a media range is closed, and that this is fine.
pub(super) fn of_closed_range<A: Side>(
    view: &View<A>,
    need: &Need,
    demand: &Demand,
    judgement: &Judgement<A>,
) -> Finding {
    let missing = Judgement { standing: Standing::Missing, ..judgement.clone() };
    let firewall = &view.export.firewall.name;
    let finding = of_need(view, need, demand, &missing);
    let what = wording::need(
        need.definition,
        &ports_of(&boxes::rows(view, demand.from, demand.to, &judgement.expected)),
        &need.node,
    );
    let identity = Identity {
        kind: Kind::MediaRangeClosed.name(),
        need: &need.definition.id,
        role: need.definition.role.name(),
        firewall,
        interface: need.definition.interface.name(),
        direction: need.definition.direction.name(),
        node: &need.node,
        family: need.family.name(),
        packets: &[],
    };
    let (fingerprint, id) = fingerprint(&identity);
    Finding {
        id,
        fingerprint,
        kind: Kind::MediaRangeClosed,
        severity: Severity::Info,
        category: Category::Service,
        disposition: Disposition::Open,
        title: format!("{what} is closed on {firewall}; 443/tcp and 3478/udp stand in for it"),
        why: format!(
            "A policy of 443/tcp and 3478/udp alone is accepted for the media range: calls are relayed through them. {} See C09.",
            needed_by(need)
        ),
        need: Some(need.definition.id.clone()),
        role: Some(need.definition.role.name().to_owned()),
        interface: Some(need.definition.interface.name().to_owned()),
        direction: Some(need.definition.direction.name().to_owned()),
        firewall: Some(firewall.clone()),
        node: Some(need.node.clone()),
        family: Some(need.family.name().to_owned()),
        expected: finding.as_ref().map(|finding| finding.expected.clone()).unwrap_or_default(),
        gap: finding.as_ref().map(|finding| finding.gap.clone()).unwrap_or_default(),
        excess: Vec::new(),
        near_miss: None,
        witness: finding.as_ref().and_then(|finding| finding.witness.clone()),
        rules: finding.map(|finding| finding.rules).unwrap_or_default(),
        remediation: None,
    }
}

/// The destination ports of rows, for a title.
fn ports_of(rows: &[Box]) -> String {
    let mut ports: Vec<&str> = rows.iter().map(|row| row.destination_ports.as_str()).collect();
    ports.dedup();
    ports.join(",")
}

/// `Needed by external.access.tcp-443.in (S004.T1.R05).`
fn needed_by(need: &Need) -> String {
    let rows: Vec<&str> = need.rows.iter().map(|row| row.id.as_str()).collect();
    if rows.is_empty() {
        format!("Needed by {}.", need.definition.id)
    } else {
        format!("Needed by {} ({}).", need.definition.id, rows.join(", "))
    }
}

/// The finding of packets that get through without need.
pub(super) fn of_excess<A: Side>(view: &View<A>, deployment: &Deployment, excess: &Excess<A>) -> Finding {
    let firewall = &view.export.firewall.name;
    let class = class_of(view, deployment, excess);
    let rows = boxes::rows(view, excess.from, excess.to, &excess.packets);
    let by = match excess.rule.and_then(|rule| evidence::place(view.export, rule)) {
        Some(place) => format!("{} line {}", place.input, place.line),
        None => format!("{firewall}'s policy"),
    };
    let open = !excess.reasons.is_empty();
    let kind = if open { Kind::Undecided } else { Kind::Excess };
    let what = format!("{} to {}", wording::zone(excess.from), wording::zone(excess.to));
    let title = if open {
        format!("{by} may permit what no need calls for, from {what}: {}", class.title)
    } else {
        format!("{by} permits what no need calls for, from {what}: {}", class.title)
    };
    let mut why = class.why.clone();
    if open {
        why.push_str(" Whether it gets through hangs on: ");
        why.push_str(&wording::listed(&excess.reasons, MOST_REASONS));
        why.push('.');
    }
    let ends = Ends::of(view, deployment, excess);
    let (witness, mut rules) = match boxes::witness(view, &excess.wire, &[]) {
        Some((told, packet)) => (Some(told), evidence::on_the_way(view, &view.judge.trace(Route::Forward, &packet))),
        None => (None, Vec::new()),
    };
    let effect = if open { "undecided" } else { "permits" };
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

/// Which part of the Edge a set of packets concerns, where it is one part.
struct Ends {
    role: Option<&'static str>,
    interface: &'static str,
    direction: &'static str,
    node: Option<String>,
}

impl Ends {
    fn of<A: Side>(view: &View<A>, deployment: &Deployment, excess: &Excess<A>) -> Self {
        let inbound = matches!(excess.to, Zone::EdgeExternal | Zone::EdgeInternal);
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
fn edge_end<A: Side>(excess: &Excess<A>, inbound: bool) -> IntervalSet<A> {
    excess
        .packets
        .iter()
        .fold(IntervalSet::empty(), |all, set| all.union(if inbound { &set.destination } else { &set.source }))
}

/// An address of the Edge as the rules name it.
struct EdgeEnd<A> {
    address: A,
    role: EdgeAddress,
    node: String,
}

fn edge_addresses<A: Side>(view: &View<A>, deployment: &Deployment) -> Vec<EdgeEnd<A>> {
    let mut ends = Vec::new();
    let mut add = |addresses: &[std::net::IpAddr], role, node: &str| {
        ends.extend(
            addresses
                .iter()
                .filter_map(|address| Some(EdgeEnd { address: A::from_ip(*address)?, role, node: node.to_owned() })),
        );
    };
    for node in &deployment.edge.nodes {
        for (service, role) in
            [(&node.access, EdgeAddress::Access), (&node.webconf, EdgeAddress::Webconf), (&node.av, EdgeAddress::Av)]
        {
            let mapped = view.mapped() && !service.public.is_empty();
            add(if mapped { &service.public } else { &service.addr }, role, &node.name);
        }
        add(&node.internal.addr, EdgeAddress::Internal, &node.name);
    }
    if let Some(vip) = &deployment.edge.vip {
        for (addresses, role) in [
            (&vip.access, EdgeAddress::Access),
            (&vip.webconf, EdgeAddress::Webconf),
            (&vip.av, EdgeAddress::Av),
            (&vip.internal, EdgeAddress::Internal),
        ] {
            add(addresses, role, crate::deployment::needs::VIP);
        }
    }
    ends
}

/// The gravest class that any packet of the excess falls into; of equally grave ones the first of the ranking.
fn class_of<A: Side>(view: &View<A>, deployment: &Deployment, excess: &Excess<A>) -> &'static ExcessClass {
    let inbound = matches!(excess.to, Zone::EdgeExternal | Zone::EdgeInternal);
    let ends = edge_addresses(view, deployment);
    let features = FeatureSet::of(deployment);
    let whole = is_whole(excess);
    let mut gravest: Option<&'static ExcessClass> = None;
    for set in &excess.packets {
        let (edge, far) = if inbound { (&set.destination, &set.source) } else { (&set.source, &set.destination) };
        let far_zone = if inbound { excess.from } else { excess.to };
        let mut addresses: Vec<A> =
            ends.iter().map(|end| end.address).filter(|address| edge.contains(*address)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let everyone = match far_zone {
            Zone::Internet => A::side(&view.territory.anyone()).clone(),
            Zone::Lan => A::side(&crate::model::Addresses::of_nets(&deployment.hosts.internal_networks)).clone(),
            zone => view.behind(zone),
        };
        let admins = A::side(&crate::model::Addresses::of_nets(&deployment.hosts.admin_hosts)).clone();
        for address in addresses {
            let roles: Vec<EdgeAddress> =
                ends.iter().filter(|end| end.address == address).map(|end| end.role).collect();
            for (protocol, port) in samples(set) {
                let class = catalog::excess_class(&ExcessProbe {
                    from: excess.from,
                    to: excess.to,
                    protocol,
                    port,
                    roles: &roles,
                    features,
                    whole,
                    every_peer: !everyone.is_empty() && everyone.is_subset(far),
                    admin_hosts: !admins.is_empty() && far.is_subset(&admins),
                });
                if gravest.is_none_or(|so_far| class.severity < so_far.severity) {
                    gravest = Some(class);
                }
            }
        }
    }
    gravest.unwrap_or_else(|| {
        catalog::excess_class(&ExcessProbe {
            from: excess.from,
            to: excess.to,
            protocol: None,
            port: None,
            roles: &[],
            features,
            whole,
            every_peer: false,
            admin_hosts: false,
        })
    })
}

/// Whether nearly every protocol and port gets through: more than half of the ports of TCP and of UDP, and other protocols.
/// What a rule says counts for nothing here: an earlier rule, or a jump that leads to it, may leave it little.
fn is_whole<A: Side>(excess: &Excess<A>) -> bool {
    let ports = |protocol: u8| {
        let sets = excess.packets.iter().filter(|set| set.protocol.contains(protocol));
        sets.fold(IntervalSet::<u16>::empty(), |all, set| all.union(&set.destination_port)).count()
    };
    let most = u128::from(u16::MAX / 2);
    let others = excess.packets.iter().any(|set| set.protocol.count() > 128);
    others && ports(6) > most && ports(17) > most
}

/// A protocol and port for each way in which the ranking tells the packets of a set apart: one port in each span it names, and
/// one in none of them.
fn samples<A: Side>(set: &PacketSet<A>) -> Vec<(Option<ExcessProtocol>, Option<u16>)> {
    let mut samples = Vec::new();
    for number in [6u8, 17] {
        if !set.protocol.contains(number) {
            continue;
        }
        let protocol = ExcessProtocol::of(number);
        let mut rest = set.destination_port.clone();
        for span in catalog::excess_classes().iter().flat_map(|class| &class.ports) {
            let span = IntervalSet::range(span.first(), span.last());
            if let Some(port) = set.destination_port.intersection(&span).lowest() {
                samples.push((protocol, Some(port)));
            }
            rest = rest.difference(&span);
        }
        samples.extend(rest.lowest().map(|port| (protocol, Some(port))));
    }
    if set.protocol.contains(1) || set.protocol.contains(58) {
        samples.push((Some(ExcessProtocol::Icmp), None));
    }
    let others = IntervalSet::from_intervals(vec![(1, 1), (6, 6), (17, 17), (58, 58)]).complement();
    if set.protocol.meets(&others) {
        samples.push((None, None));
    }
    samples
}

/// The order of a report: most severe first, then as the needs and the lines come.
pub(super) fn in_order(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                finding.severity,
                finding.category,
                catalog::needs().iter().position(|need| Some(&need.id) == finding.need.as_ref()),
                finding.firewall.clone(),
                finding.node.clone(),
                finding.family.clone(),
                finding.rules.last().map(|rule| (rule.input.clone(), rule.line)),
                finding.id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
}
