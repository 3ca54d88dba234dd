//! Reads the `[[allow]]` tables: declared exceptions, each with a reason.
//!
//! `validate` checks that the firewalls they name exist.

use ipnet::IpNet;
use jiff::civil::Date;
use toml::de::DeValue;

use super::error::DeploymentError;
use super::reader::{Section, Value};
use super::{Allow, addresses, wording};

const ALLOW: [&str; 8] = ["rule", "firewall", "source", "destination", "protocol", "ports", "reason", "expires"];

/// Protocols by name and number (IANA). The number of one of these is replaced by its name.
const PROTOCOLS: [(&str, u8); 11] = [
    ("tcp", 6),
    ("udp", 17),
    ("icmp", 1),
    ("icmpv6", 58),
    ("sctp", 132),
    ("udplite", 136),
    ("igmp", 2),
    ("ipip", 4),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
];

/// Reads all of them; there may be none.
pub(super) fn read(root: &Section<'_, '_>) -> Result<Vec<Allow>, DeploymentError> {
    root.sections("allow", &ALLOW)?.iter().map(allow).collect()
}

fn allow(table: &Section<'_, '_>) -> Result<Allow, DeploymentError> {
    let reason = table.require("reason", "reason = \"why this is permitted\"")?;
    let rule = table.get("rule").map(|value| rule(&value)).transpose()?;
    let packets = ["source", "destination", "protocol", "ports"];
    if rule.is_some()
        && let Some(field) = packets.iter().find(|field| table.get(field).is_some())
    {
        let advice = format!("leave {field} out, as rule covers everything that the rule permits; or leave rule out");
        return Err(table.reader.refuse(&table.path(field), "cannot be given together with rule", &advice));
    }
    let allow = Allow {
        rule,
        firewall: table.get("firewall").map(|value| value.string().map(str::to_owned)).transpose()?,
        source: networks(table, "source")?,
        destination: networks(table, "destination")?,
        protocol: table.get("protocol").map(|value| protocol(&value)).transpose()?,
        ports: ports(table)?,
        reason: text(&reason)?,
        expires: table.get("expires").map(|value| date(&value)).transpose()?,
        line: table.reader.line_of(&table.key),
    };
    if !restricts(&allow) {
        let advice = "add rule = \"NAME:LINE\", or a source, destination, protocol or ports";
        return Err(table.reader.refuse(&table.key, "would allow everything", advice));
    }
    if let Some(protocol) = allow.protocol.as_deref().filter(|_| !allow.ports.is_empty())
        && !matches!(protocol, "tcp" | "udp" | "sctp" | "udplite")
    {
        return Err(table.reader.refuse(&table.path("ports"), &format!("{protocol} has no ports"), "leave ports out"));
    }
    Ok(allow)
}

impl Allow {
    /// Its IP protocol number; `None` where it names no protocol.
    #[must_use]
    pub fn protocol_number(&self) -> Option<u8> {
        let name = self.protocol.as_deref()?;
        PROTOCOLS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number).or_else(|| name.parse().ok())
    }
}

/// Whether the exception is restricted in any field.
fn restricts(allow: &Allow) -> bool {
    let narrow = |networks: &[IpNet]| !networks.is_empty() && networks.iter().all(|network| network.prefix_len() > 0);
    allow.rule.is_some()
        || allow.protocol.is_some()
        || narrow(&allow.source)
        || narrow(&allow.destination)
        || !(allow.ports.is_empty() || allow.ports.contains(&(0, u16::MAX)))
}

/// A reason may have several lines; they are joined into one.
fn text(value: &Value<'_, '_>) -> Result<String, DeploymentError> {
    let DeValue::String(text) = value.raw() else { return value.string().map(str::to_owned) };
    let one_line = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.is_empty() {
        return Err(value.refuse("empty", "give the reason why this is permitted"));
    }
    if let Some(c) = one_line.chars().find(|c| wording::is_invisible(*c)) {
        return Err(value.refuse(&format!("holds the invisible character U+{:04X}", u32::from(c)), "remove it"));
    }
    Ok(one_line)
}

/// `NAME:LINE`, the line from 1.
fn rule(value: &Value<'_, '_>) -> Result<(String, u32), DeploymentError> {
    let text = value.string()?;
    let parsed = text.rsplit_once(':').and_then(|(name, line)| {
        let digits = !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        let line = digits.then(|| line.parse::<u32>().ok()).flatten().filter(|line| *line > 0)?;
        (!name.is_empty()).then(|| (name.to_owned(), line))
    });
    parsed.ok_or_else(|| {
        let problem = format!("{} is not NAME:LINE", wording::quoted(text));
        value.refuse(&problem, "write the firewall's name, a colon and the line in its export, as in \"fw-int:47\"")
    })
}

fn networks(table: &Section<'_, '_>, name: &str) -> Result<Vec<IpNet>, DeploymentError> {
    let Some(value) = table.get(name) else { return Ok(Vec::new()) };
    value.one_or_list("addresses or networks in quotes")?.iter().map(addresses::network).collect()
}

fn ports(table: &Section<'_, '_>) -> Result<Vec<(u16, u16)>, DeploymentError> {
    let Some(value) = table.get("ports") else { return Ok(Vec::new()) };
    value.one_or_list("ports")?.iter().map(addresses::ports).collect()
}

/// A protocol's name, or its number from 0 to 255 where it has no name here.
fn protocol(value: &Value<'_, '_>) -> Result<String, DeploymentError> {
    let names = PROTOCOLS.map(|(name, _)| name);
    let number = if let DeValue::Integer(_) = value.raw() {
        value.number(0, 255)?
    } else {
        let text = value.string()?.trim().to_ascii_lowercase();
        match (text.as_str(), text.parse::<u8>()) {
            ("any" | "ip" | "all", _) => return Err(value.refuse("any protocol", "leave protocol out")),
            ("ipv6-icmp" | "icmp6", _) => return Ok("icmpv6".to_owned()),
            (name, _) if names.contains(&name) => return Ok(text),
            (_, Ok(number)) => u16::from(number),
            (name, Err(_)) => {
                let problem = format!("unknown protocol {}", wording::quoted(name));
                return Err(value.refuse(&problem, &wording::one_of(name, &names, "use a number, or one of")));
            }
        }
    };
    let name = PROTOCOLS.iter().find(|(_, known)| u16::from(*known) == number).map(|(name, _)| (*name).to_owned());
    Ok(name.unwrap_or_else(|| number.to_string()))
}

/// A date, as TOML's local date or in quotes.
fn date(value: &Value<'_, '_>) -> Result<Date, DeploymentError> {
    const ADVICE: &str = "write the last day it holds, as in expires = 2026-12-31";
    let parsed = match value.raw() {
        DeValue::Datetime(moment) => match (moment.date, moment.time) {
            (Some(date), None) => i16::try_from(date.year)
                .ok()
                .zip(i8::try_from(date.month).ok())
                .zip(i8::try_from(date.day).ok())
                .and_then(|((year, month), day)| Date::new(year, month, day).ok()),
            _ => return Err(value.refuse("has a time of day", ADVICE)),
        },
        DeValue::String(_) => whole_date(value.string()?.trim()),
        _ => return Err(value.expected("a date", ADVICE)),
    };
    parsed.ok_or_else(|| value.refuse("is not a date of the calendar", ADVICE))
}

/// `YYYY-MM-DD` and nothing else, without a time of day.
fn whole_date(text: &str) -> Option<Date> {
    let shape =
        text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    (text.len() == 10 && shape).then(|| text.parse().ok()).flatten()
}
