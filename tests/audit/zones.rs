//! Zones with named interfaces, without named interfaces, and with prefixes of names.

use crate::harness::{EXTERNAL, Exports, INTERNAL, SINGLE, check, filter, with};

const NAMED: &str = "zones = { internet = [\"eth0\"], edge_external = [\"eth1\"] }\n";

/// One firewall for both sides with these zones, and the rules for both: eth0 and eth1 outside, eth2 and eth3 inside.
fn combined(zones: &str) -> (String, String) {
    let internal = INTERNAL
        .lines()
        .skip(2)
        .fold(String::new(), |all, line| all + &line.replace("eth1", "eth3").replace("eth0", "eth2") + "\n");
    let (head, rest) = SINGLE.split_at(SINGLE.find("[[firewall]]").expect("firewalls"));
    let nodes = &rest[rest.find("[[edge.node]]").expect("nodes")..];
    let deployment = format!("{head}[[firewall]]\nname = \"fw\"\nrole = \"combined\"\n{zones}{nodes}");
    (deployment, format!("{EXTERNAL}{internal}"))
}

fn zones(text: &str) -> String {
    with(SINGLE, NAMED, text)
}

#[test]
fn a_zone_without_named_interfaces_has_all_that_no_other_zone_names() {
    for text in ["", "zones = { internet = [\"eth0\"] }\n", "zones = { edge_external = [\"eth1\"] }\n"] {
        check(&zones(text), &[("ext", &filter(EXTERNAL))], "");
        let missing = with(EXTERNAL, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n", "");
        check(&zones(text), &[("ext", &filter(&missing))], "high missing external.webconf.tcp-443.in on edge1");
        let rdp = "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp --dport 3389 -j ACCEPT";
        check(
            &zones(text),
            &[("ext", &filter(&format!("{EXTERNAL}{rdp}\n")))],
            &format!("critical excess ext: -A FORWARD {rdp}"),
        );
    }
}

#[test]
fn rules_without_interfaces_fit_any_zone() {
    let bare = EXTERNAL.replace("-i eth0 -o eth1 ", "").replace("-i eth1 -o eth0 ", "");
    for text in ["", NAMED, "zones = { internet = [\"wan*\"], edge_external = [\"dmz+\"] }\n"] {
        check(&zones(text), &[("ext", &filter(&bare))], "");
    }
}

#[test]
fn a_prefix_of_a_name_means_every_interface_with_that_prefix() {
    let text = zones("zones = { internet = [\"ppp+\"], edge_external = [\"eth1*\"] }\n");
    let all = EXTERNAL.replace("eth0", "ppp+").replace("eth1", "eth1+");
    check(&text, &[("ext", &filter(&all))], "");
    let one = with(
        &all,
        "-i ppp+ -o eth1+ -d 10.45.16.20/32 -p tcp -m tcp --dport 443",
        "-i ppp0 -o eth1+ -d 10.45.16.20/32 -p tcp -m tcp --dport 443",
    );
    let run = check(&text, &[("ext", &filter(&one))], "high partial external.webconf.tcp-443.in on edge1");
    assert_eq!(run.findings[0].gap[0].ingress, "ppp+");
}

#[test]
fn two_internet_interfaces_must_both_permit_a_need() {
    let text = zones("zones = { internet = [\"eth0\", \"eth3\"], edge_external = [\"eth1\"] }\n");
    let one_way = EXTERNAL.replace("-i eth0 -o eth1 ", "-o eth1 ").replace("-o eth0 ", "");
    check(&text, &[("ext", &filter(&one_way))], "");
    let only = with(&one_way, "-o eth1 -d 10.45.16.20/32", "-i eth0 -o eth1 -d 10.45.16.20/32");
    check(&text, &[("ext", &filter(&only))], "high partial external.webconf.tcp-443.in on edge1");
}

#[test]
fn the_internal_zones_may_have_no_named_interfaces() {
    let text = with(SINGLE, "zones = { edge_internal = [\"eth0\"], lan = [\"eth1\"] }\n", "");
    check(&text, &[("int", &filter(INTERNAL))], "");
    let leak = format!("{INTERNAL}-s 172.25.33.10/32 -d 192.168.0.0/16 -p tcp --dport 445 -j ACCEPT\n");
    check(
        &text,
        &[("int", &filter(&leak))],
        "high excess int: -A FORWARD -s 172.25.33.10/32 -d 192.168.0.0/16 -p tcp --dport 445 -j ACCEPT",
    );
}

#[test]
fn the_interface_of_a_zone_is_found_among_a_hundred_others() {
    let others: Vec<String> =
        (100..220).map(|number| format!("-i vlan{number} -o vlan{} -j ACCEPT\n", number + 1)).collect();
    let others = others.concat();
    check(&zones("zones = { internet = [\"eth0\"] }\n"), &[("ext", &filter(&format!("{EXTERNAL}{others}")))], "");
}

#[test]
fn without_named_zones_a_rule_for_another_host_is_not_excess() {
    let mail = format!(
        "{EXTERNAL}-i eth0 -o eth1 -d 10.45.16.25/32 -p tcp --dport 25 -j ACCEPT\n-i eth0 -d 131.107.155.99/32 -p tcp --dport 443 -j ACCEPT\n"
    );
    check(&zones(""), &[("ext", &filter(&mail))], "");
    let leak = format!("{mail}-o eth1 -d 10.45.16.10/32 -p tcp --dport 22 -j ACCEPT\n");
    check(
        &zones(""),
        &[("ext", &filter(&leak))],
        "critical excess ext: -A FORWARD -o eth1 -d 10.45.16.10/32 -p tcp --dport 22 -j ACCEPT",
    );
}

#[test]
fn a_firewall_for_both_sides_audits_clean_with_and_without_named_zones() {
    for zones in [
        "",
        "zones = { edge_external = [\"eth1\"], edge_internal = [\"eth2\"] }\n",
        "zones = { internet = [\"eth0\"], lan = [\"eth3\"] }\n",
        "zones = { internet = [\"eth0\"], edge_external = [\"eth1\"], edge_internal = [\"eth2\"], lan = [\"eth3\"] }\n",
    ] {
        let (combined, rules) = combined(zones);
        check(&combined, &[("fw", &filter(&rules))], "");
        let through = "-i eth0 -o eth2 -d 172.25.33.10/32 -p tcp -m tcp --dport 4443 -j ACCEPT";
        check(
            &combined,
            &[("fw", &filter(&format!("{rules}{through}\n")))],
            &format!("critical excess fw: -A FORWARD {through}"),
        );
    }
}

#[test]
fn rules_for_other_segments_are_not_reported_whichever_zones_are_named() {
    let others = format!("{EXTERNAL}-i eth0 -o eth5 -d 10.99.0.0/16 -j ACCEPT\n-i eth5 -o eth0 -j ACCEPT\n");
    for text in ["", NAMED, "zones = { internet = [\"eth0\"] }\n"] {
        check(&zones(text), &[("ext", &filter(&others))], "");
    }
}

#[test]
fn no_zone_is_behind_the_loopback_interface() {
    let own = "[[firewall]]\nname = \"own\"\nrole = \"host\"\nnode = \"edge1\"\n[[edge.node]]";
    let host = with(SINGLE, "[[edge.node]]", own);
    let run = crate::harness::Exports::of(
        &host,
        &[("own", &filter("-A INPUT -i lo -j ACCEPT\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -j DROP\n"))],
    )
    .audit();
    assert!(run.findings.iter().all(|found| found.kind.name() != "excess"), "{:#?}", run.findings);
    check(&zones(""), &[("ext", &filter(&format!("-i lo -j ACCEPT\n{EXTERNAL}-o lo -j ACCEPT\n")))], "");
}

#[test]
fn packets_permitted_by_any_interface_of_a_zone_count_as_permitted() {
    let two = with(
        SINGLE,
        "edge_internal = [\"eth0\"], lan = [\"eth1\"]",
        "edge_internal = [\"eth0\"], lan = [\"eth1\", \"tun0\"]",
    );
    check(&two, &[("int", &filter(INTERNAL))], "");
    let rule = "-i eth1 -o eth0 -s 192.168.0.0/16 -d 172.25.33.10/32 -p udp -m udp --dport 3478 -j ACCEPT";
    let split = with(
        INTERNAL,
        rule,
        "-i eth1 -o eth0 -s 192.168.0.0/17 -d 172.25.33.10/32 -p udp -m udp --dport 3478 -j ACCEPT\n\
         -i tun0 -o eth0 -s 192.168.128.0/17 -d 172.25.33.10/32 -p udp -m udp --dport 3478 -j ACCEPT",
    );
    check(&two, &[("int", &filter(&split))], "");
    let half = with(INTERNAL, rule, &with(rule, "192.168.0.0/16", "192.168.0.0/17"));
    check(&two, &[("int", &filter(&half))], "critical partial internal.av.udp-3478.in on edge1");
}

#[test]
fn packets_between_addresses_of_one_node_are_not_excess() {
    let zones =
        "zones = { internet = [\"eth0\"], edge_external = [\"eth1\"], edge_internal = [\"eth2\"], lan = [\"eth3\"] }\n";
    let (combined, rules) = combined(zones);
    let rules = format!(
        "{rules}-s 10.45.16.10/32 -d 172.25.33.10/32 -j ACCEPT\n-s 172.25.33.10/32 -d 10.45.16.10/32 -j ACCEPT\n"
    );
    check(&combined, &[("fw", &filter(&rules))], "");
}

#[test]
fn a_title_has_the_port_of_a_need_even_if_a_zone_has_no_interface() {
    let run = Exports::of(&zones("zones = { internet = [\"*\"] }\n"), &[("ext", &filter(EXTERNAL))]).audit();
    let of_need = |need: &str| run.findings.iter().find(|finding| finding.need.as_deref() == Some(need));
    let title = |need: &str| of_need(need).map(|finding| finding.title.clone()).unwrap_or_default();
    let webconf = title("external.webconf.tcp-443.in");
    assert!(webconf.starts_with("TCP 443 in to Web Conferencing Edge on edge1: cannot be determined"), "{webconf}");
    let media = title("external.av.udp-3478.in");
    assert!(media.starts_with("UDP 3478 in to A/V Edge on edge1: cannot be determined"), "{media}");
}
