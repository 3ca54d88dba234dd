//! Conditions that cannot be computed, and common notations: states, flags, exceptions.

use crate::harness::{EXTERNAL, SINGLE, check, check_external, filter, raw, status, table};

const ACCESS: &str = "external.access.tcp-443.in";
const RULE: &str = "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp -m tcp --dport 443 -j ACCEPT\n";

/// [`EXTERNAL`] with other rules in place of the rule for sign-in.
fn sign_in(rules: &str) -> String {
    crate::harness::with(EXTERNAL, RULE, rules)
}

#[test]
fn common_ways_to_permit_new_connections_audit_clean() {
    for form in [
        "-m conntrack --ctstate NEW -j ACCEPT",
        "-m state --state NEW -j ACCEPT",
        "-m state --state NEW,ESTABLISHED,RELATED -j ACCEPT",
        "--syn -j ACCEPT",
        "-m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j ACCEPT",
        "--sport 1024:65535 -j ACCEPT",
    ] {
        check_external(&sign_in(&format!("-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 {form}\n")), "");
    }
}

#[test]
fn common_drops_before_the_permits_audit_clean() {
    let drops = "
-m conntrack --ctstate INVALID -j DROP
-m state --state INVALID -j LOG --log-prefix \"invalid \"
-p tcp ! --syn -m conntrack --ctstate NEW -j DROP
-p tcp ! --syn -m state --state NEW -j REJECT --reject-with tcp-reset
-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP
-p tcp -m tcp --tcp-flags SYN,RST SYN,RST -j DROP
-p tcp -m tcp --tcp-flags ALL NONE -j DROP
-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,SYN,RST,PSH,ACK,URG -j DROP
-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,PSH,URG -j DROP
-f -j DROP
-i eth0 -s 10.0.0.0/8 -j DROP
-i eth0 -s 127.0.0.0/8 -j DROP
-i eth0 -s 224.0.0.0/3 -j DROP
-m limit --limit 5/min -j LOG --log-prefix \"all \"
-p tcp -j TCPMSS --clamp-mss-to-pmtu
";
    check_external(&format!("{drops}{EXTERNAL}-j LOG\n-j DROP\n"), "");
    let early = table(
        "raw",
        ":PREROUTING ACCEPT [0:0]\n",
        "PREROUTING",
        "-i eth0 -s 172.16.0.0/12 -j DROP\n-m rpfilter --invert -i eth9 -j DROP",
    );
    check(SINGLE, &[("ext", &(early + &filter(EXTERNAL)))], "");
}

#[test]
fn a_condition_on_a_permit_leaves_the_need_undecided() {
    for condition in [
        "-m limit --limit 25/sec",
        "-m mac --mac-source 00:11:22:33:44:55",
        "-m set --match-set clients src",
        "-m time --timestart 08:00:00 --timestop 18:00:00",
    ] {
        let rules = sign_in(&format!("-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 {condition} -j ACCEPT\n"));
        let run = check_external(&rules, "critical undecided external.access.tcp-443.in on edge1");
        assert_eq!(status(&run, ACCESS, "edge1"), "undecided");
        assert!(run.findings[0].rules.iter().any(|rule| rule.effect == "undecided"), "{:#?}", run.findings);
    }
}

#[test]
fn a_condition_on_a_deny_leaves_the_need_undecided() {
    for condition in ["-m limit --limit 25/sec", "-m set --match-set blocked src", "-m recent --name ssh --rcheck"] {
        let rules = sign_in(&format!("-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 {condition} -j DROP\n{RULE}"));
        check_external(&rules, "critical undecided external.access.tcp-443.in on edge1");
    }
}

#[test]
fn a_condition_with_the_same_verdict_either_way_has_no_effect() {
    let both = "-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m set --match-set a src -j ACCEPT
-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m set ! --match-set a src -j ACCEPT\n";
    check_external(&sign_in(both), "");
    let marked = "-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m set --match-set a src -j DROP
-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m set --match-set a src -j ACCEPT\n";
    check_external(&sign_in(marked), "critical missing external.access.tcp-443.in on edge1");
}

#[test]
fn two_rate_limits_are_independent_conditions() {
    let both = "-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m limit --limit 5/sec -j ACCEPT
-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m limit --limit 5/sec -j DROP
-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -j DROP\n";
    check_external(&sign_in(both), "critical undecided external.access.tcp-443.in on edge1");
}

#[test]
fn a_small_part_of_denied_addresses_is_an_exception_and_more_is_a_gap() {
    let run = check_external(&format!("-i eth0 -s 45.0.0.0/9 -j DROP\n{EXTERNAL}"), "");
    let need = run.needs.iter().find(|need| need.id == ACCESS).expect("the need");
    assert_eq!(need.exceptions, ["45.0.0.0/9"]);
    let run = check_external(
        &sign_in(&format!("-s 40.0.0.0/6 -d 10.45.16.10/32 -p tcp --dport 443 -j DROP\n{RULE}")),
        "critical partial external.access.tcp-443.in on edge1",
    );
    assert_eq!(run.findings[0].gap[0].source, "40.0.0.0/6");
}

#[test]
fn a_conditional_permit_for_a_small_part_of_addresses_leaves_the_need_missing() {
    let few = "-i eth0 -s 8.8.8.0/24 -d 10.45.16.10/32 -p tcp --dport 443 -m limit --limit 5/sec -j ACCEPT\n";
    check_external(&sign_in(few), "critical missing external.access.tcp-443.in on edge1");
}

#[test]
fn icmp_errors_are_not_excess_and_echo_is_low() {
    let errors = "-p icmp -m icmp --icmp-type destination-unreachable -j ACCEPT
-p icmp -m icmp --icmp-type time-exceeded -j ACCEPT
-p icmp -m icmp --icmp-type 12 -j ACCEPT
-p icmp -m icmp --icmp-type echo-reply -j ACCEPT\n";
    check_external(&format!("{EXTERNAL}{errors}"), "");
    let echo = "-d 10.45.16.10/32 -i eth0 -p icmp -m icmp --icmp-type 8 -j ACCEPT";
    check_external(&format!("{EXTERNAL}{echo}\n"), &format!("low excess ext: -A FORWARD {echo}"));
}

#[test]
fn a_chain_of_returns_and_gotos_decides_as_the_kernel_does() {
    let chains = "
:OUT - [0:0]
:EDGE - [0:0]
-m conntrack --ctstate ESTABLISHED -j ACCEPT
-i eth0 -o eth1 -j EDGE
-g OUT
-A EDGE -d 10.45.16.10/32 -p tcp -m multiport --dports 443,5061,5269 -j ACCEPT
-A EDGE -d 10.45.16.20/32 -p tcp --dport 443 -j ACCEPT
-A EDGE ! -d 10.45.16.30/32 -j RETURN
-A EDGE -p tcp ! --dport 443 -j RETURN
-A EDGE -p udp ! --dport 3478 -j RETURN
-A EDGE -p tcp -j ACCEPT
-A EDGE -p udp -j ACCEPT
-A OUT ! -i eth1 -j RETURN
-A OUT ! -o eth0 -j RETURN
-A OUT -s 10.45.16.10/32 -p tcp -m multiport --dports 53,80,5061,5269 -j ACCEPT
-A OUT -s 10.45.16.10/32 -p udp --dport 53 -j ACCEPT
-A OUT -s 10.45.16.30/32 -p tcp -m multiport --dports 443,50000:59999 -j ACCEPT
-A OUT -s 10.45.16.30/32 -p udp -m multiport --dports 3478,50000:59999 -j ACCEPT
";
    check_external(chains, "");
}

#[test]
fn untracked_packets_are_not_new() {
    let untracked = raw("-i eth0 -p tcp --dport 443 -j CT --notrack");
    let stateful = crate::harness::with(
        EXTERNAL,
        RULE,
        "-i eth0 -d 10.45.16.10/32 -p tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT\n",
    );
    check(
        SINGLE,
        &[("ext", &(untracked.clone() + &filter(&stateful)))],
        "critical missing external.access.tcp-443.in on edge1",
    );
    check(SINGLE, &[("ext", &(untracked + &filter(EXTERNAL)))], "");
    let open = raw("-i eth0 -p tcp --dport 3389 -j NOTRACK");
    let rule = "-m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED -j ACCEPT";
    check(
        SINGLE,
        &[(
            "ext",
            &(open
                + &filter(&crate::harness::with(
                    EXTERNAL,
                    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                    rule,
                ))),
        )],
        &format!("critical excess ext: -A FORWARD {rule}"),
    );
}

#[test]
fn a_shadowed_rule_is_named_but_not_one_in_a_chain_that_the_packets_do_not_enter() {
    let shadowed = sign_in(&format!("-d 10.45.16.10/32 -p tcp --dport 443 -j DROP\n{RULE}"));
    let run = check_external(&shadowed, "critical missing external.access.tcp-443.in on edge1");
    assert!(
        run.findings[0].rules.iter().any(|rule| rule.effect == "shadowed" && rule.line == 8),
        "{:#?}",
        run.findings
    );
    let doors = "
:ACCESS - [0:0]
-i eth0 -o eth1 -d 10.45.16.10/32 -j ACCESS
-A ACCESS -p tcp -m multiport --dports 443,5061,5269 -j ACCEPT
";
    let rest =
        EXTERNAL.lines().filter(|line| !line.contains("-d 10.45.16.10/32") && !line.contains("-d 10.45.16.20/32"));
    let rules = format!("{doors}{}\n", rest.collect::<Vec<_>>().join("\n"));
    let run = check_external(&rules, "high missing external.webconf.tcp-443.in on edge1");
    assert!(run.findings[0].rules.iter().all(|rule| rule.effect != "shadowed"), "{:#?}", run.findings[0]);
    assert!(run.findings[0].why.starts_with("No rule permits any of it."), "{}", run.findings[0].why);
}

#[test]
fn a_reverse_path_check_lets_audited_packets_pass() {
    let check_path = raw("-m rpfilter --invert -j DROP");
    let run = check(SINGLE, &[("ext", &(check_path.clone() + &filter(EXTERNAL)))], "");
    assert!(run.notes.iter().any(|note| note.contains("reverse path")), "{:?}", run.notes);
    let other = raw("-m rpfilter --validmark -j RETURN\n-j DROP");
    check(SINGLE, &[("ext", &(other + &filter(EXTERNAL)))], "");
}

#[test]
fn rules_about_extension_headers_match_no_packet_without_them() {
    let headers = "-m rt --rt-type 0 -j DROP\n-m frag --fragmore -j DROP\n-m hbh ! --hbh-len 8 -j DROP\n";
    check_external(&format!("{headers}{EXTERNAL}"), "");
}

#[test]
fn a_condition_before_the_filter_makes_excess_uncertain_too() {
    let night = raw("-i eth0 -m time --timestart 08:00 --timestop 18:00 -j DROP");
    let ssh = "-i eth0 -o eth1 -d 10.45.16.10/32 -p tcp --dport 22 -j ACCEPT";
    let run =
        crate::harness::Exports::of(SINGLE, &[("ext", &(night + &filter(&format!("{EXTERNAL}{ssh}\n"))))]).audit();
    assert!(run.findings.iter().all(|found| found.kind.name() == "undecided"), "{:#?}", run.findings);
    assert!(run.findings.iter().any(|found| found.need.is_none()));
}
