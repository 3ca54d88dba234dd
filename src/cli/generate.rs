//! `edgewarden generate`: the complete and minimal rule set of one firewall, in its device's syntax.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::deployment::{Deployment, Firewall};
use crate::formats::{self, DIALECTS};
use crate::generate::draft;
use crate::model::Dialect;

use super::{Exit, load, output};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The deployment file, or its folder. Its exports need not exist.
    #[arg(long, value_name = "FILE")]
    deployment: PathBuf,
    /// The firewall to write for, by its name in the deployment.
    #[arg(long, value_name = "NAME")]
    firewall: String,
    /// The device's syntax. An iptables file of both families is loaded by iptables-restore and by ip6tables-restore alike: its
    /// rules say with -4 or -6 whose they are.
    #[arg(long, value_name = "DIALECT", value_parser = DIALECTS)]
    dialect: String,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Replace the output file if it exists.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let file = &arguments.deployment;
    let file = if file.is_dir() { file.join(load::DEPLOYMENT_FILE) } else { file.clone() };
    let deployment = load::read_deployment(&file)?;
    let firewall = named(&deployment, &arguments.firewall)?;
    let dialect = dialect(&arguments.dialect)?;
    let shown = || format!("{}, firewall {}", file.display(), firewall.name);
    let text = dialect.file(&draft(&deployment, firewall)).with_context(shown)?;
    output::write_to(&arguments.output, arguments.force, |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

/// The firewall of that name.
fn named<'d>(deployment: &'d Deployment, name: &str) -> anyhow::Result<&'d Firewall> {
    let Some(firewall) = deployment.firewall(name) else {
        let known: Vec<&str> = deployment.firewalls.iter().map(|firewall| firewall.name.as_str()).collect();
        bail!("{name} is no firewall of the deployment: known are {}", known.join(", "));
    };
    Ok(firewall)
}

fn dialect(name: &str) -> anyhow::Result<&'static dyn Dialect> {
    formats::dialect(name).with_context(|| format!("{name} is no dialect that can be written: {}", DIALECTS.join(", ")))
}
