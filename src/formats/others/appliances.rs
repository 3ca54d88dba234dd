//! Configurations of appliances of other vendors. If a device exports its policy as a table, that table can be read.

use super::super::recognition::Certainty::{Own, Title};
use super::super::recognition::Sign;
use super::other::Other;

pub(super) const OTHERS: &[Other] = &[
    // FortiOS CLI Reference, `config firewall policy`; a backup begins with #config-version=MODEL-VERSION-….
    Other {
        what: "a FortiGate configuration",
        instead: Some(("export the list Policy & Objects > Firewall Policy as CSV and give that", "csv")),
        signs: &[
            Sign::begins(Title, "#config-version=F"),
            Sign::begins(Own, "config firewall policy"),
            Sign::begins(Own, "config firewall address"),
            Sign::begins(Own, "config firewall service custom"),
            Sign::begins(Own, "set srcintf "),
            Sign::begins(Own, "set dstintf "),
        ],
    },
    // PAN-OS CLI Quick Start, "Change CLI Modes" (`set cli config-output-format set`); PAN-OS XML API, the configuration's
    // nodes /config/devices/entry/vsys/entry/rulebase.
    Other {
        what: "a PAN-OS configuration",
        instead: Some(("export the list Policies > Security as CSV and give that", "csv")),
        signs: &[
            Sign::begins(Own, "set rulebase security rules "),
            Sign::form(Own, "a rule such as set vsys vsys1 rulebase security rules", |line| {
                line.starts_with("set ")
                    && (line.contains(" rulebase security rules ") || line.contains("-rulebase security rules "))
            }),
            Sign::has(Own, "<rulebase>"),
            Sign::has(Own, "<pre-rulebase>"),
            Sign::has(Own, "<post-rulebase>"),
        ],
    },
    // Check Point Management API Reference, `show access-rulebase`, `add access-rule`; before R80, rulebases_5_0.fws.
    Other {
        what: "a Check Point rule base",
        instead: Some(("export the policy from SmartConsole (Actions > Export) as CSV and give that", "csv")),
        signs: &[
            Sign::begins(Own, ":rule-base ("),
            Sign::begins(Own, "mgmt_cli "),
            Sign::begins(Own, "add access-rule "),
            Sign::form(Own, "a rule of type access-rule", |line| {
                let plain: String = line.chars().filter(|c| !matches!(c, ' ' | '"' | ',')).collect();
                plain.contains("type:access-rule") || plain.contains("type:access-section")
            }),
        ],
    },
    // pfSense documentation, "Configuration XML"; OPNsense documentation, "Backups", "Rules" (export as CSV since 26.1).
    Other { what: "a pfSense configuration", instead: None, signs: &[Sign::begins(Title, "<pfsense>")] },
    Other {
        what: "an OPNsense configuration",
        instead: Some(("export the list Firewall > Rules as CSV and give that", "csv")),
        signs: &[Sign::begins(Title, "<opnsense>")],
    },
    // Junos OS CLI Reference, `security policies from-zone to-zone`; the same as a hierarchy in braces.
    Other {
        what: "a Juniper SRX configuration",
        instead: None,
        signs: &[
            Sign::begins(Own, "set security policies "),
            Sign::begins(Own, "set security zones "),
            Sign::begins(Own, "set security nat "),
            Sign::form(Own, "a block such as from-zone trust to-zone untrust {", |line| {
                line.starts_with("from-zone ") && line.contains(" to-zone ") && line.ends_with('{')
            }),
            Sign::form(Own, "a block such as security-zone trust {", |line| {
                line.starts_with("security-zone ") && line.ends_with('{')
            }),
        ],
    },
    // MikroTik RouterOS documentation, "Configuration Management", `/export`.
    Other {
        what: "a MikroTik RouterOS export",
        instead: None,
        signs: &[
            Sign::form(Title, "the comment of RouterOS", |line| {
                line.starts_with('#') && line.contains(" by RouterOS ")
            }),
            Sign::begins(Own, "/ip firewall filter"),
            Sign::begins(Own, "add action=accept chain="),
            Sign::begins(Own, "add action=drop chain="),
        ],
    },
];
