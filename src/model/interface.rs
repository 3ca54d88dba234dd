//! How rules and deployments name interfaces.

/// A name, or every name that begins so; or all but those.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InterfacePattern {
    /// The name, or the beginning of it. Empty with `prefix`: any interface, and none.
    pub name: String,
    /// Whether any ending may follow.
    pub prefix: bool,
    /// Whether it is the others that are meant.
    pub negated: bool,
}

impl InterfacePattern {
    /// This name alone.
    #[must_use]
    pub fn exact(name: &str) -> Self {
        Self { name: name.to_owned(), prefix: false, negated: false }
    }

    /// Every name that begins so; with an empty beginning any interface, and none.
    #[must_use]
    pub fn beginning(name: &str) -> Self {
        Self { name: name.to_owned(), prefix: true, negated: false }
    }

    /// The others.
    #[must_use]
    pub fn negate(mut self) -> Self {
        self.negated = !self.negated;
        self
    }
}
