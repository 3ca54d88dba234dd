//! Reports of a hand-made run: snapshots, and that text of a run is escaped.

#![allow(clippy::unwrap_used)] // the lint spares test functions, not what they call

mod hostile;
mod sample;

use edgewarden::findings::{NearMiss, Position, Remediation, Run, TextEdit};
use edgewarden::report::{ReportFormat, matrix, ratio, text, write};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// A run in a format.
fn written(format: ReportFormat, run: &Run) -> String {
    let mut bytes = Vec::new();
    write(format, run, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The sample with remediations.
fn with_remediations() -> Run {
    let mut run = sample::run();
    run.findings[0].near_miss = Some(NearMiss {
        kind: "wrong_transport".to_owned(),
        rules: vec![sample::rule("fw-ext", 25, "near", "-A FORWARD -p tcp --dport 3478 -j ACCEPT")],
    });
    run.findings[0].remediation = Some(Remediation {
        dialect: "iptables".to_owned(),
        snippet: "-A FORWARD -d 192.0.2.12/32 -p udp --dport 3478 -j ACCEPT\n# and so on".to_owned(),
        r#where: "before line 20".to_owned(),
        also_opens: "nothing".to_owned(),
        undo: "delete the line".to_owned(),
        edits: vec![TextEdit {
            input: "fw-ext".to_owned(),
            start: Position { line: 20, column: 1 },
            end: Position { line: 20, column: 1 },
            text: "-A FORWARD -d 192.0.2.12/32 -p udp --dport 3478 -j ACCEPT\n# and so on\n".to_owned(),
        }],
        diff: "--- fw-ext\n+++ fw-ext\n@@ -20,0 +20,2 @@\n+-A FORWARD -d 192.0.2.12/32 -p udp --dport 3478 -j ACCEPT\n+# and so on\n"
            .to_owned(),
        made_by: Vec::new(),
    });
    run
}

#[test]
fn the_markdown_report_looks_like_this() {
    insta::assert_snapshot!("markdown", written(ReportFormat::Markdown, &sample::run()));
}

#[test]
fn the_text_report_looks_like_this() {
    insta::assert_snapshot!("text", written(ReportFormat::Text, &sample::run()));
}

#[test]
fn the_markdown_report_has_every_field_of_each_finding() {
    let run = with_remediations();
    let report = written(ReportFormat::Markdown, &run);
    let sections: Vec<&str> = report.split("\n### ").skip(1).take(run.findings.len()).collect();
    for (finding, section) in run.findings.iter().zip(sections) {
        let sets = finding.expected.iter().chain(&finding.gap).chain(&finding.excess);
        let addresses = sets.flat_map(|set| [&set.source, &set.destination, &set.destination_ports]);
        for list in addresses {
            assert!(list.split(',').take(20).all(|part| section.contains(part)), "{list} in {section}");
        }
        let texts = finding.rules.iter().map(|rule| rule.text.as_str());
        let need = finding.need.as_deref();
        for text in texts.chain(need).chain([finding.id.as_str(), &finding.fingerprint, finding.severity.name()]) {
            assert!(section.contains(text), "{text} in {section}");
        }
    }
}

#[test]
fn near_misses_and_remediation_are_shown_where_there_are_any() {
    let report = written(ReportFormat::Markdown, &with_remediations());
    for part in [
        "**Near miss**, wrong transport",
        "**Remediation** for iptables:\n\n```text\nbefore line 20\n```",
        "What is needed instead:",
        "# and so on\n```",
        "To undo:\n\n```text\ndelete the line\n```",
    ] {
        assert!(report.contains(part), "{part}");
    }
    assert!(!report.contains("No near misses") && !report.contains("No remediation"));
}

#[test]
fn a_run_without_findings_or_inputs_still_makes_reports() {
    let run = Run {
        inputs: vec![],
        notes: vec![],
        needs: vec![],
        findings: vec![],
        summary: edgewarden::findings::Summary::default(),
        ..sample::run()
    };
    for format in ReportFormat::ALL {
        assert!(written(format, &run).ends_with('\n'));
    }
    assert!(written(ReportFormat::Text, &run).contains("No findings"));
}

#[test]
fn the_json_reads_back_as_the_same_run() {
    for run in [sample::run(), with_remediations()] {
        let json = written(ReportFormat::Json, &run);
        assert!(json.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<Run>(&json).unwrap(), run);
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    for format in ReportFormat::ALL {
        assert_eq!(written(format, &sample::run()), written(format, &sample::run()), "{format}");
    }
}

/// The keys of an object in the order of the text, where they are indented by `indent` spaces after `opening`.
fn keys(json: &str, opening: &str, indent: usize) -> Vec<String> {
    let body = &json[json.find(opening).unwrap() + opening.len()..];
    let start = format!("{}\"", " ".repeat(indent));
    let end = format!("{}}}", " ".repeat(indent - 2));
    body.lines()
        .take_while(|line| !line.starts_with(&end))
        .filter_map(|line| Some(line.strip_prefix(&start)?.split_once('"')?.0.to_owned()))
        .collect()
}

#[test]
fn json_fields_have_the_order_of_the_schema() {
    let json = written(ReportFormat::Json, &with_remediations());
    let order = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        keys(&json, "{", 2),
        order("schema tool as_of deployment inputs summary notes needs end_to_end findings")
    );
    assert_eq!(keys(&json, "\"inputs\": [\n    {", 6), order("id firewall path sha256 bytes format encoding lines"));
    assert_eq!(keys(&json, "\"summary\": {", 4), order("needs findings rules lines"));
    let need = "id node family firewall status requirement rows permitted_by exceptions reason finding";
    assert_eq!(keys(&json, "\"needs\": [\n    {", 6), order(need));
    let finding = "id fingerprint kind severity category disposition title why need role interface direction firewall node \
                   family expected gap excess near_miss witness rules remediation";
    assert_eq!(keys(&json, "\"findings\": [\n    {", 6), order(finding));
    let set = "source destination protocol source_ports destination_ports in out";
    assert_eq!(keys(&json, "\"expected\": [\n        {", 10), order(set));
    assert_eq!(keys(&json, "\"witness\": {", 8), order("hook in out src dst proto sport dport state"));
    assert_eq!(keys(&json, "\"rules\": [\n        {", 10), order("input line text effect"));
    assert_eq!(keys(&json, "\"remediation\": {", 8), order("dialect snippet where also_opens undo edits diff"));
}

#[test]
fn text_stays_within_its_width_for_any_run() {
    let mut value = serde_json::to_value(sample::run()).unwrap();
    hostile::replace_texts(&mut value, &|text| format!("防火墙{}{text} {}", "x".repeat(150), "wörter ".repeat(40)));
    let run: Run = serde_json::from_value(value).unwrap();
    for line in written(ReportFormat::Text, &run).lines().chain(written(ReportFormat::Text, &sample::run()).lines()) {
        assert!(line.width() <= text::WIDTH, "{} columns: {line}", line.width());
    }
}

#[test]
fn format_names_are_read_and_others_refused() {
    for format in ReportFormat::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert_eq!("md".parse(), Ok(ReportFormat::Markdown));
    assert!("\u{1b}[31m".parse::<ReportFormat>().unwrap_err().to_string().contains("\\x1b"));
}

#[test]
fn a_need_not_evaluated_is_no_pass() {
    let run = sample::run();
    let needs = ratio::needs(&run.summary);
    let all: usize = matrix::matrix(&run).iter().flat_map(|row| row.cells).map(|cell| cell.applicable()).sum();
    assert_eq!(needs.whole, all);
    assert_eq!(ratio::Ratio { part: 999, whole: 1000 }.percent(), Some(99));
    assert_eq!(ratio::Ratio { part: 0, whole: 0 }.percent(), None);
}

#[test]
fn json_is_indented_by_two_spaces() {
    let json = written(ReportFormat::Json, &sample::run());
    assert!(json.starts_with("{\n  \"schema\": \"edgewarden/run/1\",\n"));
    assert!(serde_json::from_str::<Value>(&json).is_ok());
}
