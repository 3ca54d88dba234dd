//! Matches on packet fields that queries do not have. Each field is one condition with the values that rules name, so that two
//! rules with different values exclude each other (iptables-extensions(8)).

use crate::model::{ConditionKind, HookPoint, Match, Test};
use crate::packets::{IntervalSet, Values};

use super::context::{Context, words_of};
use super::statement::{Given, Module};
use crate::formats::netfilter::address_types::multicast;
use crate::formats::netfilter::numbers::number;

type Alternatives = Result<Vec<Match>, String>;

/// The one option of a module.
fn only<'m, 'w>(module: &'m Module<'w>) -> Result<&'m Given<'w>, String> {
    match module.options.as_slice() {
        [only] => Ok(only),
        _ => Err(format!("-m {} with {} options", module.name, module.options.len())),
    }
}

/// Values, or all others where the option is negated.
fn signed(given: &Given<'_>, values: Values) -> Values {
    if given.negated { values.complement() } else { values }
}

/// `-m mac --mac-source XX:XX:XX:XX:XX:XX`.
pub fn mac(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    let given = only(module)?;
    let bytes: Option<Vec<u8>> = given
        .value()
        .split(':')
        .map(|byte| (byte.len() == 2).then(|| u8::from_str_radix(byte, 16).ok()).flatten())
        .collect();
    let Some(bytes) = bytes.filter(|bytes| bytes.len() == 6) else {
        // The address was replaced by a text. The same text may represent different addresses.
        return Ok(vec![context.when(&words_of(module.name, [given], false), !given.negated, true)]);
    };
    let value = bytes.iter().fold(0u128, |value, byte| value << 8 | u128::from(*byte));
    let values = signed(given, Values::single(value));
    Ok(vec![context.field("source MAC address (-m mac)", ConditionKind::HardwareAddress, false, &values)])
}

/// `-m length --length LENGTH[:LENGTH]`: of the whole packet, in bytes.
pub fn length(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    let given = only(module)?;
    let bad = || format!("bad length {:?}", given.value());
    let end = |text: &str, open: u64| {
        if text.is_empty() { Some(open) } else { number(text, 65_535) }
    };
    let (low, high) = given.value().split_once(':').unwrap_or((given.value(), given.value()));
    let (low, high) = (end(low, 0).ok_or_else(bad)?, end(high, 65_535).ok_or_else(bad)?);
    let values = signed(given, Values::range(low.into(), high.into()));
    Ok(vec![context.field("packet length in bytes (-m length)", ConditionKind::Number, false, &values)])
}

/// `-m ttl`. The value before routing differs from that after it.
pub fn ttl(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    hops(context, module, "time to live (-m ttl)", "TTL")
}

/// `-m hl`: the same for IPv6.
pub fn hl(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    hops(context, module, "hop limit (-m hl)", "HL")
}

fn hops(context: &mut Context<'_>, module: &Module<'_>, field: &str, editor: &str) -> Alternatives {
    let given = only(module)?;
    let value = number(given.value(), 255).ok_or_else(|| format!("bad {} {:?}", module.name, given.value()))?;
    let value = u128::from(value);
    let values = match given.name.rsplit('-').next() {
        Some("lt") => value.checked_sub(1).map_or_else(Values::empty, |high| Values::range(0, high)),
        Some("gt") => Values::range(value + 1, u128::MAX),
        _ => Values::single(value),
    };
    let values = signed(given, values);
    let volatile = context.moves() || context.edits.targets.contains(editor);
    Ok(vec![context.field(field, ConditionKind::Number, volatile, &values)])
}

/// The names of differentiated services (RFC 2474, RFC 2597, RFC 3246) and their values.
const CLASSES: &[(&str, u64)] = &[
    ("CS0", 0x00),
    ("CS1", 0x08),
    ("CS2", 0x10),
    ("CS3", 0x18),
    ("CS4", 0x20),
    ("CS5", 0x28),
    ("CS6", 0x30),
    ("CS7", 0x38),
    ("BE", 0x00),
    ("AF11", 0x0a),
    ("AF12", 0x0c),
    ("AF13", 0x0e),
    ("AF21", 0x12),
    ("AF22", 0x14),
    ("AF23", 0x16),
    ("AF31", 0x1a),
    ("AF32", 0x1c),
    ("AF33", 0x1e),
    ("AF41", 0x22),
    ("AF42", 0x24),
    ("AF43", 0x26),
    ("EF", 0x2e),
];

/// `-m dscp --dscp VALUE`, `--dscp-class NAME`.
pub fn dscp(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    let given = only(module)?;
    let text = given.value();
    let value = match given.name {
        "dscp-class" => CLASSES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value),
        _ => number(text, 63),
    };
    let value = value.ok_or_else(|| format!("bad differentiated services code point {text:?}"))?;
    let values = signed(given, Values::single(value.into()));
    let volatile = ["DSCP", "TOS"].iter().any(|editor| context.edits.targets.contains(*editor));
    Ok(vec![context.field("differentiated services code point (-m dscp)", ConditionKind::Number, volatile, &values)])
}

/// `-m pkttype --pkt-type unicast|broadcast|multicast`: how the link layer classified the packet. A unicast packet is
/// forwarded only if it was sent to this host (kernel `net/ipv4/ip_forward.c`, `net/ipv6/ip6_output.c`).
pub fn pkttype(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Alternatives {
    let given = only(module)?;
    let value = match given.value() {
        "unicast" | "host" => 0,
        "broadcast" => 1,
        "multicast" => 2,
        other => return Err(format!("bad packet type {other:?}")),
    };
    let values: Values = signed(given, IntervalSet::single(value));
    let unknown = context.field("packet type (-m pkttype)", ConditionKind::Number, false, &values);
    let forwarded = |there: bool| Match { tests: vec![Test::At { hook: HookPoint::Forward, there }], ..Match::any() };
    let to_many = Match { destination: multicast(), ..Match::any() };
    let to_one = Match { destination: multicast().complement(), ..Match::any() };
    let mut alternatives =
        vec![forwarded(false).intersection(&unknown), forwarded(true).intersection(&to_many).intersection(&unknown)];
    if values.contains(0) {
        alternatives.push(forwarded(true).intersection(&to_one));
    }
    Ok(alternatives)
}
