//! Remediations taken at their word: their edits made in the export's text, and the whole audited again.

use std::collections::BTreeMap;

use edgewarden::findings::{Finding, Kind, Position, Run, Severity, TextEdit};

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
        if finding.remediation.is_none() {
            if !matches!(finding.kind, Kind::Undecided | Kind::MediaRangeClosed) {
                *tally.without.entry(finding.kind.name()).or_default() += 1;
            }
            continue;
        }
        let changed = apply(files, run, finding);
        let after = audit(&changed);
        compare(what, finding, run, &after);
        *tally.applied.entry(finding.kind.name()).or_default() += 1;
    }
    tally
}

/// The files with a remediation's edits made: those that it makes itself, and those that an earlier finding makes as well.
fn apply(files: &[File], run: &Run, finding: &Finding) -> Vec<File> {
    let mut edits: Vec<&TextEdit> = Vec::new();
    let mut work = vec![finding];
    while let Some(finding) = work.pop() {
        let remediation = finding.remediation.as_ref().expect("a finding that makes another's change has one itself");
        edits.extend(&remediation.edits);
        // What excess by two rules of one fingerprint is, two findings say under one id.
        let makes = |other: &&Finding| remediation.made_by.contains(&other.id);
        work.extend(run.findings.iter().filter(makes));
    }
    edited(files, &edits)
}

/// The files with all these edits made. Those that begin at one place insert in the order given.
pub fn edited(files: &[File], edits: &[&TextEdit]) -> Vec<File> {
    let mut changed = files.to_vec();
    for (id, text) in &mut changed {
        let offset = |at: &Position| {
            let line: usize = text.split_inclusive('\n').take(at.line as usize - 1).map(str::len).sum();
            let rest = text[line..].char_indices().map(|(offset, _)| offset).chain([text.len() - line]);
            line + rest.take(at.column as usize).last().unwrap_or_default()
        };
        let mut own: Vec<(usize, usize, &str)> = edits
            .iter()
            .filter(|edit| edit.input == *id)
            .map(|edit| (offset(&edit.start), offset(&edit.end), edit.text.as_str()))
            .collect();
        // A stable sort: what begins and ends at one place stays in order.
        own.sort_by_key(|(start, end, _)| (*start, *end));
        let (mut new, mut at) = (String::new(), 0);
        for (start, end, put) in own {
            assert!(start >= at && end >= start, "edits overlap in {id}: {edits:#?}");
            new.push_str(&text[at..start]);
            new.push_str(put);
            at = end;
        }
        new.push_str(&text[at..]);
        *text = new;
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

/// All edits of a run made at once, in either order where several begin at one place: every finding with a remediation is gone, none
/// above info is new, and no need is worse off. Gives how many findings had a remediation.
#[allow(dead_code)] // one of the test programs that share this asks for it
pub fn prove_together(what: &str, files: &[File], run: &Run, audit: impl Fn(&[File]) -> Run) -> usize {
    let with: Vec<&Finding> = run.findings.iter().filter(|finding| finding.remediation.is_some()).collect();
    let mut edits: Vec<&TextEdit> =
        with.iter().flat_map(|finding| finding.remediation.iter().flat_map(|remediation| &remediation.edits)).collect();
    if with.is_empty() {
        return 0;
    }
    for _ in 0..2 {
        let after = audit(&edited(files, &edits));
        for finding in &with {
            compare(what, finding, run, &after);
        }
        edits.reverse();
    }
    with.len()
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
