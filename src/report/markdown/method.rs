//! How the results came about, how to replay them, and what they do not cover.

use std::io;

use crate::findings::Run;

/// What was computed, in ten lines.
const METHOD: [&str; 10] = [
    "**Needs** are the 28 that 111 rows of five Microsoft port tables come down to. The deployment file says which apply and gives \
     them addresses; each is judged for every node and family.",
    "**Packets judged** are those that open a connection: connection-tracking state `new`, for TCP with `SYN` and without `ACK`. \
     Replies are taken to follow the connection.",
    "**Sets are exact.** A rule set is walked with whole sets of packets, none sampled: each packet of each need, and each packet \
     to or from an Edge address that no need calls for, falls to exactly one deciding rule or policy, or is undecided.",
    "**Expected** is what a need calls for, **gap** what of it is denied (or undecided), **excess** what is permitted although no \
     need calls for it and no declared exception covers it.",
    "**Satisfied** means all of it is permitted; of the whole Internet at most one address in 256 may be kept out, and is then listed \
     as an exception.",
    "**Undecided** means that nobody could know from the export, for instance because a match looks into the payload or at the \
     time. It is never counted as permitted or as denied.",
    "**Where addresses live:** each lives behind one side: the Edge's external or internal addresses, the internal networks and \
     named hosts, and the Internet, which is everything else; `any` as the Internet's end is all of that.",
    "**Translation:** sets name the addresses that the rules name; a witness carries those on the wire, as the firewall receives it.",
    "**Severity** comes from a printed table: by need for what is missing, by path and port for what is in excess. There is no score.",
    "**Replay:** the same inputs (see their hashes), deployment file and date give the same run to the byte. Each witness can be put to \
     the export with the command beside it; exports that are not from iptables or nft may take `--deployment FILE --firewall NAME` too.",
];

pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Method\n")?;
    for (place, line) in METHOD.iter().enumerate() {
        writeln!(out, "{}. {line}", place + 1)?;
    }
    writeln!(out, "\n## Limits\n")?;
    writeln!(
        out,
        "- The exports are judged as they stand in the files. Whether a device runs them, or anything else stands in the way, is not."
    )?;
    writeln!(out, "- DNS, certificates, routes and the services themselves are not evaluated, and not passed either.")?;
    if run.findings.iter().all(|finding| finding.near_miss.is_none()) {
        writeln!(
            out,
            "- No near misses: a rule that would permit a missing need but for its direction, port or interface is not pointed out."
        )?;
    }
    if run.findings.iter().all(|finding| finding.remediation.is_none()) {
        writeln!(out, "- No remediation: what is wrong is said and proved; the line that would mend it is not given.")?;
    }
    Ok(())
}
