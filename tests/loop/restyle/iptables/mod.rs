//! iptables: dumps in the form of `iptables-save`, `ip6tables-save` and `ipset save`, written independently of the program's own
//! writer.
//!
//! [`spell`] makes lines from entries and [`chains`] makes chains from lines; [`noise`] and [`nat`] add other rules and tables.
//! [`Knobs`] are the choices.

mod chains;
mod line;
mod load;
mod merged;
mod nat;
mod noise;
mod sets;
mod spell;

use std::fmt::Write as _;
use std::path::Path;

use edgewarden::formats::Format;
use edgewarden::model::Family;

use crate::entries::{Condition, Entry, Placement};
use crate::fault::Fault;
use crate::neutral::{WAYS, with_and_without};
use crate::random::Random;
use crate::work::Quota;

use super::{Loaded, Style, Wanted, Written};
use chains::Chain;
use line::{Field, Line, Part};
use sets::Sets;

/// The format.
pub struct Iptables;

/// The style of one administrator.
pub struct Knobs {
    /// Whether everything is written in the simplest notation.
    plain: bool,
    /// Percentages of use: sets, address ranges, old notations, comments, TCP flags of an opening packet.
    sets: usize,
    ranges: usize,
    old: usize,
    comments: usize,
    syn: usize,
    /// How lines match new connections.
    state: &'static [Option<(&'static str, &'static str)>],
    /// How deep chains are nested.
    depth: usize,
    /// Whether the policy accepts, so that a last rule has to deny the rest.
    accepts_by_policy: bool,
    chains: usize,
    rewrites: usize,
}

impl Knobs {
    fn plain() -> Self {
        let state = &[None];
        Self {
            plain: true,
            sets: 0,
            ranges: 0,
            old: 0,
            comments: 0,
            syn: 0,
            state,
            depth: 0,
            accepts_by_policy: false,
            chains: 0,
            rewrites: 0,
        }
    }

    fn of(random: &mut Random) -> Self {
        type State = Option<(&'static str, &'static str)>;
        const NONE: State = None;
        const NEW: State = Some(("conntrack", "--ctstate"));
        const OLD: State = Some(("state", "--state"));
        let state: [&'static [State]; 5] = [&[NONE], &[NEW], &[OLD], &[NONE, NEW], &[NONE, NEW, OLD]];
        Self {
            plain: false,
            sets: *random.pick(&[0, 0, 25, 75]),
            ranges: *random.pick(&[0, 30, 100]),
            old: *random.pick(&[0, 0, 15, 100]),
            comments: *random.pick(&[0, 20, 100]),
            syn: *random.pick(&[0, 0, 0, 20, 100]),
            state: *random.pick(&state),
            depth: *random.pick(&[0, 1, 1, 2, 2, 3]),
            accepts_by_policy: random.chance(35),
            chains: 0,
            rewrites: 0,
        }
    }

    /// The part that matches new connections, if the line has one.
    fn state_of(&mut self, random: &mut Random) -> Option<Part> {
        let (module, option) = (*random.pick(self.state))?;
        self.rewrites += 1;
        Some(Part::new(Field::State, module, option, "NEW"))
    }

    /// A name for a new chain.
    fn chain_name(&mut self, word: &str, key: &[Part], random: &mut Random) -> String {
        self.chains += 1;
        let hint: String = key[0].value.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
        match random.below(3) {
            0 => format!("{word}_{hint}_{}", self.chains),
            1 => format!("{}-{}", word.to_uppercase(), self.chains),
            _ => format!("edge{}-{word}", self.chains),
        }
    }
}

impl Style for Iptables {
    fn format(&self) -> &'static dyn Format {
        &edgewarden::formats::iptables::Iptables
    }

    fn quota(&self) -> Quota {
        Quota { restyled: 150, faults: 2_000, remediations: 300, loads: 12 }
    }

    fn seed(&self) -> u64 {
        0
    }

    fn cannot_have(&self) -> &'static [Fault] {
        &[]
    }

    fn among_neutral(&self, files: &[String], random: &mut Random) -> Option<(Vec<String>, Vec<String>)> {
        let way = random.below(WAYS);
        let either =
            files.iter().map(|file| with_and_without(file, way).unwrap_or_else(|| (file.clone(), file.clone())));
        Some(either.unzip())
    }

    fn load(&self, folder: &Path, files: &[String]) -> Loaded {
        load::load(folder, files)
    }

    fn write(&self, wanted: &Wanted, random: &mut Random, plain: bool) -> Written {
        let mut written = Written { files: Vec::new(), places: Vec::new(), rewrites: 0 };
        let mut sets = Sets::default();
        for (family, entries) in &wanted.permits {
            let mut knobs = if plain { Knobs::plain() } else { Knobs::of(random) };
            let (text, lines) = dump(wanted, *family, entries, (&mut knobs, &mut sets, random));
            let file = written.files.len();
            let mut places = vec![Vec::new(); entries.len()];
            for (entry, line) in lines {
                places[entry].push((file, line));
            }
            written.places.push(places);
            written.files.push(text);
            written.rewrites += knobs.rewrites;
        }
        written.files.extend(sets.text());
        written
    }

    fn placements(&self) -> &'static [Placement] {
        &[Placement::BehindDeny, Placement::ForTheMachine, Placement::Unapplied, Placement::CommentedOut]
    }

    fn conditions(&self) -> &'static [Condition] {
        &[Condition::Time, Condition::Recent, Condition::Rate, Condition::Payload, Condition::Length]
    }
}

/// The dump of one family, and the lines of the entries.
fn dump(
    wanted: &Wanted,
    family: Family,
    entries: &[Entry],
    (knobs, sets, random): (&mut Knobs, &mut Sets, &mut Random),
) -> (String, Vec<(usize, u32)>) {
    let noise = if knobs.plain { noise::Noise::default() } else { noise::of(wanted, family, random) };
    knobs.rewrites += noise.first.len() + noise.last.len() + noise.tables.len();
    let mut applied = Vec::new();
    let mut misplaced: Vec<(Placement, Vec<Line>)> = Vec::new();
    let merged =
        if knobs.plain { Vec::new() } else { merged::services(entries, family, wanted.wiring, knobs, sets, random) };
    for (index, entry) in entries.iter().enumerate() {
        if merged.iter().any(|line| line.entries.contains(&index)) {
            continue;
        }
        let lines = spell::lines(entry, index, family, wanted.wiring, (&mut *knobs, &mut *sets, &mut *random));
        match entry.placement {
            Placement::Applied => applied.extend(lines),
            other => misplaced.push((other, lines)),
        }
    }
    applied.extend(merged);
    let mut chains: Vec<Chain> = Vec::new();
    let mut forward = if wanted.replies { replies(knobs, random) } else { Vec::new() };
    forward.extend(noise.first);
    forward.extend(chains::structure(applied, &[], knobs.depth, &mut chains, (&mut *knobs, &mut *random)));
    let mut input = noise.input;
    for (placement, lines) in misplaced {
        place(placement, lines, (&mut forward, &mut input, &mut chains), random);
    }
    forward.extend(noise.last);
    forward.extend(last(knobs, family, &mut chains, random));
    let mut text = header(family);
    for table in noise.tables.iter().cloned().chain(nat::table(wanted, family, knobs, random)) {
        text.push_str(&table);
    }
    let policy = if knobs.accepts_by_policy { "ACCEPT" } else { "DROP" };
    let _ = write!(text, "*filter\n:INPUT DROP [0:0]\n:FORWARD {policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    if !knobs.plain {
        random.shuffle(&mut chains);
    }
    for (name, _) in &chains {
        let _ = writeln!(text, ":{name} - [0:0]");
    }
    let mut places = Vec::new();
    let counters = !knobs.plain && random.chance(20);
    let all = [("INPUT".to_owned(), input), ("FORWARD".to_owned(), forward)].into_iter().chain(chains);
    for (name, lines) in all {
        for line in lines {
            if counters && !line.disabled {
                let _ = write!(text, "[{}:{}] ", random.below(100_000), random.below(10_000_000));
            }
            let number = u32::try_from(text.matches('\n').count() + 1).unwrap();
            places.extend(line.entries.iter().map(|entry| (*entry, number)));
            let _ = writeln!(text, "{}", line.text(&name));
        }
    }
    text.push_str("COMMIT\n");
    (text, places)
}

fn header(family: Family) -> String {
    let program = if family == Family::Ipv4 { "iptables-save" } else { "ip6tables-save" };
    format!("# Generated by {program} v1.8.9 on Thu Nov 19 22:15:03 2026\n")
}

/// The lines that let replies through.
fn replies(knobs: &mut Knobs, random: &mut Random) -> Vec<Line> {
    if knobs.plain {
        return vec![Line::plain("-m conntrack --ctstate RELATED,ESTABLISHED", "-j ACCEPT")];
    }
    match random.below(4) {
        0 => vec![Line::plain("-m state --state RELATED,ESTABLISHED", "-j ACCEPT")],
        1 => vec![
            Line::plain("-m conntrack --ctstate ESTABLISHED", "-j ACCEPT"),
            Line::plain("-m conntrack --ctstate RELATED", "-j ACCEPT"),
        ],
        2 => vec![Line::plain("-m conntrack ! --ctstate NEW,INVALID", "-j ACCEPT")],
        _ => vec![Line::plain("-m conntrack --ctstate RELATED,ESTABLISHED", "-j ACCEPT")],
    }
}

/// The lines for packets that no other line decides.
fn last(knobs: &mut Knobs, family: Family, chains: &mut Vec<Chain>, random: &mut Random) -> Vec<Line> {
    if knobs.plain {
        return Vec::new();
    }
    let reject = if family == Family::Ipv4 {
        "-j REJECT --reject-with icmp-host-prohibited"
    } else {
        "-j REJECT --reject-with icmp6-adm-prohibited"
    };
    match random.below(4) {
        0 if !knobs.accepts_by_policy => Vec::new(),
        1 => {
            let log = Line::plain("-m limit --limit 10/min", "-j LOG --log-prefix \"denied: \"");
            chains.push(("LOGDROP".to_owned(), vec![log, Line::plain("", "-j DROP")]));
            vec![Line::plain("", "-j LOGDROP")]
        }
        2 => vec![Line::plain("", reject)],
        _ => vec![Line::plain("", "-j DROP")],
    }
}

/// A chain that nothing leads to.
const OLD_CHAIN: &str = "edge-old";

/// Writes misplaced lines at their places.
fn place(
    placement: Placement,
    mut lines: Vec<Line>,
    (forward, input, chains): (&mut Vec<Line>, &mut Vec<Line>, &mut Vec<Chain>),
    random: &mut Random,
) {
    match placement {
        Placement::Applied => forward.extend(lines),
        Placement::BehindDeny => {
            let deny = |line: &Line| Line { target: "-j DROP".to_owned(), entries: Vec::new(), ..line.clone() };
            let denied: Vec<Line> = lines.iter().map(deny).collect();
            forward.extend(denied.into_iter().chain(lines));
        }
        Placement::ForTheMachine => {
            // Rules there cannot name an interface that packets leave by.
            let here = |mut line: Line| {
                line.parts.retain(|part| part.field != Field::Egress);
                line
            };
            input.extend(lines.into_iter().map(here));
        }
        Placement::Unapplied => {
            // The missing jump may have matched the interfaces.
            if random.chance(40) {
                for line in &mut lines {
                    line.parts.retain(|part| !matches!(part.field, Field::Ingress | Field::Egress));
                }
            }
            match chains.iter_mut().find(|(name, _)| name == OLD_CHAIN) {
                Some((_, there)) => there.extend(lines),
                None => chains.push((OLD_CHAIN.to_owned(), lines)),
            }
        }
        Placement::CommentedOut => forward.extend(lines.into_iter().map(|line| Line { disabled: true, ..line })),
    }
}
