//! `-m addrtype`: the type of an address for this host (iptables-extensions(8); kernel `net/netfilter/xt_addrtype.c`).
//!
//! Multicast, broadcast and loopback addresses have the same type on every host. The export does not list the firewall's own
//! addresses, but packets that it forwards are neither from nor to one of them.

use crate::formats::netfilter::address_types::{
    BROADCAST, LOCAL, MULTICAST, NAMES, UNICAST, UNSPEC, multicast, v4_broadcast, v4_loopback, v6_unicast,
};
use crate::model::{Addresses, ConditionKind, HookPoint, Match, Test};
use crate::packets::{IntervalSet, Values};

use super::context::{Context, both};
use super::statement::{Given, Module};

/// `-m addrtype`.
///
/// # Errors
/// If a type is unknown.
pub fn addrtype(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Result<Vec<Match>, String> {
    // With a limit to an interface, an address of another interface is not local.
    let limited = module.options.iter().any(|given| given.name.starts_with("limit-iface"));
    let mut product = vec![Match::any()];
    for given in module.options.iter().filter(|given| given.name.ends_with("-type")) {
        let alternatives = of_one_end(context, given, limited)?;
        product = both(&product, &alternatives).ok_or("too many alternatives")?;
    }
    Ok(product)
}

fn of_one_end(context: &mut Context<'_>, given: &Given<'_>, limited: bool) -> Result<Vec<Match>, String> {
    let mut wanted = Vec::new();
    for name in given.value().split(',') {
        let number = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
        wanted.push(number.ok_or_else(|| format!("bad address type {name:?}"))?);
    }
    let source = given.name == "src-type";
    let end = |addresses: Addresses| {
        if source {
            Match { source: addresses, ..Match::any() }
        } else {
            Match { destination: addresses, ..Match::any() }
        }
    };
    let answers = |kind: usize| wanted.contains(&kind) != given.negated;
    let mut alternatives = Vec::new();

    // IPv4: the routing table determines the type of every address without a fixed type.
    let fixed = [(MULTICAST, multicast().ipv4), (BROADCAST, v4_broadcast()), (LOCAL, v4_loopback())];
    let mut open = IntervalSet::<u32>::full();
    for (kind, addresses) in fixed.into_iter().filter(|(kind, _)| *kind != LOCAL || !limited) {
        open = open.difference(&addresses);
        if answers(kind) {
            alternatives.push(end(Addresses { ipv4: addresses, ipv6: IntervalSet::empty() }));
        }
    }
    let text = format!(
        "type of the {} address (-m addrtype{})",
        if source { "source" } else { "destination" },
        if limited { ", on the interface" } else { "" }
    );
    let values = wanted.iter().fold(Values::empty(), |all, kind| all.union(&Values::single(*kind as u128)));
    let values = if given.negated { values.complement() } else { values };
    let volatile = limited || context.moves();
    let unknown = context.field(&text, ConditionKind::Named(&NAMES), volatile, &values);
    let open = end(Addresses { ipv4: open, ipv6: IntervalSet::empty() });
    routed(&mut alternatives, &open, &unknown, answers(UNICAST) && !limited, limited);

    // IPv6: the address determines unicast, multicast and unspecified, and several types may be required at once.
    let by_table = wanted.iter().any(|kind| !matches!(*kind, UNSPEC | UNICAST | MULTICAST | BROADCAST));
    let mut fixed_type = IntervalSet::<u128>::full();
    for kind in &wanted {
        fixed_type = match *kind {
            MULTICAST => fixed_type.intersection(&multicast().ipv6),
            UNICAST => fixed_type.intersection(&v6_unicast()),
            UNSPEC => fixed_type.intersection(&IntervalSet::single(0)),
            _ => fixed_type,
        };
    }
    let v6 = |set: IntervalSet<u128>| end(Addresses { ipv4: IntervalSet::empty(), ipv6: set });
    if by_table {
        if given.negated && fixed_type.complement() != IntervalSet::empty() {
            alternatives.push(v6(fixed_type.complement()));
        }
        routed(&mut alternatives, &v6(fixed_type), &unknown, given.negated && !limited, limited);
    } else {
        alternatives.push(v6(if given.negated { fixed_type.complement() } else { fixed_type }));
    }
    alternatives.retain(|product| !super::context::is_empty(product));
    Ok(alternatives)
}

/// Adds alternatives for addresses whose type the routing table determines. Forwarded packets are unicast at both ends.
fn routed(alternatives: &mut Vec<Match>, open: &Match, unknown: &Match, forwarded_too: bool, limited: bool) {
    if limited {
        alternatives.push(open.intersection(unknown));
        return;
    }
    let at = |there: bool| Match { tests: vec![Test::At { hook: HookPoint::Forward, there }], ..Match::any() };
    alternatives.push(open.intersection(&at(false)).intersection(unknown));
    if forwarded_too {
        alternatives.push(open.intersection(&at(true)));
    }
}
