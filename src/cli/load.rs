//! Loads from paths what a command works on: the deployment, the exports of its firewalls, or single exports.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::audit::Export;
use crate::deployment::{self, Deployment, Firewall};
use crate::formats::{self, Format, Options, Reading};
use crate::source::{Limits, Source};

use super::Paths;

/// The name a deployment file has in its folder.
pub(super) const DEPLOYMENT_FILE: &str = "edgewarden.toml";
/// Longest deployment file, in bytes.
const LONGEST_DEPLOYMENT: u64 = 16 << 20;

/// The longest line of any export, in bytes: a whole rule set as JSON may be one line.
const LONGEST_LINE: usize = 256 << 20;

/// A deployment and where its exports are.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) deployment: Deployment,
    /// The files of each firewall, in the order of the firewalls.
    files: Vec<Vec<PathBuf>>,
}

impl Found {
    /// Keeps only the exports of one firewall; an error where it has none.
    pub(super) fn keep_only(&mut self, name: &str) -> anyhow::Result<()> {
        for (firewall, files) in self.deployment.firewalls.iter().zip(&mut self.files) {
            if firewall.name != name {
                files.clear();
            } else if files.is_empty() {
                bail!(
                    "{name} has no export: name it in the deployment (export = \"PATH\"), or give it as the last argument"
                );
            }
        }
        Ok(())
    }
}

/// Finds the deployment file among the paths, and the files of its firewalls.
pub(super) fn find(paths: &Paths) -> anyhow::Result<Found> {
    let mut file = paths.deployment.clone();
    let mut given: Vec<(Option<String>, PathBuf)> = Vec::new();
    for path in &paths.given {
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let text = path.to_string_lossy();
        if path.is_dir() || is_toml {
            let named = if path.is_dir() { path.join(DEPLOYMENT_FILE) } else { path.clone() };
            if let Some(other) = file.replace(named) {
                bail!(
                    "more than one deployment is given, {} and {}: audit one at a time",
                    other.display(),
                    path.display()
                );
            }
        } else if let Some((name, export)) = text.split_once('=').filter(|_| !path.exists()) {
            given.push((Some(name.to_owned()), PathBuf::from(export)));
        } else {
            given.push((None, path.clone()));
        }
    }
    let Some(file) = file else {
        let first = given.first().map(|(_, path)| path.display().to_string()).unwrap_or_default();
        if first.is_empty() {
            bail!("no deployment is given: name a folder with {DEPLOYMENT_FILE}, or that file");
        }
        bail!(
            "{first} is not a folder with {DEPLOYMENT_FILE}: give the deployment with --deployment FILE, and its exports as NAME=PATH"
        );
    };
    let deployment = read_deployment(&file)?;
    let base = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut files: Vec<Vec<PathBuf>> = deployment.firewalls.iter().map(|_| Vec::new()).collect();
    for (name, path) in given {
        let place = match &name {
            Some(name) => deployment.firewalls.iter().position(|firewall| firewall.name == *name),
            None if deployment.firewalls.len() == 1 => Some(0),
            None => {
                bail!(
                    "{}: give the name of its firewall, as NAME={0}; the firewalls are {}",
                    path.display(),
                    names(&deployment)
                )
            }
        };
        let Some(place) = place else {
            bail!(
                "{} is not a firewall of the deployment: its firewalls are {}",
                name.unwrap_or_default(),
                names(&deployment)
            );
        };
        files[place].push(path);
    }
    for (firewall, files) in deployment.firewalls.iter().zip(&mut files) {
        if files.is_empty() {
            files.extend(firewall.exports.iter().map(|export| base.join(export)));
        }
    }
    Ok(Found { deployment, files })
}

fn names(deployment: &Deployment) -> String {
    deployment.firewalls.iter().map(|firewall| firewall.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Reads and validates a deployment file.
pub(super) fn read_deployment(file: &Path) -> anyhow::Result<Deployment> {
    let shown = file.display().to_string();
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| shown.clone())?;
    opened.take(LONGEST_DEPLOYMENT + 1).read_to_end(&mut bytes).with_context(|| shown.clone())?;
    if bytes.len() as u64 > LONGEST_DEPLOYMENT {
        bail!("{shown}: longer than {LONGEST_DEPLOYMENT} bytes, which no deployment file is");
    }
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{shown}: not UTF-8; save it as UTF-8"))?;
    let mut deployment = deployment::parse(&shown, text, &bytes)?;
    check_formats(&shown, &mut deployment)?;
    Ok(deployment)
}

/// Refuses an unknown format, and warns of keys that have no effect with the format.
fn check_formats(file: &str, deployment: &mut Deployment) -> anyhow::Result<()> {
    for (index, firewall) in deployment.firewalls.iter().enumerate() {
        let format = declared(firewall);
        if format.is_none() && !firewall.format.is_auto() {
            return Err(firewall.format.unknown(file, &formats::names()).into());
        }
        if !firewall.stateful && format.is_some_and(Format::says_what_is_tracked) {
            let key = format!("firewall[{}].stateful", index + 1);
            let text = format!(
                "{key}: has no effect with format {}, whose exports say themselves whether they track connections",
                firewall.format.name
            );
            deployment.warnings.push((text, firewall.line));
        }
    }
    deployment.warnings.sort_by_key(|(_, line)| *line);
    Ok(())
}

/// Reads the exports of a deployment's firewalls, and returns what could not be read of them. `on_file` is called before each
/// file; it returns whether to go on.
pub(super) fn read_exports(
    found: &Found,
    mut on_file: impl FnMut(&Path) -> bool,
) -> anyhow::Result<(Vec<Export<'_>>, Vec<String>)> {
    let mut exports = Vec::new();
    let mut unread = Vec::new();
    for (firewall, files) in found.deployment.firewalls.iter().zip(&found.files) {
        if files.is_empty() {
            continue;
        }
        let mut sources = Vec::new();
        for (number, file) in files.iter().enumerate() {
            if !on_file(file) {
                bail!("cancelled");
            }
            let id = if number == 0 { firewall.name.clone() } else { format!("{}.{}", firewall.name, number + 1) };
            sources.push(read_source(&id, file)?);
        }
        let reading = read_as(declared(firewall), &sources, &options_of(firewall))?;
        unread.extend(what_is_unread(&firewall.name, &reading));
        exports.push(Export {
            firewall,
            lines: reading.ledgers.iter().map(crate::source::Ledger::counts).collect(),
            sources,
            formats: reading.formats.iter().map(|format| format.name()).collect(),
            rule_set: reading.rule_set,
            dialect: reading.format.dialect(),
        });
    }
    Ok((exports, unread))
}

/// The format that the deployment file declares for a firewall's exports; `None` with `auto`.
pub(super) fn declared(firewall: &Firewall) -> Option<&'static dyn Format> {
    formats::names().contains(&firewall.format.name.as_str()).then(|| formats::named(&firewall.format.name)).flatten()
}

/// Opens and reads one file; `-` is standard input.
pub(super) fn read_source(id: &str, path: &Path) -> anyhow::Result<Source> {
    let limits = Limits { max_line_bytes: LONGEST_LINE, ..Limits::default() };
    let shown = path.display().to_string();
    if path.as_os_str() == "-" {
        return with_lines(Source::read(id, "standard input", &mut io::stdin().lock(), &limits)?);
    }
    if path.is_dir() {
        bail!("{shown} is a folder: name the export file in it");
    }
    let mut file = File::open(path).with_context(|| shown.clone())?;
    with_lines(Source::read(id, &shown, &mut file, &limits)?)
}

/// The source, unless it has a line that no export of its kind has.
fn with_lines(source: Source) -> anyhow::Result<Source> {
    let longest = Limits::default().max_line_bytes;
    if source.check_line_lengths(longest).is_err() && !formats::may_be_one_line(source.text()) {
        source.check_line_lengths(longest)?;
    }
    Ok(source)
}

/// Reads sources as one firewall's exports, in the declared or the recognised format.
pub(super) fn read_as(
    declared: Option<&'static dyn Format>,
    sources: &[Source],
    options: &Options,
) -> anyhow::Result<Reading> {
    let borrowed: Vec<&Source> = sources.iter().collect();
    Ok(formats::read(declared, &borrowed, options)?)
}

/// What the deployment says of a firewall to the reader of its exports.
pub(super) fn options_of(firewall: &Firewall) -> Options {
    Options::stateful(firewall.stateful)
}

/// The problems of a firewall's exports that make an audit incomplete.
pub(super) fn what_is_unread(name: &str, reading: &Reading) -> Vec<String> {
    let mut unread = Vec::new();
    let lines = reading.unread_lines();
    if lines > 0 {
        let noun = if lines == 1 { "rule line was" } else { "rule lines were" };
        unread.push(format!("{name}: {lines} {noun} not recognised"));
    }
    if reading.truncated {
        unread.push(format!("{name}: an input is cut off"));
    }
    unread
}

/// The date of an audit: the given one, else `SOURCE_DATE_EPOCH`, else today in UTC.
pub(super) fn as_of(given: Option<Date>) -> anyhow::Result<Date> {
    if let Some(date) = given {
        return Ok(date);
    }
    let now = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => {
            let number: i64 = seconds.parse().context("SOURCE_DATE_EPOCH is not a number of seconds")?;
            Timestamp::from_second(number).context("SOURCE_DATE_EPOCH")?
        }
        Err(_) => Timestamp::now(),
    };
    Ok(now.to_zoned(TimeZone::UTC).date())
}
