//! Declared peers and features, and declared exceptions.

use crate::harness::{EXTERNAL, INTERNAL, SINGLE, check, check_external, check_internal, filter, status, with};

#[test]
fn declared_federation_partners_narrow_the_need_and_what_may_be_open() {
    let deployment = format!("{SINGLE}[peers]\nfederation = [\"8.8.8.0/24\"]\n");
    let narrow = with(
        EXTERNAL,
        "-d 10.45.16.10/32 -p tcp -m tcp --dport 5061",
        "-s 8.8.8.0/24 -d 10.45.16.10/32 -p tcp -m tcp --dport 5061",
    );
    let narrow = with(
        &narrow,
        "53,80,5061,5269 -j ACCEPT",
        "53,80,5269 -j ACCEPT\n-o eth0 -s 10.45.16.10/32 -d 8.8.8.0/24 -p tcp --dport 5061 -j ACCEPT",
    );
    check(&deployment, &[("ext", &filter(&narrow))], "");
    check(
        &deployment,
        &[("ext", &filter(EXTERNAL))],
        "low excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 5061 -j ACCEPT
         low excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m multiport --dports 53,80,5061,5269 -j ACCEPT",
    );
    check_external(
        &narrow,
        "high partial external.access.tcp-5061.in on edge1
         high partial external.access.tcp-5061.out on edge1",
    );
}

#[test]
fn remote_clients_resolvers_and_revocation_hosts_narrow_their_needs() {
    let deployment = with(SINGLE, "[hosts]", "[hosts]\ndns_resolvers = [\"9.9.9.9\"]\ncrl_hosts = [\"23.0.0.0/12\"]");
    let deployment = format!("{deployment}[peers]\nremote_clients = [\"81.0.0.0/8\"]\n");
    let rules = with(
        EXTERNAL,
        "-d 10.45.16.10/32 -p tcp -m tcp --dport 443",
        "-s 81.0.0.0/8 -d 10.45.16.10/32 -p tcp -m tcp --dport 443",
    );
    let rules = with(
        &rules,
        "53,80,5061,5269 -j ACCEPT",
        "5061,5269 -j ACCEPT
-o eth0 -s 10.45.16.10/32 -d 9.9.9.9/32 -p tcp --dport 53 -j ACCEPT
-o eth0 -s 10.45.16.10/32 -d 23.0.0.0/12 -p tcp --dport 80 -j ACCEPT",
    );
    let rules = with(&rules, "-s 10.45.16.10/32 -p udp", "-s 10.45.16.10/32 -d 9.9.9.9/32 -p udp");
    check(&deployment, &[("ext", &filter(&rules))], "");
    check(
        &deployment,
        &[("ext", &filter(EXTERNAL))],
        "low excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT
         low excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m multiport --dports 53,80,5061,5269 -j ACCEPT
         low excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p udp -m udp --dport 53 -j ACCEPT",
    );
}

#[test]
fn needs_of_disabled_features_do_not_apply_and_their_rules_are_excess() {
    let off = with(
        &with(SINGLE, "federation = true", "federation = false"),
        "xmpp = true",
        "xmpp = false\nwebconf = false\ncls = false",
    );
    let run = check(
        &off,
        &[("ext", &filter(EXTERNAL)), ("int", &filter(INTERNAL))],
        "medium excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 5061 -j ACCEPT
         low excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 5269 -j ACCEPT
         medium excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.20/32 -p tcp -m tcp --dport 443 -j ACCEPT
         low excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m multiport --dports 53,80,5061,5269 -j ACCEPT
         low excess int: -A FORWARD -i eth1 -o eth0 -s 192.168.10.90/31 -d 172.25.33.10/32 -p tcp -m multiport --dports 4443,5061,5062,8057,23456 -j ACCEPT
         low excess int: -A FORWARD -i eth1 -o eth0 -s 192.168.10.5/32 -d 172.25.33.10/32 -p tcp -m tcp --dport 50001:50003 -j ACCEPT",
    );
    assert_eq!(status(&run, "external.xmpp.tcp-5269.in", "edge1"), "not_applicable");
    assert_eq!(status(&run, "internal.webconf.tcp-8057.in", "edge1"), "not_applicable");
}

#[test]
fn xmpp_does_not_apply_to_the_2019_server() {
    let run = check(
        &with(SINGLE, "sfb2015", "sfb2019"),
        &[("ext", &filter(EXTERNAL))],
        "low excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 5269 -j ACCEPT
         low excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m multiport --dports 53,80,5061,5269 -j ACCEPT",
    );
    assert_eq!(status(&run, "external.xmpp.tcp-5269.in", "edge1"), "not_applicable");
}

#[test]
fn declared_exceptions_are_valid_until_their_last_day() {
    let rules =
        format!("{INTERNAL}-i eth0 -o eth1 -s 172.25.33.10/32 -d 192.168.10.20/32 -p udp --dport 123 -j ACCEPT\n");
    let excess = "high excess int: -A FORWARD -i eth0 -o eth1 -s 172.25.33.10/32 -d 192.168.10.20/32 -p udp --dport 123 -j ACCEPT";
    check_internal(&rules, excess);
    let allow =
        |what: &str, expires: &str| format!("{SINGLE}[[allow]]\n{what}\nreason = \"time\"\nexpires = {expires}\n");
    let packets = "firewall = \"int\"\nsource = \"172.25.33.10\"\ndestination = \"192.168.10.20\"\nprotocol = \"udp\"\nports = 123";
    for what in [packets, "rule = \"int:12\""] {
        check(&allow(what, "2026-11-20"), &[("int", &filter(&rules))], "");
        let run = check(&allow(what, "2026-11-19"), &[("int", &filter(&rules))], excess);
        assert!(run.notes.iter().any(|note| note.contains("expired on 2026-11-19")), "{:?}", run.notes);
    }
    check(&allow("rule = \"int:11\"", "2026-11-20"), &[("int", &filter(&rules))], excess);
    check(&allow(&packets.replace("\"int\"", "\"ext\""), "2026-11-20"), &[("int", &filter(&rules))], excess);
    check(&allow(&packets.replace("123", "124"), "2026-11-20"), &[("int", &filter(&rules))], excess);
}

#[test]
fn every_protocol_that_an_exception_may_name_counts() {
    for (name, spelt) in [("ipip", "4"), ("gre", "gre"), ("esp", "esp"), ("ah", "ah"), ("igmp", "igmp"), ("89", "89")] {
        let rules = format!("{INTERNAL}-i eth1 -o eth0 -s 192.168.10.7/32 -d 172.25.33.10/32 -p {spelt} -j ACCEPT\n");
        let allow =
            format!("{SINGLE}[[allow]]\nsource = \"192.168.10.7\"\nprotocol = \"{name}\"\nreason = \"tunnel\"\n");
        check(&allow, &[("int", &filter(&rules))], "");
    }
}
