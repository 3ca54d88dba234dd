//! A run with a need of each status, findings of many kinds, sanitised hostile text and wide characters; and a screen
//! to press keys on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use edgewarden::findings::*;
use edgewarden::tui::session::Session;
use edgewarden::tui::state::{Effect, Phase, State};
use edgewarden::tui::still;
use edgewarden::tui::{InputText, Loaded, NeedText, Options, RowText, keymap};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

/// The 28 needs and their statuses.
const NEEDS: [(&str, NeedStatus); 28] = {
    use NeedStatus::{Misdirected, Missing, NotApplicable, NotEvaluated, Partial, Satisfied, Undecided};
    [
        ("external.access.tcp-443.in", Missing),
        ("external.access.tcp-5061.in", Satisfied),
        ("external.access.tcp-5061.out", Satisfied),
        ("external.access.tcp-80.out", Satisfied),
        ("external.access.tcp-53.out", Partial),
        ("external.access.udp-53.out", Satisfied),
        ("external.xmpp.tcp-5269.in", NotApplicable),
        ("external.xmpp.tcp-5269.out", NotApplicable),
        ("external.webconf.tcp-443.in", Satisfied),
        ("external.av.tcp-443.in", Satisfied),
        ("external.av.tcp-443.out", Satisfied),
        ("external.av.udp-3478.in", Misdirected),
        ("external.av.udp-3478.out", Satisfied),
        ("external.av.tcp-50000-59999.in", NotApplicable),
        ("external.av.tcp-50000-59999.out", Satisfied),
        ("external.av.udp-50000-59999.in", NotApplicable),
        ("external.av.udp-50000-59999.out", Undecided),
        ("internal.access.tcp-5061.in", Satisfied),
        ("internal.access.tcp-5061.out", Satisfied),
        ("internal.webconf.tcp-8057.in", Satisfied),
        ("internal.av.tcp-5062.in", Satisfied),
        ("internal.av.udp-3478.in", Satisfied),
        ("internal.av.tcp-443.in", Satisfied),
        ("internal.xmpp.tcp-23456.in", NotApplicable),
        ("internal.replication.tcp-4443.in", Missing),
        ("internal.logging.tcp-50001.in", NotEvaluated),
        ("internal.logging.tcp-50002.in", NotEvaluated),
        ("internal.logging.tcp-50003.in", NotEvaluated),
    ]
};

fn packets(source: &str, destination: &str, protocol: &str, ports: &str) -> TrafficRow {
    TrafficRow {
        source: source.into(),
        destination: destination.into(),
        protocol: protocol.into(),
        source_ports: "1024-65535".into(),
        destination_ports: ports.into(),
        ingress: "eth0".into(),
        egress: "eth1".into(),
    }
}

fn rule(line: u32, text: &str, effect: &str) -> RuleEvidence {
    RuleEvidence { input: "fw-ext".into(), line, text: text.into(), effect: effect.into() }
}

fn witness(proto: &str, dst: &str, dport: u16) -> Packet {
    Packet {
        hook: "forward".into(),
        ingress: Some("eth0".into()),
        egress: Some("eth1".into()),
        src: "198.51.100.7".into(),
        dst: dst.into(),
        proto: proto.into(),
        sport: Some(1024),
        dport: Some(dport),
        icmp_type: None,
        icmp_code: None,
        tcp_flags: (proto == "tcp").then(|| "SYN".into()),
        state: "new".into(),
    }
}

fn finding(id: &str, kind: Kind, severity: Severity, title: &str, need: Option<&str>) -> Finding {
    let part = |at: usize| need.and_then(|need| need.split('.').nth(at)).map(String::from);
    Finding {
        id: id.into(),
        fingerprint: "0".repeat(64),
        kind,
        severity,
        category: if kind == Kind::Excess { Category::Exposure } else { Category::Service },
        disposition: Disposition::Open,
        title: title.into(),
        why: "The chain ends in a policy of DROP, and no rule before it permits the packet.".into(),
        need: need.map(Into::into),
        role: part(1),
        interface: part(0),
        direction: part(3),
        firewall: Some("fw-ext".into()),
        node: Some("edge1".into()),
        family: Some("ipv4".into()),
        expected: Vec::new(),
        gap: Vec::new(),
        excess: Vec::new(),
        near_miss: None,
        witness: None,
        rules: Vec::new(),
        remediation: None,
    }
}

fn findings() -> Vec<Finding> {
    let mut missing = finding(
        "7K3QX9M2TA",
        Kind::Missing,
        Severity::Critical,
        "TCP 443 from the Internet does not reach the Access Edge service of edge1",
        Some("external.access.tcp-443.in"),
    );
    missing.why =
        "An earlier rule drops the packet before the rule that would permit it (fw-ext.rules:17) is reached. \
                   Remote users cannot sign in."
            .into();
    missing.expected = vec![packets("any", "10.45.16.10", "tcp", "443")];
    missing.gap = vec![packets("any", "10.45.16.10", "tcp", "443")];
    missing.witness = Some(witness("tcp", "10.45.16.10", 443));
    missing.rules = vec![
        rule(9, "-A FORWARD -i eth0 -j FROM_INTERNET", "jumps"),
        rule(
            14,
            "-A FROM_INTERNET -d 10.45.16.0/24 -p tcp -m tcp --dport 443 -m comment --comment \"␛]52;c;ZXZpbA==␇ 防火墙 ⟨U+202E⟩\" -j DROP",
            "denies",
        ),
    ];
    missing.remediation = Some(Remediation {
        dialect: "iptables".into(),
        snippet: "-A FROM_INTERNET -d 10.45.16.10/32 -p tcp --dport 443 -j ACCEPT".into(),
        r#where: "before fw-ext.rules:14".into(),
        also_opens: "nothing else".into(),
        undo: "iptables -D FROM_INTERNET -d 10.45.16.10/32 -p tcp --dport 443 -j ACCEPT".into(),
        edits: Vec::new(),
        diff: "--- fw-ext\n+++ fw-ext\n@@ -14,1 +14,2 @@\n+-A FROM_INTERNET -d 10.45.16.10/32 -p tcp --dport 443 -j ACCEPT\n -A FROM_INTERNET -j LOG\n".into(),
        made_by: Vec::new(),
    });
    let mut reversed = finding(
        "M4D2PWQ7ZC",
        Kind::Misdirected,
        Severity::Critical,
        "UDP 3478 to the A/V Edge service is permitted the wrong way round",
        Some("external.av.udp-3478.in"),
    );
    let turned = rule(18, "-A FROM_INTERNET -s 10.45.16.30/32 -p udp --dport 3478 -j ACCEPT", "permits");
    reversed.expected = vec![packets("any", "10.45.16.30", "udp", "3478")];
    reversed.gap.clone_from(&reversed.expected);
    reversed.near_miss = Some(NearMiss { kind: "reversed".into(), rules: vec![turned] });
    reversed.witness = Some(witness("udp", "10.45.16.30", 3478));
    reversed.rules = vec![rule(21, "-A FROM_INTERNET -j DROP", "denies")];
    let mut partial = finding(
        "QK5RB3XE4V",
        Kind::Partial,
        Severity::High,
        "DNS over TCP from edge1 gets to part of the Internet only",
        Some("external.access.tcp-53.out"),
    );
    partial.expected = vec![packets("10.45.16.10", "any", "tcp", "53")];
    partial.gap =
        vec![packets("10.45.16.10", "0.0.0.0-9.255.255.255,11.0.0.0-127.255.255.255,198.51.0.0/16", "tcp", "53")];
    let mut excess = finding(
        "XW2N6HJT3B",
        Kind::Excess,
        Severity::Critical,
        "Remote Desktop (TCP 3389) from anywhere reaches 10.45.16.10 «防火墙»",
        None,
    );
    excess.role = Some("access".into());
    excess.interface = Some("external".into());
    excess.direction = Some("in".into());
    excess.excess =
        vec![packets("any", "10.45.16.10", "tcp", "3389"), packets("2001:db8::/32", "10.45.16.10", "tcp", "3390-3399")];
    excess.rules = vec![rule(12, "-A FROM_INTERNET -p tcp -m tcp --dport 3389:3399 -j ACCEPT", "permits")];
    excess.witness = Some(witness("tcp", "10.45.16.10", 3389));
    let mut waived =
        finding("AAAAWAIVED", Kind::Excess, Severity::Medium, "WSUS from the Edge's internal address", None);
    waived.interface = Some("internal".into());
    waived.direction = Some("out".into());
    waived.disposition = Disposition::Waived;
    let undecided = finding(
        "U7CZ4LD2RS",
        Kind::Undecided,
        Severity::Low,
        "UDP 50000-59999 from the A/V Edge service depends on a match nobody could read",
        Some("external.av.udp-50000-59999.out"),
    );
    let mut unplaced = finding(
        "OBJECT22AA",
        Kind::Undecided,
        Severity::Medium,
        "An address group on line 31 holds a name that nothing defines",
        None,
    );
    unplaced.firewall = None;
    unplaced.node = None;
    unplaced.family = None;
    let mut closed = finding(
        "C3PO4MEDIA",
        Kind::MediaRangeClosed,
        Severity::Info,
        "The media range is closed; 443 and 3478 carry it",
        Some("external.av.tcp-50000-59999.out"),
    );
    closed.why = "Accepted: with 443 and 3478 open outbound, media flows.".into();
    let replication = finding(
        "R2D2CMSREP",
        Kind::Missing,
        Severity::High,
        "The Central Management store cannot replicate to edge1",
        Some("internal.replication.tcp-4443.in"),
    );
    vec![missing, reversed, excess, partial, replication, waived, unplaced, undecided, closed]
}

/// The lines of `fw-ext.rules`.
fn lines() -> Vec<String> {
    let mut lines: Vec<String> = (1..=40).map(|line| format!("# line {line}")).collect();
    let rules = [
        (9, "-A FORWARD -i eth0 -j FROM_INTERNET"),
        (12, "-A FROM_INTERNET -p tcp -m tcp --dport 3389:3399 -j ACCEPT"),
        (13, "-A FROM_INTERNET -d 10.45.16.10/32 -p tcp -m tcp --dport 5061 -j ACCEPT"),
        (
            14,
            "-A FROM_INTERNET -d 10.45.16.0/24 -p tcp -m tcp --dport 443 -m comment --comment \"␛]52;c;ZXZpbA==␇ 防火墙 ⟨U+202E⟩\" -j DROP",
        ),
        (17, "-A FROM_INTERNET -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT"),
        (18, "-A FROM_INTERNET -s 10.45.16.30/32 -p udp --dport 3478 -j ACCEPT"),
        (21, "-A FROM_INTERNET -j DROP"),
    ];
    for (line, text) in rules {
        lines[line - 1] = text.into();
    }
    lines
}

/// The run, the lines of its input, and the words of the catalog.
pub fn loaded() -> Loaded {
    let findings = findings();
    let needs: Vec<_> = NEEDS
        .iter()
        .map(|(id, status)| Need {
            id: (*id).into(),
            node: "edge1".into(),
            family: "ipv4".into(),
            firewall: (*status != NeedStatus::NotEvaluated)
                .then(|| if id.starts_with("external") { "fw-ext".into() } else { "fw-int".into() }),
            status: *status,
            requirement: "mandatory".into(),
            rows: vec!["S004.T1.R05".into()],
            permitted_by: if *status == NeedStatus::Satisfied {
                vec![RuleRef { input: "fw-ext".into(), line: 13 }]
            } else {
                Vec::new()
            },
            exceptions: Vec::new(),
            reason: match status {
                NeedStatus::NotApplicable => Some("the deployment does not declare xmpp".into()),
                NeedStatus::NotEvaluated => Some("no export was given for this side".into()),
                _ => None,
            },
            finding: findings
                .iter()
                .find(|finding| finding.need.as_deref() == Some(id))
                .map(|finding| finding.id.clone()),
        })
        .collect();
    let mut summary = Summary {
        rules: RuleCounts { total: 38, explained: 30 },
        lines: LineSummary { total: 77, understood: 75 },
        ..Summary::default()
    };
    for need in &needs {
        summary.needs.add(need.status);
    }
    for finding in findings.iter().filter(|finding| finding.disposition == Disposition::Open) {
        summary.findings.add(finding.severity);
    }
    let input = |id: &str, unrecognised| Input {
        id: id.into(),
        firewall: Some(id.into()),
        path: format!("{id}.rules"),
        sha256: "4f".repeat(32),
        bytes: 2310,
        format: "iptables".into(),
        encoding: "utf-8".into(),
        lines: LineCounts { total: 40, understood: 37 - unrecognised, ignored: 3, secret: 0, unrecognised },
    };
    let run = Run {
        schema: SCHEMA.into(),
        tool: Tool { name: "edgewarden".into(), version: "0.1.0".into() },
        as_of: "2026-11-20".into(),
        deployment: DeploymentRef { sha256: "ab".repeat(32), product: "sfb2015".into(), topology: "single-nat".into() },
        inputs: vec![input("fw-ext", 2), input("fw-int", 0)],
        summary,
        notes: vec!["`[evidence]` is read and judged by nothing yet.".into()],
        needs,
        end_to_end: Vec::new(),
        findings,
    };
    let row = RowText {
        document: "Edge Server environmental requirements in Skype for Business Server".into(),
        table: "Table 1".into(),
        row: "Access/SIP(TLS)".into(),
        source: "Any".into(),
        destination: "Access Edge service".into(),
        note: "Client-to-server SIP traffic for external user access.".into(),
    };
    let need = NeedText {
        purpose: "Sign-in of remote users: SIP over TLS from the Internet to the Access Edge service".into(),
        when_missing: "Nobody outside can sign in.".into(),
    };
    Loaded {
        run,
        excerpts: vec![InputText { id: "fw-ext".into(), path: "fw-ext.rules".into(), lines: lines() }],
        rows: BTreeMap::from([("S004.T1.R05".into(), row)]),
        needs: BTreeMap::from([("external.access.tcp-443.in".into(), need)]),
    }
}

/// A screen of a given size with its state.
pub struct Screen {
    pub state: State,
    buffer: Buffer,
}

impl Screen {
    pub fn new(width: u16, height: u16) -> Self {
        Self::with(width, height, &options())
    }

    pub fn with(width: u16, height: u16, options: &Options) -> Self {
        let mut screen = Self::empty(width, height, options);
        screen.state.phase = Phase::Ready(Box::new(Session::new(loaded(), &options.report_path_suggestion)));
        screen.draw();
        screen
    }

    /// A screen before anything is loaded.
    pub fn empty(width: u16, height: u16, options: &Options) -> Self {
        let mut screen = Self { state: State::new(options), buffer: Buffer::empty(Rect::new(0, 0, width, height)) };
        screen.draw();
        screen
    }

    pub fn session(&self) -> &Session {
        self.state.session().unwrap()
    }

    pub fn draw(&mut self) {
        self.buffer = still(&mut self.state, self.buffer.area.width, self.buffer.area.height);
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.buffer = still(&mut self.state, width, height);
    }

    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// Presses keys one after the other: names such as `Enter` or `Ctrl-d`, or characters. Gives the last effect.
    pub fn press(&mut self, keys: &[&str]) -> Option<Effect> {
        let mut effect = None;
        for name in keys {
            if let Some(action) = keymap::action(self.state.context(), key(name)) {
                effect = self.state.update(action);
            }
            self.draw();
        }
        effect
    }

    pub fn write(&mut self, text: &str) {
        for character in text.chars() {
            self.press(&[&character.to_string()]);
        }
    }

    /// The text on screen, without the spaces at its lines' ends.
    pub fn text(&self) -> String {
        let buffer = self.buffer();
        let mut lines = Vec::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol)).unwrap().max(1);
            }
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }
}

/// A key by its name.
pub fn key(name: &str) -> KeyEvent {
    let (name, modifiers) = match name.strip_prefix("Ctrl-") {
        Some(name) => (name, KeyModifiers::CONTROL),
        None => (name, KeyModifiers::NONE),
    };
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Backspace" => KeyCode::Backspace,
        "Delete" => KeyCode::Delete,
        one => KeyCode::Char(one.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

pub fn options() -> Options {
    Options { mouse: true, ascii: false, color: true, report_path_suggestion: PathBuf::from("report.md") }
}
