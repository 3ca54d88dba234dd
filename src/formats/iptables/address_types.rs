//! `-m addrtype`: what an address is to this host (iptables-extensions(8); kernel `net/netfilter/xt_addrtype.c`).
//!
//! Multicast, broadcast and loopback addresses are what they are everywhere. Which others are the firewall's own its export
//! does not say; but what it forwards goes to none of its own, and comes from none.

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
/// A type that is none.
pub fn addrtype(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Result<Vec<Match>, String> {
    // Limited to an interface, an address of another one is not local.
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

    // IPv4: everything that is not of a fixed type has one that the routing table says.
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

    // IPv6: unicast, multicast and unspecified are told by the address, and several types are asked for at once.
    let by_table = wanted.iter().any(|kind| !matches!(*kind, UNSPEC | UNICAST | MULTICAST | BROADCAST));
    let mut told = IntervalSet::<u128>::full();
    for kind in &wanted {
        told = match *kind {
            MULTICAST => told.intersection(&multicast().ipv6),
            UNICAST => told.intersection(&v6_unicast()),
            UNSPEC => told.intersection(&IntervalSet::single(0)),
            _ => told,
        };
    }
    let v6 = |set: IntervalSet<u128>| end(Addresses { ipv4: IntervalSet::empty(), ipv6: set });
    if by_table {
        if given.negated && told.complement() != IntervalSet::empty() {
            alternatives.push(v6(told.complement()));
        }
        routed(&mut alternatives, &v6(told), &unknown, given.negated && !limited, limited);
    } else {
        alternatives.push(v6(if given.negated { told.complement() } else { told }));
    }
    alternatives.retain(|product| !super::context::is_empty(product));
    Ok(alternatives)
}

/// Addresses whose type the routing table says: what is forwarded is unicast at both ends.
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
