//! Compares the audit of a planted fault with the expected result, and counts the outcomes in a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use edgewarden::findings::{Finding, Kind, Run, Severity};

use crate::expected::Expected;
use crate::fault::Fault;
use crate::oracle::{Name, Status};
use crate::styles::summary;

/// The outcome of one planted fault. If there are several, the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything expected is reported, and nothing else.
    Found,
    /// It is reported as another kind.
    WrongKind,
    /// Something is reported that is not the case.
    FalseAlarm,
    /// It is not reported.
    Missed,
}

/// How often each outcome occurred, by fault.
#[derive(Debug, Default)]
pub struct Table {
    counts: BTreeMap<Fault, BTreeMap<Outcome, usize>>,
}

impl Table {
    pub fn count(&mut self, fault: Fault, outcome: Outcome) {
        *self.counts.entry(fault).or_default().entry(outcome).or_default() += 1;
    }

    pub fn add(&mut self, other: Self) {
        for (fault, outcomes) in other.counts {
            for (outcome, count) in outcomes {
                *self.counts.entry(fault).or_default().entry(outcome).or_default() += count;
            }
        }
    }

    /// How many faults had this outcome.
    pub fn total(&self, outcome: Outcome) -> usize {
        self.counts.values().filter_map(|outcomes| outcomes.get(&outcome)).sum()
    }

    /// How many faults there are in total.
    pub fn count_all(&self) -> usize {
        self.counts.values().flat_map(BTreeMap::values).sum()
    }

    /// The faults that were planted.
    pub fn planted(&self) -> BTreeSet<Fault> {
        self.counts.keys().copied().collect()
    }

    /// The table as text.
    pub fn text(&self) -> String {
        let mut text =
            format!("{:<24} {:>7} {:>7} {:>12} {:>11}\n", "fault", "found", "missed", "false alarm", "wrong kind");
        let row = |name: &str, of: &dyn Fn(Outcome) -> usize| {
            let columns = [Outcome::Found, Outcome::Missed, Outcome::FalseAlarm, Outcome::WrongKind].map(of);
            format!("{name:<24} {:>7} {:>7} {:>12} {:>11}\n", columns[0], columns[1], columns[2], columns[3])
        };
        for (fault, outcomes) in &self.counts {
            text.push_str(&row(&format!("{fault:?}"), &|outcome| outcomes.get(&outcome).copied().unwrap_or(0)));
        }
        let _ = write!(text, "{}", row("all", &|outcome| self.total(outcome)));
        text
    }
}

/// Whether a finding quotes one of these lines.
fn quotes(finding: &Finding, lines: &BTreeSet<(String, u32)>) -> bool {
    finding.rules.iter().any(|rule| lines.contains(&(rule.input.clone(), rule.line)))
}

/// Compares a run with the expected result. `lines` are the lines of the mutated rules: the file's id and the line. Returns a
/// text for each difference.
pub fn judge(run: &Run, expected: &Expected, lines: &BTreeSet<(String, u32)>) -> (Outcome, Vec<String>) {
    let mut wrong: Vec<(Outcome, String)> = Vec::new();
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    for need in &run.needs {
        let name: Name = (need.id.clone(), need.node.clone(), need.family.clone());
        let asked = expected.statuses.get(&name).copied();
        let asked_for = match (asked, expected.misses.get(&name)) {
            (None | Some(Status::Satisfied), _) => "satisfied".to_owned(),
            (Some(Status::Missing), Some(kind)) => format!("misdirected ({kind})"),
            (Some(status), _) => format!("{status:?}").to_lowercase(),
        };
        let finding = need.finding.as_ref().and_then(|id| run.findings.iter().find(|finding| finding.id == *id));
        let got = match finding.and_then(|finding| finding.near_miss.as_ref()) {
            Some(miss) => format!("{} ({})", need.status.name(), miss.kind),
            None => need.status.name().to_owned(),
        };
        explained.extend(need.finding.as_deref());
        if asked.is_none() && matches!(need.status.name(), "not_applicable" | "not_evaluated") {
            continue;
        }
        if asked_for != got {
            let outcome = match (asked_for.as_str(), got.as_str()) {
                ("satisfied", _) => Outcome::FalseAlarm,
                (_, "satisfied") => Outcome::Missed,
                _ => Outcome::WrongKind,
            };
            wrong.push((outcome, format!("{name:?} is {asked_for}, reported as {got}")));
        } else if expected.named.contains(&name) && !finding.is_some_and(|finding| quotes(finding, lines)) {
            wrong.push((Outcome::WrongKind, format!("none of {lines:?} is quoted for {name:?}")));
        } else if let Some(miss) = finding.and_then(|finding| finding.near_miss.as_ref()) {
            let named = miss.rules.iter().map(|rule| (rule.input.clone(), rule.line));
            let strangers: Vec<_> = named.filter(|place| !lines.contains(place)).collect();
            if !strangers.is_empty() || miss.rules.is_empty() {
                wrong.push((
                    Outcome::WrongKind,
                    format!("{name:?} has its near miss on {lines:?}, reported on {strangers:?}"),
                ));
            }
        }
    }
    let severe = |finding: &&Finding| finding.severity < Severity::Info;
    let others = run.findings.iter().filter(severe).filter(|finding| !explained.contains(finding.id.as_str()));
    let (mut excess, mut besides) = (false, false);
    for finding in others {
        let own = finding.rules.last().is_some_and(|rule| lines.contains(&(rule.input.clone(), rule.line)));
        if finding.kind == Kind::Excess && expected.excess && own {
            excess = true;
        } else if expected.besides == Some(finding.kind.name()) {
            besides = true;
        } else {
            wrong.push((Outcome::FalseAlarm, summary(finding)));
        }
    }
    if expected.excess && !excess {
        wrong.push((Outcome::Missed, format!("excess by {lines:?}")));
    }
    if let Some(kind) = expected.besides
        && !besides
    {
        wrong.push((Outcome::Missed, kind.to_owned()));
    }
    let outcome = wrong.iter().map(|(outcome, _)| *outcome).max().unwrap_or(Outcome::Found);
    (outcome, wrong.into_iter().map(|(outcome, text)| format!("{outcome:?}: {text}")).collect())
}
