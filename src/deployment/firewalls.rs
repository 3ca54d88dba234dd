//! Reads the `[[firewall]]` tables.
//!
//! A firewall's name becomes the id of its inputs, so it may only have characters that suit command lines and file names.

use std::collections::BTreeSet;

use super::error::DeploymentError;
use super::names::LONGEST_NAME;
use super::reader::{Section, Value};
use super::{DeclaredFormat, Firewall, FirewallRole, NatView, Zone, Zones, wording};

const FIREWALL: [&str; 8] = ["name", "role", "node", "format", "export", "nat_view", "zones", "stateful"];

/// Most interfaces in a zone; their patterns are compared pair by pair.
const MOST_INTERFACES: usize = 1024;

/// Reads all of them; there is at least one.
pub(super) fn read(root: &Section<'_, '_>) -> Result<Vec<Firewall>, DeploymentError> {
    let tables = root.sections("firewall", &FIREWALL)?;
    if tables.is_empty() {
        let advice = "add a [[firewall]] with name and role for each firewall around the Edge";
        return Err(root.reader.refuse("firewall", "missing", advice));
    }
    tables.iter().map(firewall).collect()
}

fn firewall(table: &Section<'_, '_>) -> Result<Firewall, DeploymentError> {
    let name = id(&table.require("name", "name = \"fw-ext\", or what the firewall is called")?)?;
    let role = table.require("role", "role = \"external\", \"internal\", \"combined\" or \"host\"")?.word(
        "role",
        &FirewallRole::ALL,
        FirewallRole::name,
    )?;
    let node = table.get("node").map(|value| value.string().map(str::to_owned)).transpose()?;
    match (role, &node) {
        (FirewallRole::Host, None) => {
            return Err(table.reader.refuse(
                &table.path("node"),
                "missing, and role \"host\" needs one",
                "give the name of the node it runs on",
            ));
        }
        (FirewallRole::External | FirewallRole::Internal | FirewallRole::Combined, Some(_)) => {
            let problem = format!("role \"{}\" has no node", role.name());
            return Err(table.reader.refuse(&table.path("node"), &problem, "leave node out, or use role = \"host\""));
        }
        _ => {}
    }
    Ok(Firewall {
        name,
        role,
        node,
        format: DeclaredFormat::read(table)?,
        exports: exports(table)?,
        nat_view: match table.get("nat_view") {
            Some(value) => value.word("view", &NatView::ALL, NatView::name)?,
            None => NatView::Auto,
        },
        zones: zones(table)?,
        stateful: table.switch("stateful", true)?,
        line: table.reader.line_of(&table.key),
    })
}

/// A name of letters, digits, `-`, `_` and `.`, beginning with a letter, a digit or `_`.
fn id(value: &Value<'_, '_>) -> Result<String, DeploymentError> {
    let text = value.string()?;
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let usable = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if begins_well && usable && text.len() <= LONGEST_NAME {
        Ok(text.to_owned())
    } else {
        let problem = format!("{} cannot be a firewall's name", wording::quoted(text));
        Err(value.refuse(&problem, "use letters, digits and - _ . only, at most 64, a letter or digit first"))
    }
}

fn exports(table: &Section<'_, '_>) -> Result<Vec<String>, DeploymentError> {
    let Some(value) = table.get("export") else { return Ok(Vec::new()) };
    let mut exports = Vec::new();
    let mut seen = BTreeSet::new();
    for item in value.one_or_list("paths")? {
        let path = item.string()?;
        if !seen.insert(path) {
            return Err(item.refuse(&format!("{} is listed twice", wording::quoted(path)), "list each file once"));
        }
        exports.push(path.to_owned());
    }
    Ok(exports)
}

fn zones(table: &Section<'_, '_>) -> Result<Zones, DeploymentError> {
    let section = table.section("zones", &Zone::ALL.map(Zone::name))?;
    let zone = |zone: Zone| interfaces(&section, zone.name());
    Ok(Zones {
        internet: zone(Zone::Internet)?,
        edge_external: zone(Zone::EdgeExternal)?,
        edge_internal: zone(Zone::EdgeInternal)?,
        lan: zone(Zone::Lan)?,
    })
}

fn interfaces(section: &Section<'_, '_>, zone: &str) -> Result<Option<Vec<String>>, DeploymentError> {
    let Some(value) = section.get(zone) else { return Ok(None) };
    let items = value.list("interface names")?;
    if items.len() > MOST_INTERFACES {
        return Err(
            value.refuse(&format!("{} interfaces", items.len()), "list at most 1024; a trailing * matches any ending")
        );
    }
    let mut interfaces = Vec::new();
    for item in items {
        let name = item.string()?;
        if name.strip_suffix('*').unwrap_or(name).contains('*') {
            let problem = format!("{} has a * before its end", wording::quoted(name));
            return Err(item.refuse(&problem, "put a * or + at the end only"));
        }
        interfaces.push(name.to_owned());
    }
    if interfaces.is_empty() {
        return Err(value.refuse(
            "empty",
            "list its interfaces, or leave the zone out: it then gets the interfaces that no other zone lists",
        ));
    }
    Ok(Some(interfaces))
}
