//! The media range outbound: as destination, as source, closed, and in part.

use crate::harness::{EXTERNAL, SINGLE, check, check_external, filter, status, with};

const TCP: &str = "external.av.tcp-50000-59999.out";
const TCP_RULE: &str = "-p tcp -m multiport --dports 443,50000:59999";
const UDP_RULE: &str = "-p udp -m multiport --dports 3478,50000:59999";

#[test]
fn a_closed_range_is_satisfied_and_reported() {
    let closed = with(&with(EXTERNAL, TCP_RULE, "-p tcp --dport 443"), UDP_RULE, "-p udp --dport 3478");
    let run = check_external(
        &closed,
        "info media_range_closed external.av.tcp-50000-59999.out on edge1
         info media_range_closed external.av.udp-50000-59999.out on edge1",
    );
    assert_eq!(status(&run, TCP, "edge1"), "satisfied");
}

#[test]
fn a_closed_range_is_missing_if_nothing_replaces_it() {
    let rules = EXTERNAL.lines().filter(|line| !line.contains("-s 10.45.16.30/32")).collect::<Vec<_>>().join("\n");
    let run = check_external(
        &rules,
        "high missing external.av.tcp-443.out on edge1
         high missing external.av.udp-3478.out on edge1
         low missing external.av.tcp-50000-59999.out on edge1
         low missing external.av.udp-50000-59999.out on edge1",
    );
    assert_eq!(status(&run, TCP, "edge1"), "missing");
}

#[test]
fn the_range_as_source_ports_meets_the_need_if_the_deployment_declares_that_style() {
    let rules = format!(
        "{}-o eth0 -s 10.45.16.30/32 -p tcp --sport 50000:59999 --dport 443 -j ACCEPT\n\
         -o eth0 -s 10.45.16.30/32 -p udp --sport 3478 --dport 3478 -j ACCEPT\n",
        with(&with(EXTERNAL, TCP_RULE, "-p tcp --dport 443"), UDP_RULE, "-p udp --dport 3478")
    );
    let style = "topology = \"single-nat\"\nav_rule_style = \"source-and-destination\"";
    let deployment = with(SINGLE, "topology = \"single-nat\"", style);
    let run = check(&deployment, &[("ext", &filter(&rules))], "");
    assert_eq!(status(&run, TCP, "edge1"), "satisfied");
}

#[test]
fn a_source_rule_alone_does_not_open_443_to_other_source_ports() {
    let rules = with(EXTERNAL, TCP_RULE, "-p tcp --sport 50000:59999 --dport 443");
    check_external(&rules, "high partial external.av.tcp-443.out on edge1");
}

#[test]
fn a_part_of_the_range_is_partial() {
    let rules = with(EXTERNAL, "443,50000:59999", "443,50000:50999");
    let run = check_external(&rules, "low partial external.av.tcp-50000-59999.out on edge1");
    assert_eq!(run.findings[0].gap[0].destination_ports, "51000-59999");
    let deployment = with(SINGLE, "[[edge.node]]", "[edge]\nmedia_ports = [50000, 50999]\n[[edge.node]]");
    let narrow = EXTERNAL.replace("50000:59999", "50000:50999");
    check(&deployment, &[("ext", &filter(&narrow))], "");
}

#[test]
fn the_range_at_both_ends_is_accepted_if_443_is_open() {
    let rules = with(EXTERNAL, TCP_RULE, "-p tcp --dport 443");
    let both = format!("{rules}-o eth0 -s 10.45.16.30/32 -p tcp --sport 50000:59999 --dport 50000:59999 -j ACCEPT\n");
    let run = check_external(&both, "");
    assert_eq!(status(&run, TCP, "edge1"), "satisfied");
}

#[test]
fn the_style_destination_does_not_accept_source_ports() {
    let style = "topology = \"single-nat\"\nav_rule_style = \"destination\"";
    let deployment = with(SINGLE, "topology = \"single-nat\"", style);
    check(&deployment, &[("ext", &filter(EXTERNAL))], "");
}

#[test]
fn a_rule_for_a_small_part_of_addresses_does_not_count_as_opening_the_range() {
    let closed = with(&with(EXTERNAL, TCP_RULE, "-p tcp --dport 443"), UDP_RULE, "-p udp --dport 3478");
    let few = format!("{closed}-o eth0 -s 10.45.16.30/32 -d 8.8.0.0/16 -p tcp --dport 50000:59999 -j ACCEPT\n");
    check_external(
        &few,
        "info media_range_closed external.av.tcp-50000-59999.out on edge1
         info media_range_closed external.av.udp-50000-59999.out on edge1",
    );
}

#[test]
fn the_range_inbound_is_excess_except_for_office_communications_server() {
    let rules = format!("{EXTERNAL}-i eth0 -d 10.45.16.30/32 -p udp --dport 50000:59999 -j ACCEPT\n");
    let excess = "medium excess ext: -A FORWARD -i eth0 -d 10.45.16.30/32 -p udp --dport 50000:59999 -j ACCEPT";
    check_external(&rules, excess);
    let lync = with(&with(SINGLE, "sfb2015", "lync2013"), "xmpp = true", "xmpp = true\nocs2007_partners = true");
    check(&lync, &[("ext", &filter(&rules))], "high missing external.av.tcp-50000-59999.in on edge1");
}
