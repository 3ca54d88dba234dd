//! The command line: definitions, one file per command, and the only place that opens paths and prints.
//!
//! Start at [`main`]; [`Cli`] defines the arguments.

mod audit;
mod completions;
mod exit;
mod generate;
mod load;
mod missing;
mod output;
mod probe;
mod requirements;
mod rules;
mod screen;
mod trace;
mod unreached;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use exit::Exit;
pub use screen::load_for_screen;

/// Audits firewalls around Lync and Skype for Business Edge Servers, exactly.
#[derive(Debug, Parser)]
#[command(name = "edgewarden", version, about, long_about = LONG_ABOUT, after_long_help = EXIT_CODES)]
#[command(args_conflicts_with_subcommands = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    screen: screen::Arguments,
}

const LONG_ABOUT: &str = "Audits firewalls around Microsoft Lync and Skype for Business Edge Servers, exactly: which packets the \
Edge needs and the firewall does not permit, and which it permits and the Edge does not need. Without a command it opens a \
terminal interface on the deployment at PATH.";

const EXIT_CODES: &str = "Exit codes: 0 clean; 1 findings at or above --fail-on; 2 usage, configuration or I/O error; \
3 incomplete (an undecided mandatory need, an unrecognised rule line, a truncated input).";

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // the program has one value of it
enum Command {
    /// Audit without a screen: reports and an exit code.
    Audit(audit::Arguments),
    /// Follow packets through an export: verdict, deciding rule, and the rules they pass.
    Trace(trace::Arguments),
    /// List the rules of an export, normalized.
    Rules(rules::Arguments),
    /// List the requirement tables; with a deployment, its needs.
    Requirements(requirements::Arguments),
    /// Write the complete, minimal rule set for a firewall of a deployment, in its device's syntax.
    Generate(generate::Arguments),
    /// Write shell completions to standard output.
    Completions(completions::Arguments),
    /// Write the manual page to standard output.
    Man,
}

/// Where a deployment and its exports are.
#[derive(Debug, Clone, Args)]
pub struct Paths {
    /// A folder with edgewarden.toml, or that file; and NAME=EXPORT for exports of its firewalls.
    #[arg(value_name = "PATH")]
    given: Vec<PathBuf>,
    /// The deployment file, where PATH does not name it.
    #[arg(long, value_name = "FILE")]
    deployment: Option<PathBuf>,
    /// The date of the audit, YYYY-MM-DD; else `SOURCE_DATE_EPOCH`, else today (UTC).
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
}

/// Runs the program: parses the command line and runs the command. Prints on standard error why the exit code is not 0.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render().to_string();
            if text.lines().all(|line| crate::source::sanitise(line) == line) {
                let _ = error.print();
            } else {
                // It quotes an argument with control characters.
                text.lines().for_each(|line| output::say(&crate::source::sanitise(line)));
            }
            return if error.use_stderr() { Exit::Failed.into() } else { Exit::Clean.into() };
        }
    };
    let done = match cli.command {
        None => screen::run(&cli.screen),
        Some(Command::Audit(arguments)) => audit::run(&arguments),
        Some(Command::Trace(arguments)) => trace::run(&arguments),
        Some(Command::Rules(arguments)) => rules::run(&arguments),
        Some(Command::Requirements(arguments)) => requirements::run(&arguments),
        Some(Command::Generate(arguments)) => generate::run(&arguments),
        Some(Command::Completions(arguments)) => completions::run(&arguments),
        Some(Command::Man) => completions::man(),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(error) if output::is_closed_pipe(&error) => Exit::Clean.into(),
        Err(error) => {
            output::say(&format!("{error:#}"));
            Exit::Failed.into()
        }
    }
}
