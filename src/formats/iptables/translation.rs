//! The targets that translate addresses (iptables-extensions(8), DNAT, REDIRECT, NETMAP, SNAT).

use ipnet::IpNet;

use crate::model::{Action, NewAddress, NewDestination, Rewrite};

use super::addresses::{address, network};
use super::context::Context;
use super::statement::{Given, Target};
use crate::formats::netfilter::values;

/// `DNAT --to-destination [address[-address]][:port[-port[/port]]]`.
///
/// # Errors
/// What is wrong with its options.
pub fn destination(context: &mut Context<'_>, target: &Target<'_>) -> Result<Action, String> {
    let mut targets = target.options.iter().filter(|given| given.name == "to-destination");
    let Some(given) = targets.next() else { return Err("DNAT without --to-destination".to_owned()) };
    if targets.next().is_some() {
        return Ok(Action::Unknown("DNAT to one of several destinations".to_owned()));
    }
    let text = given.value();
    let (host, port) = split_port(text);
    let bad = || format!("bad address {text:?} in DNAT");
    let new_address = if host.is_empty() {
        NewAddress::Same
    } else {
        let (low, high) = ends(host).map_err(|()| bad())?;
        let (low, high) = (address(low).ok_or_else(bad)?, address(high).ok_or_else(bad)?);
        if low.is_ipv4() != high.is_ipv4() || low > high {
            return Err(bad());
        }
        context.families_named.note(low);
        NewAddress::Between(low, high)
    };
    let ports = match port {
        None | Some("") => None,
        Some(port) => Some(ports(port).map_err(|_| format!("bad port {text:?} in DNAT"))?),
    };
    Ok(translated(context, new_address, ports, &format!("which of {text} DNAT takes")))
}

/// `SNAT --to-source [address[-address]][:port[-port]]`, `SAME --to address[-address]`: the new source, if the rule states
/// exactly one range.
pub fn source(target: &Target<'_>) -> Option<NewAddress> {
    let mut given = target.options.iter().filter(|given| matches!(given.name, "to-source" | "to"));
    let text = given.next()?.value();
    if given.next().is_some() {
        return None;
    }
    let (host, _) = split_port(text);
    if host.is_empty() {
        return Some(NewAddress::Same);
    }
    let (low, high) = ends(host).ok()?;
    Some(NewAddress::Between(address(low)?, address(high)?))
}

/// `REDIRECT [--to-ports port[-port]]`.
///
/// # Errors
/// What is wrong with its options.
pub fn redirect(context: &mut Context<'_>, target: &Target<'_>) -> Result<Action, String> {
    let given = target.options.iter().find(|given| given.name == "to-ports").map(Given::value);
    let ports = given.map(|text| ports(text).map_err(|_| format!("bad port {text:?} in REDIRECT"))).transpose()?;
    Ok(translated(context, NewAddress::Own, ports, "the firewall's own address or port that REDIRECT takes"))
}

/// `NETMAP --to net`: the network part of the destination is replaced; after routing, that of the source. The judge distinguishes
/// the two by the hook.
///
/// # Errors
/// What is wrong with its options.
pub fn netmap(context: &mut Context<'_>, target: &Target<'_>) -> Result<Action, String> {
    let text = target.options.first().map(Given::value).unwrap_or_default();
    let to: IpNet = network(text).ok_or_else(|| format!("bad network {text:?} in NETMAP"))?;
    Ok(translated(context, NewAddress::Network(to), None, &format!("which host of {to} NETMAP takes")))
}

fn translated(context: &mut Context<'_>, address: NewAddress, ports: Option<(u16, u16)>, choice: &str) -> Action {
    let port_choice = context.rule_set.condition(&format!("{choice}, of ports"), true);
    let choice = context.rule_set.condition(choice, true);
    Action::Rewrite(Rewrite::Destination(NewDestination { address, ports, choice, port_choice }))
}

/// Reads `port[-port[/port]]`, as numbers or names. With a base port after the slash, the new port is any port of the range.
fn ports(text: &str) -> Result<(u16, u16), String> {
    // The name of a service may contain a dash.
    if let Ok(port) = values::port(text) {
        return Ok((port, port));
    }
    let (low, high) = ends(text.split('/').next().unwrap_or(text)).map_err(|()| String::new())?;
    let (low, high) = (values::port(low)?, values::port(high)?);
    if low > high { Err(String::new()) } else { Ok((low, high)) }
}

/// Splits an address, `[address]` or range of them from the text after the colon.
fn split_port(text: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':'));
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') && !text.starts_with("::") => (host, Some(port)),
        _ => (text, None),
    }
}

/// Both ends of a range, or a single value twice.
fn ends(text: &str) -> Result<(&str, &str), ()> {
    match text.split_once('-') {
        Some(("", _) | (_, "")) => Err(()),
        Some(ends) => Ok(ends),
        None => Ok((text, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::{ends, ports, split_port};

    #[test]
    fn a_destination_has_its_port_after_a_colon_and_ipv6_in_brackets() {
        assert_eq!(split_port("10.0.0.1:80"), ("10.0.0.1", Some("80")));
        assert_eq!(split_port("[2001:db8::1]:80-90"), ("2001:db8::1", Some("80-90")));
        assert_eq!(split_port("2001:db8::1"), ("2001:db8::1", None));
        assert_eq!(split_port(":8080"), ("", Some("8080")));
    }

    #[test]
    fn ports_are_one_or_a_range_by_number_or_name() {
        assert_eq!(ports("80"), Ok((80, 80)));
        assert_eq!(ports("80-90"), Ok((80, 90)));
        assert_eq!(ports("5000-5010/6000"), Ok((5000, 5010)));
        assert_eq!(ports("ftp-data"), Ok((20, 20)));
        assert!(ports("90-80").is_err());
        assert_eq!(ends("-"), Err(()));
    }
}
