//! The match extensions that are known: their options, and what can be said of a packet by them.
//!
//! A table, to be read beside iptables-extensions(8). Options are separated by blanks, spellings of one by commas, the
//! first being the canonical one; `=N` is how many values follow, one where nothing is said, `=?` perhaps one.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::address_types::addrtype;
use super::conntrack::{conntrack, state};
use super::context::Context;
use super::fields::{dscp, hl, length, mac, pkttype, ttl};
use super::marks::{connection_is_marked, packet_is_marked};
use super::matches::{
    comment, dccp, extension_header, icmp, icmp6, iprange, multiport, nfacct, recent, sctp, tcp, udp, udplite,
};
use super::options::Module;
use super::set::set;
use crate::model::Match;

/// What a match extension says of a packet: the alternatives it matches, given the one protocol that `-p` names.
///
/// # Errors
/// What is wrong with its options.
pub type Meaning = fn(&mut Context<'_>, &Module<'_>, Option<u8>) -> Result<Vec<Match>, String>;

/// How an extension is understood.
#[derive(Clone, Copy)]
pub enum Understanding {
    /// Exactly.
    Exact(Meaning),
    /// As a condition that stays what it is for one packet.
    Fixed,
    /// As a condition on what address translation or routing changes on the way: fixed where a packet passes one hook of
    /// its table, behind both.
    Header,
    /// As a condition that may differ at each evaluation.
    Volatile,
    /// As a fixed condition, unless one of these targets stands anywhere.
    EditedBy(&'static [&'static str]),
}

/// A match extension.
pub struct Extension {
    /// Its name behind `-m`.
    pub name: &'static str,
    /// Its options.
    pub options: Options,
    /// What it says.
    pub understanding: Understanding,
}

use Understanding::{EditedBy, Exact, Fixed, Header, Volatile};

const PORTS: &str = "source-port,sport destination-port,dport";
const CONNTRACK: &str = "ctstate ctproto ctorigsrc ctorigdst ctreplsrc ctrepldst ctorigsrcport ctorigdstport \
    ctreplsrcport ctrepldstport ctstatus ctexpire ctdir";
const HASHLIMIT: &str = "hashlimit-upto,hashlimit hashlimit-above hashlimit-mode hashlimit-srcmask hashlimit-dstmask \
    hashlimit-name hashlimit-burst hashlimit-htable-size hashlimit-htable-max hashlimit-htable-gcinterval \
    hashlimit-htable-expire hashlimit-rate-match=0 hashlimit-rate-interval";
const SET: &str = "match-set=2 set=2 return-nomatch=0 update-counters=0 update-subcounters=0 packets-eq packets-lt \
    packets-gt bytes-eq bytes-lt bytes-gt";
const SRH: &str = "srh-next-hdr srh-hdr-len-eq srh-hdr-len-gt srh-hdr-len-lt srh-segs-left-eq srh-segs-left-gt \
    srh-segs-left-lt srh-last-entry-eq srh-last-entry-gt srh-last-entry-lt srh-tag srh-psid srh-nsid srh-lsid";
const RATEEST: &str = "rateest rateest1 rateest2 rateest-delta=0 rateest-bps=? rateest-bps1=? rateest-bps2=? \
    rateest-pps=? rateest-pps1=? rateest-pps2=? rateest-lt=0 rateest-gt=0 rateest-eq=0";

/// All of them, by name.
const EXTENSIONS: &[(&str, &str, Understanding)] = &[
    ("addrtype", "src-type dst-type limit-iface-in=0 limit-iface-out=0", Exact(addrtype)),
    ("ah", "ahspi ahlen ahres=0", Fixed),
    ("bpf", "bytecode object-pinned", Header),
    ("cgroup", "path cgroup", Header),
    ("cluster", "cluster-total-nodes cluster-local-node cluster-local-nodemask cluster-hash-seed", Fixed),
    ("comment", "comment", Exact(comment)),
    ("connbytes", "connbytes connbytes-dir connbytes-mode", Volatile),
    ("connlabel", "label set=0", Volatile),
    ("connlimit", "connlimit-upto connlimit-above connlimit-mask connlimit-saddr=0 connlimit-daddr=0", Volatile),
    ("connmark", "mark", Exact(connection_is_marked)),
    ("connrate", "connrate", Volatile),
    ("conntrack", CONNTRACK, Exact(conntrack)),
    ("cpu", "cpu", Fixed),
    ("dccp", "source-port,sport destination-port,dport dccp-types dccp-option", Exact(dccp)),
    ("devgroup", "src-group dst-group", Header),
    ("dscp", "dscp dscp-class", Exact(dscp)),
    ("dst", "dst-len dst-opts", Exact(extension_header)),
    ("ecn", "ecn-tcp-cwr=0 ecn-tcp-ece=0 ecn-ip-ect", EditedBy(&["ECN", "TOS"])),
    ("esp", "espspi", Fixed),
    ("eui64", "", Fixed),
    ("frag", "fragid fraglen fragres=0 fragfirst=0 fragmore=0 fraglast=0", Exact(extension_header)),
    ("hashlimit", HASHLIMIT, Volatile),
    ("hbh", "hbh-len hbh-opts hbh-not-strict=0", Exact(extension_header)),
    ("helper", "helper", Fixed),
    ("hl", "hl-eq hl-lt hl-gt", Exact(hl)),
    ("icmp", "icmp-type", Exact(icmp)),
    ("icmp6", "icmpv6-type", Exact(icmp6)),
    ("icmpv6", "icmpv6-type", Exact(icmp6)),
    ("ipcomp", "ipcompspi compres=0", Fixed),
    ("iprange", "src-range dst-range", Exact(iprange)),
    ("ipv6header", "header soft=0", Fixed),
    ("ipvs", "ipvs=0 vproto vaddr vport vdir vmethod vportctl", Volatile),
    ("length", "length", Exact(length)),
    ("limit", "limit limit-burst", Volatile),
    ("mac", "mac-source", Exact(mac)),
    ("mark", "mark", Exact(packet_is_marked)),
    ("mh", "mh-type", Fixed),
    ("multiport", "source-ports,sports destination-ports,dports ports,port", Exact(multiport)),
    ("nfacct", "nfacct-name", Exact(nfacct)),
    ("osf", "genre ttl log", Fixed),
    ("owner", "uid-owner gid-owner socket-exists=0 suppl-groups=0 pid-owner sid-owner cmd-owner", Header),
    ("physdev", "physdev-in physdev-out physdev-is-in=0 physdev-is-out=0 physdev-is-bridged=0", Header),
    ("pkttype", "pkt-type", Exact(pkttype)),
    ("policy", "dir pol strict=0 reqid spi proto mode tunnel-src tunnel-dst next=0", Header),
    ("quota", "quota", Volatile),
    ("rateest", RATEEST, Volatile),
    ("realm", "realm", Header),
    (
        "recent",
        "set=0 rcheck=0 update=0 remove=0 seconds reap=0 hitcount rttl=0 name rsource=0 rdest=0 mask",
        Exact(recent),
    ),
    ("rpfilter", "loose=0 validmark=0 accept-local=0 invert=0", Header),
    ("rt", "rt-type rt-segsleft rt-len rt-0-res=0 rt-0-addrs rt-0-not-strict=0", Exact(extension_header)),
    ("sctp", "source-port,sport destination-port,dport chunk-types=2", Exact(sctp)),
    ("set", SET, Exact(set)),
    ("socket", "nowildcard=0 transparent=0 restore-skmark=0", Header),
    ("srh", SRH, Exact(extension_header)),
    ("state", "state", Exact(state)),
    ("statistic", "mode probability every packet", Volatile),
    ("string", "from to algo icase=0 string hex-string", Header),
    ("tcp", "source-port,sport destination-port,dport tcp-flags=2 syn=0 tcp-option", Exact(tcp)),
    ("tcpmss", "mss", EditedBy(&["TCPMSS", "TCPOPTSTRIP"])),
    ("time", "datestart datestop timestart timestop monthdays weekdays kerneltz=0 utc=0 localtz=0 contiguous=0", Fixed),
    ("tos", "tos", EditedBy(&["TOS", "DSCP", "ECN"])),
    ("ttl", "ttl-eq,ttl ttl-lt ttl-gt", Exact(ttl)),
    ("u32", "u32", Header),
    ("udp", PORTS, Exact(udp)),
    ("udplite", PORTS, Exact(udplite)),
];

static BY_NAME: LazyLock<FxHashMap<&str, Extension>> = LazyLock::new(|| {
    EXTENSIONS
        .iter()
        .map(|&(name, options, understanding)| (name, Extension { name, options: spellings(options), understanding }))
        .collect()
});

/// The extension of this name.
pub fn extension(name: &str) -> Option<&'static Extension> {
    BY_NAME.get(name)
}

/// The extension that a protocol brings along: `-p tcp --dport 80` needs no `-m tcp`.
pub fn implied_by(protocol: u8) -> Option<&'static Extension> {
    extension(match protocol {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        33 => "dccp",
        50 => "esp",
        51 => "ah",
        58 => "icmp6",
        108 => "ipcomp",
        132 => "sctp",
        135 => "mh",
        136 => "udplite",
        _ => return None,
    })
}

/// The number of values of an option that may go without.
pub const PERHAPS_ONE: usize = usize::MAX;

/// Options that can be given: each spelling, its canonical name, the number of values.
pub type Options = Vec<(&'static str, &'static str, usize)>;

/// Every spelling of the options in a list.
pub fn spellings(options: &'static str) -> Options {
    let of_one = |option: &'static str| {
        let (names, values) = option.split_once('=').unwrap_or((option, "1"));
        let canonical = names.split(',').next().unwrap_or(names);
        let values = values.parse().unwrap_or(PERHAPS_ONE);
        names.split(',').map(move |name| (name, canonical, values))
    };
    options.split_ascii_whitespace().flat_map(of_one).collect()
}

/// An option by its whole name: its canonical name and number of values.
pub fn find(options: &Options, name: &str) -> Option<(&'static str, usize)> {
    options.iter().find(|(spelling, ..)| *spelling == name).map(|(_, canonical, values)| (*canonical, *values))
}
