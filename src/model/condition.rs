//! What nobody can compute from an export: truths, and fields of the packet that no query names.

use crate::packets::{Values, truth};

/// A condition that no static reader can compute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    /// What it says, in the export's own words; of a field, what it is.
    pub text: String,
    /// What its values are.
    pub kind: ConditionKind,
    /// Whether it may turn out otherwise at each evaluation (a rate limit, a counter), instead of being the same wherever
    /// the same packet meets it.
    pub volatile: bool,
}

/// What the values of a condition are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConditionKind {
    /// It holds, or it does not.
    Truth,
    /// So it is; it asks whether the source is reached by the interface the packet came by.
    ReversePath,
    /// A number of the packet, such as its length in bytes.
    Number,
    /// A hardware address, 48 bits.
    HardwareAddress,
    /// An IPv4 or IPv6 address.
    Address,
    /// One of these, by its place in the list: what an address is to the device, a class of service. The format names them.
    Named(&'static [&'static str]),
}

impl Condition {
    /// What it says of these values: the text, `not` the text, or the text and the values.
    #[must_use]
    pub fn words(&self, values: &Values) -> String {
        if matches!(self.kind, ConditionKind::Truth | ConditionKind::ReversePath) {
            return if *values == truth(false) { format!("not {}", self.text) } else { self.text.clone() };
        }
        let written = |value: u128| match self.kind {
            ConditionKind::HardwareAddress => hardware_address(value),
            ConditionKind::Address => u32::try_from(value).map_or_else(
                |_| std::net::Ipv6Addr::from(value).to_string(),
                |value| std::net::Ipv4Addr::from(value).to_string(),
            ),
            ConditionKind::Named(names) => names
                .get(usize::try_from(value).unwrap_or(usize::MAX))
                .map_or_else(|| value.to_string(), |name| (*name).to_owned()),
            ConditionKind::Truth | ConditionKind::ReversePath | ConditionKind::Number => value.to_string(),
        };
        let inside = values.intervals();
        let outside = values.complement();
        let (not, intervals) = if outside.intervals().len() < inside.len() || values.contains(u128::MAX) {
            ("none of ", outside.intervals())
        } else {
            ("", inside)
        };
        let shown: Vec<String> = intervals
            .iter()
            .take(MOST_VALUES)
            .map(
                |(low, high)| {
                    if low == high { written(*low) } else { format!("{}-{}", written(*low), written(*high)) }
                },
            )
            .collect();
        let more = intervals.len().saturating_sub(MOST_VALUES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{} is {not}{}{more}", self.text, shown.join(", "))
    }
}

/// Values that are written out; more are counted.
const MOST_VALUES: usize = 8;

/// `00:50:56:c0:00:08`.
fn hardware_address(value: u128) -> String {
    let bytes = value.to_be_bytes();
    bytes[10..].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
