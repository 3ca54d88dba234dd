//! The input of an audit: a deployment, the exports of its firewalls as they were read, and a date.

use jiff::civil::Date;

use crate::deployment::{Deployment, Firewall};
use crate::findings::RuleRef;
use crate::model::{Dialect, Origin, RuleId, RuleSet};
use crate::source::{LineCounts, Source};

/// The complete input of an audit. The result depends on nothing else.
#[derive(Debug)]
pub struct Case<'a> {
    /// The deployment.
    pub deployment: &'a Deployment,
    /// The exports of its firewalls, in the deployment's order; a firewall may have none.
    pub exports: Vec<Export<'a>>,
    /// The date of the audit: exceptions that expired before it do not count.
    pub as_of: Date,
}

/// One firewall's exports as they were read.
#[derive(Debug, Clone)]
pub struct Export<'a> {
    /// The firewall of the deployment.
    pub firewall: &'a Firewall,
    /// The files of the export. A rule's origin gives the index of its file, from 0.
    pub sources: Vec<Source>,
    /// For each file, how many of its lines were understood.
    pub lines: Vec<LineCounts>,
    /// The name of each file's format.
    pub formats: Vec<&'static str>,
    /// The rules in the files.
    pub rule_set: RuleSet,
    /// How rules are written in the device's syntax; none if this program cannot write it.
    pub dialect: Option<&'static dyn Dialect>,
}

impl Export<'_> {
    /// The input and line of a rule or policy; none for a rule that is not written on any line.
    #[must_use]
    pub fn place(&self, rule: RuleId) -> Option<RuleRef> {
        let (source, line) = self.line_of(self.rule_set.origin(rule)?)?;
        Some(RuleRef { input: source.id.clone(), line })
    }

    /// The source and the line of an origin.
    #[must_use]
    pub fn line_of(&self, origin: Origin) -> Option<(&Source, u32)> {
        let source = self.sources.get(origin.input as usize)?;
        Some((source, source.line_at(origin.span.start as usize)))
    }

    /// The text of a rule or chain, as it is in the export.
    #[must_use]
    pub fn text(&self, origin: Origin) -> Option<&str> {
        self.sources.get(origin.input as usize)?.text().get(origin.span.range())
    }
}
