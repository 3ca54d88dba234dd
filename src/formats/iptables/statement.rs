//! The words of one rule, assigned to iptables itself, to each match extension and to the target. Nothing is interpreted.

use smallvec::SmallVec;

/// One option as it was given.
#[derive(Debug, Clone)]
pub struct Given<'w> {
    /// Its canonical name, without dashes; of an unknown extension, as it was written.
    pub name: &'w str,
    /// Whether there is a `!` before it, or before its value.
    pub negated: bool,
    /// Its values.
    pub values: SmallVec<[&'w str; 2]>,
}

impl<'w> Given<'w> {
    /// An option without values.
    pub fn flag(name: &'w str) -> Self {
        Self { name, negated: false, values: SmallVec::new() }
    }

    /// Its first value; empty if there is none.
    pub fn value(&self) -> &'w str {
        self.values.first().copied().unwrap_or_default()
    }
}

/// One `-m`, or the extension that a protocol implies.
#[derive(Clone)]
pub struct Module<'w> {
    /// The name after `-m`.
    pub name: &'w str,
    /// Its options, in order.
    pub options: Vec<Given<'w>>,
}

/// The `-j` or `-g`.
#[derive(Clone)]
pub struct Target<'w> {
    /// The name after it.
    pub name: &'w str,
    /// Whether it is a `-g`.
    pub goto: bool,
    /// Whether the name is that of a known target extension, and not of a chain.
    pub extension: bool,
    /// Its options, in order.
    pub options: Vec<Given<'w>>,
}

/// The words of a rule, by owner.
#[derive(Clone, Default)]
pub struct Statement<'w> {
    /// Options of iptables itself.
    pub generic: Vec<Given<'w>>,
    /// The match extensions, in order.
    pub modules: Vec<Module<'w>>,
    /// The target, if there is one.
    pub target: Option<Target<'w>>,
    /// The reasons why words could not be assigned.
    pub problems: Vec<String>,
}
