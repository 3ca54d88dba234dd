//! The terminal interface: loads the run in the background, and writes exported reports.

use std::path::{Path, PathBuf};

use anyhow::bail;
use jiff::civil::Date;

use crate::audit::{Case, audit};
use crate::catalog;
use crate::report::{self, ReportFormat};
use crate::source::sanitise;
use crate::tui::{self, InputText, Loaded, NeedText, Options, Progress, RowText};

use super::{Exit, Paths, load, output};

#[derive(Debug, Clone, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: Paths,
    /// Leave the mouse to the terminal; `m` toggles it.
    #[arg(long)]
    no_mouse: bool,
    /// Borders and glyphs of ASCII only.
    #[arg(long)]
    ascii: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    // Errors of the command line or the deployment are printed before the screen opens.
    let as_of = load::as_of(arguments.paths.as_of)?;
    let found = load::find(&arguments.paths)?;
    drop(found);
    let options = Options {
        mouse: !arguments.no_mouse,
        ascii: arguments.ascii,
        color: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        report_path_suggestion: PathBuf::from(format!("edgewarden-{as_of}.md")),
    };
    let paths = Paths { as_of: Some(as_of), ..arguments.paths.clone() };
    let loader: tui::Loader = Box::new(move |progress, cancel| {
        loaded(&paths, progress, || !cancel.is_cancelled())
            .map_err(|error| sanitise(&format!("{error:#}")).into_owned())
    });
    let exporter: tui::Exporter =
        Box::new(|run, path| export(run, path).map_err(|error| sanitise(&format!("{error:#}")).into_owned()));
    match tui::run(loader, &exporter, options)? {
        tui::Exit::Quit | tui::Exit::Cancelled => Ok(Exit::Clean),
        tui::Exit::Failed(message) => bail!(message),
        tui::Exit::Signal(signal) => bail!("ended by signal {signal}"),
    }
}

/// Reads and audits the deployment in a folder for the screen, on a date. Used for screenshots.
///
/// # Errors
/// The deployment or one of its exports cannot be read.
pub fn load_for_screen(folder: &Path, as_of: Date) -> anyhow::Result<Loaded> {
    let paths = Paths { given: vec![folder.to_path_buf()], deployment: None, as_of: Some(as_of) };
    loaded(&paths, &Progress::default(), || true)
}

/// Reads and audits the deployment of the paths, for the screen. `go_on` is called before each file.
fn loaded(paths: &Paths, progress: &Progress, go_on: impl Fn() -> bool) -> anyhow::Result<Loaded> {
    let as_of = load::as_of(paths.as_of)?;
    let found = load::find(paths)?;
    let mut read = 0;
    progress.stage("Reading the exports", 0);
    let (exports, _) = load::read_exports(&found, |file| {
        progress.stage(format!("Reading {}", sanitise(&file.display().to_string())), 0);
        read += 1;
        go_on()
    })?;
    progress.stage(format!("Judging the needs on {} firewalls", exports.len()), 0);
    let case = Case { deployment: &found.deployment, exports, as_of };
    let run = audit(&case);
    let excerpts = case
        .exports
        .iter()
        .flat_map(|export| &export.sources)
        .map(|source| InputText {
            id: source.id.clone(),
            path: source.path.clone(),
            lines: source.lines().map(|(_, line)| sanitise(line).into_owned()).collect(),
        })
        .collect();
    Ok(Loaded { run, excerpts, rows: row_texts(), needs: need_texts() })
}

/// The catalogue's rows as the screen shows them.
fn row_texts() -> std::collections::BTreeMap<String, RowText> {
    let text = |row: &catalog::Row| RowText {
        document: row.document.clone(),
        table: row.table.clone(),
        row: row.number.to_string(),
        source: row.source.clone(),
        destination: row.destination.clone(),
        note: row.note.clone(),
    };
    catalog::rows().iter().map(|row| (row.id.clone(), text(row))).collect()
}

/// The needs' purposes as the screen shows them.
fn need_texts() -> std::collections::BTreeMap<String, NeedText> {
    let text = |need: &catalog::NeedDefinition| NeedText {
        purpose: need.purpose.clone(),
        when_missing: need.when_missing.clone(),
    };
    catalog::needs().iter().map(|need| (need.id.clone(), text(need))).collect()
}

/// Writes a report in the format of the file's ending; never over a file that exists.
fn export(run: &crate::findings::Run, path: &Path) -> anyhow::Result<String> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let format = match ending.as_str() {
        "json" => ReportFormat::Json,
        "md" | "markdown" => ReportFormat::Markdown,
        "txt" => ReportFormat::Text,
        _ => bail!("{}: end the name in .md, .json or .txt", path.display()),
    };
    output::write_to(path, false, |out| report::write(format, run, out))?;
    Ok(format!("Wrote {}", sanitise(&path.display().to_string())))
}
