//! The faults that are planted, and the kind of near miss that each causes.

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The rule is removed.
    Removed,
    /// Source and destination swapped, the interfaces as they were.
    Reversed,
    /// Source and destination swapped, and the interfaces with them.
    ReversedWithInterfaces,
    /// The interfaces swapped.
    InterfacesSwapped,
    /// The destination port is matched as source port.
    SourcePort,
    /// The next port.
    OtherPort,
    /// Fewer ports.
    NarrowedPorts,
    /// A range with a hole.
    HoledRange,
    /// More ports.
    WidenedPorts,
    /// Fewer addresses at the end that is not the Edge.
    NarrowedPeers,
    /// More addresses at the end that is not the Edge.
    WidenedPeers,
    /// A network or any address in place of the Edge's address.
    WidenedEdge,
    /// UDP in place of TCP, or TCP in place of UDP.
    WrongTransport,
    /// Another address of the Edge.
    WrongAddress,
    /// One of several addresses left out.
    ForgottenMember,
    /// An interface of another zone.
    WrongInterface,
    /// An interface left out.
    NoInterface,
    /// The address on the other side of the translation.
    NatView,
    /// After a rule that denies the same.
    BehindDeny,
    /// In the chain for packets to the firewall itself.
    ForTheMachine,
    /// In a chain that nothing leads to.
    Unapplied,
    /// All rules between the same interfaces in a chain that nothing leads to.
    JumpMissing,
    /// In a comment.
    CommentedOut,
    /// Under a condition that no export decides.
    Conditional,
    /// A port of administration opened.
    Management,
    /// The internal interface opened to the Internet.
    ExposedInside,
    /// An address that is not translated.
    TranslationMissing,
    /// A translation to another port.
    TranslatedPort,
    /// No rule lets replies through.
    RepliesBlocked,
    /// Rules for a family that the deployment does not list.
    FamilyUnaudited,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 30] = [
        Self::Removed,
        Self::Reversed,
        Self::ReversedWithInterfaces,
        Self::InterfacesSwapped,
        Self::SourcePort,
        Self::OtherPort,
        Self::NarrowedPorts,
        Self::HoledRange,
        Self::WidenedPorts,
        Self::NarrowedPeers,
        Self::WidenedPeers,
        Self::WidenedEdge,
        Self::WrongTransport,
        Self::WrongAddress,
        Self::ForgottenMember,
        Self::WrongInterface,
        Self::NoInterface,
        Self::NatView,
        Self::BehindDeny,
        Self::ForTheMachine,
        Self::Unapplied,
        Self::JumpMissing,
        Self::CommentedOut,
        Self::Conditional,
        Self::Management,
        Self::ExposedInside,
        Self::TranslationMissing,
        Self::TranslatedPort,
        Self::RepliesBlocked,
        Self::FamilyUnaudited,
    ];

    /// The kind of near miss in the finding, if the need of the mutated rule is missing.
    pub fn near_miss(self) -> Option<&'static str> {
        match self {
            Self::Reversed | Self::ReversedWithInterfaces => Some("reversed"),
            Self::SourcePort => Some("source_port"),
            Self::InterfacesSwapped | Self::WrongInterface | Self::ForTheMachine => Some("wrong_interface"),
            Self::Unapplied | Self::JumpMissing => Some("not_applied"),
            Self::WrongAddress => Some("wrong_address"),
            Self::WrongTransport => Some("wrong_transport"),
            Self::NatView => Some("nat_view"),
            _ => None,
        }
    }

    /// Whether the finding of the missing need names the rule, because the rule exists but has no effect.
    pub fn is_named(self) -> bool {
        matches!(self, Self::BehindDeny | Self::Conditional)
    }
}
