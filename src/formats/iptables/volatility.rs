//! Whether a condition can have different values for the same packet at different rules.

/// When a condition may change its value for the same packet.
#[derive(Debug, Clone, Copy)]
pub enum Volatility {
    /// Never.
    Fixed,
    /// When address translation or routing changes the field it depends on. It is fixed in tables that a packet passes at only
    /// one hook after both.
    Header,
    /// At each evaluation.
    Volatile,
    /// Never, unless one of these targets is used anywhere.
    EditedBy(&'static [&'static str]),
}
