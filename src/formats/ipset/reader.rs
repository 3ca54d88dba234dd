//! The lines of `ipset save`, of scripts for `ipset restore`, and of the plain listing of `ipset list` (ipset(8)).
//!
//! No line stops the reading. A line that is not understood is marked in the ledger, and if it names a set, the elements of that
//! set become uncertain. Start at [`Sets::read`].

use rustc_hash::FxHashMap;

use crate::formats::beside::OUTSIDE;
use crate::model::{Origin, Span};
use crate::source::{Ledger, LineState, Source};

use super::set::IpSet;
use super::words::split;

/// The most elements of all sets together: a bound on memory. The elements of a set that exceeds it are uncertain.
const MOST_ELEMENTS: usize = 4_000_000;

/// The state of a line, or what is wrong with it.
type Outcome = Result<LineState, String>;

/// All sets of one firewall, by name.
#[derive(Debug, Default)]
pub struct Sets {
    by_name: FxHashMap<String, IpSet>,
    /// Whether any companion was given.
    given: bool,
    elements: usize,
}

impl Sets {
    /// Whether any companion was given. If so, a set that no companion lists is missing.
    #[must_use]
    pub fn are_given(&self) -> bool {
        self.given
    }

    /// The set of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&IpSet> {
        self.by_name.get(name)
    }

    /// Reads one companion to its end; `input` is its index among the inputs.
    pub fn read(&mut self, input: usize, source: &Source) -> Ledger {
        self.given = true;
        let mut reader = Reader {
            sets: self,
            source,
            input: u32::try_from(input).unwrap_or(u32::MAX),
            at: 0,
            ledger: Ledger::new(source.line_count()),
            listed: None,
            early: Vec::new(),
            earlier: FxHashMap::default(),
        };
        for (line, text) in source.lines() {
            reader.at = line;
            let outcome = reader.line(line, text.trim());
            reader.mark(line, text, outcome);
        }
        reader.finish()
    }
}

/// A set of a listing while its lines are read.
struct Listed {
    name: String,
    /// How many elements its header states.
    count: Option<usize>,
    /// How many elements were read; none before the line `Members:`.
    read: Option<usize>,
    line: u32,
}

struct Reader<'s> {
    sets: &'s mut Sets,
    source: &'s Source,
    input: u32,
    /// The line being read.
    at: u32,
    ledger: Ledger,
    listed: Option<Listed>,
    /// `add` lines that come before the `create` line of their set: the line number and the line.
    early: Vec<(u32, &'s str)>,
    /// The earlier contents of sets that are created again.
    earlier: FxHashMap<String, IpSet>,
}

impl<'s> Reader<'s> {
    /// Marks the state of a line in the ledger.
    fn mark(&mut self, line: u32, text: &str, outcome: Outcome) {
        match outcome {
            Ok(LineState::Ignored) => {
                let reason = if text.trim().is_empty() { "" } else { "has no elements" };
                self.ledger.mark(line, LineState::Ignored, reason);
            }
            Ok(state) => self.ledger.mark(line, state, ""),
            Err(reason) if reason == OUTSIDE => self.ledger.mark(line, LineState::Ignored, OUTSIDE),
            Err(reason) => {
                // Its effect on the set that it names is unknown.
                let why = format!("line {line} of {} could not be read", self.source.id);
                let listed =
                    self.listed.as_ref().filter(|listed| listed.read.is_some()).map(|listed| listed.name.as_str());
                for name in text.split_whitespace().take(4).chain(listed) {
                    if let Some(set) = self.sets.by_name.get_mut(name) {
                        set.doubt(why.clone());
                    }
                }
                self.ledger.mark(line, LineState::Unrecognised, reason);
            }
        }
    }

    fn line(&mut self, line: u32, text: &'s str) -> Outcome {
        if text.is_empty() {
            self.end_listed();
            return Ok(LineState::Ignored);
        }
        if text.starts_with('#') || matches!(text, "COMMIT" | "quit") {
            return Ok(LineState::Ignored);
        }
        if let Some((head, value)) = text.split_once(':').filter(|(head, _)| HEADS.contains(head)) {
            return self.head(line, head, value.trim());
        }
        let words = split(text).ok_or("a quote is never closed")?;
        let Some(read) = self.listed.as_ref().and_then(|listed| listed.read) else {
            return match self.command(line, text, &words) {
                Err(_) if is_prompt(text) => Ok(LineState::Ignored),
                outcome => outcome,
            };
        };
        if is_prompt(text) {
            self.end_listed();
            return Ok(LineState::Ignored);
        }
        let name = self.listed.as_mut().map(|listed| {
            listed.read = Some(read + 1);
            listed.name.clone()
        });
        self.add(&name.unwrap_or_default(), &words)
    }

    /// One command. The name of the program may precede it, and options of the program may be anywhere.
    fn command(&mut self, line: u32, text: &'s str, words: &[&str]) -> Outcome {
        let exist = words.iter().any(|word| matches!(*word, "-exist" | "--exist" | "-!"));
        let program = |word: &str| word == "ipset" || word.ends_with("/ipset");
        let plain = |word: &&&str| !matches!(**word, "-exist" | "--exist" | "-!");
        let words: Vec<&str> = words.iter().filter(plain).copied().skip_while(|word| program(word)).collect();
        let Some((command, words)) = words.split_first() else { return Ok(LineState::Ignored) };
        match (command.trim_start_matches('-'), words) {
            ("create" | "new" | "n" | "N", [name, rest @ ..]) => self.create(name, rest, exist),
            ("add" | "A", [name, rest @ ..]) => {
                if !self.sets.by_name.contains_key(*name) {
                    self.early.push((line, text));
                    return Ok(LineState::Understood);
                }
                self.add(name, rest)
            }
            ("flush" | "F", names) => {
                let all = names.is_empty();
                for (_, set) in self.sets.by_name.iter_mut().filter(|(name, _)| all || names.contains(&name.as_str())) {
                    set.flush();
                }
                Ok(LineState::Understood)
            }
            ("destroy" | "x" | "X", names) => {
                let all = names.is_empty();
                self.sets.by_name.retain(|name, _| !all && !names.contains(&name.as_str()));
                Ok(LineState::Understood)
            }
            ("rename" | "e" | "E", [from, to]) if !self.sets.by_name.contains_key(*to) => {
                let set = self.sets.by_name.remove(*from).ok_or_else(|| format!("there is no set {from}"))?;
                self.sets.by_name.insert((*to).to_owned(), set);
                Ok(LineState::Understood)
            }
            ("swap" | "w" | "W", [one, other]) if one != other => {
                let missing = || format!("there is no set {one}, or no set {other}");
                let first = self.sets.by_name.remove(*one).ok_or_else(missing)?;
                let Some(second) = self.sets.by_name.insert((*other).to_owned(), first) else {
                    return Err(missing());
                };
                self.sets.by_name.insert((*one).to_owned(), second);
                Ok(LineState::Understood)
            }
            ("test" | "list" | "save" | "T" | "L" | "S", _) => Ok(LineState::Ignored),
            // A banner, a date: a damaged command would name a set.
            (command, words) if !CHANGES.contains(&command) && !words.iter().take(3).any(|word| self.knows(word)) => {
                Err(OUTSIDE.to_owned())
            }
            _ => Err("not a line of ipset".to_owned()),
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.sets.by_name.contains_key(name)
    }

    fn create(&mut self, name: &str, words: &[&str], exist: bool) -> Outcome {
        let (mut set, wrong) = IpSet::create(words)?;
        let span = self.source.line_span(self.at);
        set.origin = span.map(|span| Origin { input: self.input, span: Span::of(span) });
        if exist && let Some(known) = self.sets.by_name.get(name) {
            return if known.kind == set.kind && known.family == set.family {
                Ok(LineState::Understood)
            } else {
                Err(format!("set {name} is already of another type"))
            };
        }
        if wrong.is_some() {
            set.doubt(format!("an option of its create line in {} could not be read", self.source.id));
        }
        if let Some(before) = self.sets.by_name.insert(name.to_owned(), set) {
            // Two dumps of the same set, which may be equal.
            self.compare(name);
            self.earlier.insert(name.to_owned(), before);
        }
        wrong.map_or(Ok(LineState::Understood), Err)
    }

    /// Compares a set that was created twice with its earlier contents.
    fn compare(&mut self, name: &str) {
        if let (Some(before), Some(set)) = (self.earlier.remove(name), self.sets.by_name.get_mut(name))
            && (before.doubt.is_some() || !set.holds_the_same(&before))
        {
            set.doubt("it is given twice, with different elements".to_owned());
        }
    }

    fn add(&mut self, name: &str, words: &[&str]) -> Outcome {
        let set = self.sets.by_name.get_mut(name).ok_or_else(|| format!("set {name} is not created"))?;
        if self.sets.elements > MOST_ELEMENTS {
            set.doubt(format!("there are more than {MOST_ELEMENTS} elements"));
            return Err("more elements than are kept".to_owned());
        }
        self.sets.elements += set.add(words)?;
        Ok(LineState::Understood)
    }

    /// A line of the header of a listing.
    fn head(&mut self, line: u32, head: &str, value: &'s str) -> Outcome {
        if head == "Name" {
            self.end_listed();
            self.listed = Some(Listed { name: value.to_owned(), count: None, read: None, line });
            return Ok(LineState::Understood);
        }
        let Some(listed) = &mut self.listed else { return Err("comes before any Name line".to_owned()) };
        let name = listed.name.clone();
        match head {
            "Type" => self.create(&name, &[value], false),
            "Header" => {
                let words = split(value).ok_or("a quote is never closed")?;
                let set = self.sets.by_name.get_mut(&name).ok_or("a header without a type")?;
                set.options(&words).map(|()| LineState::Understood)
            }
            "Number of entries" => {
                listed.count = value.parse().ok();
                Ok(LineState::Understood)
            }
            "Members" => {
                listed.read = Some(0);
                Ok(LineState::Understood)
            }
            _ => Ok(LineState::Ignored),
        }
    }

    /// Ends the listing of a set. If elements are missing from it, the set's elements become uncertain.
    fn end_listed(&mut self) {
        let Some(listed) = self.listed.take() else { return };
        if listed.count.is_some_and(|count| listed.read.is_none_or(|read| read < count)) || listed.read.is_none() {
            let why = format!("its listing at line {} of {} lacks elements", listed.line, self.source.id);
            if let Some(set) = self.sets.by_name.get_mut(&listed.name) {
                set.doubt(why);
            }
        }
    }

    /// Adds the elements that came before the `create` line of their set.
    fn finish(mut self) -> Ledger {
        self.end_listed();
        for (line, text) in std::mem::take(&mut self.early) {
            let words = split(text).unwrap_or_default();
            let mut words = words.into_iter().filter(|word| !word.starts_with("-e") && *word != "-!");
            let name = words.by_ref().skip_while(|word| word.ends_with("ipset")).nth(1).unwrap_or_default();
            let rest: Vec<&str> = words.collect();
            let outcome = self.add(name, &rest);
            self.mark(line, text, outcome);
        }
        let twice: Vec<String> = self.earlier.keys().cloned().collect();
        for name in twice {
            self.compare(&name);
        }
        self.ledger
    }
}

/// Commands that change sets.
const CHANGES: &[&str] = &[
    "create", "new", "n", "N", "add", "A", "del", "d", "D", "flush", "F", "destroy", "x", "X", "rename", "e", "E",
    "swap", "w", "W",
];

/// The words before a colon in the header of a listing.
const HEADS: &[&str] =
    &["Name", "Type", "Revision", "Header", "Size in memory", "References", "Number of entries", "Members"];

/// Whether a line is a shell prompt, with or without the command that made the dump.
fn is_prompt(text: &str) -> bool {
    let Some(place) = text.find(['#', '$', '>', '%']) else { return false };
    let (before, after) = (&text[..place], text[place + 1..].trim());
    let made = ["ipset save", "ipset list", "ipset -S", "ipset -L"].iter().any(|command| after.contains(command));
    before.len() <= 80
        && (before.contains('@') || before.ends_with(['~', '/', ']']))
        && (after.is_empty() || after == "exit" || made)
}
