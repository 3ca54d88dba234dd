//! Excess: packets that are permitted beyond the needs, and cases that only look like it.

use crate::harness::{EXTERNAL, INTERNAL, SINGLE, check, check_external, check_internal, filter, with};

#[test]
fn everything_to_everywhere_is_critical_in_each_direction_it_opens() {
    check_external(
        &format!("{EXTERNAL}-j ACCEPT\n"),
        "critical excess ext: -A FORWARD -j ACCEPT
         medium excess ext: -A FORWARD -j ACCEPT",
    );
    check_internal(
        &format!("{INTERNAL}-j ACCEPT\n"),
        "critical excess int: -A FORWARD -j ACCEPT
         high excess int: -A FORWARD -j ACCEPT",
    );
}

#[test]
fn a_policy_of_accept_is_excess_except_for_packets_denied_before() {
    let open = filter(EXTERNAL).replace(":FORWARD DROP", ":FORWARD ACCEPT");
    check(
        SINGLE,
        &[("ext", &open)],
        "critical excess ext: :FORWARD ACCEPT [0:0]
         medium excess ext: :FORWARD ACCEPT [0:0]",
    );
    let denied = filter(&format!("{EXTERNAL}-d 10.45.16.0/24 -j DROP\n-s 10.45.16.0/24 -j REJECT\n"));
    check(SINGLE, &[("ext", &denied.replace(":FORWARD DROP", ":FORWARD ACCEPT"))], "");
    // What is left once TCP and UDP are denied is not "every protocol and port".
    let rest = filter(&format!("{EXTERNAL}-p tcp -j DROP\n-p udp -j DROP\n-s 10.45.16.0/24 -j DROP\n"));
    let rest = rest.replace(":FORWARD DROP", ":FORWARD ACCEPT");
    check(SINGLE, &[("ext", &rest)], "medium excess ext: :FORWARD ACCEPT [0:0]");
}

#[test]
fn a_bare_accept_in_a_chain_permits_only_what_the_jump_matches() {
    let rules =
        format!("{EXTERNAL}:DOOR - [0:0]\n-i eth0 -d 10.45.16.10/32 -p udp --dport 5061 -j DOOR\n-A DOOR -j ACCEPT\n");
    check_external(&rules, "low excess ext: -A DOOR -j ACCEPT");
}

#[test]
fn remote_desktop_from_the_internet_is_critical() {
    let rule = "-i eth0 -d 10.45.16.10/32 -p tcp -m tcp --dport 3389 -j ACCEPT";
    let run = check_external(&format!("{EXTERNAL}{rule}\n"), &format!("critical excess ext: -A FORWARD {rule}"));
    let excess = &run.findings[0].excess[0];
    assert_eq!((excess.source.as_str(), excess.destination_ports.as_str()), ("any", "3389"));
    assert_eq!(run.findings[0].role.as_deref(), Some("access"));
    assert_eq!(run.summary.rules.explained, run.summary.rules.total - 1);
}

#[test]
fn the_edge_may_open_nothing_but_sip_into_the_lan() {
    let rules = format!(
        "{INTERNAL}-i eth0 -s 172.25.33.10/32 -d 192.168.10.20/32 -p tcp --dport 445 -j ACCEPT
-i eth0 -s 172.25.33.10/32 -d 192.168.10.20/32 -p udp --dport 53 -j ACCEPT
-i eth0 -s 172.25.33.25/32 -d 192.168.10.20/32 -p tcp --dport 25 -j ACCEPT\n"
    );
    check_internal(
        &rules,
        "high excess int: -A FORWARD -i eth0 -s 172.25.33.10/32 -d 192.168.10.20/32 -p tcp --dport 445 -j ACCEPT
         high excess int: -A FORWARD -i eth0 -s 172.25.33.10/32 -d 192.168.10.20/32 -p udp --dport 53 -j ACCEPT",
    );
}

#[test]
fn administration_by_declared_admin_hosts_is_for_information() {
    let rule = "-i eth1 -s 192.168.10.5/32 -d 172.25.33.10/32 -p tcp --dport 3389 -j ACCEPT";
    check_internal(&format!("{INTERNAL}{rule}\n"), &format!("info excess int: -A FORWARD {rule}"));
    let rule = "-i eth1 -s 192.168.10.0/24 -d 172.25.33.10/32 -p tcp --dport 3389 -j ACCEPT";
    check_internal(&format!("{INTERNAL}{rule}\n"), &format!("medium excess int: -A FORWARD {rule}"));
}

#[test]
fn a_rule_that_names_the_other_side_is_excess_and_an_any_that_includes_it_is_not() {
    let named = "-i eth0 -d 172.25.33.10/32 -p tcp --dport 443 -j ACCEPT";
    check_external(&format!("{EXTERNAL}{named}\n"), &format!("critical excess ext: -A FORWARD {named}"));
    let any = "-i eth0 -o eth2 -p tcp --dport 25 -j ACCEPT\n-i eth2 -o eth0 -j ACCEPT\n-i eth0 -d 12.0.0.0/6 -p tcp --dport 25 -j ACCEPT";
    check_external(&format!("{EXTERNAL}{any}\n"), "");
    // The Edge's LAN side on the external firewall, and the Internet on the internal one.
    let lan = "-s 192.168.10.5/32 -d 10.45.16.10/32 -p tcp --dport 3389 -j ACCEPT";
    check_external(&format!("{EXTERNAL}{lan}\n"), &format!("medium excess ext: -A FORWARD {lan}"));
    let out = "-s 172.25.33.10/32 -d 9.9.9.9/32 -p udp --dport 53 -j ACCEPT";
    check_internal(&format!("{INTERNAL}{out}\n"), &format!("high excess int: -A FORWARD {out}"));
}

#[test]
fn a_jump_that_names_the_other_side_counts_for_the_rules_of_its_chain() {
    let door = "
:INNER - [0:0]
-i eth0 -d 172.25.33.10/32 -j INNER
-A INNER -p tcp --dport 443 -j ACCEPT
";
    check_external(&format!("{EXTERNAL}{door}"), "critical excess ext: -A INNER -p tcp --dport 443 -j ACCEPT");
}

#[test]
fn the_table_rows_for_the_wrong_transport_are_low() {
    let rules = format!(
        "{EXTERNAL}-i eth0 -d 10.45.16.30/32 -p tcp --dport 3478 -j ACCEPT
-i eth0 -d 10.45.16.10/32 -p udp --dport 5061 -j ACCEPT\n"
    );
    check_external(
        &rules,
        "low excess ext: -A FORWARD -i eth0 -d 10.45.16.30/32 -p tcp --dport 3478 -j ACCEPT
         low excess ext: -A FORWARD -i eth0 -d 10.45.16.10/32 -p udp --dport 5061 -j ACCEPT",
    );
}

#[test]
fn a_permit_for_the_whole_dmz_is_excess_for_the_edge() {
    let wide =
        with(EXTERNAL, "-d 10.45.16.20/32 -p tcp -m tcp --dport 443", "-d 10.45.16.0/24 -p tcp -m tcp --dport 443");
    // Access, Web Conferencing and A/V all need 443.
    check_external(&wide, "");
    let wide =
        with(EXTERNAL, "-d 10.45.16.10/32 -p tcp -m tcp --dport 5061", "-d 10.45.16.0/24 -p tcp -m tcp --dport 5061");
    check_external(
        &wide,
        "medium excess ext: -A FORWARD -i eth0 -o eth1 -d 10.45.16.0/24 -p tcp -m tcp --dport 5061 -j ACCEPT",
    );
}

#[test]
fn rules_for_other_hosts_are_not_reported() {
    let others = "
-i eth0 -d 10.45.16.25/32 -p tcp --dport 25 -j ACCEPT
-i eth2 -s 10.99.0.0/16 -o eth0 -j ACCEPT
-i eth0 -o eth2 -d 10.99.0.0/16 -j ACCEPT
-i tun0 -o tun1 -j ACCEPT
";
    check_external(&format!("{EXTERNAL}{others}"), "");
}

#[test]
fn an_accept_under_a_condition_is_undecided_excess() {
    let rule = "-i eth0 -d 10.45.16.10/32 -p tcp --dport 3389 -m set --match-set admins src -j ACCEPT";
    check_external(&format!("{EXTERNAL}{rule}\n"), &format!("critical undecided ext: -A FORWARD {rule}"));
    let sure = "-i eth0 -d 10.45.16.10/32 -p tcp --dport 3389 -j ACCEPT";
    check_external(
        &format!("{EXTERNAL}{rule}\n{sure}\n"),
        &format!("critical excess ext: -A FORWARD {rule}\ncritical excess ext: -A FORWARD {sure}"),
    );
}

#[test]
fn addresses_that_the_kernel_does_not_forward_are_not_excess() {
    check_external(&format!("-m addrtype --dst-type LOCAL -j ACCEPT\n{EXTERNAL}"), "");
}

#[test]
fn a_servers_port_open_from_all_of_the_lan_is_high() {
    let wide = "-i eth1 -o eth0 -s 192.168.0.0/16 -d 172.25.33.10/32 -p tcp -m tcp --dport 4443 -j ACCEPT";
    check_internal(&format!("{INTERNAL}{wide}\n"), &format!("high excess int: -A FORWARD {wide}"));
}
