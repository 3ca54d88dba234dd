//! Remediations taken at their word: the lines put into the export's text where the finding says, and the whole audited again.

use std::collections::BTreeMap;

use edgewarden::findings::{Finding, Kind, Remediation, Run, Severity};

/// What came of the remediations of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// By the finding's kind: how many had a remediation, and stood the proof.
    pub applied: BTreeMap<&'static str, usize>,
    /// By the finding's kind: how many had none.
    pub without: BTreeMap<&'static str, usize>,
    #[allow(dead_code)] // as above
    /// By what was done to the rules, where somebody notes that: how many had none.
    pub faults: BTreeMap<String, usize>,
}

#[allow(dead_code)] // one of the test programs that share this adds up, another does not
impl Tally {
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.applied {
            *self.applied.entry(kind).or_default() += count;
        }
        for (fault, count) in &other.faults {
            *self.faults.entry(fault.clone()).or_default() += count;
        }
        for (kind, count) in &other.without {
            *self.without.entry(kind).or_default() += count;
        }
    }

    pub fn count(&self) -> usize {
        self.applied.values().sum()
    }
}

/// A file of the audit: the input's id and its text.
pub type File = (String, String);

/// Applies each remediation of a run by itself and audits again: the finding is gone, none above info is new, and every other need
/// has the status it had, or a better one.
pub fn prove(what: &str, files: &[File], run: &Run, audit: impl Fn(&[File]) -> Run) -> Tally {
    let mut tally = Tally::default();
    for finding in &run.findings {
        let Some(remediation) = &finding.remediation else {
            if !matches!(finding.kind, Kind::Undecided | Kind::MediaRangeClosed) {
                *tally.without.entry(finding.kind.name()).or_default() += 1;
            }
            continue;
        };
        let changed = apply(files, remediation);
        let after = audit(&changed);
        compare(what, finding, run, &after);
        *tally.applied.entry(finding.kind.name()).or_default() += 1;
    }
    tally
}

/// The files with the remediation's lines where it says.
fn apply(files: &[File], remediation: &Remediation) -> Vec<File> {
    // A block of lines for each place where some are put in.
    let mut blocks = remediation.snippet.split("\n\n");
    let mut edits: Vec<(String, usize, bool, bool, Vec<&str>)> = Vec::new();
    for place in remediation.r#where.lines() {
        let (what, rest) = place.split_once("line ").unwrap_or_else(|| panic!("no line in {place}"));
        let (number, rest) = rest.split_once(" of ").unwrap_or_else(|| panic!("no file in {place}"));
        let (input, _) = rest.split_once(", ").unwrap_or_else(|| panic!("no rule in {place}"));
        let (behind, goes) = match what {
            "Insert before " => (false, false),
            "Insert after " => (true, false),
            "In place of " | "Remove " => (false, true),
            _ => panic!("{what} in {place}"),
        };
        let number = number.parse().unwrap_or_else(|_| panic!("no number in {place}"));
        let lines = if what == "Remove " && !edits.is_empty() { None } else { blocks.next() };
        edits.push((input.to_owned(), number, behind, goes, lines.into_iter().flat_map(str::lines).collect()));
    }
    assert!(blocks.next().is_none(), "lines without a place: {remediation:#?}");
    let mut changed = files.to_vec();
    // From the end, so that numbers stay right.
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.1));
    for edit in edits {
        let (input, number, behind, goes, put_in) = &edit;
        let (_, text) = changed.iter_mut().find(|(id, _)| id == input).unwrap_or_else(|| panic!("no {input}"));
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = if *behind { *number } else { number - 1 };
        if *goes {
            lines.remove(at);
        }
        lines.splice(at..at, put_in.iter().map(|line| (*line).to_owned()));
        *text = lines.join("\n") + "\n";
    }
    changed
}

/// What makes a finding of a need the same one.
type NeedKey<'r> = (Option<&'r str>, Option<&'r str>, Option<&'r str>, Option<&'r str>);

fn key(finding: &Finding) -> NeedKey<'_> {
    let Finding { need, node, family, firewall, .. } = finding;
    (need.as_deref(), node.as_deref(), family.as_deref(), firewall.as_deref())
}

/// Whether it is what is left of connections that a rule blocked before: those of other needs than the one that was mended.
fn narrowed(mended: &Finding, before: &Run, after: &Finding) -> bool {
    let by = |finding: &Finding| finding.rules.last().map(|rule| (rule.input.clone(), rule.text.clone()));
    let mut known = before.findings.iter().filter(|known| known.kind == Kind::RepliesBlocked);
    after.kind == Kind::RepliesBlocked
        && known.any(|known| by(known) == by(after))
        && mended.need.as_ref().is_none_or(|need| !after.why.contains(need.as_str()))
}

fn compare(what: &str, finding: &Finding, before: &Run, after: &Run) {
    let told = || format!("{what}\n{:#?}\n{:#?}", finding.title, finding.remediation);
    let above_info = |finding: &&Finding| finding.severity < Severity::Info;
    if finding.need.is_some() {
        let left = after.findings.iter().filter(above_info).find(|other| key(other) == key(finding));
        assert!(left.is_none(), "still there: {left:#?}\n{}", told());
    } else {
        // The same packets by other interfaces are another rule's, of the same fingerprint.
        let same = |other: &&Finding| other.fingerprint == finding.fingerprint && other.excess == finding.excess;
        let left = after.findings.iter().find(same);
        assert!(left.is_none(), "still there: {left:#?}\n{}", told());
    }
    for other in after.findings.iter().filter(above_info) {
        let known =
            before.findings.iter().any(|known| {
                known.fingerprint == other.fingerprint || known.need.is_some() && key(known) == key(other)
            }) || narrowed(finding, before, other);
        assert!(known, "new: {:?} {:#?}\n{}", other.title, other.excess, told());
    }
    let statuses = |run: &Run| -> BTreeMap<(String, String, String, Option<String>), &'static str> {
        let row = |need: &edgewarden::findings::Need| {
            ((need.id.clone(), need.node.clone(), need.family.clone(), need.firewall.clone()), need.status.name())
        };
        run.needs.iter().map(row).collect()
    };
    let rank = |status: &str| match status {
        "satisfied" => 0,
        "undecided" => 1,
        "partial" => 2,
        _ => 3,
    };
    let (was, is) = (statuses(before), statuses(after));
    for (need, status) in &was {
        let now = is[need];
        assert!(now == *status || rank(now) <= rank(status), "{need:?} was {status} and is {now}\n{}", told());
    }
}
