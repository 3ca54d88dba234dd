//! `edgewarden generate --only missing`: what an export lacks of the needs, as rules to add and the place where they take effect.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};

use crate::audit::Export;
use crate::deployment::{Deployment, Firewall, FirewallRole};
use crate::findings::{Need, NeedStatus, Run};
use crate::generate::draft_of;
use crate::judge::{Budget, FamilyAddress, Interfaces, Judge, Query, Route, Verdict};
use crate::model::{
    Action, Addresses, ChainId, Dialect, Family, Group, HookPoint, InterfacePattern, Match, NewRule, Permit, Rewrite,
    RuleId, RuleSet,
};
use crate::packets::{Conditions, ConnectionState, IntervalSet, PacketSet, StateSet, TcpFlagSet};
use crate::source::sanitise_to;

/// A rule that is quoted in a comment is at most so many characters long.
const LONGEST_QUOTE: usize = 200;

/// What is lacking, and whether all needs could be decided.
pub(super) fn text(
    deployment: &Deployment,
    firewall: &Firewall,
    export: &Export,
    run: &Run,
    dialect: &dyn Dialect,
) -> anyhow::Result<String> {
    if firewall.role == FirewallRole::Host {
        bail!("{}: a firewall of role host is not audited by this version: leave --only out", firewall.name);
    }
    let own = |need: &&Need| need.firewall.as_ref() == Some(&firewall.name);
    let lacking: Vec<&Need> = run.needs.iter().filter(own).filter(|need| is_lacking(need.status)).collect();
    let mut text = format!("# {}: {} lacking.\n", firewall.name, of_needs(lacking.len()));
    for note in run.notes.iter().filter_map(|note| note.strip_prefix(&format!("{}: ", firewall.name))) {
        let _ = writeln!(text, "# {note}");
    }
    for need in run.needs.iter().filter(own).filter(|need| need.status == NeedStatus::Undecided) {
        let reason = need.reason.as_deref().unwrap_or_default();
        let _ = writeln!(text, "# Undecided, and not written: {} of {}, {}: {reason}", need.id, need.node, need.family);
    }
    for (need, line) in denied_elsewhere(export, run, &lacking) {
        let _ = writeln!(
            text,
            "# {} of {} is denied by {line}, outside the filter: that has to change as well.",
            need.id, need.node
        );
    }
    let draft = draft_of(deployment, firewall, |need| {
        lacking
            .iter()
            .any(|row| row.id == need.definition.id && row.node == need.node && row.family == need.family.name())
    });
    let interfaces = Interfaces::new(
        &export.rule_set,
        draft.groups.iter().flat_map(|group| group.ingress.iter().chain(&group.egress)),
    );
    let adding = Adding { export, interfaces: &interfaces, dialect };
    for group in &draft.groups {
        for family in &draft.families {
            match family {
                Family::Ipv4 => adding.group::<u32>(&mut text, group)?,
                Family::Ipv6 => adding.group::<u128>(&mut text, group)?,
            }
        }
    }
    Ok(text)
}

/// Whether a need is to be added to the rules.
fn is_lacking(status: NeedStatus) -> bool {
    matches!(status, NeedStatus::Missing | NeedStatus::Partial | NeedStatus::Misdirected)
}

fn of_needs(count: usize) -> String {
    match count {
        0 => "no need is".to_owned(),
        1 => "1 need is".to_owned(),
        count => format!("{count} needs are"),
    }
}

/// Of the needs those that a rule of another table denies: no rule of the filter makes up for that.
fn denied_elsewhere<'n>(export: &Export, run: &Run, lacking: &[&'n Need]) -> Vec<(&'n Need, String)> {
    let of_other_table = |input: &str, line: u32| {
        export.rule_set.chains.iter().filter(|chain| chain.table != "filter").any(|chain| {
            chain.rules.iter().any(|rule| {
                rule.origin.line == line
                    && export.sources.get(rule.origin.input).is_some_and(|source| source.id == input)
                    && matches!(rule.action, Action::Drop | Action::Reject)
            })
        })
    };
    let mut denied = Vec::new();
    for need in lacking {
        let finding = run.findings.iter().find(|finding| Some(&finding.id) == need.finding.as_ref());
        for rule in finding.into_iter().flat_map(|finding| &finding.rules) {
            if of_other_table(&rule.input, rule.line) {
                denied.push((*need, format!("{} line {}", rule.input, rule.line)));
            }
        }
    }
    denied
}

/// An export to which rules are added.
struct Adding<'a> {
    export: &'a Export<'a>,
    interfaces: &'a Interfaces,
    dialect: &'a dyn Dialect,
}

impl Adding<'_> {
    fn set(&self) -> &RuleSet {
        &self.export.rule_set
    }

    /// Writes what of a group is lacking in one family.
    fn group<A: FamilyAddress>(&self, text: &mut String, group: &Group) -> anyhow::Result<()> {
        let judge = Judge::<A>::new(self.set(), self.interfaces);
        for permit in &group.permits {
            if A::side(&permit.packets.source).is_empty() || A::side(&permit.packets.destination).is_empty() {
                continue;
            }
            let chain = self.filter::<A>().with_context(|| {
                format!(
                    "{}: no FORWARD chain of the table filter to add {} rules to",
                    self.export.firewall.name,
                    A::FAMILY.name()
                )
            })?;
            for ingress in each(&group.ingress) {
                for egress in each(&group.egress) {
                    let packets = Match {
                        ingress: ingress.clone(),
                        egress: egress.clone(),
                        state: StateSet::single(ConnectionState::New),
                        ..permit.packets.clone()
                    };
                    if let Some(packets) = self.lacking(&judge, &packets) {
                        self.rule::<A>(text, chain, group, permit, &packets)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The filter's chain of what is forwarded.
    fn filter<A: FamilyAddress>(&self) -> Option<ChainId> {
        let chains =
            self.set().base_chains.iter().filter(|base| base.hook == HookPoint::Forward).map(|base| base.chain);
        let is_filter = |chain: &ChainId| {
            self.set()
                .chains
                .get(*chain)
                .is_some_and(|chain| chain.table == "filter" && chain.families.contains(&A::FAMILY))
        };
        chains.into_iter().find(is_filter)
    }

    /// The lines for these packets, with the place before which they have to stand.
    fn rule<A: FamilyAddress>(
        &self,
        text: &mut String,
        chain: ChainId,
        group: &Group,
        permit: &Permit,
        packets: &Match,
    ) -> anyhow::Result<()> {
        let rule = NewRule {
            set: self.set(),
            chain,
            family: A::FAMILY,
            packets,
            action: &Action::Accept,
            comment: Some(&permit.comment),
        };
        let lines = self.dialect.rule(&rule)?;
        let _ = writeln!(text, "# {}: {}", group.title, permit.purposes.join(", "));
        let _ = writeln!(text, "# {}", self.place::<A>(chain, packets));
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
        Ok(())
    }

    /// Where the rule has to stand: before the first that may take one of its packets elsewhere.
    fn place<A: FamilyAddress>(&self, chain: ChainId, packets: &Match) -> String {
        let wanted = self.packets::<A>(packets);
        let Some(there) = self.set().chains.get(chain) else { return String::new() };
        let name = &there.name;
        let first = there.rules.iter().position(|rule| {
            diverts(&rule.action) && rule.matches.iter().any(|matching| self.packets::<A>(matching).meets(&wanted))
        });
        let Some((place, origin)) = first.and_then(|place| Some((place, self.set().origin(RuleId { chain, place })?)))
        else {
            return format!("Append to {name} of the table {}: no rule there stands in its way.", there.table);
        };
        let source = self.export.sources.get(origin.input);
        let id = source.map(|source| source.id.clone()).unwrap_or_default();
        let line = source.and_then(|source| source.line(origin.line)).unwrap_or_default();
        format!(
            "Insert into {name} of the table {} before {id} line {} (rule {} of the chain): {}",
            there.table,
            origin.line,
            place + 1,
            sanitise_to(line.trim(), LONGEST_QUOTE)
        )
    }

    /// What of these packets does not get through as it is: narrowed to the addresses and ports that lack it, where the rules
    /// name who is at either end and the export translates nothing. None where all of it gets through.
    fn lacking<A: FamilyAddress>(&self, judge: &Judge<A>, packets: &Match) -> Option<Match> {
        let named = !A::side(&packets.source).is_full() && !A::side(&packets.destination).is_full();
        let translates = self
            .set()
            .chains
            .iter()
            .flat_map(|chain| &chain.rules)
            .any(|rule| matches!(rule.action, Action::Rewrite(Rewrite::Destination(_))));
        if !named || translates {
            return Some(packets.clone());
        }
        let query =
            Query { route: Route::Forward, wire: self.packets::<A>(packets), arriving: None, record_path: false };
        let partition = judge.partition(&query, Budget::default());
        let refused = partition
            .pieces
            .iter()
            .filter(|piece| piece.verdict != Verdict::Accept || !piece.wire.conditions.is_any() || piece.own);
        let (mut sources, mut destinations, mut ports) =
            (IntervalSet::empty(), IntervalSet::empty(), IntervalSet::empty());
        for piece in refused {
            sources = sources.union(&piece.wire.source);
            destinations = destinations.union(&piece.wire.destination);
            ports = ports.union(&piece.wire.destination_port);
        }
        if ports.is_empty() {
            return None;
        }
        Some(Match {
            source: only::<A>(&packets.source, &sources),
            destination: only::<A>(&packets.destination, &destinations),
            destination_port: packets.destination_port.intersection(&ports),
            ..packets.clone()
        })
    }

    /// A match as packets that open connections, whatever its conditions are.
    fn packets<A: FamilyAddress>(&self, matching: &Match) -> PacketSet<A> {
        let tcp = matching.protocol == IntervalSet::single(6);
        PacketSet {
            protocol: matching.protocol.clone(),
            destination_port: matching.destination_port.clone(),
            destination: A::side(&matching.destination).clone(),
            source: A::side(&matching.source).clone(),
            source_port: matching.source_port.clone(),
            ingress: self.interfaces.matching_all(&matching.ingress).intersection(&self.interfaces.any()),
            egress: self.interfaces.matching_all(&matching.egress).intersection(&self.interfaces.any()),
            state: matching.state.intersection(StateSet::single(ConnectionState::New)),
            tcp_flags: if tcp { matching.tcp_flags.intersection(TcpFlagSet::openers()) } else { matching.tcp_flags },
            conditions: Conditions::any(),
        }
    }
}

/// Each pattern by itself; none where any interface will do.
fn each(patterns: &[InterfacePattern]) -> Vec<Vec<InterfacePattern>> {
    if patterns.is_empty() { vec![Vec::new()] } else { patterns.iter().map(|one| vec![one.clone()]).collect() }
}

/// Whether a rule may keep a packet from those behind it without letting it through.
fn diverts(action: &Action) -> bool {
    !matches!(action, Action::Accept | Action::Continue | Action::Rewrite(_))
}

/// The addresses of a match that are in a set of one family.
fn only<A: FamilyAddress>(addresses: &Addresses, set: &IntervalSet<A>) -> Addresses {
    let ips = |low: A, high: A| (low.to_ip(), high.to_ip());
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for (low, high) in A::side(addresses).intersection(set).intervals() {
        match ips(*low, *high) {
            (std::net::IpAddr::V4(low), std::net::IpAddr::V4(high)) => v4.push((low.into(), high.into())),
            (std::net::IpAddr::V6(low), std::net::IpAddr::V6(high)) => v6.push((low.into(), high.into())),
            _ => {}
        }
    }
    Addresses { ipv4: IntervalSet::from_intervals(v4), ipv6: IntervalSet::from_intervals(v6) }
}
