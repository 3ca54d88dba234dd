//! `edgewarden requirements`: the catalogue's rows; with a deployment, its needs.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::catalog;
use crate::deployment::needs::{Need, NotJudged, resolve};
use crate::deployment::{AddressPlan, Family, Zone};
use crate::findings::notation;
use crate::model::{Addresses, Match};
use crate::source::sanitise_to;

use super::rules::{Shape, sanitised_cell};
use super::{Exit, load, output};

/// Widest cell of a table, in characters; JSON and CSV are not cut.
const WIDEST_CELL: usize = 40;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Resolve the needs of this deployment. Its exports need not exist.
    #[arg(long, value_name = "FILE")]
    deployment: Option<PathBuf>,
    /// How to write it.
    #[arg(long, value_enum, default_value = "table")]
    format: Shape,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.deployment {
        None => rows(arguments.format)?,
        Some(file) => {
            let file = if file.is_dir() { file.join(load::DEPLOYMENT_FILE) } else { file.clone() };
            let deployment = load::read_deployment(&file)?;
            let address_plan = AddressPlan::of(&deployment);
            let needs: Vec<NeedRow> =
                resolve(&deployment, &address_plan).iter().map(|need| need_row(need, &address_plan)).collect();
            resolved(&needs, arguments.format)?;
        }
    }
    Ok(Exit::Clean)
}

fn rows(shape: Shape) -> anyhow::Result<()> {
    output::write_to("-".as_ref(), false, |out| match shape {
        Shape::Json => {
            serde_json::to_writer_pretty(&mut *out, catalog::rows())?;
            writeln!(out)
        }
        Shape::Csv | Shape::Table => {
            let head =
                ["id", "need", "product", "transport", "ports", "direction", "requirement", "source", "destination"];
            let body = catalog::rows().iter().map(|row| {
                vec![
                    row.id.clone(),
                    row.need.clone(),
                    row.product.name().to_owned(),
                    row.transport.name().to_owned(),
                    row.ports.to_string(),
                    row.direction.name().to_owned(),
                    row.requirement.clone(),
                    row.source.clone(),
                    row.destination.clone(),
                ]
            });
            list(shape, &head, &body.collect::<Vec<_>>(), out)
        }
    })
}

/// A resolved need.
#[derive(Debug, Serialize)]
struct NeedRow {
    id: String,
    node: String,
    family: &'static str,
    /// `called_for`, `not_applicable` or `not_evaluated`.
    status: &'static str,
    requirement: Option<&'static str>,
    severity: Option<&'static str>,
    from: Option<&'static str>,
    to: Option<&'static str>,
    must: Vec<Vec<Packets>>,
    may: Vec<Packets>,
    public: Vec<(String, String)>,
    rows: Vec<String>,
    reason: Option<String>,
}

/// Packets of a need.
#[derive(Debug, Serialize)]
struct Packets {
    source: String,
    destination: String,
    protocol: String,
    source_ports: String,
    destination_ports: String,
}

fn need_row(need: &Need, address_plan: &AddressPlan) -> NeedRow {
    let mut row = NeedRow {
        id: need.definition.id.clone(),
        node: need.node.clone(),
        family: need.family.name(),
        status: "called_for",
        requirement: None,
        severity: None,
        from: None,
        to: None,
        must: Vec::new(),
        may: Vec::new(),
        public: Vec::new(),
        rows: need.rows.iter().map(|row| row.id.clone()).collect(),
        reason: None,
    };
    match &need.demand {
        Err(NotJudged::NotApplicable(why)) => (row.status, row.reason) = ("not_applicable", Some(why.clone())),
        Err(NotJudged::NotEvaluated(why)) => (row.status, row.reason) = ("not_evaluated", Some(why.clone())),
        Ok(demand) => {
            let in_words = |packets: &Match| packets_of(packets, need.family, address_plan, demand.from, demand.to);
            row.requirement = Some(demand.call.requirement.name());
            row.severity = Some(demand.call.severity.name());
            row.from = Some(demand.from.name());
            row.to = Some(demand.to.name());
            row.must =
                demand.must.iter().map(|alternative| alternative.packets.iter().map(in_words).collect()).collect();
            row.may = demand.may.iter().map(in_words).collect();
            row.public = demand.public.iter().map(|(real, public)| (real.to_string(), public.to_string())).collect();
        }
    }
    row
}

fn packets_of(packets: &Match, family: Family, address_plan: &AddressPlan, from: Zone, to: Zone) -> Packets {
    let anyone = address_plan.anyone();
    let none = Addresses::none();
    let in_words = |addresses: &Addresses, zone: Zone| {
        let all = if zone == Zone::Internet { &anyone } else { &none };
        match family {
            Family::Ipv4 => notation::addresses(&addresses.ipv4, &all.ipv4),
            Family::Ipv6 => notation::addresses(&addresses.ipv6, &all.ipv6),
        }
    };
    Packets {
        source: in_words(&packets.source, from),
        destination: in_words(&packets.destination, to),
        protocol: notation::protocols(&packets.protocol),
        source_ports: notation::ports(&packets.source_port),
        destination_ports: notation::ports(&packets.destination_port),
    }
}

fn resolved(needs: &[NeedRow], shape: Shape) -> anyhow::Result<()> {
    output::write_to("-".as_ref(), false, |out| match shape {
        Shape::Json => {
            serde_json::to_writer_pretty(&mut *out, needs)?;
            writeln!(out)
        }
        Shape::Csv | Shape::Table => {
            let head = [
                "need",
                "node",
                "family",
                "status",
                "requirement",
                "severity",
                "source",
                "destination",
                "ports",
                "reason",
            ];
            let body = needs.iter().map(|need| {
                let first = need.must.first().and_then(|packets| packets.first());
                let of =
                    |field: fn(&Packets) -> &String| first.map(|packets| field(packets).clone()).unwrap_or_default();
                vec![
                    need.id.clone(),
                    need.node.clone(),
                    need.family.to_owned(),
                    need.status.to_owned(),
                    need.requirement.unwrap_or_default().to_owned(),
                    need.severity.unwrap_or_default().to_owned(),
                    of(|packets| &packets.source),
                    of(|packets| &packets.destination),
                    of(|packets| &packets.destination_ports),
                    need.reason.clone().unwrap_or_default(),
                ]
            });
            list(shape, &head, &body.collect::<Vec<_>>(), out)
        }
    })
}

/// Rows as CSV, or as columns.
fn list(shape: Shape, head: &[&str], body: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    if shape == Shape::Csv {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(head)?;
        for row in body {
            writer.write_record(row.iter().map(|cell| sanitised_cell(cell)))?;
        }
        return writer.flush();
    }
    let body: Vec<Vec<String>> =
        body.iter().map(|row| row.iter().map(|cell| sanitise_to(cell, WIDEST_CELL).into_owned()).collect()).collect();
    let width = |column: usize| {
        let cells = body.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).max(head[column].len())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', (width + 2).saturating_sub(cell.chars().count())));
        }
        writeln!(out, "{}", text.trim_end())
    };
    line(&mut head.iter().copied())?;
    for row in &body {
        line(&mut row.iter().map(String::as_str))?;
    }
    Ok(())
}
