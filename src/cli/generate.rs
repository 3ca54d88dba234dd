//! `edgewarden generate`: the complete and minimal rule set of one firewall, in its device's syntax.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::builder::PossibleValuesParser;

use crate::audit::{Case, audit};
use crate::deployment::{Deployment, Firewall};
use crate::formats;
use crate::generate::draft;
use crate::model::Dialect;

use super::exit::{FailOn, of_run};
use super::{Exit, Paths, load, missing, output};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The deployment file, or its folder. Its exports need not exist.
    #[arg(long, value_name = "FILE")]
    deployment: PathBuf,
    /// The firewall to write for, by its name in the deployment.
    #[arg(long, value_name = "NAME")]
    firewall: String,
    /// The device's syntax. An iptables file for both families can be loaded by iptables-restore and by ip6tables-restore: its
    /// rules have -4 or -6.
    #[arg(long, value_name = "DIALECT", value_parser = PossibleValuesParser::new(formats::dialect_names()))]
    dialect: String,
    /// Write only the rules that an export lacks for its needs, each with the place to insert it.
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// With --only missing: the firewall's exports, instead of those in the deployment file.
    #[arg(value_name = "EXPORT", requires = "only")]
    exports: Vec<PathBuf>,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Replace the output file if it exists.
    #[arg(long)]
    force: bool,
}

/// The part to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// Needs that the export does not permit.
    Missing,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let file = &arguments.deployment;
    let file = if file.is_dir() { file.join(load::DEPLOYMENT_FILE) } else { file.clone() };
    let dialect = dialect(&arguments.dialect)?;
    if arguments.only.is_some() {
        return missing_of(arguments, file, dialect);
    }
    let deployment = load::read_deployment(&file)?;
    let firewall = named(&deployment, &arguments.firewall)?;
    let shown = || format!("{}, firewall {}", file.display(), firewall.name);
    let text = dialect.file(&draft(&deployment, firewall)).with_context(shown)?;
    output::write_to(&arguments.output, arguments.force, |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

/// Audits the firewall's exports and writes the rules they lack.
fn missing_of(arguments: &Arguments, file: PathBuf, dialect: &dyn Dialect) -> anyhow::Result<Exit> {
    let name = &arguments.firewall;
    let of_firewall = |path: &PathBuf| {
        let mut given = std::ffi::OsString::from(format!("{name}="));
        given.push(path);
        PathBuf::from(given)
    };
    named(&load::read_deployment(&file)?, name)?;
    let given = arguments.exports.iter().map(of_firewall).collect();
    let mut found = load::find(&Paths { given, deployment: Some(file), as_of: None })?;
    found.keep_only(name)?;
    let (exports, unread) = load::read_exports(&found, |_| true)?;
    let case = Case { deployment: &found.deployment, exports, as_of: load::as_of(None)? };
    let run = audit(&case);
    let export = case.exports.first().with_context(|| format!("{name} has no export"))?;
    if export.dialect.is_none_or(|own| own.name() != dialect.name()) {
        bail!("{name}: its export is not one that {} rules can be added to", dialect.name());
    }
    let text = missing::text(export.firewall, &run)?;
    output::write_to(&arguments.output, arguments.force, |out| out.write_all(text.as_bytes()))?;
    let (exit, why) = of_run(&run, &unread, FailOn::Never);
    if let Some(why) = why {
        output::say(&why);
    }
    Ok(exit)
}

/// The firewall with this name.
fn named<'d>(deployment: &'d Deployment, name: &str) -> anyhow::Result<&'d Firewall> {
    let Some(firewall) = deployment.firewall(name) else {
        let known: Vec<&str> = deployment.firewalls.iter().map(|firewall| firewall.name.as_str()).collect();
        bail!("{name} is not a firewall of the deployment: its firewalls are {}", known.join(", "));
    };
    Ok(firewall)
}

fn dialect(name: &str) -> anyhow::Result<&'static dyn Dialect> {
    formats::dialect(name).with_context(|| {
        format!("{name} is not a dialect that can be written; use one of {}", formats::dialect_names().join(", "))
    })
}
