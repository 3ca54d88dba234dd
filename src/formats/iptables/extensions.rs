//! The known match extensions, with their options and their meaning.
//!
//! The table follows iptables-extensions(8); `option_names` describes its notation for options.

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
use super::option_names::{Options, spellings};
use super::set::set;
use super::statement::Module;
use super::volatility::Volatility;
use crate::model::Match;

/// The function that gives the meaning of a match extension: the alternatives it matches, given the protocol that `-p` names.
///
/// # Errors
/// What is wrong with its options.
pub type Meaning = fn(&mut Context<'_>, &Module<'_>, Option<u8>) -> Result<Vec<Match>, String>;

/// How an extension is understood.
#[derive(Clone, Copy)]
pub enum Understanding {
    /// It is translated exactly.
    Exact(Meaning),
    /// It becomes a condition.
    Condition(Volatility),
}

/// A match extension.
pub struct Extension {
    /// Its name, as after `-m`.
    pub name: &'static str,
    /// Its options.
    pub options: Options,
    /// How it is understood.
    pub understanding: Understanding,
}

use Understanding::{Condition, Exact};

const FIXED: Understanding = Condition(Volatility::Fixed);
const HEADER: Understanding = Condition(Volatility::Header);
const VOLATILE: Understanding = Condition(Volatility::Volatile);

const fn edited_by(targets: &'static [&'static str]) -> Understanding {
    Condition(Volatility::EditedBy(targets))
}

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

/// All extensions, by name.
const EXTENSIONS: &[(&str, &str, Understanding)] = &[
    ("addrtype", "src-type dst-type limit-iface-in=0 limit-iface-out=0", Exact(addrtype)),
    ("ah", "ahspi ahlen ahres=0", FIXED),
    ("bpf", "bytecode object-pinned", HEADER),
    ("cgroup", "path cgroup", HEADER),
    ("cluster", "cluster-total-nodes cluster-local-node cluster-local-nodemask cluster-hash-seed", FIXED),
    ("comment", "comment", Exact(comment)),
    ("connbytes", "connbytes connbytes-dir connbytes-mode", VOLATILE),
    ("connlabel", "label set=0", VOLATILE),
    ("connlimit", "connlimit-upto connlimit-above connlimit-mask connlimit-saddr=0 connlimit-daddr=0", VOLATILE),
    ("connmark", "mark", Exact(connection_is_marked)),
    ("connrate", "connrate", VOLATILE),
    ("conntrack", CONNTRACK, Exact(conntrack)),
    ("cpu", "cpu", FIXED),
    ("dccp", "source-port,sport destination-port,dport dccp-types dccp-option", Exact(dccp)),
    ("devgroup", "src-group dst-group", HEADER),
    ("dscp", "dscp dscp-class", Exact(dscp)),
    ("dst", "dst-len dst-opts", Exact(extension_header)),
    ("ecn", "ecn-tcp-cwr=0 ecn-tcp-ece=0 ecn-ip-ect", edited_by(&["ECN", "TOS"])),
    ("esp", "espspi", FIXED),
    ("eui64", "", FIXED),
    ("frag", "fragid fraglen fragres=0 fragfirst=0 fragmore=0 fraglast=0", Exact(extension_header)),
    ("hashlimit", HASHLIMIT, VOLATILE),
    ("hbh", "hbh-len hbh-opts hbh-not-strict=0", Exact(extension_header)),
    ("helper", "helper", FIXED),
    ("hl", "hl-eq hl-lt hl-gt", Exact(hl)),
    ("icmp", "icmp-type", Exact(icmp)),
    ("icmp6", "icmpv6-type", Exact(icmp6)),
    ("icmpv6", "icmpv6-type", Exact(icmp6)),
    ("ipcomp", "ipcompspi compres=0", FIXED),
    ("iprange", "src-range dst-range", Exact(iprange)),
    ("ipv6header", "header soft=0", FIXED),
    ("ipvs", "ipvs=0 vproto vaddr vport vdir vmethod vportctl", VOLATILE),
    ("length", "length", Exact(length)),
    ("limit", "limit limit-burst", VOLATILE),
    ("mac", "mac-source", Exact(mac)),
    ("mark", "mark", Exact(packet_is_marked)),
    ("mh", "mh-type", FIXED),
    ("multiport", "source-ports,sports destination-ports,dports ports,port", Exact(multiport)),
    ("nfacct", "nfacct-name", Exact(nfacct)),
    ("osf", "genre ttl log", FIXED),
    ("owner", "uid-owner gid-owner socket-exists=0 suppl-groups=0 pid-owner sid-owner cmd-owner", HEADER),
    ("physdev", "physdev-in physdev-out physdev-is-in=0 physdev-is-out=0 physdev-is-bridged=0", HEADER),
    ("pkttype", "pkt-type", Exact(pkttype)),
    ("policy", "dir pol strict=0 reqid spi proto mode tunnel-src tunnel-dst next=0", HEADER),
    ("quota", "quota", VOLATILE),
    ("rateest", RATEEST, VOLATILE),
    ("realm", "realm", HEADER),
    (
        "recent",
        "set=0 rcheck=0 update=0 remove=0 seconds reap=0 hitcount rttl=0 name rsource=0 rdest=0 mask",
        Exact(recent),
    ),
    ("rpfilter", "loose=0 validmark=0 accept-local=0 invert=0", HEADER),
    ("rt", "rt-type rt-segsleft rt-len rt-0-res=0 rt-0-addrs rt-0-not-strict=0", Exact(extension_header)),
    ("sctp", "source-port,sport destination-port,dport chunk-types=2", Exact(sctp)),
    ("set", SET, Exact(set)),
    ("socket", "nowildcard=0 transparent=0 restore-skmark=0", HEADER),
    ("srh", SRH, Exact(extension_header)),
    ("state", "state", Exact(state)),
    ("statistic", "mode probability every packet", VOLATILE),
    ("string", "from to algo icase=0 string hex-string", HEADER),
    ("tcp", "source-port,sport destination-port,dport tcp-flags=2 syn=0 tcp-option", Exact(tcp)),
    ("tcpmss", "mss", edited_by(&["TCPMSS", "TCPOPTSTRIP"])),
    ("time", "datestart datestop timestart timestop monthdays weekdays kerneltz=0 utc=0 localtz=0 contiguous=0", FIXED),
    ("tos", "tos", edited_by(&["TOS", "DSCP", "ECN"])),
    ("ttl", "ttl-eq,ttl ttl-lt ttl-gt", Exact(ttl)),
    ("u32", "u32", HEADER),
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

/// The extension that a protocol implies: `-p tcp --dport 80` needs no `-m tcp`.
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
