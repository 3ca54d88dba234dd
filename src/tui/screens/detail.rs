//! One finding or need in full: the packets needed, their source rows, what the firewall does, and the evidence.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{margin, rule, scrolled, title_bar};
use super::evidence;
use super::page::Page;
use super::traffic_table;
use crate::findings::{Disposition, Finding, Kind, Need};
use crate::tui::Loaded;
use crate::tui::glyphs::status_word;
use crate::tui::session::Session;
use crate::tui::state::{Layout, State};

/// Draws the finding or need.
pub fn render(frame: &mut Frame, area: Rect, state: &State, session: &Session, layout: &mut Layout) {
    let list = &session.list;
    let (name, id) = match (session.finding(), session.need()) {
        (Some(finding), _) => ("Finding", finding.id.as_str()),
        (None, Some(need)) => ("Need", need.id.as_str()),
        (None, None) => ("Finding", ""),
    };
    let right = format!("{} of {}", list.selected() + 1, list.len());
    title_bar(frame.buffer_mut(), area, state, &[name, id], &right);
    let inside = margin(area);
    let head = 2.min(inside.height);
    if head == 2 {
        rule(frame.buffer_mut(), inside, 1, state);
    }
    let body = Rect { y: inside.y + head, height: inside.height - head, ..inside };
    // A column stays free for the arrows that say where there is more.
    let mut page = Page::new(state, usize::from(body.width).saturating_sub(2).min(140));
    write(&mut page, session);
    scrolled(frame.buffer_mut(), body, state, &page.lines, session.scroll, layout);
}

/// Draws the beginning of it below a line, as far as it fits.
pub fn preview(frame: &mut Frame, area: Rect, state: &State, session: &Session) {
    let buffer = frame.buffer_mut();
    rule(buffer, area, 0, state);
    let mut page = Page::new(state, usize::from(area.width).min(140));
    write(&mut page, session);
    for (row, line) in (1..area.height).zip(page.lines) {
        super::chrome::write(buffer, area, row, line);
    }
}

fn write(page: &mut Page, session: &Session) {
    let need = session.need();
    let Some(finding) = session.finding() else {
        if let Some(need) = need {
            need_title(page, need, &session.loaded);
            need_section(page, need, &session.loaded, session);
            evidence::permitting(page, session, &need.permitted_by);
        }
        return;
    };
    title(page, finding);
    page.heading("Why");
    page.paragraph(&finding.why, 2, page.state.theme.text);
    match (need, &finding.need) {
        (Some(need), _) => need_section(page, need, &session.loaded, session),
        (None, Some(id)) => {
            page.heading("Need");
            need_words(page, id, &session.loaded);
        }
        (None, None) => {}
    }
    traffic_table::write(page, "Expected", &finding.expected);
    actual(page, finding, session);
    if finding.gap == finding.expected && !finding.gap.is_empty() {
        page.heading(gap_heading(finding.kind));
        page.paragraph("All of what is expected.", 2, page.state.theme.text);
    } else {
        traffic_table::write(page, gap_heading(finding.kind), &finding.gap);
    }
    traffic_table::write(page, "Excess: permitted, and not called for", &finding.excess);
    evidence::write(page, session, finding);
    remediation(page, finding);
}

/// The heading of the gap.
fn gap_heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Undecided => "Gap: called for, and undecided",
        Kind::RepliesBlocked => "Gap: replies that are blocked",
        Kind::FamilyUnaudited => "Gap: permitted, in a family not listed",
        Kind::NatSymmetric | Kind::NatPort => "Gap: not translated as the deployment file says",
        Kind::Missing | Kind::Partial | Kind::Misdirected | Kind::Excess | Kind::MediaRangeClosed => {
            "Gap: called for, and not permitted"
        }
    }
}

fn title(page: &mut Page, finding: &Finding) {
    let (theme, glyphs) = (page.state.theme, page.state.glyphs);
    let style = theme.severity(finding.severity);
    let chip = format!("{} {}", glyphs.severity(finding.severity), finding.severity.name());
    let kind = finding.kind.name().replace('_', " ");
    let disposition = match finding.disposition {
        Disposition::Open => "open",
        Disposition::Waived => "waived",
        Disposition::WaiverExpired => "waiver expired",
    };
    let dot = glyphs.dot;
    page.lines.push(Line::from(vec![
        Span::styled(chip, style),
        Span::styled(format!("  {kind} {dot} {} {dot} {disposition}", finding.category.name()), theme.quiet),
    ]));
    page.paragraph(&finding.title, 0, theme.heading);
    let side = [&finding.interface, &finding.direction].into_iter().flatten().map(String::as_str);
    let side = side.collect::<Vec<_>>().join(" ");
    let place = [
        finding.firewall.as_deref().unwrap_or_default(),
        &side,
        finding.role.as_deref().unwrap_or_default(),
        finding.node.as_deref().unwrap_or_default(),
        finding.family.as_deref().unwrap_or_default(),
    ];
    let place: Vec<_> = place.into_iter().filter(|text| !text.is_empty()).collect();
    page.paragraph(&place.join(&format!(" {dot} ")), 0, theme.quiet);
}

fn need_title(page: &mut Page, need: &Need, loaded: &Loaded) {
    let (theme, glyphs) = (page.state.theme, page.state.glyphs);
    let chip = format!("{} {}", glyphs.status(need.status), status_word(need.status));
    page.lines.push(Line::styled(chip, theme.status(need.status)));
    let purpose = loaded.needs.get(&need.id).map_or("", |text| text.purpose.as_str());
    page.paragraph(if purpose.is_empty() { &need.id } else { purpose }, 0, theme.heading);
    let firewall = need.firewall.as_deref().unwrap_or("no firewall given");
    let place = [firewall, &need.node, &need.family].join(&format!(" {} ", glyphs.dot));
    page.paragraph(&place, 0, theme.quiet);
}

fn need_section(page: &mut Page, need: &Need, loaded: &Loaded, session: &Session) {
    page.heading("Need");
    need_words(page, &need.id, loaded);
    page.field("Requirement", &need.requirement);
    let status = format!("{} {}", page.state.glyphs.status(need.status), status_word(need.status));
    page.styled_field("Status", &status, page.state.theme.status(need.status));
    page.field("Reason", need.reason.as_deref().unwrap_or_default());
    page.field("Exceptions", &need.exceptions.join(", "));
    let permitted = need.permitted_by.iter().map(|rule| format!("{}:{}", session.path(&rule.input), rule.line));
    page.field("Permitted by", &permitted.collect::<Vec<_>>().join(", "));
    for id in &need.rows {
        source_row(page, id, loaded);
    }
}

fn need_words(page: &mut Page, id: &str, loaded: &Loaded) {
    page.field("Need", id);
    if let Some(text) = loaded.needs.get(id) {
        page.field("Purpose", &text.purpose);
        page.field("When missing", &text.when_missing);
    }
}

/// A row of a requirement table, as its document has it.
fn source_row(page: &mut Page, id: &str, loaded: &Loaded) {
    let Some(row) = loaded.rows.get(id) else {
        page.field("Called for", id);
        return;
    };
    let words = [id, &row.document, &row.table, &row.row];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    page.field("Called for", &words.join(&format!(" {} ", page.state.glyphs.dot)));
    if !row.source.is_empty() || !row.destination.is_empty() {
        page.field("", &format!("{} {} {}", row.source, page.state.glyphs.arrow, row.destination));
    }
    page.styled_field("", &row.note, page.state.theme.quiet);
}

fn actual(page: &mut Page, finding: &Finding, session: &Session) {
    #[allow(clippy::match_wildcard_for_single_variants)] // kinds with nothing to add, however many there are
    let summary = match finding.kind {
        Kind::Missing => "None of it is permitted.",
        Kind::Partial => "Some of it is permitted; the gap is not.",
        Kind::Misdirected => "None of it is permitted; a rule would permit it if one field were different.",
        Kind::Excess => "It is permitted, and no need calls for it.",
        Kind::Undecided => "The export does not decide it.",
        Kind::RepliesBlocked => "The first packet gets through, and the replies do not.",
        Kind::FamilyUnaudited => "It is permitted, in a family of addresses that the deployment does not list.",
        Kind::MediaRangeClosed | Kind::NatSymmetric | Kind::NatPort => "",
    };
    let deciding = finding.rules.last();
    if summary.is_empty() && deciding.is_none() {
        return;
    }
    page.heading("Actual");
    if !summary.is_empty() {
        page.paragraph(summary, 2, page.state.theme.text);
    }
    if let Some(rule) = deciding {
        let text = format!("{}:{} ({})", session.path(&rule.input), rule.line, rule.effect);
        page.styled_field("Decided by", &text, page.state.theme.effect(&rule.effect));
    }
}

fn remediation(page: &mut Page, finding: &Finding) {
    let Some(remediation) = &finding.remediation else { return };
    page.heading("Remediation");
    field(page, "Where", &remediation.r#where);
    for (row, line) in remediation.diff.lines().enumerate() {
        let label = if row == 0 { remediation.dialect.as_str() } else { "" };
        let style = page.state.theme.diff(line);
        page.styled_field(label, line, style);
    }
    field(page, "Also opens", &remediation.also_opens);
    field(page, "Undo", &remediation.undo);
}

/// A field of several lines.
fn field(page: &mut Page, label: &str, value: &str) {
    let style = page.state.theme.text;
    for (row, line) in value.lines().enumerate() {
        page.styled_field(if row == 0 { label } else { "" }, line, style);
    }
}
