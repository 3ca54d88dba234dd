//! Packet sets on the page: a table where it fits, else a sentence for each.

use ratatui::text::{Line, Span};

use super::page::Page;
use crate::findings::TrafficRow;
use crate::layout::{column, width};

/// The most rows shown; a report lists all.
const MOST: usize = 200;

/// Writes the packet sets under a heading; nothing where there are none.
pub fn write(page: &mut Page, title: &str, packets: &[TrafficRow]) {
    if packets.is_empty() {
        return;
    }
    page.heading(title);
    let shown = &packets[..packets.len().min(MOST)];
    let rows: Vec<[&str; 7]> = std::iter::once(["Protocol", "Source", "Ports", "Destination", "Ports", "In", "Out"])
        .chain(shown.iter().map(columns))
        .collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (widest, text) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(text));
        }
    }
    if widths.iter().sum::<usize>() + 2 * widths.len() <= page.columns {
        for (index, row) in rows.into_iter().enumerate() {
            let style = if index == 0 { page.state.theme.quiet } else { page.state.theme.text };
            let texts = row.iter().zip(widths).map(|(text, columns)| column(text, columns, page.state.glyphs.ellipsis));
            let line = format!("  {}", texts.collect::<Vec<_>>().join("  "));
            page.lines.push(Line::from(Span::styled(line, style)));
        }
    } else {
        for packets in shown {
            page.paragraph(&sentence(packets), 2, page.state.theme.text);
        }
    }
    if packets.len() > MOST {
        let more = format!("{} and {} more, which a report lists", page.state.glyphs.ellipsis, packets.len() - MOST);
        page.paragraph(&more, 2, page.state.theme.quiet);
    }
}

fn columns(packets: &TrafficRow) -> [&str; 7] {
    [
        &packets.protocol,
        &packets.source,
        &packets.source_ports,
        &packets.destination,
        &packets.destination_ports,
        &packets.ingress,
        &packets.egress,
    ]
}

fn sentence(packets: &TrafficRow) -> String {
    let icmp = packets.protocol.starts_with("icmp");
    let (source, destination) = if icmp { ("type", "code") } else { ("from port", "to port") };
    let TrafficRow { source: from, destination: to, protocol, source_ports, destination_ports, ingress, egress } =
        packets;
    format!(
        "{protocol} {from} to {to}, {source} {source_ports}, {destination} {destination_ports}, in {ingress}, out {egress}"
    )
}
