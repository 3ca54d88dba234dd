//! Rules that would permit a need if one field were different, each kind between each pair of zones, and cases that only look
//! like it.

use crate::harness::{EXTERNAL, INTERNAL, SINGLE, check, check_external, check_internal, filter, nat, with};

const SIGN_IN: &str = "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
const MEDIA: &str = "-i eth0 -o eth1 -d 10.45.16.30/32 -p udp -m udp --dport 3478 -j ACCEPT\n";
const MEDIA_TCP: &str = "-i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";

/// Audits the external firewall with one rule replaced by another.
fn external(rule: &str, by: &str, expected: &str) {
    check_external(&with(EXTERNAL, rule, by), expected);
}

#[test]
fn a_rule_with_source_and_destination_swapped_is_reversed() {
    external(
        SIGN_IN,
        "-i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n",
        "critical misdirected external.access.tcp-443.in on edge1 by reversed: \
         -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT
         medium excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
    );
}

#[test]
fn a_reversed_rule_may_keep_its_interfaces() {
    external(
        SIGN_IN,
        "-i eth0 -o eth1 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n",
        "critical misdirected external.access.tcp-443.in on edge1 by reversed: \
         -A FORWARD -i eth0 -o eth1 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
    );
}

#[test]
fn a_rule_for_another_need_is_not_a_reversed_rule() {
    // 443 from the A/V Edge to any address is another need.
    external(MEDIA_TCP, "", "critical missing external.av.tcp-443.in on edge1");
}

#[test]
fn a_rule_that_opens_everything_outbound_is_not_meant_for_a_need() {
    let open = with(EXTERNAL, SIGN_IN, "-i eth1 -o eth0 -s 10.45.16.10/32 -j ACCEPT\n");
    check_external(
        &open,
        "critical missing external.access.tcp-443.in on edge1
         medium excess ext: -A FORWARD -i eth1 -o eth0 -s 10.45.16.10/32 -j ACCEPT",
    );
}

#[test]
fn the_port_as_source_port_is_named() {
    external(
        SIGN_IN,
        "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --sport 443 -j ACCEPT\n",
        "critical misdirected external.access.tcp-443.in on edge1 by source_port: \
         -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --sport 443 -j ACCEPT
         critical excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --sport 443 -j ACCEPT",
    );
}

#[test]
fn swapped_interfaces_other_interfaces_and_input_are_the_wrong_interface() {
    for rule in [
        "-A FORWARD -i eth1 -o eth0 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
        "-A FORWARD -i eth7 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
        "-A FORWARD -i eth0 -o eth9 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
        "-A INPUT -i eth0 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
    ] {
        let expected = format!("critical misdirected external.access.tcp-443.in on edge1 by wrong_interface: {rule}");
        external(SIGN_IN, &format!("{rule}\n"), &expected);
    }
}

#[test]
fn the_firewalls_own_service_on_that_port_is_not_meant_for_the_edge() {
    external(
        SIGN_IN,
        "-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\n-A INPUT -i eth5 -j ACCEPT\n-i eth5 -j ACCEPT\n",
        "critical missing external.access.tcp-443.in on edge1",
    );
}

#[test]
fn a_rule_in_a_chain_that_nothing_leads_to_is_not_applied() {
    external(
        SIGN_IN,
        ":ACCESS-IN - [0:0]\n-A ACCESS-IN -p tcp -m tcp --dport 443 -j ACCEPT\n-A ACCESS-IN -j DROP\n",
        "critical misdirected external.access.tcp-443.in on edge1 by not_applied: \
         -A ACCESS-IN -p tcp -m tcp --dport 443 -j ACCEPT",
    );
    external(
        SIGN_IN,
        ":OLD - [0:0]\n:WEB - [0:0]\n-A OLD -d 10.45.16.10/32 -g WEB\n-A WEB -p tcp -m tcp --dport 443 -j ACCEPT\n",
        "critical misdirected external.access.tcp-443.in on edge1 by not_applied: \
         -A WEB -p tcp -m tcp --dport 443 -j ACCEPT",
    );
}

#[test]
fn the_address_of_another_role_is_the_wrong_address() {
    external(
        MEDIA,
        "-i eth0 -o eth1 -d 10.45.16.20/32 -p udp -m udp --dport 3478 -j ACCEPT\n",
        "critical misdirected external.av.udp-3478.in on edge1 by wrong_address: \
         -A FORWARD -i eth0 -o eth1 -d 10.45.16.20/32 -p udp -m udp --dport 3478 -j ACCEPT
         low excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.20/32 -p udp -m udp --dport 3478 -j ACCEPT",
    );
}

#[test]
fn the_other_transport_is_the_wrong_transport() {
    external(
        MEDIA,
        "-i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 3478 -j ACCEPT\n",
        "critical misdirected external.av.udp-3478.in on edge1 by wrong_transport: \
         -A FORWARD -i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 3478 -j ACCEPT
         low excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.30/32 -p tcp -m tcp --dport 3478 -j ACCEPT",
    );
}

#[test]
fn the_public_address_where_packets_carry_the_translated_one_is_the_nat_view() {
    let dnat = "-d 131.107.155.10/32 -j DNAT --to-destination 10.45.16.10\n\
                -d 131.107.155.20/32 -j DNAT --to-destination 10.45.16.20\n\
                -d 131.107.155.30/32 -j DNAT --to-destination 10.45.16.30\n\
                -A POSTROUTING -o eth0 -s 10.45.16.0/27 -j NETMAP --to 131.107.155.0/27\n";
    let old = "-i eth0 -o eth1 -d 131.107.155.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
    let expected = "critical misdirected external.access.tcp-443.in on edge1 by nat_view: \
         -A FORWARD -i eth0 -o eth1 -d 131.107.155.10/32 -p tcp -m tcp --dport 443 -j ACCEPT";
    check(SINGLE, &[("ext", &(nat(dnat) + &filter(&with(EXTERNAL, SIGN_IN, old))))], expected);
    external(SIGN_IN, old, expected);
    let mapped = with(SINGLE, "role = \"external\"\n", "role = \"external\"\nnat_view = \"mapped\"\n");
    let rules = with(
        &with(&with(EXTERNAL, "10.45.16.10", "131.107.155.10"), "10.45.16.20", "131.107.155.20"),
        "10.45.16.30",
        "131.107.155.30",
    );
    check(&mapped, &[("ext", &filter(&rules))], "");
    check(
        &mapped,
        &[("ext", &filter(&with(&rules, &with(SIGN_IN, "10.45.16.10", "131.107.155.10"), SIGN_IN)))],
        "critical misdirected external.access.tcp-443.in on edge1 by nat_view: \
         -A FORWARD -i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT",
    );
}

#[test]
fn returns_before_a_rule_count_when_it_is_checked_for_the_edge_address() {
    external(
        SIGN_IN,
        ":BACK - [0:0]\n-i eth1 -o eth0 -p tcp -j BACK\n-A BACK ! -s 10.45.16.10/32 -j RETURN\n\
         -A BACK -p tcp ! --dport 443 -j RETURN\n-A BACK -j ACCEPT\n",
        "critical misdirected external.access.tcp-443.in on edge1 by reversed: -A BACK -j ACCEPT
         medium excess ext: -A BACK -j ACCEPT",
    );
}

#[test]
fn near_misses_are_found_on_the_internal_side() {
    let media = "-i eth1 -o eth0 -s 192.168.0.0/16 -d 172.25.33.10/32 -p udp -m udp --dport 3478 -j ACCEPT\n";
    let reversed = "-i eth0 -o eth1 -s 172.25.33.10/32 -d 192.168.0.0/16 -p udp -m udp --dport 3478 -j ACCEPT\n";
    check_internal(
        &with(INTERNAL, media, reversed),
        "critical misdirected internal.av.udp-3478.in on edge1 by reversed: \
         -A FORWARD -i eth0 -o eth1 -s 172.25.33.10/32 -d 192.168.0.0/16 -p udp -m udp --dport 3478 -j ACCEPT
         high excess int: -A FORWARD -i eth0 -o eth1 -s 172.25.33.10/32 -d 192.168.0.0/16 -p udp -m udp --dport 3478 -j ACCEPT",
    );
    let outside = "-i eth1 -o eth0 -s 192.168.0.0/16 -d 10.45.16.30/32 -p udp -m udp --dport 3478 -j ACCEPT\n";
    check_internal(
        &with(INTERNAL, media, outside),
        "critical misdirected internal.av.udp-3478.in on edge1 by wrong_address: \
         -A FORWARD -i eth1 -o eth0 -s 192.168.0.0/16 -d 10.45.16.30/32 -p udp -m udp --dport 3478 -j ACCEPT
         medium excess int: -A FORWARD -i eth1 -o eth0 -s 192.168.0.0/16 -d 10.45.16.30/32 -p udp -m udp --dport 3478 -j ACCEPT",
    );
}

#[test]
fn a_misplaced_rule_after_a_deny_has_more_than_one_mistake() {
    external(
        SIGN_IN,
        "-i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j DROP\n\
         -i eth1 -o eth0 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n",
        "critical missing external.access.tcp-443.in on edge1",
    );
}

#[test]
fn a_rule_that_serves_several_needs_is_meant_for_each() {
    let rule = "-i eth1 -o eth0 -s 10.45.16.30/32 -p tcp -m multiport --dports 443,50000:59999 -j ACCEPT";
    let turned = "-i eth1 -o eth0 -d 10.45.16.30/32 -p tcp -m multiport --dports 443,50000:59999 -j ACCEPT";
    external(
        rule,
        turned,
        &format!(
            "high misdirected external.av.tcp-443.out on edge1 by reversed: -A FORWARD {turned}
             low misdirected external.av.tcp-50000-59999.out on edge1 by reversed: -A FORWARD {turned}"
        ),
    );
}

#[test]
fn rules_against_spoofing_do_not_hide_a_misplaced_rule() {
    for guard in [
        "-i eth0 -s 10.0.0.0/8 -j DROP\n-i eth1 ! -s 10.45.16.0/24 -j DROP\n",
        ":SPOOFED - [0:0]\n-i eth0 -s 10.0.0.0/8 -j SPOOFED\n-i eth1 ! -s 10.45.16.0/24 -g SPOOFED\n-A SPOOFED -j LOG\n-A SPOOFED -j DROP\n",
    ] {
        let reversed = "-i eth0 -o eth1 -s 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
        external(
            SIGN_IN,
            &format!("{guard}{reversed}"),
            &format!("critical misdirected external.access.tcp-443.in on edge1 by reversed: -A FORWARD {reversed}"),
        );
        let swapped = "-i eth1 -o eth0 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";
        external(
            SIGN_IN,
            &format!("{guard}{swapped}"),
            &format!(
                "critical misdirected external.access.tcp-443.in on edge1 by wrong_interface: -A FORWARD {swapped}"
            ),
        );
    }
}

#[test]
fn a_rule_that_permits_another_need_is_not_reported() {
    let bare = EXTERNAL.replace("-i eth0 -o eth1 ", "").replace("-i eth1 -o eth0 ", "");
    check_external(&bare, "");
    check_external(&with(&bare, "53,80,5061,5269", "53,80,5269"), "high missing external.access.tcp-5061.out on edge1");
    let inbound = "-d 10.45.16.10/32 -p tcp -m tcp --dport 5061 -j ACCEPT\n";
    check_external(&with(&bare, inbound, ""), "high missing external.access.tcp-5061.in on edge1");
    check_external(
        &with(&bare, "-s 10.45.16.30/32 -p tcp -m multiport --dports 443,50000:59999 -j ACCEPT\n", ""),
        "high missing external.av.tcp-443.out on edge1\nlow missing external.av.tcp-50000-59999.out on edge1",
    );
}
