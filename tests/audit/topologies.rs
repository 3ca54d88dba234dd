//! The five topologies, each with a handwritten rule set that permits exactly its needs.

use crate::harness::{EXTERNAL, INTERNAL, SINGLE, check, filter, nat, status, with};

/// Two nodes, balanced by DNS.
fn scaled() -> String {
    let second = r#"
[[edge.node]]
name = "edge2"
internal = { addr = ["172.25.33.11"] }
access = { addr = ["10.45.16.11"], public = ["131.107.155.11"] }
webconf = { addr = ["10.45.16.21"], public = ["131.107.155.21"] }
av = { addr = ["10.45.16.31"], public = ["131.107.155.31"] }
[hosts]"#;
    with(&with(SINGLE, "single-nat", "scaled-dnslb-nat"), "\n[hosts]", second)
}

const SCALED_EXTERNAL: &str = "
-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-i eth0 -o eth1 -d 10.45.16.10/31 -p tcp -m multiport --dports 443,5061,5269 -j ACCEPT
-i eth0 -o eth1 -d 10.45.16.20/31 -p tcp -m tcp --dport 443 -j ACCEPT
-i eth0 -o eth1 -d 10.45.16.30/31 -p tcp -m tcp --dport 443 -j ACCEPT
-i eth0 -o eth1 -d 10.45.16.30/31 -p udp -m udp --dport 3478 -j ACCEPT
-i eth1 -o eth0 -s 10.45.16.10/31 -p tcp -m multiport --dports 53,80,5061,5269 -j ACCEPT
-i eth1 -o eth0 -s 10.45.16.10/31 -p udp -m udp --dport 53 -j ACCEPT
-i eth1 -o eth0 -s 10.45.16.30/31 -p tcp -m multiport --dports 443,50000:59999 -j ACCEPT
-i eth1 -o eth0 -s 10.45.16.30/31 -p udp -m multiport --dports 3478,50000:59999 -j ACCEPT
";

fn public(text: &str) -> String {
    let mut text = text.to_owned();
    for last in ["10", "11", "20", "21", "30", "31"] {
        text = text.replace(
            &format!("{{ addr = [\"10.45.16.{last}\"], public = [\"131.107.155.{last}\"] }}"),
            &format!("{{ addr = [\"131.107.155.{last}\"] }}"),
        );
    }
    text.replace("10.45.16.", "131.107.155.")
        .replace("single-nat", "single-public")
        .replace("dnslb-nat", "dnslb-public")
}

const DNAT: &str = "
-i eth0 -d 131.107.155.10/32 -j DNAT --to-destination 10.45.16.10
-i eth0 -d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20
-i eth0 -d 131.107.155.30/32 -j DNAT --to-destination 10.45.16.30
-A POSTROUTING -o eth0 -s 10.45.16.10/32 -j SNAT --to-source 131.107.155.10
-A POSTROUTING -o eth0 -s 10.45.16.20/32 -j SNAT --to-source 131.107.155.20
-A POSTROUTING -o eth0 -s 10.45.16.30/32 -j SNAT --to-source 131.107.155.30
";

#[test]
fn a_single_edge_behind_nat_audits_clean() {
    let run = check(SINGLE, &[("ext", &filter(EXTERNAL)), ("int", &filter(INTERNAL))], "");
    assert_eq!((run.summary.needs.satisfied, run.summary.needs.not_applicable), (26, 2));
    assert_eq!(run.needs.len(), 28);
    let need = run.needs.iter().find(|need| need.id == "external.access.tcp-443.in").expect("the need");
    let lines: Vec<u32> = need.permitted_by.iter().map(|rule| rule.line).collect();
    assert_eq!(lines, [7], "the line of the rule for 443, counted from the file's first");
    assert_eq!(run.summary.rules.total, run.summary.rules.explained);
}

#[test]
fn a_single_edge_behind_the_firewalls_own_nat_audits_clean() {
    let external = nat(DNAT) + &filter(EXTERNAL);
    let run = check(SINGLE, &[("ext", &external), ("int", &filter(INTERNAL))], "");
    assert_eq!(run.summary.needs.satisfied, 26);
}

#[test]
fn a_single_edge_with_public_addresses_audits_clean() {
    check(&public(SINGLE), &[("ext", &filter(&public(EXTERNAL))), ("int", &filter(INTERNAL))], "");
}

#[test]
fn a_scaled_edge_balanced_by_dns_audits_clean_behind_nat_and_with_public_addresses() {
    let internal = INTERNAL.replace("172.25.33.10/32", "172.25.33.10/31");
    let run = check(&scaled(), &[("ext", &filter(SCALED_EXTERNAL)), ("int", &filter(&internal))], "");
    assert_eq!(run.needs.len(), 56);
    check(&public(&scaled()), &[("ext", &filter(&public(SCALED_EXTERNAL))), ("int", &filter(&internal))], "");
}

#[test]
fn a_rule_for_one_node_of_two_leaves_the_other_missing() {
    let one = with(SCALED_EXTERNAL, "-d 10.45.16.20/31", "-d 10.45.16.20/32");
    check(&scaled(), &[("ext", &filter(&one))], "high missing external.webconf.tcp-443.in on edge2");
}

/// Two nodes behind a hardware load balancer with an internal virtual address.
const BALANCED: &str = r#"
schema = 1
[deployment]
product = "sfb2015"
topology = "scaled-hlb"
[features]
federation = true
[[firewall]]
name = "ext"
role = "external"
zones = { internet = ["eth0"], edge_external = ["eth1"] }
[[firewall]]
name = "int"
role = "internal"
zones = { edge_internal = ["eth0"], lan = ["eth1"] }
[[edge.node]]
name = "edge1"
internal = { addr = ["172.25.33.10"] }
access = { addr = ["131.107.155.10"] }
webconf = { addr = ["131.107.155.20"] }
av = { addr = ["131.107.155.30"] }
[[edge.node]]
name = "edge2"
internal = { addr = ["172.25.33.11"] }
access = { addr = ["131.107.155.11"] }
webconf = { addr = ["131.107.155.21"] }
av = { addr = ["131.107.155.31"] }
[edge.vip]
access = ["131.107.155.50"]
webconf = ["131.107.155.60"]
av = ["131.107.155.70"]
internal = ["172.25.33.50"]
[hosts]
front_end = ["192.168.10.90", "192.168.10.91"]
front_end_vip = ["192.168.10.99"]
internal_networks = ["192.168.0.0/16"]
"#;

const BALANCED_EXTERNAL: &str = "
-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-i eth0 -d 131.107.155.50/32 -p tcp -m multiport --dports 443,5061 -j ACCEPT
-i eth0 -d 131.107.155.60/32 -p tcp -m tcp --dport 443 -j ACCEPT
-i eth0 -d 131.107.155.70/32 -p tcp -m tcp --dport 443 -j ACCEPT
-i eth0 -d 131.107.155.70/32 -p udp -m udp --dport 3478 -j ACCEPT
-i eth0 -d 131.107.155.30/31 -p tcp -m tcp --dport 443 -j ACCEPT
-i eth0 -d 131.107.155.30/31 -p udp -m udp --dport 3478 -j ACCEPT
-o eth0 -s 131.107.155.10/31 -p tcp -m multiport --dports 53,80 -j ACCEPT
-o eth0 -s 131.107.155.10/31 -p udp -m udp --dport 53 -j ACCEPT
-o eth0 -s 131.107.155.50/32 -p tcp -m tcp --dport 5061 -j ACCEPT
-o eth0 -s 131.107.155.30/31 -p tcp -m multiport --dports 443,50000:59999 -j ACCEPT
-o eth0 -s 131.107.155.30/31 -p udp -m multiport --dports 3478,50000:59999 -j ACCEPT
";

const BALANCED_INTERNAL: &str = "
-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-i eth1 -s 192.168.10.90/31 -d 172.25.33.50/32 -p tcp -m multiport --dports 5061,5062 -j ACCEPT
-i eth1 -s 192.168.10.99/32 -d 172.25.33.50/32 -p tcp -m multiport --dports 5061,5062 -j ACCEPT
-o eth1 -s 172.25.33.50/32 -d 192.168.10.90/31 -p tcp -m tcp --dport 5061 -j ACCEPT
-o eth1 -s 172.25.33.50/32 -d 192.168.10.99/32 -p tcp -m tcp --dport 5061 -j ACCEPT
-i eth1 -s 192.168.0.0/16 -d 172.25.33.50/32 -p udp -m udp --dport 3478 -j ACCEPT
-i eth1 -s 192.168.0.0/16 -d 172.25.33.50/32 -p tcp -m tcp --dport 443 -j ACCEPT
-i eth1 -s 192.168.10.90/31 -d 172.25.33.10/31 -p tcp -m multiport --dports 4443,8057,443,50001:50003 -j ACCEPT
-i eth1 -s 192.168.10.90/31 -d 172.25.33.10/31 -p udp -m udp --dport 3478 -j ACCEPT
";

#[test]
fn a_scaled_edge_behind_a_load_balancer_audits_clean() {
    let run = check(BALANCED, &[("ext", &filter(BALANCED_EXTERNAL)), ("int", &filter(BALANCED_INTERNAL))], "");
    assert_eq!(run.needs.len(), 84);
    assert_eq!(status(&run, "external.access.tcp-443.in", "vip"), "satisfied");
    assert_eq!(status(&run, "external.access.tcp-443.in", "edge1"), "not_applicable");
    assert_eq!(status(&run, "internal.av.tcp-5062.in", "vip"), "satisfied");
}

#[test]
fn lync_behind_a_load_balancer_is_read_as_the_tables_of_its_successor() {
    let lync = with(BALANCED, "sfb2015", "lync2013");
    let external =
        with(BALANCED_EXTERNAL, "-p udp -m multiport --dports 3478,50000:59999", "-p udp -m udp --dport 3478");
    let run = check(&lync, &[("ext", &filter(&external)), ("int", &filter(BALANCED_INTERNAL))], "");
    assert_eq!(status(&run, "external.av.tcp-443.in", "vip"), "satisfied");
    assert_eq!(status(&run, "internal.av.udp-3478.in", "vip"), "satisfied");
}

#[test]
fn the_sixth_row_of_lyncs_internal_vip_table_is_not_excess() {
    let lync = with(BALANCED, "sfb2015", "lync2013");
    let sixth = "-o eth1 -s 172.25.33.50/32 -d 192.168.0.0/16 -p tcp -m tcp --dport 443 -j ACCEPT";
    let internal = format!("{BALANCED_INTERNAL}{sixth}\n");
    check(&lync, &[("int", &filter(&internal))], "");
    let of_successor = format!("high excess int: -A FORWARD {sixth}");
    check(BALANCED, &[("int", &filter(&internal))], &of_successor);
}

#[test]
fn without_an_internal_vip_its_needs_apply_to_the_nodes() {
    let deployment = with(BALANCED, "internal = [\"172.25.33.50\"]\n", "");
    let internal = BALANCED_INTERNAL.replace("172.25.33.50/32", "172.25.33.10/31");
    let run = check(&deployment, &[("int", &filter(&internal))], "");
    assert_eq!(status(&run, "internal.access.tcp-5061.in", "edge2"), "satisfied");
    assert_eq!(status(&run, "internal.access.tcp-5061.in", "vip"), "not_applicable");
}

#[test]
fn behind_a_load_balancer_media_is_needed_from_more_than_the_front_ends() {
    let internal = with(
        BALANCED_INTERNAL,
        "-s 192.168.0.0/16 -d 172.25.33.50/32 -p udp",
        "-s 192.168.10.90/31 -d 172.25.33.50/32 -p udp",
    );
    check(BALANCED, &[("int", &filter(&internal))], "critical partial internal.av.udp-3478.in on vip");
}

#[test]
fn sip_may_leave_from_the_nodes_instead_of_the_virtual_address() {
    let external = with(
        BALANCED_EXTERNAL,
        "-s 131.107.155.50/32 -p tcp -m tcp --dport 5061",
        "-s 131.107.155.10/31 -p tcp -m tcp --dport 5061",
    );
    check(BALANCED, &[("ext", &filter(&external))], "");
    let one = with(
        &external,
        "-s 131.107.155.10/31 -p tcp -m tcp --dport 5061",
        "-s 131.107.155.10/32 -p tcp -m tcp --dport 5061",
    );
    check(BALANCED, &[("ext", &filter(&one))], "high partial external.access.tcp-5061.out on vip");
}

#[test]
fn one_firewall_with_three_legs_judges_both_sides() {
    let from = r#"[[firewall]]
name = "ext"
role = "external"
zones = { internet = ["eth0"], edge_external = ["eth1"] }
[[firewall]]
name = "int"
role = "internal"
zones = { edge_internal = ["eth0"], lan = ["eth1"] }
"#;
    let to = r#"[[firewall]]
name = "all"
role = "combined"
zones = { internet = ["eth0"], edge_external = ["eth1"], edge_internal = ["eth2"], lan = ["eth3"] }
"#;
    let deployment = with(SINGLE, from, to);
    let internal = INTERNAL.replace("-i eth1 -o eth0", "-i eth3 -o eth2").replace("-i eth0 -o eth1", "-i eth2 -o eth3");
    let rules = format!("{EXTERNAL}{internal}");
    let run = check(&deployment, &[("all", &filter(&rules))], "");
    assert_eq!(run.summary.needs.satisfied, 26);
    let leak = format!(
        "{rules}-i eth0 -o eth2 -d 172.25.33.10/32 -p tcp --dport 443 -j ACCEPT\n-s 10.45.16.30/32 -d 192.168.10.90/32 -p tcp --dport 445 -j ACCEPT\n"
    );
    check(
        &deployment,
        &[("all", &filter(&leak))],
        "critical excess all: -A FORWARD -i eth0 -o eth2 -d 172.25.33.10/32 -p tcp --dport 443 -j ACCEPT
         critical excess all: -A FORWARD -s 10.45.16.30/32 -d 192.168.10.90/32 -p tcp --dport 445 -j ACCEPT",
    );
}

#[test]
fn one_address_for_all_services_moves_the_ports_and_keeps_the_ids() {
    let nodes = r#"access = { addr = ["10.45.16.10"], public = ["131.107.155.10"] }
webconf = { addr = ["10.45.16.20"], public = ["131.107.155.20"] }
av = { addr = ["10.45.16.30"], public = ["131.107.155.30"] }
"#;
    let deployment = with(SINGLE, nodes, "access = { addr = [\"10.45.16.10\"], public = [\"131.107.155.10\"] }\n");
    let deployment = with(&deployment, "topology = \"single-nat\"\n", "topology = \"single-nat\"\nsingle_ip = true\n");
    let ports = "[edge]\nports = { access = 5061, webconf = 444, av_tcp = 443 }\n[[edge.node]]";
    let deployment = with(&deployment, "[[edge.node]]", ports);
    let rules = "
-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m multiport --dports 443,444,5061,5269 -j ACCEPT
-i eth0 -o eth1 -d 10.45.16.10/32 -p udp -m udp --dport 3478 -j ACCEPT
-i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m multiport --dports 53,80,443,5061,5269,50000:59999 -j ACCEPT
-i eth1 -o eth0 -s 10.45.16.10/32 -p udp -m multiport --dports 53,3478,50000:59999 -j ACCEPT
";
    check(&deployment, &[("ext", &filter(rules)), ("int", &filter(INTERNAL))], "");
    let without = with(rules, "443,444,5061,5269", "443,5061,5269");
    let run = check(&deployment, &[("ext", &filter(&without))], "high missing external.webconf.tcp-443.in on edge1");
    assert_eq!(run.findings[0].expected[0].destination_ports, "444");
}

#[test]
fn two_families_are_judged_separately() {
    let deployment = with(SINGLE, "[\"ipv4\"]", "[\"ipv4\", \"ipv6\"]")
        .replace("addr = [\"172.25.33.10\"]", "addr = [\"172.25.33.10\", \"2001:4860:33::10\"]")
        .replace(
            "\"10.45.16.10\"], public = [\"131.107.155.10\"",
            "\"10.45.16.10\", \"2001:4860:1::10\"], public = [\"131.107.155.10\", \"2001:4860:1::10\"",
        )
        .replace(
            "\"10.45.16.20\"], public = [\"131.107.155.20\"",
            "\"10.45.16.20\", \"2001:4860:1::20\"], public = [\"131.107.155.20\", \"2001:4860:1::20\"",
        )
        .replace(
            "\"10.45.16.30\"], public = [\"131.107.155.30\"",
            "\"10.45.16.30\", \"2001:4860:1::30\"], public = [\"131.107.155.30\", \"2001:4860:1::30\"",
        )
        .replace("\"192.168.10.91\"]", "\"192.168.10.91\", \"2001:4860:2::90\"]")
        .replace("[\"192.168.10.5\"]", "[\"192.168.10.5\", \"2001:4860:2::5\"]")
        .replace("[\"192.168.0.0/16\"]", "[\"192.168.0.0/16\", \"2001:4860:2::/48\"]");
    let v6 = |text: &str| {
        filter(text)
            .replace("iptables-save", "ip6tables-save")
            .replace("10.45.16.10/32", "2001:4860:1::10/128")
            .replace("10.45.16.20/32", "2001:4860:1::20/128")
            .replace("10.45.16.30/32", "2001:4860:1::30/128")
            .replace("172.25.33.10/32", "2001:4860:33::10/128")
            .replace("192.168.10.90/31", "2001:4860:2::90/128")
            .replace("192.168.10.5/32", "2001:4860:2::5/128")
            .replace("192.168.0.0/16", "2001:4860:2::/48")
    };
    let (ext, int) = (filter(EXTERNAL), filter(INTERNAL));
    let run = check(&deployment, &[("ext", &ext), ("ext", &v6(EXTERNAL)), ("int", &int), ("int", &v6(INTERNAL))], "");
    assert_eq!(run.summary.needs.satisfied, 52);
    let torn = with(
        &v6(EXTERNAL),
        "-d 2001:4860:1::20/128 -p tcp -m tcp --dport 443",
        "-d 2001:4860:1::20/128 -p tcp -m tcp --dport 22",
    );
    let run = check(
        &deployment,
        &[("ext", &ext), ("ext", &torn)],
        "high missing external.webconf.tcp-443.in on edge1 (ipv6)
         critical excess ext.2: -A FORWARD -i eth0 -o eth1 -d 2001:4860:1::20/128 -p tcp -m tcp --dport 22 -j ACCEPT (ipv6)",
    );
    assert_eq!(run.summary.needs.not_evaluated, 11 * 2, "the internal side has no firewall");
    let run = check(&deployment, &[("ext", &ext), ("int", &int)], "");
    assert_eq!(run.summary.needs.not_evaluated, 26, "no IPv6 dump was given");
    assert!(run.needs.iter().filter(|need| need.status.name() == "not_evaluated").all(|need| need.firewall.is_none()));
}

#[test]
fn a_side_without_a_firewall_is_not_evaluated() {
    let run = check(SINGLE, &[("int", &filter(INTERNAL))], "");
    let external: Vec<_> = run.needs.iter().filter(|need| need.id.starts_with("external.")).collect();
    assert_eq!(external.len(), 17);
    for need in external {
        assert!(
            matches!(need.status.name(), "not_evaluated" | "not_applicable") && need.firewall.is_none(),
            "{need:?}"
        );
    }
}
