//! Whether a condition can turn out one way for a packet at one rule and another way at a later one.

/// When a condition may change its answer for one and the same packet.
#[derive(Debug, Clone, Copy)]
pub enum Volatility {
    /// Never: it stays what it is for one packet.
    Fixed,
    /// Where address translation or routing changes what it asks of: fixed where a packet passes one hook of its table, behind
    /// both.
    Header,
    /// At each evaluation.
    Volatile,
    /// Never, unless one of these targets stands anywhere.
    EditedBy(&'static [&'static str]),
}
