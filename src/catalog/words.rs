//! The catalogue's small enums: interface, role, transport, direction, requirement; and ranges of ports.
//!
//! `name()` and `Display` give the spelling of the JSON and of the data files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// Declares a vocabulary: an enum whose variants have one spelling each, in TOML, in JSON and on the screen.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word as the JSON and the data files spell it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// The side of the Edge that a need belongs to.
    Interface {
        /// The side towards the Internet.
        External = "external",
        /// The side towards the LAN.
        Internal = "internal",
    }
}

vocabulary! {
    /// The Edge service that a need belongs to. XMPP uses the address of Access; on the internal side all use one address.
    Role {
        /// Access Edge: SIP.
        Access = "access",
        /// Web Conferencing Edge: PSOM.
        Webconf = "webconf",
        /// A/V Edge: STUN, TURN and media; on the internal side A/V authentication too.
        Av = "av",
        /// XMPP proxy.
        Xmpp = "xmpp",
        /// Replication from the Central Management store, 4443.
        Replication = "replication",
        /// Centralized Logging Service, 50001 to 50003.
        Logging = "logging",
    }
}

vocabulary! {
    /// The transport of a row or need. MTLS is not a transport (docs/domain.md, C01).
    Transport {
        /// TCP, protocol 6.
        Tcp = "tcp",
        /// UDP, protocol 17.
        Udp = "udp",
    }
}

impl Transport {
    /// The IP protocol number (IANA): 6 or 17.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
        }
    }
}

vocabulary! {
    /// The direction in which connections open, as the Edge sees it; not the documents' words (docs/domain.md, C03).
    Direction {
        /// Into the Edge.
        In = "in",
        /// Out of the Edge.
        Out = "out",
    }
}

vocabulary! {
    /// How binding a need is (docs/domain.md, "Needs").
    Requirement {
        /// Always, where the role is deployed.
        Mandatory = "mandatory",
        /// Needed by a declared feature.
        Conditional = "conditional",
        /// Advised; works without.
        Recommended = "recommended",
        /// A convenience.
        Optional = "optional",
    }
}

/// One port or a contiguous range of ports, first ≤ last. Written `443` or `50000-59999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct PortSpan {
    first: u16,
    last: u16,
}

impl PortSpan {
    /// A single port.
    #[must_use]
    pub fn single(port: u16) -> Self {
        Self { first: port, last: port }
    }

    /// The ports from `first` to `last`, both included; `None` where `first` is greater than `last`.
    #[must_use]
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The lowest port.
    #[must_use]
    pub fn first(self) -> u16 {
        self.first
    }

    /// The highest port.
    #[must_use]
    pub fn last(self) -> u16 {
        self.last
    }

    /// Whether `port` is in the range.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl fmt::Display for PortSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

/// A text that is neither a port nor a range of ports with the lower one first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a port nor a range such as 50000-59999")]
pub struct PortSpanError(String);

impl FromStr for PortSpan {
    type Err = PortSpanError;

    fn from_str(text: &str) -> Result<Self, PortSpanError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        port(first)
            .zip(port(last))
            .and_then(|(first, last)| Self::new(first, last))
            .ok_or_else(|| PortSpanError(text.to_owned()))
    }
}

/// A port in plain digits; `parse` alone would take a sign too.
fn port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl TryFrom<String> for PortSpan {
    type Error = PortSpanError;

    fn try_from(text: String) -> Result<Self, PortSpanError> {
        text.parse()
    }
}

impl Serialize for PortSpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
