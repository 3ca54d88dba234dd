//! The remediations of findings: which lines are inserted and removed, and where.

use edgewarden::findings::{Finding, Kind, Remediation, Run};

use crate::applied::{edited, prove_together};
use crate::harness::{EXTERNAL, Exports, INTERNAL, SINGLE, check, check_external, check_internal, filter, raw, with};

/// The remediation of the only finding for which `of` is true.
fn remediation(findings: &[Finding], of: impl Fn(&Finding) -> bool) -> &Remediation {
    let mut found = findings.iter().filter(|finding| of(finding));
    let (Some(finding), None) = (found.next(), found.next()) else { panic!("not one: {findings:#?}") };
    finding.remediation.as_ref().unwrap_or_else(|| panic!("no remediation: {finding:#?}"))
}

fn needing(need: &str) -> impl Fn(&Finding) -> bool {
    move |finding| finding.need.as_deref() == Some(need)
}

fn excess(finding: &Finding) -> bool {
    finding.kind == Kind::Excess
}

#[test]
fn a_missing_rule_is_inserted_after_the_last_one_if_the_policy_refuses() {
    let run = check_external(
        &with(EXTERNAL, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n", ""),
        "high missing external.webconf.tcp-443.in on edge1",
    );
    let change = remediation(&run.findings, needing("external.webconf.tcp-443.in"));
    assert!(change.r#where.starts_with("Insert after line 15 of ext: "), "{change:#?}");
    assert_eq!(
        change.snippet,
        "-A FORWARD -d 10.45.16.20/32 -i eth0 -o eth1 -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -m comment \
         --comment \"external.webconf.tcp-443.in edge1\" -j ACCEPT"
    );
    assert_eq!(change.also_opens, "nothing beyond the need");
    assert_eq!(change.undo, "Remove this line again.");
}

#[test]
fn a_missing_rule_is_inserted_before_the_rule_that_refuses() {
    let run = check_external(
        &format!("-d 10.45.16.30/32 -p udp -j DROP\n{EXTERNAL}"),
        "critical missing external.av.udp-3478.in on edge1
         high replies_blocked ext: -A FORWARD -d 10.45.16.30/32 -p udp -j DROP",
    );
    let change = remediation(&run.findings, needing("external.av.udp-3478.in"));
    assert!(change.r#where.starts_with("Insert before line 6 of ext: "), "{change:#?}");
    // The rule that refuses would refuse the later packets too.
    assert!(change.snippet.contains(" --ctstate NEW,ESTABLISHED "), "{change:#?}");
    assert_eq!(change.also_opens, "nothing beyond the need");
    let replies = remediation(&run.findings, |finding| finding.kind == Kind::RepliesBlocked);
    assert!(replies.r#where.starts_with("Insert before line 6 of ext: "), "{replies:#?}");
    assert_eq!(
        replies.snippet,
        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment \"established connections\" -j ACCEPT"
    );
    assert_eq!(replies.also_opens, "packets of all established connections; no new connection");
}

#[test]
fn if_no_rule_lets_replies_through_established_connections_are_accepted_before_the_need() {
    let stateless = with(INTERNAL, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", "");
    let run = check_internal(
        &with(&stateless, "5061,5062,8057", "5061,8057"),
        "critical missing internal.av.tcp-5062.in on edge1
         critical replies_blocked int: :FORWARD DROP [0:0]",
    );
    let change = remediation(&run.findings, needing("internal.av.tcp-5062.in"));
    let lines: Vec<&str> = change.snippet.lines().collect();
    assert_eq!(lines.len(), 2, "{change:#?}");
    assert!(lines[0].contains(" --ctstate RELATED,ESTABLISHED "), "{change:#?}");
    assert!(lines[1].contains("--dport 5062 ") && lines[1].contains(" --ctstate NEW "), "{change:#?}");
    assert_eq!(change.also_opens, "packets of all established connections; no new connection beyond the need");
}

#[test]
fn established_connections_are_accepted_at_the_head_of_the_base_chain_if_a_called_chain_refuses_them() {
    let stateless = with(INTERNAL, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", "");
    let run = check_internal(
        &format!(":LOGDROP - [0:0]\n{stateless}-j LOGDROP\n-A LOGDROP -j DROP\n"),
        "critical replies_blocked int: -A LOGDROP -j DROP",
    );
    let change = remediation(&run.findings, |finding| finding.kind == Kind::RepliesBlocked);
    assert!(change.r#where.starts_with("Insert before line 7 of int: "), "{change:#?}");
    assert!(change.snippet.starts_with("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED "), "{change:#?}");
}

#[test]
fn an_accept_is_inserted_into_the_chain_that_permits_similar_needs_not_into_the_one_that_refuses() {
    let rules = with(EXTERNAL, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n", "")
        .replace("-i eth0 -o eth1 ", "-A EDGE-IN ");
    let text = format!(
        ":EDGE-IN - [0:0]\n:LOGDROP - [0:0]\n-i eth0 -o eth1 -j EDGE-IN\n{rules}-j LOGDROP\n-A LOGDROP -j LOG\n-A LOGDROP -j DROP\n"
    );
    let run = check_external(&text, "high missing external.webconf.tcp-443.in on edge1");
    let change = remediation(&run.findings, needing("external.webconf.tcp-443.in"));
    assert!(change.snippet.starts_with("-A EDGE-IN "), "{change:#?}");
    assert!(
        change.r#where.starts_with("Insert after line ") && change.r#where.contains(": -A EDGE-IN "),
        "{change:#?}"
    );
}

#[test]
fn an_empty_chain_gets_its_first_rule_after_the_declarations() {
    let run = check(
        SINGLE,
        &[("int", &filter(""))],
        "critical missing internal.access.tcp-5061.in on edge1
         critical missing internal.access.tcp-5061.out on edge1
         critical missing internal.av.tcp-443.in on edge1
         critical missing internal.av.tcp-5062.in on edge1
         critical missing internal.av.udp-3478.in on edge1
         high missing internal.replication.tcp-4443.in on edge1
         high missing internal.webconf.tcp-8057.in on edge1
         high missing internal.xmpp.tcp-23456.in on edge1
         info missing internal.logging.tcp-50001.in on edge1
         info missing internal.logging.tcp-50002.in on edge1
         info missing internal.logging.tcp-50003.in on edge1",
    );
    assert!(run.findings.iter().all(|finding| finding.remediation.is_some()), "{:#?}", run.findings);
}

#[test]
fn only_the_refused_part_of_a_need_is_accepted() {
    let run = check_internal(
        &with(INTERNAL, "-s 192.168.0.0/16 -d 172.25.33.10/32 -p udp", "-s 192.168.0.0/17 -d 172.25.33.10/32 -p udp"),
        "critical partial internal.av.udp-3478.in on edge1",
    );
    let change = remediation(&run.findings, needing("internal.av.udp-3478.in"));
    assert!(change.snippet.contains("-s 192.168.128.0/17 "), "{change:#?}");
}

#[test]
fn packets_that_a_raw_table_refuses_have_no_remediation() {
    let run = check(
        SINGLE,
        &[("ext", &(raw("-p udp -m udp --dport 3478 -j DROP\n") + &filter(EXTERNAL)))],
        "critical missing external.av.udp-3478.in on edge1
         high missing external.av.udp-3478.out on edge1",
    );
    let of_need = run
        .findings
        .iter()
        .filter(|finding| finding.need.as_deref().is_some_and(|need| need.starts_with("external.av.udp-3478")));
    for finding in of_need {
        assert!(finding.remediation.is_none(), "{finding:#?}");
        assert!(
            finding.why.contains("No change is offered: no accept in the filter was proved to permit it"),
            "{finding:#?}"
        );
    }
}

#[test]
fn a_rule_only_for_the_edge_is_removed() {
    let run = check_external(
        &format!("{EXTERNAL}-i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 3389 -j ACCEPT\n"),
        "critical excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 3389 -j ACCEPT",
    );
    let change = remediation(&run.findings, excess);
    assert!(change.r#where.starts_with("Remove line 17 of ext: "), "{change:#?}");
    assert_eq!(change.snippet, "");
    assert!(change.also_opens.starts_with("nothing; it closes tcp from "), "{change:#?}");
    assert!(change.undo.starts_with("Put line 17 of ext back:\n-A FORWARD -i eth0"), "{change:#?}");
}

#[test]
fn the_needed_part_of_a_rule_for_the_edge_is_kept() {
    let wide = "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 440:444 -j ACCEPT";
    let narrow = "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT";
    let run = check_external(&with(EXTERNAL, narrow, wide), &format!("medium excess ext: -A FORWARD {wide}"));
    let change = remediation(&run.findings, excess);
    assert!(change.r#where.starts_with("In place of line 7 of ext: "), "{change:#?}");
    assert_eq!(
        change.snippet,
        "-A FORWARD -d 10.45.16.10/32 -i eth0 -o eth1 -p tcp -m tcp --dport 443 -m comment --comment \"needed by the Edge\" \
         -j ACCEPT"
    );
}

#[test]
fn a_rule_that_serves_other_hosts_is_kept_after_a_drop_for_the_edge() {
    let own = "-i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
    let ssh = "-i eth0 -o eth1 -d 10.45.16.0/24 -p tcp -m multiport --dports 22,443 -j ACCEPT";
    let run =
        check_external(&(with(EXTERNAL, own, "") + ssh + "\n"), &format!("critical excess ext: -A FORWARD {ssh}"));
    let change = remediation(&run.findings, excess);
    assert!(change.r#where.starts_with("Insert before line 16 of ext: "), "{change:#?}");
    let lines: Vec<&str> = change.snippet.lines().collect();
    assert_eq!(lines.len(), 3, "{change:#?}");
    assert!(lines.iter().all(|line| line.contains("--dport 22 ") && line.ends_with("-j DROP")), "{change:#?}");
}

#[test]
fn before_a_rule_for_everything_the_needs_of_the_edge_are_accepted_and_its_other_packets_denied() {
    let own = "-i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
    let run = check_external(
        &(with(EXTERNAL, own, "") + "-i eth0 -j ACCEPT\n"),
        "critical excess ext: -A FORWARD -i eth0 -j ACCEPT",
    );
    let change = remediation(&run.findings, excess);
    let lines: Vec<&str> = change.snippet.lines().collect();
    assert!(lines[0].contains("--dport 443 ") && lines[0].ends_with("-j ACCEPT"), "{change:#?}");
    assert!(lines.last().is_some_and(|line| line.ends_with("-j DROP")), "{change:#?}");
}

#[test]
fn a_chain_that_input_shares_with_forward_keeps_its_packets_to_the_firewall() {
    // The rule has no address. The jump from FORWARD has one, the jump from INPUT has none.
    let rules = format!(
        ":SHARED - [0:0]\n{EXTERNAL}-d 10.45.16.30/32 -i eth0 -o eth1 -j SHARED\n-A INPUT -j SHARED\n-A SHARED -p tcp -m tcp --dport 22 -j ACCEPT\n"
    );
    let run = check_external(&rules, "critical excess ext: -A SHARED -p tcp -m tcp --dport 22 -j ACCEPT");
    let change = remediation(&run.findings, excess);
    assert!(change.r#where.starts_with("Insert before "), "{change:#?}");
    assert!(change.snippet.contains("-d 10.45.16.30/32 ") && change.snippet.ends_with("-j DROP"), "{change:#?}");
}

#[test]
fn a_policy_that_accepts_gets_rules_before_it() {
    let open = filter(EXTERNAL).replace(":FORWARD DROP", ":FORWARD ACCEPT");
    let run = check(
        SINGLE,
        &[("ext", &open)],
        "critical excess ext: :FORWARD ACCEPT [0:0]
         medium excess ext: :FORWARD ACCEPT [0:0]",
    );
    for finding in &run.findings {
        let change = finding.remediation.as_ref().expect("a remediation");
        assert!(change.r#where.starts_with("Insert after line 16 of ext: "), "{change:#?}");
        assert!(change.snippet.lines().last().is_some_and(|line| line.ends_with("-j DROP")), "{change:#?}");
    }
}

/// This many rules for one port each, from 8101 on.
fn many(count: u16) -> String {
    let rule = |port| format!("-i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport {port} -j ACCEPT\n");
    // Every other port, so that no two are consecutive.
    (0..count).map(|number| rule(8101 + 2 * number)).collect()
}

#[test]
fn many_similar_rules_are_one_finding_that_lists_them_and_one_drop_cures_it() {
    let run = check_external(
        &(EXTERNAL.to_owned() + &many(30)),
        "medium excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 8101 -j ACCEPT",
    );
    let finding = run.findings.iter().find(|finding| excess(finding)).expect("the finding");
    assert!(
        finding.title.starts_with("30 rules of ext, the first on line 17, permit what no need calls for"),
        "{finding:#?}"
    );
    assert!(finding.why.contains("The rules are on lines 17-46."), "{finding:#?}");
    let ports: Vec<&str> = finding.excess.iter().flat_map(|row| row.destination_ports.split(',')).collect();
    assert_eq!(ports.len(), 30, "{finding:#?}");
    assert_eq!(run.summary.rules.explained, run.summary.rules.total - 30);
    let change = finding.remediation.as_ref().expect("a remediation");
    assert!(change.r#where.starts_with("Insert before line 17 of ext"), "{change:#?}");
    assert!(change.snippet.ends_with("-j DROP"), "{change:#?}");
}

#[test]
fn a_small_group_of_similar_rules_is_one_finding_each() {
    let rules = many(20);
    let expected: String = rules.lines().flat_map(|rule| ["medium excess ext: -A FORWARD ", rule, "\n"]).collect();
    check_external(&(EXTERNAL.to_owned() + &rules), &expected);
}

#[test]
fn no_change_is_made_in_a_chain_that_has_rules_inserted_by_number() {
    let rules = with(EXTERNAL, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n", "");
    let webconf = "high missing external.webconf.tcp-443.in on edge1";
    for line in [
        "-I FORWARD -s 192.0.2.1/32 -j DROP",
        "-I FORWARD 4 -s 192.0.2.1/32 -j DROP",
        "[0:0] --insert FORWARD -s 192.0.2.1/32 -j DROP",
    ] {
        let text = filter(&rules);
        // As the first line of the chain and as the last. An edit next to it would take effect at another place, or move it.
        let first = text.replacen("-A FORWARD", &format!("{line}\n-A FORWARD"), 1);
        let last = text.replace("COMMIT", &format!("{line}\nCOMMIT"));
        // An empty chain has no fourth place: iptables-restore takes it behind other rules alone.
        let texts = if line.contains(" 4 ") { vec![last] } else { vec![first, last] };
        for text in texts {
            let run = check(SINGLE, &[("ext", &text)], webconf);
            assert!(run.findings[0].remediation.is_none(), "{:#?}", run.findings[0].remediation);
        }
    }
}

#[test]
fn a_change_is_the_same_for_all_kinds_of_line_ends() {
    let rules = with(EXTERNAL, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n", "");
    let excess = "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 22 -j ACCEPT\n";
    let text = filter(&format!("{rules}{excess}"));
    let audited = |line_end: &str| Exports::of(SINGLE, &[("ext", &text.replace('\n', line_end))]).audit();
    let plain = audited("\n");
    assert!(plain.findings.iter().filter(|finding| finding.remediation.is_some()).count() > 1, "{:#?}", plain.findings);
    for line_end in ["\r\n", "\r"] {
        let run = audited(line_end);
        for (one, other) in plain.findings.iter().zip(&run.findings) {
            let (Some(one), Some(other)) = (&one.remediation, &other.remediation) else { panic!("none: {other:#?}") };
            assert_eq!((&one.snippet, &one.r#where, &one.diff), (&other.snippet, &other.r#where, &other.diff));
            for (edit, with_ends) in one.edits.iter().zip(&other.edits) {
                assert_eq!((edit.start, edit.end), (with_ends.start, with_ends.end));
                assert_eq!(edit.text.replace('\n', line_end), with_ends.text);
            }
        }
    }
}

#[test]
fn needs_that_lack_the_same_accept_of_standing_connections_share_one() {
    let files = [("int".to_owned(), filter(""))];
    let run = check_none_new(&files);
    let edits: Vec<_> = run.findings.iter().filter_map(|finding| finding.remediation.as_ref()).collect();
    let of_standing = edits.iter().flat_map(|change| &change.edits).filter(|edit| edit.text.contains("ESTABLISHED"));
    assert_eq!(of_standing.count(), 1, "{edits:#?}");
    for change in &edits {
        // Each tells the whole of its change all the same.
        let lines: Vec<&str> = change.snippet.lines().collect();
        assert!(lines[0].contains(" --ctstate RELATED,ESTABLISHED ") && !lines.contains(&""), "{change:#?}");
    }
    assert!(edits.iter().skip(1).all(|change| change.made_by.len() == 1), "{edits:#?}");
}

/// The run of [`SINGLE`]'s internal firewall; all its edits are made at once and audited again.
fn check_none_new(files: &[(String, String)]) -> Run {
    let audit = |files: &[(String, String)]| {
        let exports: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Exports::of(SINGLE, &exports).audit()
    };
    let run = audit(files);
    assert!(prove_together("", files, &run, audit) > 1);
    run
}

#[test]
fn what_a_rule_lets_through_at_times_no_remediation_lets_through_always() {
    let need = "-i eth1 -o eth0 -s 10.45.16.10/32 -p udp -m udp --dport 53 -j ACCEPT\n";
    for at_times in
        ["-m time --timestart 08:00:00 --timestop 18:00:00", "-m limit --limit 10/sec", "-m quota --quota 1000"]
    {
        let rules = with(EXTERNAL, need, "");
        let rules = format!("{rules}-i eth1 -d 192.168.0.0/16 {at_times} -j ACCEPT\n");
        let run = Exports::of(SINGLE, &[("ext", &filter(&rules))]).audit();
        let change = remediation(&run.findings, needing("external.access.udp-53.out"));
        assert!(change.snippet.contains(" ! -d 192.168.0.0/16 "), "{at_times}: {change:#?}");
        assert_eq!(change.also_opens, "nothing beyond the need");
        // Nothing new comes of it: what nobody could tell stays as it was.
        let files = edited(&[("ext".to_owned(), filter(&rules))], &change.edits.iter().collect::<Vec<_>>());
        let after = Exports::of(SINGLE, &[("ext", &files[0].1)]).audit();
        let of_no_need = |run: &Run| -> Vec<String> {
            run.findings.iter().filter(|finding| finding.need.is_none()).map(|finding| finding.id.clone()).collect()
        };
        assert_eq!(of_no_need(&after), of_no_need(&run), "{at_times}");
        assert_eq!(after.findings.len(), run.findings.len() - 1, "{at_times}");
    }
    // Where no rule is meant for the internal network, the Internet is anyone.
    let run = check_external(&with(EXTERNAL, need, ""), "high missing external.access.udp-53.out on edge1");
    let change = remediation(&run.findings, needing("external.access.udp-53.out"));
    assert_eq!(change.also_opens, "nothing beyond the need");
}
