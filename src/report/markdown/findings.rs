//! The findings, each with its evidence.

use std::io;

use super::escape::{Inline, code, fenced, text};
use super::{head, sources, table};
use crate::catalog;
use crate::findings::replay;
use crate::findings::{Disposition, Finding, Kind, NearMiss, Remediation, RuleEvidence, Run, TrafficRow};
use crate::report::place;

/// How many rows of packet sets a finding shows; the JSON has all.
const MOST_ROWS: usize = 40;
/// How many members of a list a cell shows.
const MOST_MEMBERS: usize = 24;

pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Findings\n")?;
    if run.findings.is_empty() {
        return writeln!(out, "None.\n");
    }
    for (place, finding) in run.findings.iter().enumerate() {
        writeln!(out, "### {}. {}\n", place + 1, text(&finding.title))?;
        one(run, finding, out)?;
    }
    Ok(())
}

fn one(run: &Run, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let disposition = match finding.disposition {
        Disposition::Open => "open",
        Disposition::Waived => "waived",
        Disposition::WaiverExpired => "waiver expired",
    };
    let severity = head::severity(finding.severity);
    let (kind, category) = (finding.kind.name().replace('_', " "), finding.category.name());
    writeln!(out, "{} · {severity} · {kind} · {category} · {disposition}\n", code(&finding.id))?;
    writeln!(out, "{}\n", text(&finding.why))?;
    location(finding, out)?;
    need(run, finding, out)?;
    sets(finding, out)?;
    evidence(run, finding, out)?;
    if let Some(near_miss) = &finding.near_miss {
        near_miss_section(run, near_miss, &finding.expected, out)?;
    }
    if let Some(remediation) = &finding.remediation {
        write_remediation(remediation, out)?;
    }
    writeln!(out, "Fingerprint {}\n", code(&finding.fingerprint))
}

fn location(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let cell = |value: &Option<String>| value.as_deref().map_or(Inline::ours("–"), |value| code(value).or_dash());
    let row = [
        cell(&finding.firewall),
        cell(&finding.node),
        cell(&finding.family),
        cell(&finding.interface),
        cell(&finding.direction),
        cell(&finding.role),
    ];
    table::write(out, ["Firewall", "Node", "Family", "Interface", "Direction", "Role"], &[row])
}

fn need(run: &Run, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(id) = finding.need.as_deref() else { return Ok(()) };
    let judged = run.needs.iter().find(|need| need.finding.as_ref() == Some(&finding.id));
    let requirement = judged.map(|need| format!(" ({})", text(&need.requirement))).unwrap_or_default();
    let purpose = catalog::need(id).map(|need| format!(": {}", text(&need.purpose))).unwrap_or_default();
    writeln!(out, "**Need** {}{requirement}{purpose}\n", code(id))?;
    match judged {
        Some(need) => sources::write(&need.rows, out),
        None => Ok(()),
    }
}

fn sets(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let gap = match finding.kind {
        Kind::Undecided => "undecided",
        Kind::MediaRangeClosed => "closed",
        Kind::RepliesBlocked => "blocked",
        Kind::FamilyUnaudited => "unaudited",
        Kind::NatSymmetric | Kind::NatPort => "translated",
        _ => "denied",
    };
    if finding.gap == finding.expected {
        traffic_table(&format!("Expected**, and all of it is the **gap**: {gap}"), &finding.expected, out)?;
    } else {
        traffic_table("Expected**", &finding.expected, out)?;
        traffic_table(&format!("Gap**: {gap}"), &finding.gap, out)?;
    }
    traffic_table("Excess**: permitted, and no need calls for it", &finding.excess, out)
}

/// A table of packet sets under a name; the name has to close its bold type.
fn traffic_table(name: &str, traffic: &[TrafficRow], out: &mut dyn io::Write) -> io::Result<()> {
    if traffic.is_empty() {
        return Ok(());
    }
    writeln!(out, "**{name}\n")?;
    let rows: Vec<_> = traffic
        .iter()
        .take(MOST_ROWS)
        .map(|packets| {
            [
                members(&packets.source),
                members(&packets.destination),
                members(&packets.protocol),
                members(&packets.source_ports),
                members(&packets.destination_ports),
                members(&packets.ingress),
                members(&packets.egress),
            ]
        })
        .collect();
    table::write(
        out,
        ["Source", "Destination", "Protocol", "Source ports", "Destination ports", "In by", "Out by"],
        &rows,
    )?;
    if traffic.len() > MOST_ROWS {
        writeln!(out, "{MOST_ROWS} of {} rows; the JSON report has all.\n", traffic.len())?;
    }
    Ok(())
}

/// A comma-separated list with spaces, so that lines can break; a long one is cut, with a note.
fn members(list: &str) -> Inline {
    let all: Vec<&str> = list.split(',').map(str::trim).collect();
    let shown = text(&all.iter().take(MOST_MEMBERS).copied().collect::<Vec<_>>().join(", "));
    if all.len() <= MOST_MEMBERS {
        return shown.or_dash();
    }
    Inline::ours(format!("{shown}, … ({} more in the JSON report)", all.len() - MOST_MEMBERS))
}

fn evidence(run: &Run, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    if let Some(packet) = &finding.witness {
        let fields: Vec<Inline> = replay::fields(packet)
            .into_iter()
            .map(|(name, value)| Inline::ours(format!("{name} {}", code(&value).or_dash())))
            .collect();
        writeln!(out, "**Witness**, a packet that proves it: {}\n", Inline::joined(&fields, ", "))?;
        if let Some(command) = replay::trace_command(run, finding) {
            writeln!(out, "To replay it:\n\n{}", fenced("sh", &[command]))?;
        }
    }
    // The rules of the near miss are listed separately: the packet does not pass them.
    let misplaced = |rule: &&RuleEvidence| finding.near_miss.as_ref().is_some_and(|near| near.rules.contains(rule));
    let way: Vec<RuleEvidence> = finding.rules.iter().filter(|rule| !misplaced(rule)).cloned().collect();
    let Some(last) = way.last() else { return Ok(()) };
    let decided = match place::decider(finding) {
        Some(rule) => {
            format!("the last one decides: {} {}.", code(&place::path_and_line(run, rule)), text(&rule.effect))
        }
        None if last.effect == "translates" => "the last one translates it.".to_owned(),
        None => "none of them decides: the policy does.".to_owned(),
    };
    let which = if finding.witness.is_some() { "that it passes" } else { "concerned" };
    writeln!(out, "**Rules** {which}; {decided}\n\n{}", rules(run, &way))
}

/// Rules as a block: place, effect and verbatim text, aligned.
fn rules(run: &Run, rules: &[RuleEvidence]) -> String {
    use unicode_width::UnicodeWidthStr;
    let places: Vec<String> = rules.iter().map(|rule| place::path_and_line(run, rule)).collect();
    let places_width = places.iter().map(|place| place.width()).max().unwrap_or(0);
    let effects_width = rules.iter().map(|rule| rule.effect.width()).max().unwrap_or(0);
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
    let lines: Vec<String> = rules
        .iter()
        .zip(&places)
        .map(|(rule, place)| {
            let (after_place, after_effect) = (pad(place, places_width), pad(&rule.effect, effects_width));
            format!("{place}{after_place}  {}{after_effect}  {}", rule.effect, rule.text)
        })
        .collect();
    fenced("text", &lines)
}

fn near_miss_section(
    run: &Run,
    near_miss: &NearMiss,
    expected: &[TrafficRow],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let kind = text(&near_miss.kind.replace('_', " "));
    writeln!(out, "**Near miss**, {kind}: these rules would permit it otherwise.\n\n{}", rules(run, &near_miss.rules))?;
    let needed: Vec<String> = expected.iter().take(MOST_ROWS).map(TrafficRow::words).collect();
    if needed.is_empty() {
        return Ok(());
    }
    writeln!(out, "What is needed instead:\n\n{}", fenced("text", &needed))
}

fn write_remediation(remediation: &Remediation, out: &mut dyn io::Write) -> io::Result<()> {
    let block = |text: &str| fenced("text", &text.lines().map(str::to_owned).collect::<Vec<_>>());
    writeln!(out, "**Remediation** for {}:\n\n{}", text(&remediation.dialect), block(&remediation.r#where))?;
    let diff: Vec<String> = remediation.diff.lines().map(str::to_owned).collect();
    writeln!(out, "The change:\n\n{}", fenced("diff", &diff))?;
    writeln!(out, "Also opens: {}\n", text(&remediation.also_opens).or_dash())?;
    writeln!(out, "To undo:\n\n{}", block(&remediation.undo))
}
