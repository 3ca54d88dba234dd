//! The marks of packets and connections: the targets that set them and the matches that compare them
//! (iptables-extensions(8), MARK, CONNMARK, mark, connmark; kernel `net/netfilter/xt_mark.c`, `xt_connmark.c`).

use crate::model::{Action, MarkOf, MarkSource, Match, Rewrite, Test};
use crate::packets::IntervalSet;

use super::context::{Context, words_of};
use super::statement::{Given, Module, Target};
use crate::formats::netfilter::numbers::number;

/// Reads `value[/mask]`, each of 32 bits. Without a mask, all bits count.
fn value_and_mask(text: &str) -> Result<(u32, u32), String> {
    let bits = |part: &str| {
        number(part, u64::from(u32::MAX))
            .and_then(|bits| u32::try_from(bits).ok())
            .ok_or_else(|| format!("bad mark {text:?}"))
    };
    match text.split_once('/') {
        Some((value, mask)) => Ok((bits(value)?, bits(mask)?)),
        None => Ok((bits(text)?, u32::MAX)),
    }
}

/// The effect of an option that sets a mark to a constant: the bits that are kept, and the values of the others.
fn constant(given: &Given<'_>) -> Option<Result<(u32, u32), String>> {
    let (value, mask) = match value_and_mask(given.value()) {
        Ok(parts) => parts,
        Err(reason) => return given.name.ends_with("mark").then_some(Err(reason)),
    };
    Some(Ok(match given.name {
        "set-xmark" => (!mask, value),
        "set-mark" => (!(mask | value), value),
        "and-mark" => (value, 0),
        "or-mark" => (!value, value),
        "xor-mark" => (u32::MAX, value),
        _ => return None,
    }))
}

/// `-j MARK`.
///
/// # Errors
/// What is wrong with its options.
pub fn mark(target: &Target<'_>) -> Result<Action, String> {
    let (keep, value) = target.options.first().and_then(constant).ok_or("MARK without a mark")??;
    Ok(Action::Rewrite(Rewrite::Mark { of: MarkOf::Packet, keep, by: MarkSource::Value(value) }))
}

/// `-j CONNMARK`.
///
/// # Errors
/// What is wrong with its options.
pub fn connection_mark(target: &Target<'_>) -> Result<Action, String> {
    let has = |name: &str| target.options.iter().any(|given| given.name == name);
    let mask = |name: &str| -> Result<u32, String> {
        let given = target.options.iter().find(|given| given.name == name || given.name == "mask");
        given.map_or(Ok(u32::MAX), |given| value_and_mask(given.value()).map(|(mask, _)| mask))
    };
    let shifted = has("left-shift-mark") || has("right-shift-mark");
    let (of, keep, by) = if has("save-mark") {
        (MarkOf::Connection, !mask("ctmask")?, mask("nfmask")?)
    } else if has("restore-mark") {
        (MarkOf::Packet, !mask("nfmask")?, mask("ctmask")?)
    } else {
        let (keep, value) = target.options.iter().find_map(constant).ok_or("CONNMARK without a mark")??;
        if shifted {
            // The shift applies to the whole mark, including the kept bits.
            let by = MarkSource::Unknown;
            return Ok(Action::Rewrite(Rewrite::Mark { of: MarkOf::Connection, keep: 0, by }));
        }
        return Ok(Action::Rewrite(Rewrite::Mark { of: MarkOf::Connection, keep, by: MarkSource::Value(value) }));
    };
    let by = if shifted { MarkSource::Unknown } else { MarkSource::OtherMark(by) };
    Ok(Action::Rewrite(Rewrite::Mark { of, keep, by }))
}

/// `-m mark`.
///
/// # Errors
/// What is wrong with its options.
pub fn packet_is_marked(context: &mut Context<'_>, module: &Module<'_>, _: Option<u8>) -> Result<Vec<Match>, String> {
    is_marked(context, module, MarkOf::Packet)
}

/// `-m connmark`.
///
/// # Errors
/// What is wrong with its options.
pub fn connection_is_marked(
    context: &mut Context<'_>,
    module: &Module<'_>,
    _: Option<u8>,
) -> Result<Vec<Match>, String> {
    is_marked(context, module, MarkOf::Connection)
}

fn is_marked(context: &mut Context<'_>, module: &Module<'_>, of: MarkOf) -> Result<Vec<Match>, String> {
    let [given] = module.options.as_slice() else { return Err(format!("-m {} without one --mark", module.name)) };
    let (value, mask) = value_and_mask(given.value())?;
    let wanted = IntervalSet::single(value);
    let values = if given.negated { wanted.complement() } else { wanted };
    // If the mark is not known, the answer at one rule does not determine the answer at the next.
    let otherwise = context.rule_set.condition(&words_of(module.name, [given], true), true);
    Ok(vec![Match { tests: vec![Test::Mark { of, mask, values, otherwise }], ..Match::any() }])
}
