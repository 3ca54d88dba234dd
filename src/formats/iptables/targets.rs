//! The known targets and their effects (iptables-extensions(8), "TARGET EXTENSIONS").
//!
//! Options are listed as in the table of match extensions. After a target that only counts, logs or edits, the packet continues.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::model::{Action, MarkOf, MarkSource, NewAddress, Rewrite};

use super::context::Context;
use super::option_names::{Options, spellings};
use super::statement::Target;
use super::{marks, translation};

/// What a target does.
#[derive(Clone, Copy)]
pub enum Effect {
    /// Always this action.
    Plain(fn() -> Action),
    /// Rejects. The kind of the answer may name the family.
    Reject,
    /// Counts, logs or edits; the packet continues.
    Continue,
    /// `CT`: excludes from connection tracking with `--notrack`, else sets how to track.
    Connection,
    /// `SET`: edits a set, or sets a mark from one.
    Set,
    /// `MARK`.
    Mark,
    /// `CONNMARK`.
    ConnectionMark,
    /// `DNAT`.
    Destination,
    /// `REDIRECT`.
    Redirect,
    /// `NETMAP`.
    Netmap,
    /// `SNAT`, `SAME`.
    Source,
    /// `MASQUERADE`.
    Masquerade,
    /// The effect is not known from the rules; the text is the reason.
    Unknown(&'static str),
}

/// A target extension, or one of the built-in verdicts.
pub struct TargetExtension {
    /// Its name, as after `-j`.
    pub name: &'static str,
    /// Its options.
    pub options: Options,
    /// Its effect.
    pub effect: Effect,
}

use Effect::{
    Connection, ConnectionMark, Continue, Destination, Mark, Masquerade, Netmap, Plain, Redirect, Set, Source, Unknown,
};

const UNTRACK: Effect = Plain(|| Action::Rewrite(Rewrite::Untrack));
const LOG: &str =
    "log-level log-prefix log-tcp-sequence=0 log-tcp-options=0 log-ip-options=0 log-uid=0 log-macdecode=0";
const NFLOG: &str = "nflog-group nflog-range nflog-size nflog-threshold nflog-prefix";
const CONNMARK: &str = "set-xmark set-mark and-mark or-mark xor-mark save-mark=0 restore-mark=0 mask ctmask nfmask \
    left-shift-mark right-shift-mark";
const CT: &str = "notrack=0 helper timeout ctevents expevents zone zone-orig zone-reply";
const SET: &str = "add-set=2 del-set=2 map-set=2 exist=0 timeout map-mark=0 map-prio=0 map-queue=0";
const HMARK: &str = "hmark-tuple hmark-mod hmark-offset hmark-rnd hmark-src-prefix hmark-dst-prefix hmark-sport-mask \
    hmark-dport-mask hmark-spi-mask hmark-sport hmark-dport hmark-spi hmark-proto-mask";
const DECIDES: &str = "a program decides";

/// All known targets.
const TARGETS: &[(&str, &str, Effect)] = &[
    ("ACCEPT", "", Plain(|| Action::Accept)),
    ("DROP", "", Plain(|| Action::Drop)),
    ("RETURN", "", Plain(|| Action::Return)),
    ("REJECT", "reject-with", Effect::Reject),
    ("QUEUE", "", Unknown(DECIDES)),
    ("NFQUEUE", "queue-num queue-balance queue-bypass=0 queue-cpu-fanout=0", Unknown(DECIDES)),
    ("ACCOUNT", "addr tname", Continue),
    ("AUDIT", "type", Continue),
    ("CHECKSUM", "checksum-fill=0", Continue),
    ("CLASSIFY", "set-class", Continue),
    ("CONNMARK", CONNMARK, ConnectionMark),
    ("CONNSECMARK", "save=0 restore=0", Continue),
    ("DSCP", "set-dscp set-dscp-class", Continue),
    ("ECN", "ecn-tcp-remove=0 ecn-tcp-cwr ecn-tcp-ece ecn-ip-ect", Continue),
    ("HL", "hl-set hl-dec hl-inc", Continue),
    ("HMARK", HMARK, Plain(|| Action::Rewrite(Rewrite::Mark { of: MarkOf::Packet, keep: 0, by: MarkSource::Unknown }))),
    ("IDLETIMER", "timeout label alarm=0 send_nl_msg", Continue),
    ("LED", "led-trigger-id led-delay led-always-blink=0", Continue),
    ("LOG", LOG, Continue),
    ("MARK", "set-xmark set-mark and-mark or-mark xor-mark", Mark),
    ("NETFLOW", "", Continue),
    ("NFLOG", NFLOG, Continue),
    ("RATEEST", "rateest-name rateest-interval rateest-ewmalog", Continue),
    ("SECMARK", "selctx", Continue),
    ("SET", SET, Set),
    ("TCPMSS", "set-mss clamp-mss-to-pmtu=0", Continue),
    ("TCPOPTSTRIP", "strip-options", Continue),
    ("TEE", "gateway oif", Continue),
    ("TOS", "set-tos and-tos or-tos xor-tos", Continue),
    ("TRACE", "", Continue),
    ("TTL", "ttl-set ttl-dec ttl-inc", Continue),
    ("ULOG", "ulog-nlgroup ulog-prefix ulog-cprange ulog-qthreshold", Continue),
    ("CT", CT, Connection),
    ("NOTRACK", "", UNTRACK),
    ("DNAT", "to-destination random=0 random-fully=0 persistent=0", Destination),
    ("REDIRECT", "to-ports random=0 random-fully=0", Redirect),
    ("NETMAP", "to", Netmap),
    ("SNAT", "to-source random=0 random-fully=0 persistent=0", Source),
    ("MASQUERADE", "to-ports random=0 random-fully=0", Masquerade),
    ("SAME", "to nodst=0 random=0", Source),
    ("DNPT", "src-pfx dst-pfx", Unknown("a prefix of the address is replaced")),
    ("SNPT", "src-pfx dst-pfx", Unknown("a prefix of the address is replaced")),
    ("TPROXY", "on-port on-ip tproxy-mark", Unknown("given to a local proxy")),
    ("SYNPROXY", "sack-perm=0 timestamp=0 wscale mss ecn=0", Unknown("the firewall answers in the server's place")),
    (
        "CLUSTERIP",
        "new=0 hashmode clustermac total-nodes local-node hash-init",
        Unknown("another node of the cluster may answer"),
    ),
    ("TARPIT", "tarpit=0 honeypot=0 reset=0", Unknown("the firewall holds the connection")),
    ("DELUDE", "", Unknown("the firewall answers in the server's place")),
    ("CHAOS", "tarpit=0 delude=0", Unknown("the answer is random")),
    ("MIRROR", "", Unknown("sent back with its addresses swapped")),
    ("STEAL", "", Unknown("taken away without a trace")),
    ("ROUTE", "oif iif gw continue=0 tee=0", Unknown("routed by the rule")),
];

static BY_NAME: LazyLock<FxHashMap<&str, TargetExtension>> = LazyLock::new(|| {
    TARGETS
        .iter()
        .map(|&(name, options, effect)| (name, TargetExtension { name, options: spellings(options), effect }))
        .collect()
});

/// The target of this name.
pub fn target_extension(name: &str) -> Option<&'static TargetExtension> {
    BY_NAME.get(name)
}

/// Whether a name is a verdict, which no chain can have as its name.
pub fn is_verdict(name: &str) -> bool {
    matches!(name, "ACCEPT" | "DROP" | "RETURN" | "QUEUE")
}

/// What a known target does.
///
/// # Errors
/// What is wrong with its options.
pub fn action(context: &mut Context<'_>, target: &Target<'_>, known: &TargetExtension) -> Result<Action, String> {
    match known.effect {
        Plain(action) => Ok(action()),
        Effect::Reject => {
            let with = target.options.first().map(super::statement::Given::value).unwrap_or_default();
            context.spellings.ipv6 |= with.starts_with("icmp6");
            context.spellings.ipv4 |= with.starts_with("icmp-");
            Ok(Action::Reject)
        }
        Continue => Ok(Action::Continue),
        Set => {
            let marks = target.options.iter().any(|given| given.name == "map-mark");
            let by = MarkSource::Unknown;
            Ok(if marks {
                Action::Rewrite(Rewrite::Mark { of: MarkOf::Packet, keep: 0, by })
            } else {
                Action::Continue
            })
        }
        Connection => {
            let notrack = target.options.iter().any(|given| given.name == "notrack");
            Ok(Action::Rewrite(if notrack { Rewrite::Untrack } else { Rewrite::Template }))
        }
        Mark => marks::mark(target),
        ConnectionMark => marks::connection_mark(target),
        Destination => translation::destination(context, target),
        Redirect => translation::redirect(context, target),
        Netmap => translation::netmap(context, target),
        Source => Ok(Action::Rewrite(Rewrite::Source(translation::source(target)))),
        Masquerade => Ok(Action::Rewrite(Rewrite::Source(Some(NewAddress::Own)))),
        Unknown(why) => Ok(Action::Unknown(format!("{}: {why}", known.name))),
    }
}
