//! The program's exit codes.

use std::process::ExitCode;

use crate::findings::{NeedStatus, Run, Severity};

/// The exit codes and their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: nothing at or above `--fail-on`.
    Clean,
    /// 1: findings at or above `--fail-on`.
    Findings,
    /// 2: usage, configuration or I/O error.
    Failed,
    /// 3: undecided mandatory needs, unrecognised rule lines, or a truncated input.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
            Exit::Incomplete => 3,
        })
    }
}

/// The least severity at which findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs)] // the words of the option
pub enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Info,
    Never,
}

impl FailOn {
    fn includes(self, severity: Severity) -> bool {
        let least = match self {
            Self::Critical => Severity::Critical,
            Self::High => Severity::High,
            Self::Medium => Severity::Medium,
            Self::Low => Severity::Low,
            Self::Info => Severity::Info,
            Self::Never => return false,
        };
        severity <= least
    }
}

/// The exit of an audit, with a line that gives the reason where it is not 0. `unread` lists what could not be read.
pub(super) fn of_run(run: &Run, unread: &[String], fail_on: FailOn) -> (Exit, Option<String>) {
    let undecided =
        run.needs.iter().filter(|need| need.status == NeedStatus::Undecided && need.requirement == "mandatory").count();
    let mut incomplete = unread.to_vec();
    match undecided {
        0 => {}
        1 => incomplete.push("1 mandatory need is undecided".to_owned()),
        count => incomplete.push(format!("{count} mandatory needs are undecided")),
    }
    if !incomplete.is_empty() {
        return (Exit::Incomplete, Some(format!("incomplete: {}", incomplete.join("; "))));
    }
    let counted = run.findings.iter().filter(|finding| fail_on.includes(finding.severity)).count();
    if counted == 0 {
        return (Exit::Clean, None);
    }
    let worst = run.findings.iter().map(|finding| finding.severity).min().map_or("", Severity::name);
    (Exit::Findings, Some(format!("{counted} findings at or above --fail-on, the most severe {worst}")))
}
