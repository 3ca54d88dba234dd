//! The evidence of a finding: the rules that the witness passes, the lines around the deciding one, and the witness.

use ratatui::text::{Line, Span};

use super::page::Page;
use crate::findings::replay;
use crate::findings::{Finding, RuleEvidence, RuleRef};
use crate::layout::{column, width, wrap};
use crate::tui::session::Session;

/// Lines shown before and after the deciding one.
const AROUND: usize = 3;
/// The most rules shown; a report lists all.
const MOST: usize = 100;

/// The most rows of needed traffic shown with a near miss.
const MOST_NEEDED: usize = 8;

/// Writes a finding's evidence.
pub fn write(page: &mut Page, session: &Session, finding: &Finding) {
    if let Some(near) = &finding.near_miss {
        page.heading(&format!("Near miss: {}", near.kind.replace('_', " ")));
        rules(page, session, &near.rules);
        for (row, needed) in finding.expected.iter().take(MOST_NEEDED).enumerate() {
            page.field(if row == 0 { "Needed" } else { "" }, &needed.words());
        }
        if let Some(rule) = near.rules.last() {
            excerpt(page, session, &rule.input, rule.line);
        }
    }
    // The rules of the near miss are shown above; the packet does not pass them.
    let misplaced = |rule: &&RuleEvidence| finding.near_miss.as_ref().is_some_and(|near| near.rules.contains(rule));
    let way: Vec<RuleEvidence> = finding.rules.iter().filter(|rule| !misplaced(rule)).cloned().collect();
    if let Some(deciding) = way.last() {
        page.heading("Rules that the packet passes, the deciding one last");
        rules(page, session, &way);
        excerpt(page, session, &deciding.input, deciding.line);
    }
    let Some(packet) = &finding.witness else { return };
    page.heading("Witness");
    let fields = replay::fields(packet).into_iter().map(|(name, value)| format!("{name} {value}"));
    page.field("Packet", &fields.collect::<Vec<_>>().join(", "));
    if let Some(command) = session.trace() {
        page.styled_field("Replay", &command, page.state.theme.accent);
    }
}

/// Writes the lines around the rules that permit a need.
pub fn permitting(page: &mut Page, session: &Session, rules: &[RuleRef]) {
    if rules.is_empty() {
        return;
    }
    page.heading("Permitted by");
    for rule in rules.iter().take(MOST / AROUND) {
        excerpt(page, session, &rule.input, rule.line);
    }
}

fn rules(page: &mut Page, session: &Session, rules: &[RuleEvidence]) {
    let skipped = rules.len().saturating_sub(MOST);
    if skipped > 0 {
        page.paragraph(&format!("{skipped} rules before these, which a report lists"), 2, page.state.theme.quiet);
    }
    let rules = &rules[skipped..];
    let places: Vec<_> = rules.iter().map(|rule| format!("{}:{}", session.path(&rule.input), rule.line)).collect();
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(width).max().unwrap_or(0);
    let place_width = widest(&mut places.iter().map(String::as_str));
    let effect_width = widest(&mut rules.iter().map(|rule| rule.effect.as_str()));
    let ellipsis = page.state.glyphs.ellipsis;
    for (rule, place) in rules.iter().zip(&places) {
        let left = 2 + place_width + 2 + effect_width + 2;
        let effect = page.state.theme.effect(&rule.effect);
        if left + 24 > page.columns {
            let head = vec![Span::raw(format!("  {place}  ")), Span::styled(rule.effect.clone(), effect)];
            page.lines.push(Line::from(head));
            page.paragraph(&rule.text, 4, page.state.theme.text);
            continue;
        }
        for (row, text) in wrap(&rule.text, page.columns - left).into_iter().enumerate() {
            let (place, word) = if row == 0 { (place.as_str(), rule.effect.as_str()) } else { ("", "") };
            page.lines.push(Line::from(vec![
                Span::raw(format!("  {}  ", column(place, place_width, ellipsis))),
                Span::styled(column(word, effect_width, ellipsis), effect),
                Span::raw(format!("  {text}")),
            ]));
        }
    }
}

/// The lines around one, that one marked and reversed.
fn excerpt(page: &mut Page, session: &Session, input: &str, line: u32) {
    let Some(text) = session.loaded.excerpts.iter().find(|text| text.id == input) else { return };
    let deciding = usize::try_from(line).unwrap_or(usize::MAX);
    if deciding == 0 || deciding > text.lines.len() {
        return;
    }
    let (first, last) = (deciding.saturating_sub(AROUND).max(1), (deciding + AROUND).min(text.lines.len()));
    let digits = last.to_string().len();
    let (theme, glyphs) = (page.state.theme, page.state.glyphs);
    page.blank();
    page.paragraph(&text.path, 2, theme.quiet);
    for number in first..=last {
        let Some(line) = text.lines.get(number - 1) else { continue };
        let marker = if number == deciding { glyphs.marker } else { " " };
        let gutter = format!("  {marker} {number:>digits$} {} ", glyphs.separator);
        let room = page.columns.saturating_sub(width(&gutter)).max(1);
        if number == deciding {
            for (row, piece) in wrap(line, room).into_iter().enumerate() {
                let gutter = if row == 0 { gutter.clone() } else { " ".repeat(width(&gutter)) };
                let piece = column(&piece, room, glyphs.ellipsis);
                page.lines.push(Line::from(vec![Span::raw(gutter), Span::styled(piece, theme.deciding)]));
            }
        } else {
            let line = crate::layout::fit(line, room, glyphs.ellipsis);
            page.lines.push(Line::from(vec![Span::styled(gutter, theme.quiet), Span::raw(line)]));
        }
    }
}
