//! The sentence for a near miss, and its rules with their text.

use crate::audit::findings::evidence;
use crate::audit::judgement::firewall::View;
use crate::audit::judgement::near_miss::{Kind, NearMiss};
use crate::findings;
use crate::judge::FamilyAddress;

/// How many misplaced rules a finding quotes.
const MOST_RULES: usize = 8;

/// `Line 12 has source and destination the wrong way round.`
pub(super) fn why<A: FamilyAddress>(view: &View<A>, found: &NearMiss) -> String {
    let places: Vec<String> =
        found.rules.iter().filter_map(|rule| view.export.place(*rule)).map(|place| place.line.to_string()).collect();
    let (lines, several) = match places.as_slice() {
        [one] => (format!("Line {one}"), false),
        many if many.len() <= MOST_RULES => (format!("Lines {}", many.join(", ")), true),
        many => (format!("Lines {} and {} more", many[..MOST_RULES].join(", "), many.len() - MOST_RULES), true),
    };
    let verb = |one: &'static str, many: &'static str| if several { many } else { one };
    let would = format!("{lines} would permit it");
    match found.kind {
        Kind::Reversed => format!("{lines} {} source and destination the wrong way round.", verb("has", "have")),
        Kind::SourcePort => {
            format!("{lines} {} the port as source port, where it is the destination port.", verb("matches", "match"))
        }
        Kind::WrongInterface => format!(
            "{would}, but {} for other interfaces or another direction, or in a chain for the firewall's own traffic.",
            verb("is", "are")
        ),
        Kind::NotApplied => {
            format!("{would}, but {} in a chain that nothing leads to.", verb("is", "are"))
        }
        Kind::WrongAddress => format!("{lines} {} it for another address of the Edge.", verb("permits", "permit")),
        Kind::WrongTransport => {
            format!("{lines} {} the port over the other transport.", verb("permits", "permit"))
        }
        Kind::NatView => format!(
            "{lines} {} the address on the other side of the translation, which packets do not carry here.",
            verb("names", "name")
        ),
    }
}

/// The near miss in the form of a run.
pub(super) fn evidence<A: FamilyAddress>(view: &View<A>, found: &NearMiss) -> findings::NearMiss {
    let effect = if found.kind == Kind::NotApplied { "not applied" } else { "misplaced" };
    findings::NearMiss {
        kind: found.kind.name().to_owned(),
        rules: found
            .rules
            .iter()
            .take(MOST_RULES)
            .filter_map(|rule| evidence::quote(view.export, *rule, effect))
            .collect(),
    }
}
