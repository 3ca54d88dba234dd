//! Shell completions and the manual page, generated from the definitions of the command line.

use clap::CommandFactory as _;

use super::{Cli, Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "edgewarden", &mut text);
    super::output::write_to("-".as_ref(), false, |out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

pub(super) fn man() -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for part in command.get_subcommands() {
        let part = part.clone().display_name(format!("edgewarden {}", part.get_name()));
        let page = clap_mangen::Man::new(part);
        page.render_name_section(&mut text)?;
        page.render_synopsis_section(&mut text)?;
        page.render_options_section(&mut text)?;
    }
    super::output::write_to("-".as_ref(), false, |out| out.write_all(&text))?;
    Ok(Exit::Clean)
}
