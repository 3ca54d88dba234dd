//! What an audit is given: a deployment, the exports of its firewalls as they were read, and a date.

use jiff::civil::Date;

use crate::deployment::{Deployment, Firewall};
use crate::findings::RuleRef;
use crate::model::{Dialect, Origin, RuleId, RuleSet};
use crate::source::{LineCounts, Source};

/// Everything an audit looks at; it is a pure function of this.
#[derive(Debug)]
pub struct Case<'a> {
    /// The deployment.
    pub deployment: &'a Deployment,
    /// The exports of its firewalls, in the deployment's order; a firewall may have none.
    pub exports: Vec<Export<'a>>,
    /// The date it speaks for.
    pub as_of: Date,
}

/// One firewall's exports as they were read.
#[derive(Debug, Clone)]
pub struct Export<'a> {
    /// The firewall of the deployment.
    pub firewall: &'a Firewall,
    /// Its files; a rule's origin counts them from 0.
    pub sources: Vec<Source>,
    /// What became of the lines of each file.
    pub lines: Vec<LineCounts>,
    /// The name of each file's format.
    pub formats: Vec<&'static str>,
    /// What they say.
    pub rule_set: RuleSet,
    /// How its device writes rules; none where nobody can.
    pub dialect: Option<&'static dyn Dialect>,
}

impl Export<'_> {
    /// The input and line a rule or policy stands on; none for what no line states.
    #[must_use]
    pub fn place(&self, rule: RuleId) -> Option<RuleRef> {
        let (source, line) = self.line_of(self.rule_set.origin(rule)?)?;
        Some(RuleRef { input: source.id.clone(), line })
    }

    /// The source and the line that something stands on.
    #[must_use]
    pub fn line_of(&self, origin: Origin) -> Option<(&Source, u32)> {
        let source = self.sources.get(origin.input as usize)?;
        Some((source, source.line_at(origin.span.start as usize)))
    }

    /// The text of a rule or chain, as the export has it.
    #[must_use]
    pub fn text(&self, origin: Origin) -> Option<&str> {
        self.sources.get(origin.input as usize)?.text().get(origin.span.range())
    }
}
