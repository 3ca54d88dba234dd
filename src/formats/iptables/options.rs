//! Assigns the words of one rule to iptables itself, to a match extension, or to the target.
//!
//! This follows `getopt_long` as iptables uses it: an extension adds its options when it is named, a protocol adds the options of
//! its own extension, later options take precedence, and unambiguous abbreviations are accepted. Nothing is interpreted here.

use std::sync::LazyLock;

use smallvec::SmallVec;

use super::extensions::{extension, implied_by};
use super::lexer::Word;
use super::option_names::{Options, PERHAPS_ONE, find, spellings};
use super::statement::{Given, Module, Statement, Target};
use super::targets::target_extension;
use crate::formats::netfilter::values;

/// The options of iptables itself, long and short (iptables(8)).
static GENERIC: LazyLock<Options> = LazyLock::new(|| {
    spellings(
        "protocol,proto source,src destination,dst in-interface out-interface fragment=0 jump goto match set-counters=2 \
        ipv4=0 ipv6=0 wait wait-interval table verbose=0 numeric=0 exact=0 line-numbers=0 modprobe",
    )
});
const SHORT: &[(&str, &str)] = &[
    ("p", "protocol"),
    ("s", "source"),
    ("d", "destination"),
    ("i", "in-interface"),
    ("o", "out-interface"),
    ("f", "fragment"),
    ("j", "jump"),
    ("g", "goto"),
    ("m", "match"),
    ("c", "set-counters"),
    ("4", "ipv4"),
    ("6", "ipv6"),
    ("w", "wait"),
    ("W", "wait-interval"),
    ("t", "table"),
    ("v", "verbose"),
    ("n", "numeric"),
    ("x", "exact"),
];

/// The owner of an option.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OptionOwner {
    Generic,
    Module(usize),
    Implied(u8),
    Target,
    /// An unknown extension. All options after it belong to it.
    FreeModule(usize),
    FreeTarget,
}

/// Assigns the words after the chain's name. `is_chain` is true of the names of the table's chains.
pub fn sort<'w>(words: &'w [Word<'w>], is_chain: &dyn Fn(&str) -> bool) -> Statement<'w> {
    let mut sorter = Sorter { words, at: 0, statement: Statement::default(), is_chain };
    let mut negated = false;
    while let Some(word) = sorter.next() {
        if word.is("!") {
            if negated {
                sorter.problem("two ! in a row".to_owned());
            }
            negated = !negated;
        } else if word.is_option() {
            sorter.option(word, negated);
            negated = false;
        } else {
            sorter.problem(format!("unexpected word {:?}", word.text));
            negated = false;
        }
    }
    if negated {
        sorter.problem("a ! with nothing after it".to_owned());
    }
    sorter.statement
}

struct Sorter<'w, 'c> {
    words: &'w [Word<'w>],
    at: usize,
    statement: Statement<'w>,
    is_chain: &'c dyn Fn(&str) -> bool,
}

impl<'w> Sorter<'w, '_> {
    fn next(&mut self) -> Option<&'w Word<'w>> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn problem(&mut self, problem: String) {
        self.statement.problems.push(problem);
    }

    /// One option with its values.
    fn option(&mut self, word: &'w Word<'w>, negated: bool) {
        let (name, inline) = match word.text.strip_prefix("--") {
            Some(long) => match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            },
            None => short(&word.text),
        };
        let Some((place, name, values)) = self.place(name, !word.text.starts_with("--")) else {
            self.skip_values();
            return self.problem(format!("unknown option {}", word.text));
        };
        let free = matches!(place, OptionOwner::FreeModule(_) | OptionOwner::FreeTarget);
        let mut given = Given { name, negated, values: inline.into_iter().collect() };
        if inline.is_none() && values > 0 && !free && self.words.get(self.at).is_some_and(|next| next.is("!")) {
            // The old way to negate: `-s ! 10.0.0.0/8`.
            given.negated = !given.negated;
            self.at += 1;
        }
        if free {
            while let Some(value) = self.words.get(self.at).filter(|next| !next.is_option() && !next.is("!")) {
                given.values.push(&value.text);
                self.at += 1;
            }
        }
        let wanted = match (place, name) {
            (OptionOwner::Generic, "wait") => {
                usize::from(self.words.get(self.at).is_some_and(|next| values::port(&next.text).is_ok()))
            }
            (OptionOwner::Generic, "set-counters") => {
                2 - usize::from(self.words.get(self.at).is_some_and(|next| next.text.contains([',', ':'])))
            }
            (_, _) if values == PERHAPS_ONE => {
                usize::from(self.words.get(self.at).is_some_and(|next| !next.is_option() && !next.is("!")))
            }
            _ => values,
        };
        while given.values.len() < wanted {
            let Some(value) = self.next() else {
                return self.problem(format!("{} lacks its value", word.text));
            };
            given.values.push(&value.text);
        }
        self.put(place, given);
    }

    /// The owner of an option, found by its full name or else by an unambiguous abbreviation.
    fn place(&self, name: &'w str, is_short: bool) -> Option<(OptionOwner, &'w str, usize)> {
        if is_short {
            let long = SHORT.iter().find(|(short, _)| *short == name).map(|(_, long)| *long)?;
            let (canonical, values) = find(&GENERIC, long)?;
            return Some((OptionOwner::Generic, canonical, values));
        }
        for (place, options) in self.options() {
            if let Some((canonical, values)) = find(options, name) {
                return Some((place, canonical, values));
            }
        }
        if let Some(free) = self.free() {
            return Some((free, name, 0));
        }
        if self.implied().is_some() {
            // A message type belongs to one protocol. If -p names another, the rule never matches.
            match name {
                "icmp-type" => return Some((OptionOwner::Implied(1), "icmp-type", 1)),
                "icmpv6-type" => return Some((OptionOwner::Implied(58), "icmpv6-type", 1)),
                _ => {}
            }
        }
        let mut candidates = self
            .options()
            .into_iter()
            .flat_map(|(place, options)| {
                options.iter().map(move |(spelling, canonical, values)| (place, *spelling, *canonical, *values))
            })
            .filter(|(_, spelling, ..)| spelling.starts_with(name));
        let (place, _, canonical, values) = candidates.next()?;
        candidates.all(|(_, _, other, _)| other == canonical).then_some((place, canonical, values))
    }

    /// All options that can be given here, in order of precedence.
    fn options(&self) -> SmallVec<[(OptionOwner, &'static Options); 6]> {
        let statement = &self.statement;
        let target = statement.target.as_ref().filter(|target| target.extension);
        let target = target.and_then(|target| target_extension(target.name));
        let modules = statement.modules.iter().enumerate().rev();
        let implied = self.implied();
        target
            .map(|known| (OptionOwner::Target, &known.options))
            .into_iter()
            .chain(
                modules
                    .filter_map(|(place, module)| Some((OptionOwner::Module(place), &extension(module.name)?.options))),
            )
            .chain([(OptionOwner::Generic, &*GENERIC)])
            .chain(implied.and_then(|protocol| Some((OptionOwner::Implied(protocol), &implied_by(protocol)?.options))))
            .collect()
    }

    /// The protocol, if `-p` names one.
    fn implied(&self) -> Option<u8> {
        let given = self.statement.generic.iter().find(|given| given.name == "protocol" && !given.negated)?;
        values::protocol(given.value())
    }

    /// The unknown extension that gets all options that belong to no other.
    fn free(&self) -> Option<OptionOwner> {
        match &self.statement.target {
            Some(target) => (!target.extension && !(self.is_chain)(target.name)).then_some(OptionOwner::FreeTarget),
            None => self
                .statement
                .modules
                .iter()
                .rposition(|module| extension(module.name).is_none())
                .map(OptionOwner::FreeModule),
        }
    }

    fn put(&mut self, place: OptionOwner, given: Given<'w>) {
        let statement = &mut self.statement;
        match place {
            OptionOwner::Generic => self.generic(given),
            OptionOwner::Module(index) | OptionOwner::FreeModule(index) => {
                if let Some(module) = statement.modules.get_mut(index) {
                    module.options.push(given);
                }
            }
            OptionOwner::Implied(protocol) => {
                if let Some(known) = implied_by(protocol) {
                    statement.modules.push(Module { name: known.name, options: vec![given] });
                }
            }
            OptionOwner::Target | OptionOwner::FreeTarget => {
                if let Some(target) = &mut statement.target {
                    target.options.push(given);
                }
            }
        }
    }

    fn generic(&mut self, given: Given<'w>) {
        match given.name {
            "match" => {
                let name = given.value();
                self.statement.modules.push(Module { name, options: Vec::new() });
            }
            "jump" | "goto" => {
                if self.statement.target.is_some() {
                    return self.problem("two targets".to_owned());
                }
                let (name, goto) = (given.value(), given.name == "goto");
                let extension = !goto && !(self.is_chain)(name) && target_extension(name).is_some();
                self.statement.target = Some(Target { name, goto, extension, options: Vec::new() });
            }
            _ => {
                self.statement.generic.push(given);
                return;
            }
        }
        if given.negated {
            self.problem(format!("! before --{}", given.name));
        }
    }

    /// Skips the words that may be values of an unknown option.
    fn skip_values(&mut self) {
        while self.words.get(self.at).is_some_and(|next| !next.is_option() && !next.is("!")) {
            self.at += 1;
        }
    }
}

/// The letter of a short option, and a value directly after it.
fn short(text: &str) -> (&str, Option<&str>) {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let end = rest.char_indices().nth(1).map_or(rest.len(), |(end, _)| end);
    let (letter, value) = rest.split_at(end);
    (letter, (!value.is_empty()).then_some(value))
}
