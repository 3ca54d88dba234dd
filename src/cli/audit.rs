//! `edgewarden audit`: the audit without a screen.

use std::path::PathBuf;
use std::str::FromStr;

use crate::audit::{Case, audit};
use crate::report::{self, ReportFormat};

use super::exit::{FailOn, of_run};
use super::{Exit, Paths, load, output};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: Paths,
    /// Write a report: FORMAT=FILE, or FORMAT=- for standard output; json, markdown or text. May be given more than once.
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<Report>,
    /// Replace report files that exist.
    #[arg(long)]
    force: bool,
    /// The least severity that makes the exit code 1.
    #[arg(long, value_enum, default_value = "low", value_name = "SEVERITY")]
    fail_on: FailOn,
}

/// A report to write.
#[derive(Debug, Clone)]
struct Report {
    format: ReportFormat,
    path: PathBuf,
}

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, path) =
            text.split_once('=').ok_or("write FORMAT=FILE, for example json=- or markdown=report.md")?;
        if path.is_empty() {
            return Err("the file name is missing; use - for standard output".to_owned());
        }
        let format = format.parse::<ReportFormat>().map_err(|error| error.to_string())?;
        Ok(Self { format, path: path.into() })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let as_of = load::as_of(arguments.paths.as_of)?;
    let found = load::find(&arguments.paths)?;
    let (exports, unread) = load::read_exports(&found, |_| true)?;
    let run = audit(&Case { deployment: &found.deployment, exports, as_of });
    if arguments.reports.is_empty() {
        output::write_to("-".as_ref(), false, |out| report::write(ReportFormat::Text, &run, out))?;
    }
    for wanted in &arguments.reports {
        output::write_to(&wanted.path, arguments.force, |out| report::write(wanted.format, &run, out))?;
    }
    let (exit, why) = of_run(&run, &unread, arguments.fail_on);
    if let Some(why) = why {
        output::say(&why);
    }
    Ok(exit)
}
