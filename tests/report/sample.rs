//! A run such as an audit of one Edge behind two firewalls gives, with a finding of each structure.

#![allow(clippy::unnecessary_wraps)] // most texts of a finding are optional

use edgewarden::catalog::{self, Interface, Requirement};
use edgewarden::deployment::{Product, Topology};
use edgewarden::findings::{
    Category, DeploymentRef, Disposition, Finding, Input, Kind, LineCounts, LineSummary, Need, NeedStatus, Packet,
    RuleCounts, RuleEvidence, RuleRef, Run, SCHEMA, Severity, Summary, Tool, TrafficRow,
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn input(id: &str, path: &str, format: &str, lines: LineCounts) -> Input {
    Input {
        id: id.to_owned(),
        firewall: id.split('.').next().map(str::to_owned),
        path: path.to_owned(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        bytes: 2148,
        format: format.to_owned(),
        encoding: "utf-8".to_owned(),
        lines,
    }
}

pub fn packets(source: &str, destination: &str, protocol: &str, ports: &str) -> TrafficRow {
    TrafficRow {
        source: source.to_owned(),
        destination: destination.to_owned(),
        protocol: protocol.to_owned(),
        source_ports: "any".to_owned(),
        destination_ports: ports.to_owned(),
        ingress: "eth0".to_owned(),
        egress: "eth1".to_owned(),
    }
}

fn packet(src: &str, dst: &str, proto: &str, dport: u16) -> Packet {
    Packet {
        hook: "forward".to_owned(),
        ingress: some("eth0"),
        egress: some("eth1"),
        src: src.to_owned(),
        dst: dst.to_owned(),
        proto: proto.to_owned(),
        sport: Some(45000),
        dport: Some(dport),
        icmp_type: None,
        icmp_code: None,
        tcp_flags: (proto == "tcp").then(|| "SYN".to_owned()),
        state: "new".to_owned(),
    }
}

pub fn rule(input: &str, line: u32, effect: &str, text: &str) -> RuleEvidence {
    RuleEvidence { input: input.to_owned(), line, text: text.to_owned(), effect: effect.to_owned() }
}

/// A finding with default fields; callers set the rest.
pub fn finding(id: &str, kind: Kind, severity: Severity, title: &str, why: &str) -> Finding {
    Finding {
        id: id.to_owned(),
        fingerprint: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".to_owned(),
        kind,
        severity,
        category: if kind == Kind::Excess { Category::Exposure } else { Category::Service },
        disposition: Disposition::Open,
        title: title.to_owned(),
        why: why.to_owned(),
        need: None,
        role: None,
        interface: None,
        direction: None,
        firewall: some("fw-ext"),
        node: some("edge1"),
        family: some("ipv4"),
        expected: Vec::new(),
        gap: Vec::new(),
        excess: Vec::new(),
        near_miss: None,
        witness: None,
        rules: Vec::new(),
        remediation: None,
    }
}

/// Sets the need of a finding.
fn about(mut finding: Finding, need: &str) -> Finding {
    let definition = catalog::need(need).unwrap();
    finding.need = some(need);
    finding.role = some(definition.role.name());
    finding.interface = some(definition.interface.name());
    finding.direction = some(definition.direction.name());
    finding
}

fn missing() -> Finding {
    let mut finding = about(
        finding(
            "7K3QX9M2TA",
            Kind::Missing,
            Severity::Critical,
            "UDP 3478 in to A/V Edge on edge1 is not permitted by fw-ext",
            "Line 24 would permit it, but an earlier rule decides first. Calls with people outside have no media. \
             Needed by external.av.udp-3478.in (S004.T1.R11).",
        ),
        "external.av.udp-3478.in",
    );
    finding.expected = vec![packets("any", "192.0.2.12", "udp", "3478")];
    finding.gap = finding.expected.clone();
    finding.witness = Some(packet("1.0.0.1", "203.0.113.12", "udp", 3478));
    finding.rules = vec![
        rule("fw-ext", 24, "shadowed", "-A FORWARD -d 192.0.2.12/32 -p udp -m udp --dport 3478 -j ACCEPT"),
        rule("fw-ext", 6, "translates", "-A PREROUTING -d 203.0.113.12/32 -j DNAT --to-destination 192.0.2.12"),
        rule("fw-ext", 20, "denies", "-A FORWARD -d 192.0.2.0/24 -p udp -m comment --comment \"no | udp ```\" -j DROP"),
    ];
    finding
}

fn partial() -> Finding {
    let mut finding = about(
        finding(
            "MB4ZC7Q2LN",
            Kind::Partial,
            Severity::Critical,
            "UDP 3478 in to the internal interface of edge1 (A/V Edge) is permitted only in part by fw-int",
            "Some of it is permitted and some is not; the gap is listed. Nobody inside can reach media relay. \
             Needed by internal.av.udp-3478.in (S004.T2.R04).",
        ),
        "internal.av.udp-3478.in",
    );
    finding.firewall = some("fw-int");
    let networks: Vec<String> = (0..30).map(|third| format!("10.20.{third}.0/24")).collect();
    finding.expected = vec![packets("10.0.0.0/8", "172.16.0.10", "udp", "3478")];
    finding.gap = vec![packets(&networks.join(","), "172.16.0.10", "udp", "3478")];
    finding.witness = Some(packet("10.20.0.1", "172.16.0.10", "udp", 3478));
    finding.rules = vec![rule("fw-int", 31, "denies", "access-list INSIDE extended deny ip any any log")];
    finding
}

fn excess() -> Finding {
    let mut finding = finding(
        "Q5RT2VJX3W",
        Kind::Excess,
        Severity::Critical,
        "fw-ext line 31 permits what no need calls for, from the Internet to the Edge's external side: Remote \
         administration from the Internet",
        "SSH, RPC, SMB, SQL Server, Remote Desktop or WinRM of the Edge is open to password guessing.",
    );
    finding.interface = some("external");
    finding.direction = some("in");
    finding.excess = vec![packets("any", "192.0.2.10-192.0.2.12", "tcp", "22,3389,5985-5986")];
    finding.witness = Some(packet("1.0.0.1", "203.0.113.10", "tcp", 3389));
    let long = "--comment-with-no-end".repeat(18);
    finding.rules = vec![
        rule("fw-ext", 12, "jumps", "-A FORWARD -i eth0 -j FROM_NET"),
        rule("fw-ext", 31, "permits", &format!("-A FROM_NET -p tcp -m multiport --dports 22,3389,5985:5986 {long}")),
    ];
    finding
}

fn undecided() -> Finding {
    let mut finding = about(
        finding(
            "W2YH6DKE5S",
            Kind::Undecided,
            Severity::High,
            "TCP 443 in to Web Conferencing Edge on edge1: cannot be determined from fw-ext's export",
            "It depends on: -m string --string \"<script>alert(1)</script>\" --algo bm. Meetings have no content. \
             Needed by external.webconf.tcp-443.in (S004.T1.R08).",
        ),
        "external.webconf.tcp-443.in",
    );
    finding.expected = vec![packets("any", "192.0.2.11", "tcp", "443")];
    finding.gap = vec![packets("any", "192.0.2.11", "tcp", "443")];
    finding.witness = Some(packet("1.0.0.1", "203.0.113.11", "tcp", 443));
    finding.rules = vec![rule(
        "fw-ext",
        27,
        "undecided",
        "-A FORWARD -p tcp -m string --string \"](javascript:alert(1))\" --algo bm -j DROP",
    )];
    finding
}

fn closed() -> Finding {
    let mut finding = about(
        finding(
            "C9AAZ7PL4E",
            Kind::MediaRangeClosed,
            Severity::Info,
            "TCP any out of A/V Edge on edge1 is closed on fw-ext; 443/tcp and 3478/udp replace it",
            "A policy of 443/tcp and 3478/udp alone is accepted for the media range: calls are relayed through them. See C09.",
        ),
        "external.av.tcp-50000-59999.out",
    );
    finding.expected = vec![packets("192.0.2.12", "any", "tcp", "50000-59999")];
    finding.gap = finding.expected.clone();
    finding.rules = vec![];
    finding
}

/// The status of a need in the sample, and its finding.
fn status(id: &str) -> (NeedStatus, Option<&'static str>) {
    match id {
        "external.av.udp-3478.in" => (NeedStatus::Missing, Some("7K3QX9M2TA")),
        "internal.av.udp-3478.in" => (NeedStatus::Partial, Some("MB4ZC7Q2LN")),
        "external.webconf.tcp-443.in" => (NeedStatus::Undecided, Some("W2YH6DKE5S")),
        "external.av.tcp-50000-59999.out" => (NeedStatus::Satisfied, Some("C9AAZ7PL4E")),
        "internal.replication.tcp-4443.in" => (NeedStatus::NotEvaluated, None),
        _ if id.contains("xmpp") || id.ends_with("59999.in") => (NeedStatus::NotApplicable, None),
        _ => (NeedStatus::Satisfied, None),
    }
}

fn needs() -> Vec<Need> {
    let mut line = 10;
    let need = |definition: &catalog::NeedDefinition| {
        let (status, finding) = status(&definition.id);
        let firewall = if definition.interface == Interface::External { "fw-ext" } else { "fw-int" };
        let judged = !matches!(status, NeedStatus::NotApplicable | NeedStatus::NotEvaluated);
        line += 1;
        let rows = catalog::rows_for(&definition.id, Product::Sfb2015, Topology::SingleNat, false);
        let permitted = matches!(status, NeedStatus::Satisfied | NeedStatus::Partial) && finding.is_none();
        Need {
            id: definition.id.clone(),
            node: "edge1".to_owned(),
            family: "ipv4".to_owned(),
            firewall: judged.then(|| firewall.to_owned()),
            status,
            requirement: if judged { Requirement::Mandatory.name().to_owned() } else { String::new() },
            rows: rows.iter().map(|row| row.id.clone()).collect(),
            permitted_by: if permitted { vec![RuleRef { input: firewall.to_owned(), line }] } else { Vec::new() },
            exceptions: if definition.id == "external.access.tcp-443.in" {
                vec!["198.51.100.0/24,1.2.3.4".to_owned()]
            } else {
                vec![]
            },
            reason: match status {
                NeedStatus::NotApplicable => some("features.xmpp and features.ocs2007_partners are off"),
                NeedStatus::NotEvaluated => some("hosts.cms is a name | not an address"),
                NeedStatus::Undecided => some("-m string --string \"<script>alert(1)</script>\" --algo bm"),
                _ => None,
            },
            finding: finding.map(str::to_owned),
        }
    };
    catalog::needs().iter().map(need).collect()
}

/// The run.
pub fn run() -> Run {
    let needs = needs();
    let findings = vec![missing(), partial(), excess(), undecided(), closed()];
    let mut summary = Summary {
        rules: RuleCounts { total: 38, explained: 36 },
        lines: LineSummary { total: 83, understood: 69 },
        ..Summary::default()
    };
    for need in &needs {
        summary.needs.add(need.status);
    }
    for finding in &findings {
        summary.findings.add(finding.severity);
    }
    Run {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "edgewarden".to_owned(), version: "0.1.0".to_owned() },
        as_of: "2026-11-20".to_owned(),
        deployment: DeploymentRef {
            sha256: "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9".to_owned(),
            product: "sfb2015".to_owned(),
            topology: "single-nat".to_owned(),
        },
        inputs: vec![
            input(
                "fw-ext",
                "exports/fw ext's.rules",
                "iptables",
                LineCounts { total: 40, understood: 36, ignored: 4, ..LineCounts::default() },
            ),
            input(
                "fw-ext.2",
                "exports/sets.ipset",
                "ipset",
                LineCounts { total: 3, understood: 3, ..LineCounts::default() },
            ),
            input(
                "fw-int",
                "exports/asa-int.txt",
                "asa",
                LineCounts { total: 40, understood: 30, ignored: 7, secret: 2, unrecognised: 1 },
            ),
        ],
        summary,
        notes: vec![
            "[evidence] dns_zone was read and is not evaluated by this version".to_owned(),
            "fw-ext: # a set named ![x](http://example.com/y.png) is empty".to_owned(),
        ],
        needs,
        end_to_end: Vec::new(),
        findings,
    }
}
