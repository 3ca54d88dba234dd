//! Listings and scripts of host firewalls on Linux and Windows.

use super::super::recognition::Certainty::{Own, Title};
use super::super::recognition::Sign;
use super::other::Other;

pub(super) const OTHERS: &[Other] = &[
    // iptables(8), "-L, --list": interfaces are shown only with -v, and no listing has every option of a match.
    Other {
        what: "iptables -L output, which loses interfaces and options",
        instead: Some(("run iptables-save and give that", "iptables")),
        signs: &[
            Sign::form(Own, "a chain such as Chain INPUT (policy ACCEPT)", is_listed_chain),
            Sign::form(Own, "the columns target, prot, opt, source, destination", |line| {
                has_words(line, &["target", "prot", "opt", "source", "destination"])
            }),
        ],
    },
    // Ansible, "Common return values": what a command printed is a string, `stdout`, and a list of its lines, `stdout_lines`.
    Other {
        what: "JSON with the output of a command as text in it",
        instead: Some(("take the text out, for example with jq -r .stdout, and give that", "iptables")),
        signs: &[
            Sign::has(Own, "\\n*filter\\n"),
            Sign::form(Own, "a key such as \"stdout\"", |line| {
                has_key(line, "stdout") || has_key(line, "stdout_lines")
            }),
        ],
    },
    // A script's variables and conditions are known only when it runs.
    Other {
        what: "a script that runs iptables",
        instead: Some(("run it, and give what iptables-save prints then", "iptables")),
        signs: &[Sign::form(Own, "a command such as iptables -A INPUT", is_command)],
    },
    // ufw(8), "status".
    Other {
        what: "ufw status output, which has only the rules that ufw was given",
        instead: Some(("run iptables-save and ip6tables-save and give both", "iptables")),
        signs: &[
            Sign::form(Own, "the columns To, Action, From", |line| {
                line.split_whitespace().eq(["To", "Action", "From"])
            }),
            Sign::begins(Own, "ufw allow "),
            Sign::begins(Own, "ufw deny "),
        ],
    },
    // firewall-cmd(1), "--list-all"; firewalld.zone(5), firewalld.conf(5), "FirewallBackend".
    Other {
        what: "firewall-cmd output, which names services and zones instead of rules",
        instead: Some((
            "run iptables-save and give that, or nft list ruleset where firewalld's back end is nftables",
            "iptables",
        )),
        signs: &[Sign::begins(Own, "icmp-block-inversion:"), Sign::begins(Own, "rich rules:")],
    },
    // Microsoft Learn, "Get-NetFirewallRule": addresses, ports and programs are objects of their own.
    Other {
        what: "Get-NetFirewallRule output, which has no addresses and no ports",
        instead: Some(("run netsh advfirewall firewall show rule name=all verbose and give that", "windows")),
        signs: &[
            Sign::form(Own, "the property EnforcementStatus", |line| is_property(line, "EnforcementStatus")),
            Sign::form(Own, "the property LooseSourceMapping", |line| is_property(line, "LooseSourceMapping")),
            Sign::form(Own, "the property PolicyStoreSourceType", |line| is_property(line, "PolicyStoreSourceType")),
        ],
    },
    // Microsoft Learn, "Export-Clixml".
    Other {
        what: "PowerShell objects as XML",
        instead: Some(("run netsh advfirewall firewall show rule name=all verbose and give that", "windows")),
        signs: &[Sign::has(Title, "xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"")],
    },
    // pf.conf(5), pfctl(8) "-s rules".
    Other {
        what: "a pf rule set",
        instead: None,
        signs: &[
            Sign::begins(Own, "pass in quick on "),
            Sign::begins(Own, "pass out quick on "),
            Sign::begins(Own, "block drop in "),
            Sign::begins(Own, "scrub in on "),
        ],
    },
];

/// Whether a line is `Chain NAME (policy …)` or `Chain NAME (N references)`.
fn is_listed_chain(line: &str) -> bool {
    line.starts_with("Chain ") && line.ends_with(')') && (line.contains(" (policy ") || line.contains(" references)"))
}

/// Whether a line contains these words in this order, possibly with others between them.
fn has_words(line: &str, wanted: &[&str]) -> bool {
    let mut words = line.split_whitespace();
    wanted.iter().all(|wanted| words.any(|word| word == *wanted))
}

/// Whether a line has a key of JSON: `"key": value`.
fn has_key(line: &str, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    line.match_indices(&quoted).any(|(at, found)| line[at + found.len()..].trim_start().starts_with(':'))
}

/// Whether a line is `iptables -A …`, with or without a path, a variable, `sudo` or a table before the command.
fn is_command(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| *word == "sudo");
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    let named = matches!(name, "iptables" | "ip6tables" | "$IPTABLES" | "$IPT" | "${IPTABLES}" | "$iptables");
    named && words.take(4).any(|word| matches!(word, "-A" | "-I" | "-P" | "-F" | "-N" | "--append" | "--insert"))
}

/// Whether a line is `Name   : value`.
fn is_property(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':'))
}
