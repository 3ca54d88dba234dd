//! Lines that could not be read, truncated dumps, unknown matches and targets.

use crate::harness::{EXTERNAL, SINGLE, check, filter, status, with};

const RULE: &str = "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
const WEBCONF: &str = "external.webconf.tcp-443.in";

#[test]
fn an_unreadable_line_makes_only_missing_needs_undecided() {
    let text = filter(&format!("{EXTERNAL}-A FORWARD -p tcp --no-such-option 7 -j ACCEPT\n"));
    let run = check(
        SINGLE,
        &[("ext", &text)],
        "critical undecided ext: -A FORWARD -p tcp --no-such-option 7 -j ACCEPT\n medium undecided ext: -A FORWARD -p tcp --no-such-option 7 -j ACCEPT",
    );
    assert_eq!(run.summary.needs.undecided, 0);
}

#[test]
fn an_unknown_match_is_undecided_only_if_it_may_change_the_result() {
    let rules =
        with(EXTERNAL, RULE, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp --dport 443 -m nosuch --frob 7 -j ACCEPT\n");
    check(SINGLE, &[("ext", &filter(&rules))], "high undecided external.webconf.tcp-443.in on edge1");
    let rules = with(
        EXTERNAL,
        RULE,
        &format!("-i eth0 -d 10.45.16.20/32 -p tcp --dport 443 -m nosuch --frob 7 -j DROP\n{RULE}"),
    );
    check(SINGLE, &[("ext", &filter(&rules))], "high undecided external.webconf.tcp-443.in on edge1");
    let after = format!("{EXTERNAL}-i eth0 -d 10.45.16.20/32 -p tcp --dport 443 -m nosuch --frob 7 -j DROP\n");
    check(SINGLE, &[("ext", &filter(&after))], "");
}

#[test]
fn an_unknown_target_is_undecided_only_if_it_may_change_the_result() {
    let rules = with(EXTERNAL, RULE, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp --dport 443 -j NOSUCH --frob 7\n");
    let run = check(SINGLE, &[("ext", &filter(&rules))], "high undecided external.webconf.tcp-443.in on edge1");
    assert_eq!(status(&run, WEBCONF, "edge1"), "undecided");
    let rdp = "-i eth0 -d 10.45.16.10/32 -p tcp --dport 3389 -j NFQUEUE --queue-num 1";
    check(
        SINGLE,
        &[("ext", &filter(&format!("{EXTERNAL}{rdp}\n")))],
        &format!("critical undecided ext: -A FORWARD {rdp}"),
    );
}

#[test]
fn a_truncated_dump_reports_nothing_as_missing() {
    let whole = filter(EXTERNAL);
    let line = whole.find("-A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p udp").expect("the line");
    let run = crate::harness::Exports::of(SINGLE, &[("ext", &whole[..line])]).audit();
    assert_eq!(run.summary.needs.missing, 0, "{:#?}", run.findings);
    assert_eq!(status(&run, "external.access.udp-53.out", "edge1"), "undecided");
    assert_eq!(status(&run, WEBCONF, "edge1"), "satisfied");
}

#[test]
fn an_unknown_rule_after_a_deny_of_everything_has_no_effect() {
    let without = with(EXTERNAL, RULE, "");
    let text = filter(&format!("{without}-A FORWARD -j DROP\n-A FORWARD --no-such-option 7 -j ACCEPT\n"));
    let run = check(SINGLE, &[("ext", &text)], "high missing external.webconf.tcp-443.in on edge1");
    assert_eq!(status(&run, WEBCONF, "edge1"), "missing");
}
