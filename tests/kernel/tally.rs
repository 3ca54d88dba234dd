//! The result of comparing answers: counts, and the first differences in full.

use std::fmt;

use serde::Deserialize;

/// How many differences of each kind are shown in full.
const MOST_SHOWN: usize = 4;

/// What the kernel did with a probe; `README.md` describes the fields.
#[derive(Debug, Deserialize)]
pub struct Observed {
    pub verdict: String,
    pub rule: Option<String>,
    text: Option<String>,
    via: Option<String>,
    ct: Option<String>,
    nat: Option<serde_json::Value>,
    path: Vec<String>,
}

/// The program's answer to the probe.
#[derive(Debug, Deserialize)]
pub struct Traced {
    pub verdict: String,
    pub rule: Option<String>,
    path: Vec<String>,
    reason: Option<String>,
}

/// How one answer compares with the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Same,
    Wrong,
    OtherRule,
    Unnamed,
    Undecided,
    Unseen,
}

/// The counts of many comparisons.
#[derive(Debug, Default)]
pub struct Tally {
    pub name: &'static str,
    pub sets: u64,
    pub probes: u64,
    pub undecided: u64,
    pub not_loaded: Vec<String>,
    wrong: u64,
    other_rule: u64,
    unnamed: u64,
    unseen: u64,
    /// Probes that some rule matched, and not only a policy.
    matched: u64,
    shown: Vec<String>,
}

impl Tally {
    pub fn new(name: &'static str) -> Tally {
        Tally { name, ..Tally::default() }
    }

    /// Whether no verdict was wrong and no other rule was named.
    pub fn agrees(&self) -> bool {
        self.wrong == 0 && self.other_rule == 0
    }

    /// Counts one probe; `set` is the name of its rule set, `probe` its line.
    pub fn compare(&mut self, set: &str, probe: &str, observed: &Observed, traced: &Traced) {
        self.probes += 1;
        self.matched += u64::from(!observed.path.is_empty());
        let outcome = if observed.verdict == "unseen" {
            Outcome::Unseen
        } else if traced.verdict == "undecided" {
            Outcome::Undecided
        } else if traced.verdict != observed.verdict {
            Outcome::Wrong
        } else if traced.rule == observed.rule {
            Outcome::Same
        } else if traced.rule.is_none() {
            Outcome::Unnamed
        } else {
            Outcome::OtherRule
        };
        let count = match outcome {
            Outcome::Same => return,
            Outcome::Wrong => &mut self.wrong,
            Outcome::OtherRule => &mut self.other_rule,
            Outcome::Unnamed => &mut self.unnamed,
            Outcome::Undecided => &mut self.undecided,
            Outcome::Unseen => &mut self.unseen,
        };
        *count += 1;
        let show = match outcome {
            Outcome::Wrong | Outcome::OtherRule => *count <= MOST_SHOWN as u64,
            Outcome::Unnamed => *count == 1,
            _ => false,
        };
        if show {
            self.shown
                .push(format!("{outcome:?}: {set}\n    probe:  {probe}\n    kernel: {observed}\n    ours:   {traced}"));
        }
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        write!(formatter, "{} by {}: {}", self.verdict, or_none(&self.rule), or_none(&self.text))?;
        write!(formatter, "\n            seen last at {}, conntrack {}", or_none(&self.via), or_none(&self.ct))?;
        if let Some(nat) = &self.nat {
            write!(formatter, ", translated to {nat}")?;
        }
        write!(formatter, "\n            path {}", self.path.join("; "))
    }
}

impl fmt::Display for Traced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} by {}", self.verdict, self.rule.as_deref().unwrap_or("none"))?;
        if let Some(reason) = &self.reason {
            write!(formatter, ": {reason}")?;
        }
        write!(formatter, "\n            path {}", self.path.join("; "))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_mille = |count: u64| count * 1000 / self.probes.max(1);
        writeln!(
            formatter,
            "{}: {} rule sets, {} probes: {} wrong verdicts, {} other rules named, {} no rule named, {} undecided ({}.{} %), \
             {} the kernel discarded; a rule matched {} %",
            self.name,
            self.sets,
            self.probes,
            self.wrong,
            self.other_rule,
            self.unnamed,
            self.undecided,
            per_mille(self.undecided) / 10,
            per_mille(self.undecided) % 10,
            self.unseen,
            per_mille(self.matched) / 10
        )?;
        for refused in &self.not_loaded {
            writeln!(formatter, "  not loaded: {refused}")?;
        }
        for difference in &self.shown {
            writeln!(formatter, "  {difference}")?;
        }
        Ok(())
    }
}
