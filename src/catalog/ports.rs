//! The ports that the Edge's services listen on.

/// The listening ports of a deployment, `edge.ports`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Access Edge, for remote users; 443.
    pub access: u16,
    /// Access Edge, for federation; 5061.
    pub federation: u16,
    /// Web Conferencing Edge; 443.
    pub webconf: u16,
    /// A/V Edge over TCP; 443.
    pub av_tcp: u16,
    /// A/V Edge over UDP; 3478.
    pub av_udp: u16,
}
