//! Translation by the external firewall, and tables before the filter.

use crate::harness::{EXTERNAL, Exports, INTERNAL, SINGLE, check, filter, nat, raw, status, table, with};

const DNAT: &str = "
-i eth0 -d 131.107.155.10/32 -j DNAT --to-destination 10.45.16.10
-i eth0 -d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20
-i eth0 -d 131.107.155.30/32 -j DNAT --to-destination 10.45.16.30
-A POSTROUTING -s 10.45.16.10/32 -o eth0 -j SNAT --to-source 131.107.155.10
-A POSTROUTING -s 10.45.16.20/32 -o eth0 -j SNAT --to-source 131.107.155.20
-A POSTROUTING -s 10.45.16.30/32 -o eth0 -j SNAT --to-source 131.107.155.30
";
const WEBCONF: &str = "external.webconf.tcp-443.in";

fn external(nat_rules: &str, rules: &str) -> String {
    nat(nat_rules) + &filter(rules)
}

#[test]
fn an_address_that_is_not_translated_although_others_are_is_missing() {
    let two = with(DNAT, "-i eth0 -d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20\n", "");
    let run = check(
        SINGLE,
        &[("ext", &external(&two, EXTERNAL))],
        "high missing external.webconf.tcp-443.in on edge1\nhigh nat.symmetric ext: :FORWARD DROP [0:0]",
    );
    let by_kind = |kind: &str| run.findings.iter().find(|found| found.kind.name() == kind).expect("it");
    assert!(by_kind("missing").why.contains("it is the translation that is wrong"), "{}", by_kind("missing").why);
    assert!(by_kind("nat.symmetric").title.contains("131.107.155.20"), "{}", by_kind("nat.symmetric").title);
    assert_eq!(status(&run, "external.access.tcp-443.in", "edge1"), "satisfied");
}

#[test]
fn an_address_that_is_refused_translated_or_not_is_missing() {
    let two = with(DNAT, "-i eth0 -d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20\n", "");
    let rules = with(EXTERNAL, "-i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT\n", "");
    check(
        SINGLE,
        &[("ext", &external(&two, &rules))],
        "high missing external.webconf.tcp-443.in on edge1\nhigh nat.symmetric ext: :FORWARD DROP [0:0]",
    );
}

#[test]
fn translation_port_by_port_and_by_user_chains_is_followed() {
    let each = "
:EDGE - [0:0]
-d 131.107.155.0/24 -j EDGE
-A EDGE -d 131.107.155.10/32 -p tcp -m multiport --dports 443,5061,5269 -j DNAT --to-destination 10.45.16.10
-A EDGE -d 131.107.155.20/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.45.16.20:443
-A EDGE -d 131.107.155.30/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.45.16.30
-A EDGE -d 131.107.155.30/32 -p udp -m udp --dport 3478 -j DNAT --to-destination 10.45.16.30:3478
";
    let sources: String =
        DNAT.lines().filter(|line| line.contains("SNAT")).fold(String::new(), |all, line| all + line + "\n");
    check(SINGLE, &[("ext", &external(&format!("{each}{sources}"), EXTERNAL))], "");
}

const PORT: &str = "high nat.port ext: -A PREROUTING \
    -i eth0 -d 131.107.155.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.45.16.20:8443";

#[test]
fn a_translated_port_is_judged_where_it_arrives() {
    let moved = with(
        DNAT,
        "-d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20",
        "-d 131.107.155.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.45.16.20:8443",
    );
    let run = check(
        SINGLE,
        &[("ext", &external(&moved, EXTERNAL))],
        &format!("high missing external.webconf.tcp-443.in on edge1\n{PORT}"),
    );
    assert_eq!(run.findings[0].witness.as_ref().map(|witness| witness.dst.as_str()), Some("131.107.155.20"));
    let opened = format!("{EXTERNAL}-i eth0 -d 10.45.16.20/32 -p tcp --dport 8443 -j ACCEPT\n");
    check(
        SINGLE,
        &[("ext", &external(&moved, &opened))],
        &format!("medium excess ext: -A FORWARD -i eth0 -d 10.45.16.20/32 -p tcp --dport 8443 -j ACCEPT\n{PORT}"),
    );
}

#[test]
fn another_public_address_that_leads_to_the_edge_is_excess() {
    let backdoor =
        format!("{DNAT}-i eth0 -d 131.107.155.99/32 -p tcp --dport 8443 -j DNAT --to-destination 10.45.16.10:3389\n");
    let opened =
        format!("{EXTERNAL}-i eth0 -d 10.45.16.10/32 -p tcp --dport 3389 -m conntrack --ctstate DNAT -j ACCEPT\n");
    let run = check(
        SINGLE,
        &[("ext", &external(&backdoor, &with(&opened, " -m conntrack --ctstate DNAT", "")))],
        "critical excess ext: -A FORWARD -i eth0 -d 10.45.16.10/32 -p tcp --dport 3389 -j ACCEPT",
    );
    assert_eq!(run.findings[0].excess[0].destination_ports, "3389");
    let inner = format!("{DNAT}-i eth0 -d 131.107.155.98/32 -j DNAT --to-destination 172.25.33.10\n");
    let rules = format!("{EXTERNAL}-i eth0 -d 172.25.33.10/32 -p tcp --dport 4443 -j ACCEPT\n");
    check(
        SINGLE,
        &[("ext", &external(&inner, &rules))],
        "critical excess ext: -A FORWARD -i eth0 -d 172.25.33.10/32 -p tcp --dport 4443 -j ACCEPT",
    );
}

#[test]
fn a_service_redirected_to_the_firewall_is_not_excess() {
    let proxy = format!(
        "{DNAT}-i eth2 -p tcp --dport 80 -j REDIRECT --to-ports 3128\n-i eth0 -d 131.107.155.2/32 -p tcp --dport 22 -j REDIRECT --to-ports 2222\n"
    );
    check(SINGLE, &[("ext", &external(&proxy, EXTERNAL))], "");
}

#[test]
fn packets_that_raw_and_mangle_drop_do_not_arrive() {
    let early = raw("-i eth0 -d 131.107.155.20/32 -p tcp --dport 443 -j DROP");
    check(
        SINGLE,
        &[("ext", &(early + &external(DNAT, EXTERNAL)))],
        "high missing external.webconf.tcp-443.in on edge1",
    );
    let mangle = table(
        "mangle",
        ":PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n",
        "FORWARD",
        "-d 10.45.16.20/32 -p tcp --dport 443 -j DROP",
    );
    let run = check(
        SINGLE,
        &[("ext", &(mangle + &external(DNAT, EXTERNAL)))],
        "high missing external.webconf.tcp-443.in on edge1",
    );
    assert_eq!(status(&run, WEBCONF, "edge1"), "missing");
    let some = raw("-i eth0 -s 32.0.0.0/3 -d 131.107.155.20/32 -p tcp --dport 443 -j DROP");
    let run = check(
        SINGLE,
        &[("ext", &(some + &external(DNAT, EXTERNAL)))],
        "high partial external.webconf.tcp-443.in on edge1",
    );
    assert_eq!(run.findings[0].gap[0].source, "32.0.0.0/3");
}

#[test]
fn untracked_packets_are_not_translated() {
    let untracked = raw("-i eth0 -d 131.107.155.20/32 -j CT --notrack");
    check(
        SINGLE,
        &[("ext", &(untracked + &external(DNAT, EXTERNAL)))],
        "high missing external.webconf.tcp-443.in on edge1",
    );
}

#[test]
fn a_filter_that_names_the_mapped_addresses_is_judged_by_them() {
    let mapped = with(SINGLE, "role = \"external\"\n", "role = \"external\"\nnat_view = \"mapped\"\n");
    let rules = EXTERNAL.replace("10.45.16.", "131.107.155.");
    check(&mapped, &[("ext", &filter(&rules)), ("int", &filter(INTERNAL))], "");
    let rdp = "-i eth0 -d 131.107.155.10/32 -p tcp --dport 3389 -j ACCEPT";
    check(&mapped, &[("ext", &filter(&format!("{rules}{rdp}\n")))], &format!("critical excess ext: -A FORWARD {rdp}"));
}

#[test]
fn a_network_mapped_one_to_one_is_followed() {
    let mapped = "-i eth0 -d 131.107.155.0/27 -j NETMAP --to 10.45.16.0/27\n\
        -A POSTROUTING -s 10.45.16.0/27 -o eth0 -j NETMAP --to 131.107.155.0/27\n";
    check(SINGLE, &[("ext", &external(mapped, EXTERNAL))], "");
}

#[test]
fn a_destination_that_the_kernel_chooses_is_undecided() {
    let chosen = with(DNAT, "--to-destination 10.45.16.20", "--to-destination 10.45.16.20-10.45.16.29");
    let run =
        check(SINGLE, &[("ext", &external(&chosen, EXTERNAL))], "high undecided external.webconf.tcp-443.in on edge1
            high nat.symmetric ext: -A PREROUTING -i eth0 -d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20-10.45.16.29");
    assert_eq!(status(&run, "external.access.tcp-443.in", "edge1"), "satisfied");
}

#[test]
fn packets_redirected_to_the_firewall_are_neither_permitted_nor_excess() {
    // A proxy on the firewall receives the Edge's web requests. The rules do not state where it sends them.
    let proxied = format!("{DNAT}-i eth1 -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128\n");
    let taken = format!("{EXTERNAL}-A INPUT -i eth1 -p tcp -m tcp --dport 3128 -j ACCEPT\n");
    check(SINGLE, &[("ext", &external(&proxied, &taken))], "medium undecided external.access.tcp-80.out on edge1");
    // If the firewall does not accept them itself, they are lost.
    check(SINGLE, &[("ext", &external(&proxied, EXTERNAL))], "medium missing external.access.tcp-80.out on edge1");
    // Port 8080 of every destination is redirected. No packet to it reaches the Edge, so it is not excess.
    let caught = format!("{DNAT}-i eth0 -p tcp -m tcp --dport 8080 -j REDIRECT\n");
    check(SINGLE, &[("ext", &external(&caught, EXTERNAL))], "");
}

#[test]
fn a_rule_set_that_marks_first_and_permits_by_mark_audits_clean() {
    let marked: String = EXTERNAL.lines().fold(String::new(), |text, rule| {
        if rule.contains("-j ACCEPT") && !rule.contains("ESTABLISHED") {
            text + &rule.replace("-j ACCEPT", "-j MARK --set-xmark 0x10/0xff") + "\n"
        } else {
            text
        }
    });
    let mangle = table("mangle", ":FORWARD ACCEPT [0:0]\n", "FORWARD", &marked);
    let by_mark = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-m mark --mark 0x10/0xff -j ACCEPT\n";
    check(SINGLE, &[("ext", &(mangle + &external(DNAT, by_mark)))], "");
}

#[test]
fn connections_that_leave_with_another_address_are_reported() {
    let both = DNAT;
    check(SINGLE, &[("ext", &external(both, EXTERNAL))], "");
    let av = "-A POSTROUTING -s 10.45.16.30/32 -o eth0 -j SNAT --to-source 131.107.155.30\n";
    for (instead, rule) in [
        ("", ":FORWARD DROP [0:0]"),
        ("-A POSTROUTING -o eth0 -j MASQUERADE\n", "-A POSTROUTING -o eth0 -j MASQUERADE"),
        (
            "-A POSTROUTING -s 10.45.16.0/24 -j SNAT --to-source 131.107.155.2\n",
            "-A POSTROUTING -s 10.45.16.0/24 -j SNAT --to-source 131.107.155.2",
        ),
    ] {
        let rules = external(&with(both, av, instead), EXTERNAL);
        let run = Exports::of(SINGLE, &[("ext", &rules)]).audit();
        let found: Vec<_> = run.findings.iter().map(|found| (found.severity.name(), found.kind.name())).collect();
        assert_eq!(found, [("critical", "nat.symmetric")], "{instead}");
        assert!(instead.is_empty() || run.findings[0].rules.last().is_some_and(|last| last.text == rule), "{run:#?}");
    }
    let mapped = "-i eth0 -d 131.107.155.0/27 -j NETMAP --to 10.45.16.0/27\n\
        -A POSTROUTING -s 10.45.16.0/27 -o eth0 -j NETMAP --to 131.107.155.0/27\n";
    check(SINGLE, &[("ext", &external(mapped, EXTERNAL))], "");
}

#[test]
fn an_address_that_is_translated_to_another_is_reported_with_the_line() {
    let crossed = with(DNAT, "--to-destination 10.45.16.30", "--to-destination 10.45.16.31");
    let run = Exports::of(SINGLE, &[("ext", &external(&crossed, EXTERNAL))]).audit();
    let nat = run.findings.iter().find(|found| found.kind.name() == "nat.symmetric").expect("the translation");
    assert!(nat.why.contains("translates it to 10.45.16.31"), "{}", nat.why);
    assert_eq!(nat.rules.last().expect("its rule").effect, "translates");
    assert_eq!(status(&run, "external.av.tcp-443.in", "edge1"), "missing");
}

#[test]
fn if_no_source_is_translated_each_address_is_reported() {
    let wrong_way = with(DNAT, "-o eth0 -j SNAT", "-o eth1 -j SNAT");
    let run = Exports::of(SINGLE, &[("ext", &external(&wrong_way, EXTERNAL))]).audit();
    let found_kinds: Vec<_> = run.findings.iter().map(|found| (found.severity.name(), found.kind.name())).collect();
    assert_eq!(found_kinds, [("critical", "nat.symmetric"), ("high", "nat.symmetric")]);
    let sources_alone: String =
        DNAT.lines().filter(|line| !line.contains("DNAT")).fold(String::new(), |all, line| all + line + "\n");
    let run = Exports::of(SINGLE, &[("ext", &external(&sources_alone, EXTERNAL))]).audit();
    assert_eq!(run.findings.iter().filter(|found| found.kind.name() == "nat.symmetric").count(), 3);
    assert_eq!(status(&run, "external.av.tcp-443.in", "edge1"), "missing");
}

#[test]
fn translation_that_has_nothing_to_do_with_the_edge_changes_nothing() {
    for other in [
        "-i eth0 -d 131.107.155.99/32 -p tcp --dport 25 -j DNAT --to-destination 10.45.17.5\n",
        "-i eth1 -p tcp --dport 2222 -j REDIRECT --to-ports 22\n",
        ":DOCKER - [0:0]\n-m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n",
    ] {
        check(SINGLE, &[("ext", &external(other, EXTERNAL))], "");
    }
    // A translation that may match a need's packets leaves the need undecided.
    let docker = ":DOCKER - [0:0]\n-m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER ! -i docker0 -p tcp --dport 443 -j DNAT --to-destination 172.17.0.2:443\n";
    let run = Exports::of(SINGLE, &[("ext", &external(docker, EXTERNAL))]).audit();
    assert_eq!(status(&run, "external.access.tcp-443.in", "edge1"), "undecided");
}

#[test]
fn an_address_sent_to_another_host_of_the_edge_is_missing_not_undecided() {
    let crossed = with(DNAT, "--to-destination 10.45.16.30", "--to-destination 10.45.16.20");
    let run = Exports::of(SINGLE, &[("ext", &external(&crossed, EXTERNAL))]).audit();
    let found_kinds: Vec<_> = run.findings.iter().map(|found| (found.severity.name(), found.kind.name())).collect();
    assert_eq!(found_kinds, [("critical", "nat.symmetric"), ("critical", "missing"), ("critical", "missing")]);
    assert!(run.findings.iter().all(|found| found.rules.iter().all(|rule| rule.effect != "shadowed")), "{run:#?}");
}
