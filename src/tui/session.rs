//! The state that all screens share: the loaded run, and the user's position in it.

use std::path::Path;

use super::Loaded;
use super::list::List;
use super::matrix::Matrix;
use super::prompt::Prompt;
use super::rows::{self, Item};
use crate::findings::replay;
use crate::findings::{Finding, Need, Run};

/// A loaded run and the user's place in it.
#[derive(Debug)]
pub struct Session {
    /// What was loaded.
    pub loaded: Loaded,
    /// The overview's matrix.
    pub matrix: Matrix,
    /// The list.
    pub list: List,
    /// The first line of the detail screen that is shown.
    pub scroll: usize,
    /// The path in the export prompt.
    pub export: Prompt,
    /// Export only the findings that the filter leaves.
    pub export_filtered: bool,
    /// The filter line as it was before it was edited.
    pub line_before: String,
}

impl Session {
    /// A new session. Takes time proportional to the run's size, so the loader's thread makes it.
    #[must_use]
    pub fn new(loaded: Loaded, report_path: &Path) -> Self {
        let matrix = Matrix::new(&rows::of_needs(&loaded), &rows::of_findings(&loaded.run), &loaded.run);
        Self {
            matrix,
            list: List::new(&loaded),
            scroll: 0,
            export: Prompt::new(report_path.to_string_lossy()),
            export_filtered: false,
            line_before: String::new(),
            loaded,
        }
    }

    /// The need of the selected row: its own, or the one its finding is about.
    #[must_use]
    pub fn need(&self) -> Option<&Need> {
        let run = &self.loaded.run;
        match self.list.selected_item()? {
            Item::Need(index) => run.needs.get(index),
            Item::Finding(index) => {
                let id = &run.findings.get(index)?.id;
                run.needs.iter().find(|need| need.finding.as_ref() == Some(id))
            }
        }
    }

    /// The finding of the selected row, if it is or has one.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.loaded.run.findings.get(self.list.selected_row()?.finding?)
    }

    /// What `y` copies: the finding's id and its deciding rule, or the need's id.
    #[must_use]
    pub fn copied(&self) -> Option<String> {
        let Some(finding) = self.finding() else { return self.need().map(|need| need.id.clone()) };
        Some(match finding.rules.last() {
            Some(rule) => format!("{} {}:{} {}", finding.id, self.path(&rule.input), rule.line, rule.text),
            None => format!("{} {}", finding.id, finding.title),
        })
    }

    /// The command that replays the selected finding's witness.
    #[must_use]
    pub fn trace(&self) -> Option<String> {
        replay::trace_command(&self.loaded.run, self.finding()?)
    }

    /// An input's path by its id; the id where there is no such input.
    #[must_use]
    pub fn path<'a>(&'a self, input: &'a str) -> &'a str {
        let known = self.loaded.run.inputs.iter().find(|known| known.id == input);
        known.map_or(input, |known| known.path.as_str())
    }

    /// The run to export. Where it has only the filtered findings, a note says so.
    #[must_use]
    pub fn exported_run(&self) -> Run {
        let run = &self.loaded.run;
        if !self.export_filtered {
            return run.clone();
        }
        let shown = self.list.findings_shown();
        let findings: Vec<_> = shown.iter().filter_map(|index| run.findings.get(*index).cloned()).collect();
        let mut notes = vec![format!(
            "Contains {} of the run's {} findings: those that match the filter `{}`. The summary counts all.",
            findings.len(),
            run.findings.len(),
            self.list.line.text().trim(),
        )];
        notes.extend(run.notes.iter().cloned());
        Run { notes, findings, ..run.clone() }
    }
}
