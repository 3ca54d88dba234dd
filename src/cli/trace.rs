//! `edgewarden trace`: one packet, or a file of probes, through an export.

use std::io::{BufRead, BufReader, Read as _, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::formats::{Options, Reading};
use crate::judge::{Interfaces, Judge, Trace};
use crate::model::{Origin, RuleId};
use crate::source::{Source, sanitise, sanitise_to};

use super::probe::{Answer, Probe, Word};
use super::{Exit, load, output};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The export, and its companions: a dump of the other family, what `ipset save` printed.
    #[arg(required_unless_present = "deployment", value_name = "EXPORT")]
    exports: Vec<PathBuf>,
    /// Take the exports from a deployment.
    #[arg(long, value_name = "FILE", requires = "firewall", conflicts_with = "exports")]
    deployment: Option<PathBuf>,
    /// The firewall of the deployment.
    #[arg(long, value_name = "NAME", requires = "deployment")]
    firewall: Option<String>,
    /// JSON lines of packets to follow, - for standard input; answers are JSON lines.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["src", "dst"])]
    probes: Option<PathBuf>,
    /// forward, input or output.
    #[arg(long, default_value = "forward")]
    hook: String,
    /// Interface the packet comes in by.
    #[arg(long = "in", value_name = "INTERFACE")]
    ingress: Option<String>,
    /// Interface it leaves by.
    #[arg(long = "out", value_name = "INTERFACE")]
    egress: Option<String>,
    /// Source address.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "probes")]
    src: Option<String>,
    /// Destination address.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "probes")]
    dst: Option<String>,
    /// Protocol: tcp, udp, icmp, icmpv6, … or a number.
    #[arg(long, default_value = "tcp")]
    proto: String,
    /// Source port.
    #[arg(long, value_name = "PORT")]
    sport: Option<u16>,
    /// Destination port.
    #[arg(long, value_name = "PORT")]
    dport: Option<u16>,
    /// TCP flags, comma-separated; SYN by default.
    #[arg(long, value_name = "FLAGS")]
    tcp_flags: Option<String>,
    /// ICMP type; echo request by default.
    #[arg(long = "type", value_name = "N")]
    icmp_type: Option<u8>,
    /// ICMP code.
    #[arg(long, value_name = "N")]
    code: Option<u8>,
    /// new, established, related, invalid or untracked.
    #[arg(long, default_value = "new")]
    state: String,
    /// Answer the one packet as JSON, too.
    #[arg(long)]
    json: bool,
}

/// Longest quoted rule, in characters.
const LONGEST_TEXT: usize = 1_000;

/// Longest line of a probe file, in bytes.
const LONGEST_PROBE: u64 = 64 << 10;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let (sources, reading) = exports(arguments)?;
    let interfaces = Interfaces::new(&reading.rule_set, &[]);
    let follower = Follower {
        sources: &sources,
        v4: Judge::<u32>::new(&reading.rule_set, &interfaces),
        v6: Judge::<u128>::new(&reading.rule_set, &interfaces),
    };
    if let Some(unread) = warn(&reading) {
        output::say(&unread);
    }
    match &arguments.probes {
        Some(file) => probes(&follower, file),
        None => one(&follower, arguments),
    }
}

fn exports(arguments: &Arguments) -> anyhow::Result<(Vec<Source>, Reading)> {
    let (Some(file), Some(name)) = (&arguments.deployment, &arguments.firewall) else {
        let sources = arguments
            .exports
            .iter()
            .enumerate()
            .map(|(number, path)| load::read_source(&id_of(path, number), path))
            .collect::<anyhow::Result<Vec<Source>>>()?;
        let reading = load::read_as(None, &sources, &Options::default())?;
        return Ok((sources, reading));
    };
    let deployment = load::read_deployment(file)?;
    let firewall =
        deployment.firewall(name).with_context(|| format!("{name} is not a firewall of {}", file.display()))?;
    if firewall.exports.is_empty() {
        bail!("the deployment file names no export of {name}: give the export file");
    }
    let base = file.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
    let sources = firewall
        .exports
        .iter()
        .enumerate()
        .map(|(number, export)| {
            let id = if number == 0 { name.clone() } else { format!("{name}.{}", number + 1) };
            load::read_source(&id, &base.join(export))
        })
        .collect::<anyhow::Result<Vec<Source>>>()?;
    let reading = load::read_as(load::declared(firewall), &sources, &load::options_of(firewall))?;
    Ok((sources, reading))
}

/// An input's id where no deployment names one: the file's name without its ending.
pub(super) fn id_of(path: &std::path::Path, number: usize) -> String {
    let stem = path.file_stem().map(|stem| sanitise(&stem.to_string_lossy()).into_owned()).unwrap_or_default();
    if stem.is_empty() || stem == "-" { format!("input{}", number + 1) } else { stem }
}

fn warn(reading: &Reading) -> Option<String> {
    let unread = load::what_is_unread("the export", reading);
    (!unread.is_empty()).then(|| unread.join("; "))
}

/// An export ready to follow packets of both families.
struct Follower<'r> {
    sources: &'r [Source],
    v4: Judge<'r, u32>,
    v6: Judge<'r, u128>,
}

impl Follower<'_> {
    fn answer(&self, probe: &Probe) -> anyhow::Result<(Answer, Trace)> {
        let place = |origin: Origin| place_of(self.sources, origin);
        Ok(if probe.is_ipv6()? {
            let trace = probe.follow(&self.v6)?;
            (probe.answer::<u128>(&trace, self.v6.rule_set(), place), trace)
        } else {
            let trace = probe.follow(&self.v4)?;
            (probe.answer::<u32>(&trace, self.v4.rule_set(), place), trace)
        })
    }
}

/// Answers a file of probes, line by line.
fn probes(follower: &Follower, file: &std::path::Path) -> anyhow::Result<Exit> {
    let shown = file.display().to_string();
    let mut input: Box<dyn BufRead> = if file.as_os_str() == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        Box::new(BufReader::new(std::fs::File::open(file).with_context(|| shown.clone())?))
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut line = String::new();
    for number in 1u64.. {
        line.clear();
        let place = || format!("{shown}:{number}");
        let length = input.by_ref().take(LONGEST_PROBE + 1).read_line(&mut line).with_context(place)?;
        if length == 0 {
            break;
        }
        if length as u64 > LONGEST_PROBE {
            bail!("{}: longer than {LONGEST_PROBE} bytes, which no probe is", place());
        }
        if line.trim().is_empty() {
            continue;
        }
        let probe: Probe = serde_json::from_str(&line).with_context(|| format!("{shown}:{number}: not a probe"))?;
        let (answer, _) = follower.answer(&probe).with_context(|| format!("{shown}:{number}"))?;
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// Answers the packet of the command line, in words.
fn one(follower: &Follower, arguments: &Arguments) -> anyhow::Result<Exit> {
    let probe = Probe {
        id: serde_json::Value::Null,
        hook: Some(arguments.hook.clone()),
        ingress: arguments.ingress.clone(),
        egress: arguments.egress.clone(),
        src: arguments.src.clone(),
        dst: arguments.dst.clone(),
        proto: Some(Word::Text(arguments.proto.clone())),
        sport: arguments.sport,
        dport: arguments.dport,
        tcp_flags: arguments.tcp_flags.clone(),
        icmp_type: arguments.icmp_type,
        code: arguments.code,
        state: Some(arguments.state.clone()),
    };
    let (answer, trace) = follower.answer(&probe)?;
    output::write_to("-".as_ref(), false, |out| {
        if arguments.json {
            serde_json::to_writer(&mut *out, &answer)?;
            return writeln!(out);
        }
        writeln!(out, "{}", answer.verdict)?;
        if let Some(reason) = &answer.reason {
            writeln!(out, "  why: {reason}")?;
        }
        for (name, step) in answer.path.iter().zip(&trace.path).filter(|(_, step)| Some(step.rule) != trace.decider) {
            writeln!(out, "  passes: {name}{}", follower.text_of(step.rule))?;
        }
        if let (Some(name), Some(rule)) = (&answer.rule, trace.decider) {
            writeln!(out, "  decided by: {name}{}", follower.text_of(rule))?;
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

impl Follower<'_> {
    /// The line of a rule, for people to read.
    fn text_of(&self, rule: RuleId) -> String {
        let Some(origin) = self.v4.rule_set().origin(rule) else { return String::new() };
        let Some(source) = self.sources.get(origin.input as usize) else { return String::new() };
        let text = source.text().get(origin.span.range()).unwrap_or_default();
        format!("\n      {}: {}", place_of(self.sources, origin), sanitise_to(text.trim(), LONGEST_TEXT))
    }
}

/// `fw-ext:20`: the input and the line of what stands somewhere.
fn place_of(sources: &[Source], origin: Origin) -> String {
    let source = sources.get(origin.input as usize);
    source.map(|source| format!("{}:{}", source.id, source.line_at(origin.span.start as usize))).unwrap_or_default()
}
