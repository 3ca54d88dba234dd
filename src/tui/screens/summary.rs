//! The summary of a run: three ratios, never one score, and the open findings by severity.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::write;
use crate::findings::Severity;
use crate::layout::column;
use crate::tui::glyphs::short_severity;
use crate::tui::session::Session;
use crate::tui::state::State;

/// A product's own name.
pub fn product(name: &str) -> &str {
    match name {
        "lync2013" => "Lync Server 2013",
        "sfb2015" => "Skype for Business Server 2015",
        "sfb2019" => "Skype for Business Server 2019",
        other => other,
    }
}

/// The three ratios, each with a bar, and the open findings by severity.
pub fn ratios(buffer: &mut Buffer, area: Rect, state: &State, session: &Session) {
    let run = &session.loaded.run;
    let (needs, rules, lines) = (&run.summary.needs, run.summary.rules, run.summary.lines);
    let unrecognised = unrecognised(session);
    let aside = format!("{} not evaluated, {} n/a", needs.not_evaluated, needs.not_applicable);
    let unread = match unrecognised {
        0 => "none unrecognised".to_owned(),
        1 => "1 line unrecognised".to_owned(),
        more => format!("{more} lines unrecognised"),
    };
    let rows = [
        ("Needs satisfied", needs.satisfied, applicable(session), aside, state.theme.quiet),
        ("Rules explained", rules.explained, rules.total, String::new(), state.theme.quiet),
        (
            "Lines understood",
            lines.understood,
            lines.total,
            unread,
            if unrecognised > 0 { state.theme.error } else { state.theme.quiet },
        ),
    ];
    let widest = rows.iter().map(|(_, part, whole, ..)| ratio(*part, *whole).len()).max().unwrap_or(0);
    let bar = usize::from(area.width).saturating_sub(18 + widest + 2 + 7 + 2 + 24).min(40);
    for (row, (label, part, whole, aside, style)) in (0..).zip(rows) {
        let percent = percent(part, whole);
        let done = bar * percent.unwrap_or(0) / 100;
        let line = Line::from(vec![
            Span::styled(column(label, 18, state.glyphs.ellipsis), state.theme.quiet),
            Span::styled(format!("{:>widest$}  ", ratio(part, whole)), state.theme.heading),
            Span::styled(state.glyphs.bar_done.repeat(done), state.theme.accent),
            Span::styled(state.glyphs.bar_rest.repeat(bar - done), state.theme.quiet),
            Span::raw(percent.map_or_else(|| " ".repeat(7), |percent| format!("{percent:>5} %"))),
            Span::styled(format!("  {aside}"), style),
        ]);
        write(buffer, area, row, line);
    }
    let mut spans = vec![Span::styled(column("Open findings", 18, state.glyphs.ellipsis), state.theme.quiet)];
    for severity in Severity::ALL {
        let count = count(session, severity);
        let style = if count > 0 { state.theme.severity(severity) } else { state.theme.quiet };
        let glyph = state.glyphs.severity(severity);
        spans.push(Span::styled(format!("{glyph} {count} {}", severity.name()), style));
        spans.push(Span::raw("   "));
    }
    write(buffer, area, 3, Line::from(spans));
}

/// The needs that the deployment calls for. One that was not evaluated is among them.
fn applicable(session: &Session) -> usize {
    let needs = &session.loaded.run.summary.needs;
    needs.satisfied + needs.partial + needs.missing + needs.misdirected + needs.undecided + needs.not_evaluated
}

/// Lines that were not understood, over all inputs.
fn unrecognised(session: &Session) -> usize {
    session.loaded.run.inputs.iter().map(|input| input.lines.unrecognised).sum()
}

/// The three ratios on one line; shorter where the screen is narrow.
pub fn compact_ratios(state: &State, session: &Session, narrow: bool) -> String {
    let summary = &session.loaded.run.summary;
    let needs = format!("{}/{} needs", summary.needs.satisfied, applicable(session));
    let (rules, lines, dot) = (summary.rules, summary.lines, state.glyphs.dot);
    match unrecognised(session) {
        0 if narrow => needs,
        unread if narrow => format!("{needs} {dot} {unread} unread"),
        _ => format!(
            "{needs} {dot} {}/{} rules {dot} {}/{} lines understood",
            rules.explained, rules.total, lines.understood, lines.total
        ),
    }
}

fn ratio(part: usize, whole: usize) -> String {
    format!("{part} of {whole}")
}

/// Rounded down, so that 100 % means all.
fn percent(part: usize, whole: usize) -> Option<usize> {
    part.saturating_mul(100).checked_div(whole).map(|percent| percent.min(100))
}

fn count(session: &Session, severity: Severity) -> usize {
    let counts = session.loaded.run.summary.findings;
    match severity {
        Severity::Critical => counts.critical,
        Severity::High => counts.high,
        Severity::Medium => counts.medium,
        Severity::Low => counts.low,
        Severity::Info => counts.info,
    }
}

/// The open findings by severity, in short form.
pub fn compact_findings(buffer: &mut Buffer, area: Rect, state: &State, session: &Session) {
    let mut spans = Vec::new();
    for severity in Severity::ALL {
        let count = count(session, severity);
        if count > 0 {
            let text = format!("{}{count} {} ", state.glyphs.severity(severity), short_severity(severity));
            spans.push(Span::styled(text, state.theme.severity(severity)));
        }
    }
    write(buffer, area, 0, Line::from(spans));
}
