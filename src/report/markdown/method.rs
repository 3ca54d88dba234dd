//! How the results were computed, how to replay them, and what they do not cover.

use std::io;

use crate::findings::Run;

/// The method in ten points.
const METHOD: [&str; 10] = [
    "**Needs** are derived from the 111 rows of the port tables in five Microsoft documents: 28 in all. The deployment file decides \
     which apply, and their addresses. Each is judged for every node and address family.",
    "**Packets judged** are those that open a connection: connection-tracking state `new`, for TCP with `SYN` and without `ACK`. \
     Replies are judged separately, as packets of an established connection.",
    "**Sets are exact.** The rules are applied to whole sets of packets, not to samples. Each packet of each need, and each packet \
     to or from an Edge address that no need calls for, has exactly one deciding rule or policy, or is undecided.",
    "**Expected** are the packets that a need calls for; **gap** is the part of them that is denied (or undecided); **excess** are \
     packets that are permitted although no need calls for them and no declared exception covers them.",
    "**Satisfied** means that all of it is permitted. Where it is open to the whole Internet, at most one address in 256 may be \
     refused; these are listed as exceptions.",
    "**Undecided** means that the export does not decide it, for example because a match looks at the payload or at the time. It \
     is never counted as permitted or as denied.",
    "**Zones:** each address belongs to one zone: the Edge's external addresses, its internal addresses, the LAN (internal networks \
     and named hosts), or the Internet, which is everything else. `any` on the Internet side means the whole Internet zone.",
    "**Translation:** packet sets have the addresses that the rules name; a witness has those of the packet as the firewall receives \
     it.",
    "**Severity** comes from a fixed table: by need for missing traffic, by zones and port for excess. There is no score.",
    "**Replay:** the same inputs (see their hashes), deployment file and date give the same run, byte for byte. The command beside \
     each witness replays it against the export; exports that are not from iptables or nft may also need \
     `--deployment FILE --firewall NAME`.",
];

pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Method\n")?;
    for (place, line) in METHOD.iter().enumerate() {
        writeln!(out, "{}. {line}", place + 1)?;
    }
    writeln!(out, "\n## Limits\n")?;
    writeln!(
        out,
        "- The exports are judged as files. Whether a device runs them, and whether other devices block the traffic, is not checked."
    )?;
    writeln!(
        out,
        "- DNS, certificates, routes and the services themselves are not evaluated; this report does not say that they are right."
    )?;
    if run.findings.iter().all(|finding| finding.near_miss.is_none()) {
        writeln!(
            out,
            "- No near misses: no rule was found that would permit a missing need with another direction, port or interface."
        )?;
    }
    if run.findings.iter().all(|finding| finding.remediation.is_none()) {
        writeln!(out, "- No remediation: no change of the rules is proposed.")?;
    }
    Ok(())
}
