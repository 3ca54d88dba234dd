//! Changes to the lines of a dump: whole lines are removed, and whole lines are inserted before a rule, after the last rule of a
//! chain, or after the declarations of its table.

use std::ops::Range;

use crate::model::{Chain, ChainId, Edit, NewRule, Origin, RuleSet, Span, Splice, Unwritable};

use super::{cannot, write_rule};

/// The edits of a dump that make the splices.
pub(super) fn edits(set: &RuleSet, texts: &[&str], splices: &[Splice]) -> Result<Vec<Edit>, Unwritable> {
    splices.iter().map(|splice| edit(set, texts, splice)).collect()
}

fn edit(set: &RuleSet, texts: &[&str], splice: &Splice) -> Result<Edit, Unwritable> {
    let chain = set.chains.get(splice.chain).ok_or_else(|| cannot("a rule of a chain that does not exist"))?;
    let mut lines = Vec::new();
    for new in &splice.inserted {
        let rule = NewRule {
            set,
            chain: splice.chain,
            family: new.family,
            packets: &new.packets,
            action: &new.action,
            comment: Some(&new.comment),
        };
        lines.extend(write_rule(&rule, is_loaded_by_both(set, splice.chain))?);
    }
    in_order(chain, texts)?;
    let place = if splice.removed > 0 { removed(set, chain, splice)? } else { Place::of(set, chain, splice.place)? };
    let text = texts.get(place.input as usize).copied().unwrap_or_default();
    let (range, ends_line) = place.range(text);
    let line_end = line_end_of(text);
    let mut new: String = lines.iter().flat_map(|line| [line.as_str(), line_end]).collect();
    if !ends_line && !new.is_empty() {
        // After a last line without a line end.
        new = format!("{line_end}{}", new.trim_end_matches(line_end));
    }
    Ok(Edit { input: place.input, span: Span::of(range), text: new, after: place.what == What::Behind })
}

/// Lines of an input that are removed, or the line before or after which lines are inserted.
struct Place {
    input: u32,
    lines: Range<usize>,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Goes,
    Before,
    Behind,
}

impl Place {
    /// Before the rule at a place of a chain, or after its last rule.
    fn of(set: &RuleSet, chain: &Chain, place: usize) -> Result<Self, Unwritable> {
        let at = |origin: Origin, what| Self { input: origin.input, lines: origin.span.range(), what };
        let origin_at = |place: usize| chain.rules.get(place).and_then(|rule| rule.origin);
        if let Some(origin) = origin_at(place) {
            if place > 0 && origin_at(place - 1) == Some(origin) {
                return Err(cannot("a rule between those of one line"));
            }
            return Ok(at(origin, What::Before));
        }
        if let Some(last) = chain.rules.last().and_then(|rule| rule.origin) {
            return Ok(at(last, What::Behind));
        }
        // All chains of a table are declared before its first rule.
        let declared = chain.origin.ok_or_else(|| cannot("a rule of a chain that no line declares"))?;
        let same_table =
            set.chains.iter().filter(|other| other.table == chain.table && other.families == chain.families);
        let last = same_table.filter_map(|other| other.origin).filter(|origin| origin.input == declared.input).max();
        Ok(at(last.unwrap_or(declared), What::Behind))
    }

    /// The bytes that are replaced, which are whole lines with their ends; and whether text inserted there follows a line end.
    fn range(&self, text: &str) -> (Range<usize>, bool) {
        let last = if line_end_of(text) == "\r" { '\r' } else { '\n' };
        let start = text.get(..self.lines.start).and_then(|before| before.rfind(last)).map_or(0, |end| end + 1);
        let after = text.get(self.lines.end..).unwrap_or_default();
        let (end, ends_line) = match after.find(last) {
            Some(at) => (self.lines.end + at + 1, true),
            None => (text.len(), false),
        };
        match self.what {
            What::Goes => (start..end, true),
            What::Before => (start..start, true),
            What::Behind => (end..end, ends_line),
        }
    }
}

/// How the lines of a text end.
fn line_end_of(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        None if text.contains('\r') => "\r",
        _ => "\n",
    }
}

/// The lines of the removed rules. They must be adjacent and must not make other rules.
fn removed(set: &RuleSet, chain: &Chain, splice: &Splice) -> Result<Place, Unwritable> {
    let end = splice.place + splice.removed;
    let going = chain.rules.get(splice.place..end).unwrap_or_default();
    let origins: Vec<Origin> = going.iter().filter_map(|rule| rule.origin).collect();
    let (Some(first), Some(last)) = (origins.first(), origins.last()) else {
        return Err(cannot("rules that are not on any line"));
    };
    let holds = |origin: Option<Origin>| {
        origin.is_some_and(|origin| {
            origin.input == first.input && (first.span.start..last.span.end).contains(&origin.span.start)
        })
    };
    let stays = |(number, other): (usize, &Chain)| {
        let is_own = |place: usize| number == splice.chain && (splice.place..end).contains(&place);
        other.rules.iter().enumerate().any(|(place, rule)| !is_own(place) && holds(rule.origin)) || holds(other.origin)
    };
    if origins.len() != splice.removed || set.chains.iter().enumerate().any(stays) {
        return Err(cannot("only a part of the rules that one line makes"));
    }
    let lines = first.span.start as usize..last.span.end as usize;
    Ok(Place { input: first.input, lines, what: What::Goes })
}

/// An error unless the lines are in the order of the rules, each appended after the one before. A rule that is inserted by number
/// is not at the place of its line, and adding or removing other lines would move it.
fn in_order(chain: &Chain, texts: &[&str]) -> Result<(), Unwritable> {
    let mut last: Option<Origin> = None;
    for rule in &chain.rules {
        let Some(origin) = rule.origin else { return Err(cannot("a place next to a rule that is not on any line")) };
        let follows = last.is_none_or(|last| last.input == origin.input && last.span.start <= origin.span.start);
        let line = texts.get(origin.input as usize).and_then(|text| text.get(origin.span.range()));
        if !follows || line.is_some_and(is_inserted) {
            return Err(cannot("a place in a chain that has rules inserted by number"));
        }
        last = Some(origin);
    }
    Ok(())
}

/// Whether a line is `-I CHAIN`, possibly after counters, a table and a family.
fn is_inserted(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with('['));
    loop {
        match words.next() {
            Some("-t" | "--table") => {
                words.next();
            }
            Some("-4" | "-6") => {}
            command => return matches!(command, Some("-I" | "--insert")),
        }
    }
}

/// Whether a chain's line belongs to a file that both loaders read: the other family has a chain of the same line.
fn is_loaded_by_both(set: &RuleSet, chain: ChainId) -> bool {
    let Some(own) = set.chains.get(chain) else { return false };
    let twin = |other: &Chain| other.families != own.families && other.origin == own.origin && own.origin.is_some();
    own.families.len() > 1 || set.chains.iter().any(twin)
}
