#!/usr/bin/env python3
"""Test the oracle: hand-written rule sets with known answers, then random ones against two other sources
(the kernel's own rule counters, and the other iptables back end).  Usage: selftest.py [random rule sets per kind]"""
import collections
import re
import sys
import time

import gen
from ingredients import LEGS
from namespace import run
from oracle import missing_set_kinds
from router import Router

# A case: title, loader, rule set, then "probe => verdict rule" lines.  A probe line is
# hook [in] [out] src dst proto [dport] [field=value...]; the rule is "chain number" ("-" for none).
# iptables cases hold only rules of the filter table unless they name another table, and run on both back ends.
F = "forward ext0 int0 10.0.0.1 10.1.0.1"
CASES = [
    ("first match wins, then the policy", "iptables", ":FORWARD DROP\n-A FORWARD -p tcp --dport 80 -j ACCEPT\n-A FORWARD -p tcp --dport 80:81 -j REJECT",
     f"{F} tcp 80 => accept FORWARD 1", f"{F} tcp 81 => reject FORWARD 2", f"{F} tcp 82 => drop FORWARD policy", f"{F} udp 80 => drop FORWARD policy"),
    ("RETURN and the end of a chain resume after the jump", "iptables",
     ":FORWARD DROP\n:a -\n:b -\n-A FORWARD -j a\n-A FORWARD -p tcp -j ACCEPT\n-A a -p tcp --dport 1 -j RETURN\n-A a -p tcp --dport 1:2 -j b\n-A a -p tcp --dport 3 -j DROP\n-A b -p udp -j DROP",
     f"{F} tcp 1 => accept FORWARD 2", f"{F} tcp 2 => accept FORWARD 2", f"{F} tcp 3 => drop a 3"),
    ("goto: the caller's remaining rules are skipped", "iptables",
     ":FORWARD ACCEPT\n:a -\n:b -\n-A FORWARD -j a\n-A FORWARD -p tcp --dport 1 -j DROP\n-A a -g b\n-A a -j DROP\n-A b -p tcp --dport 2 -j RETURN\n-A b -p tcp --dport 3 -j REJECT",
     f"{F} tcp 1 => drop FORWARD 2", f"{F} tcp 2 => accept FORWARD policy", f"{F} tcp 3 => reject b 2", f"{F} tcp 4 => accept FORWARD policy"),
    ("goto from a base chain, and RETURN in one, end in the policy", "iptables",
     ":FORWARD DROP\n:a -\n-A FORWARD -p tcp -g a\n-A FORWARD -p udp -j RETURN\n-A FORWARD -j ACCEPT\n-A a -p tcp --dport 9 -j ACCEPT",
     f"{F} tcp 1 => drop FORWARD policy", f"{F} tcp 9 => accept a 1", f"{F} udp 1 => drop FORWARD policy", f"{F} icmp => accept FORWARD 3"),
    ("LOG, MARK and no target go on; a mark is seen by later rules", "iptables",
     ':FORWARD DROP\n-A FORWARD -j LOG --log-prefix "x -j DROP "\n-A FORWARD -p tcp -j MARK --set-xmark 0x1/0xffffffff\n-A FORWARD -p tcp\n-A FORWARD -m mark --mark 0x1/0x3 -m comment --comment "say \\"-j DROP\\"" -j ACCEPT',
     f"{F} tcp => accept FORWARD 4", f"{F} udp => drop FORWARD policy"),
    ("interface names", "iptables", ":FORWARD DROP\n-A FORWARD -i ext -j REJECT\n-A FORWARD ! -i ex+ -j REJECT\n-A FORWARD -i ext+ -o int0 -j ACCEPT",
     f"{F} tcp => accept FORWARD 3", "forward dmz0 int0 10.0.0.1 10.1.0.1 tcp => reject FORWARD 2", "forward ext0 dmz0 10.0.0.1 10.1.0.1 tcp => drop FORWARD policy"),
    ("a negated out interface matches where there is none", "iptables", ":INPUT DROP\n:a -\n-A INPUT -j a\n-A a -o int0 -j REJECT\n-A a ! -o int0 -j ACCEPT",
     "input ext0 10.0.0.1 10.1.0.1 tcp => accept a 2"),
    ("-o + matches without an out interface", "iptables", ":INPUT DROP\n:a -\n-A INPUT -j a\n-A a -o + -j ACCEPT", "input ext0 10.0.0.1 10.1.0.1 tcp => accept a 1"),
    ("multiport", "iptables", ":FORWARD DROP\n-A FORWARD -p tcp -m multiport --ports 5,7:9 -j ACCEPT\n-A FORWARD -p udp -m multiport ! --dports 5,7:9 -j ACCEPT",
     f"{F} tcp 6 => drop FORWARD policy", f"{F} tcp 9 => accept FORWARD 1", f"{F} tcp 6 sport=7 => accept FORWARD 1", f"{F} udp 8 => drop FORWARD policy", f"{F} udp 10 => accept FORWARD 2"),
    ("protocols", "iptables", ":FORWARD DROP\n-A FORWARD ! -p tcp -s 10.0.0.1 -j ACCEPT\n-A FORWARD -p 6 -m tcp ! --dport 80 -j ACCEPT",
     f"{F} 47 => accept FORWARD 1", f"{F} tcp 80 => drop FORWARD policy", f"{F} tcp 81 => accept FORWARD 2"),
    ("states without a flow", "iptables", ":FORWARD DROP\n-A FORWARD -m conntrack --ctstate INVALID -j REJECT\n-A FORWARD -m state --state NEW -j ACCEPT\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
     f"{F} tcp => accept FORWARD 2", f"{F} tcp tcp_flags=ACK => accept FORWARD 2", f"{F} tcp tcp_flags=SYN,ACK => reject FORWARD 1", f"{F} tcp tcp_flags=FIN,ACK => reject FORWARD 1",
     f"{F} tcp tcp_flags=RST => reject FORWARD 1", f"{F} icmp type=8 => accept FORWARD 2", f"{F} icmp type=0 => reject FORWARD 1", f"{F} icmp type=3 => reject FORWARD 1",
     f"{F} icmp type=13 => accept FORWARD 2", f"{F} icmp type=10 => reject FORWARD 1", f"{F} tcp state=established => accept FORWARD 3", f"{F} udp state=established => accept FORWARD 3",
     f"{F} icmp type=0 state=established => accept FORWARD 3", f"{F} icmp type=3 state=related => accept FORWARD 3", f"{F} 89 => accept FORWARD 2",
     f"{F} tcp tcp_flags=SYN state=established => reject FORWARD 1"),
    ("ICMPv6 neighbour discovery is untracked", "ip6tables", ":FORWARD DROP\n-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID -j ACCEPT\n-A FORWARD -m conntrack --ctstate UNTRACKED -j REJECT",
     "forward ext0 int0 fd00::1 fd01::1 icmpv6 type=128 => accept FORWARD 1", "forward ext0 int0 fd00::1 fd01::1 icmpv6 type=135 => reject FORWARD 2",
     "forward ext0 int0 fd00::1 fd01::1 icmpv6 type=143 => reject FORWARD 2", "forward ext0 int0 fd00::1 fd01::1 icmpv6 type=137 => accept FORWARD 1"),
    ("address ranges and masks with holes", "iptables", ":FORWARD DROP\n-A FORWARD -m iprange --src-range 10.0.0.5-10.0.0.6 -j ACCEPT\n-A FORWARD -s 10.0.7.0/255.0.255.0 -j ACCEPT",
     "forward ext0 int0 10.0.0.4 10.1.0.1 tcp => drop FORWARD policy", "forward ext0 int0 10.0.0.6 10.1.0.1 tcp => accept FORWARD 1", "forward ext0 int0 10.99.7.3 10.1.0.1 tcp => accept FORWARD 2"),
    ("ipset with nomatch, and negated", "iptables", ":FORWARD DROP\n-A FORWARD -m set --match-set n src -j ACCEPT\n-A FORWARD -m set ! --match-set p dst,dst -j REJECT",
     f"{F} tcp 80 => accept FORWARD 1", "forward ext0 int0 10.0.0.7 10.1.0.1 tcp 80 => drop FORWARD policy", "forward ext0 int0 10.0.0.7 10.1.0.1 udp 80 => reject FORWARD 2"),
    ("tables in turn: ACCEPT ends one table only, DROP ends all", "iptables", "*mangle\n:FORWARD ACCEPT\n-A FORWARD -p tcp --dport 1 -j DROP\n-A FORWARD -j ACCEPT\nCOMMIT\n*filter\n:FORWARD DROP\n-A FORWARD -p tcp --dport 1:2 -j ACCEPT\nCOMMIT",
     f"{F} tcp 1 => drop mangle FORWARD 1", f"{F} tcp 2 => accept FORWARD 1", f"{F} tcp 3 => drop FORWARD policy"),
    ("CT --notrack: neither NEW nor ESTABLISHED", "iptables", "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n*filter\n:FORWARD DROP\n-A FORWARD -m conntrack --ctstate NEW,RELATED,ESTABLISHED,INVALID -j ACCEPT\nCOMMIT",
     f"{F} tcp => accept FORWARD 1", f"{F} udp => drop FORWARD policy", f"{F} udp state=established => drop FORWARD policy"),
    ("FORWARD sees the DNAT destination and the source before SNAT; a known flow skips nat", "iptables",
     "*nat\n:PREROUTING ACCEPT\n:POSTROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.9.9.9:8080\n-A POSTROUTING -s 10.0.0.1 -j SNAT --to-source 131.107.155.10\nCOMMIT\n"
     "*filter\n:FORWARD DROP\n-A FORWARD -s 10.0.0.1 -d 10.9.9.9 -p tcp --dport 8080 -j ACCEPT\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT",
     f"{F} tcp 80 => accept FORWARD 1 nat=src:131.107.155.10,dst:10.9.9.9,dport:8080", f"{F} tcp 81 => drop FORWARD policy", f"{F} tcp 80 state=established => accept FORWARD 2"),
    ("REDIRECT turns a forwarded packet into input", "iptables", "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128\nCOMMIT\n*filter\n:INPUT DROP\n:FORWARD ACCEPT\n-A INPUT -p tcp --dport 3129 -j ACCEPT\nCOMMIT",
     f"{F} tcp 80 => drop INPUT policy"),
    ("ICMP types and TCP flags", "iptables", ":FORWARD DROP\n-A FORWARD -p icmp -m icmp --icmp-type 3/1 -j ACCEPT\n-A FORWARD -p icmp -m icmp --icmp-type 8 -j ACCEPT\n-A FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT",
     f"{F} icmp type=3 code=1 => accept FORWARD 1", f"{F} icmp type=3 code=2 => drop FORWARD policy", f"{F} icmp type=8 code=3 => accept FORWARD 2", f"{F} tcp => accept FORWARD 3",
     f"{F} tcp tcp_flags=SYN,PSH => accept FORWARD 3", f"{F} tcp tcp_flags=SYN,ACK => drop FORWARD policy"),
    ("a reset is never answered by a reset", "iptables", ":FORWARD ACCEPT\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset",
     f"{F} tcp => reject FORWARD 1 reply=tcp-reset", f"{F} tcp tcp_flags=RST => reject FORWARD 1 reply=None"),
    ("input, output and loopback", "iptables", ":INPUT DROP\n:OUTPUT DROP\n-A INPUT -i lo -j ACCEPT\n-A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT\n-A OUTPUT -o int0 -j REJECT\n-A OUTPUT -o lo -j ACCEPT",
     "input lo 127.0.0.1 127.0.0.1 udp => accept INPUT 1", "input ext0 10.0.0.1 10.1.0.1 tcp 22 => accept INPUT 2", "input ext0 10.0.0.2 10.1.0.1 tcp 22 => drop INPUT policy",
     "output int0 10.0.0.1 10.1.0.1 tcp => reject OUTPUT 1", "output ext0 10.0.0.1 10.1.0.1 tcp => drop OUTPUT policy", "output lo 127.0.0.1 127.0.0.1 tcp => accept OUTPUT 2"),
    ("three chains deep, in IPv6", "ip6tables", ":FORWARD DROP\n:a -\n:b -\n:c -\n-A FORWARD -d fd01::/16 -j a\n-A FORWARD -j REJECT\n-A a -s fd00::/16 -j b\n-A a -j DROP\n-A b -p tcp -j c\n-A c -p tcp --dport 1:2 -j ACCEPT",
     "forward ext0 int0 fd00::1 fd01::1 tcp 2 => accept c 1", "forward ext0 int0 fd00::1 fd01::1 tcp 3 => drop a 2", "forward ext0 int0 fd00::1 fd02::1 tcp 2 => reject FORWARD 2"),

    ("an accept ends its base chain only", "nft", "table ip t { chain one { type filter hook forward priority 0; policy drop; tcp dport 1-2 accept; }\nchain two { type filter hook forward priority 1; tcp dport 2 drop; }\n}",
     f"{F} tcp 1 => accept two policy", f"{F} tcp 2 => drop two 1", f"{F} tcp 3 => drop one policy"),
    ("a drop is final whatever a later chain says", "nft", "table ip t { chain one { type filter hook forward priority 0; tcp dport 1 reject; tcp dport 2 drop; }\nchain two { type filter hook forward priority -1; accept; }\n}",
     f"{F} tcp 1 => reject one 1", f"{F} tcp 2 => drop one 2", f"{F} tcp 3 => accept one policy"),
    ("of two chains with one priority the newer runs first", "nft", "table ip t { chain one { type filter hook forward priority 0; drop; }\n}\ntable ip u { chain two { type filter hook forward priority 0; drop; }\nchain three { type filter hook forward priority 0; drop; }\n}",
     f"{F} tcp => drop three 1"),
    ("a reject whose answer OUTPUT drops is silent", "iptables", ":OUTPUT DROP\n:FORWARD DROP\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset", f"{F} tcp => reject FORWARD 1 reply=None"),
    ("chains of several families at one hook all run", "nft", "table inet t { chain one { type filter hook forward priority 0; accept; }\n}\ntable ip u { chain two { type filter hook forward priority 5; udp dport 1 drop; }\n}",
     f"{F} udp 1 => drop two 1", "forward ext0 int0 fd00::1 fd01::1 udp 1 => accept one 1"),
    ("jump, goto and return", "nft", "table ip t { chain b { tcp dport 2 return; tcp dport 3 reject; }\nchain a { goto b; drop; }\nchain f { type filter hook forward priority 0; policy accept; udp dport 5 goto b; udp dport 6 return; meta l4proto tcp jump a; tcp dport 1 drop; meta l4proto udp drop; }\n}",
     f"{F} tcp 1 => drop f 4", f"{F} tcp 2 => accept f policy", f"{F} tcp 3 => reject b 2", f"{F} udp 5 => accept f policy", f"{F} udp 6 => accept f policy", f"{F} udp 7 => drop f 5"),
    ("accept in a called chain ends the base chain", "nft", "table ip t { chain a { accept; }\nchain f { type filter hook forward priority 0; policy drop; jump a; drop; }\n}", f"{F} tcp => accept a 1"),
    ("inet covers both families; ip and icmp matches, also negated, only theirs", "nft", "table inet t { chain f { type filter hook forward priority 0; policy drop; ip saddr != 10.0.0.0/8 accept; icmp type echo-request accept; tcp dport 1 accept; tcp dport != 2 accept; }\n}",
     "forward ext0 int0 11.0.0.1 10.1.0.1 udp => accept f 1", "forward ext0 int0 fd00::1 fd01::1 udp 1 => drop f policy", "forward ext0 int0 fd00::1 fd01::1 icmpv6 => drop f policy",
     f"{F} icmp => accept f 2", "forward ext0 int0 fd00::1 fd01::1 tcp 1 => accept f 3", f"{F} tcp 3 => accept f 4", f"{F} tcp 2 => drop f policy", f"{F} udp 3 => drop f policy"),
    ("th needs no protocol: it reads any transport header", "nft", "table ip t { chain f { type filter hook forward priority 0; policy drop; th dport 80 accept; th dport 0 reject; }\n}",
     f"{F} tcp 80 => accept f 1", f"{F} sctp 80 => accept f 1", f"{F} 47 => reject f 2"),
    ("verdict maps", "nft", "table ip t { map m { type inet_service : verdict; elements = { 1 : accept, 2 : jump a, 3 : return, 5 : continue }; }\nchain a { ip saddr 10.0.0.9 accept; }\nchain f { type filter hook forward priority 0; policy drop; tcp dport vmap @m; tcp dport 2-5 reject; ct state vmap { new : accept, invalid : drop }; }\n}",
     f"{F} tcp 1 => accept f 1", f"{F} tcp 2 => reject f 2", f"{F} tcp 3 => drop f policy", f"{F} tcp 4 => reject f 2", f"{F} tcp 5 => reject f 2", f"{F} tcp 6 => accept f 3", f"{F} tcp 6 tcp_flags=SYN,ACK => drop f 3"),
    ("sets, intervals, concatenations, defines", "nft", "define lan = { 10.0.0.0/30, 10.2.0.0/16 }\ntable ip t { set p { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/31 . 5-6, 10.0.0.3 . 9 }; }\n"
     "chain f { type filter hook forward priority 0; policy drop; ip saddr != $lan reject; ip saddr . tcp dport @p accept; tcp dport { 20-22, 80 } accept; }\n}",
     "forward ext0 int0 10.0.0.4 10.1.0.1 tcp 80 => reject f 1", f"{F} tcp 6 => accept f 2", "forward ext0 int0 10.0.0.2 10.1.0.1 tcp 6 => drop f policy", "forward ext0 int0 10.0.0.3 10.1.0.1 tcp 9 => accept f 2",
     f"{F} tcp 23 => drop f policy", f"{F} tcp 22 => accept f 3"),
    ("tcp flags: a bare flag means any of them, == means exactly", "nft", "table ip t { chain f { type filter hook forward priority 0; tcp flags == syn reject; tcp flags syn drop; }\n}",
     f"{F} tcp => reject f 1", f"{F} tcp tcp_flags=SYN,ACK => drop f 2", f"{F} tcp tcp_flags=ACK => accept f policy"),
    ("interface names: wildcard, and a negated one where there is none", "nft", 'table ip t { chain f { type filter hook forward priority 0; policy drop; iifname "ex*" accept; }\nchain i { type filter hook input priority 0; policy drop; oifname != "int0" accept; }\n}',
     f"{F} tcp => accept f 1", "forward dmz0 int0 10.0.0.1 10.1.0.1 tcp => drop f policy", "input ext0 10.0.0.1 10.1.0.1 tcp => accept i 1"),
    ("a dormant table does nothing", "nft", "table ip t { flags dormant; chain f { type filter hook forward priority 0; policy drop; }\n}", f"{F} tcp => accept -"),
    ("declarations of one chain add up; insert comes first", "nft", "table ip t { chain f { type filter hook forward priority 0; tcp dport 1 accept; }\n}\ntable ip t { chain f { policy drop; tcp dport 1-2 accept; }\n}\ninsert rule ip t f tcp dport 2 reject",
     f"{F} tcp 1 => accept f 2", f"{F} tcp 2 => reject f 1", f"{F} tcp 3 => drop f policy"),
    ("flush ruleset, masks, marks across chains", "nft", "flush ruleset\ntable ip t { chain one { type filter hook forward priority -5; ip daddr & 255.0.255.0 == 10.0.7.0 meta mark set 3; }\nchain two { type filter hook forward priority 5; policy drop; meta mark & 1 == 1 accept; }\n}",
     "forward ext0 int0 10.0.0.1 10.44.7.1 tcp => accept two 1", f"{F} tcp => drop two policy"),
    ("dnat is seen by forward, and as ct status", "nft", "table ip t { chain n { type nat hook prerouting priority -100; tcp dport 80 dnat to 10.9.9.9:81; }\nchain f { type filter hook forward priority 0; policy drop; ip daddr 10.9.9.9 tcp dport 81 ct status dnat accept; }\n}",
     f"{F} tcp 80 => accept f 1 nat=dst:10.9.9.9,dport:81", "forward ext0 int0 10.0.0.1 10.9.9.9 tcp 81 => drop f policy"),
    ("ct state lists: bare means any, == and != compare the whole word (never, always), ! means none", "nft",
     "table ip t { chain f { type filter hook forward priority 0; policy drop; ct state == established,new reject; ct state ! established,new reject; tcp dport 1 ct state established,new accept; tcp dport 2 ct state != established,new accept; tcp dport 3 ct state != { established, new } accept; }\n}",
     f"{F} tcp 1 => accept f 3", f"{F} tcp 2 => accept f 4", f"{F} tcp 2 state=established => accept f 4", f"{F} tcp 3 => drop f policy", f"{F} tcp 3 tcp_flags=SYN,ACK => reject f 2"),
    ("tcp flags: a bare list means any, != and braces compare the whole byte", "nft", "table ip t { chain f { type filter hook forward priority 0; policy drop; tcp dport 1 tcp flags syn,ack accept; tcp dport 2 tcp flags { syn, ack } accept; tcp dport 3 tcp flags != syn accept; }\n}",
     f"{F} tcp 1 tcp_flags=SYN,ACK => accept f 1", f"{F} tcp 1 tcp_flags=RST => drop f policy", f"{F} tcp 2 tcp_flags=SYN,ACK => drop f policy", f"{F} tcp 2 tcp_flags=ACK => accept f 2", f"{F} tcp 3 tcp_flags=SYN,ACK => accept f 3", f"{F} tcp 3 => drop f policy"),
    ("wildcards inside a set; ip protocol is IPv4 only; icmpv6 neighbour discovery is untracked", "nft", 'table inet t { chain f { type filter hook forward priority 0; policy drop; ct state untracked reject; iifname { "dmz0", "zz*" } accept; ip protocol != udp accept; iifname . meta l4proto . th dport vmap { "ext0" . udp . 50-53 : accept }; }\n}',
     "forward dmz0 int0 10.0.0.1 10.1.0.1 udp => accept f 2", f"{F} tcp => accept f 3", "forward ext0 int0 fd00::1 fd01::1 tcp => drop f policy", "forward ext0 int0 fd00::1 fd01::1 udp 53 => accept f 4", "forward ext0 int0 fd00::1 fd01::1 icmpv6 type=135 => reject f 1"),
    ("INVALID skips nat", "iptables", "*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -j DNAT --to-destination 10.9.9.9\nCOMMIT\n*filter\n:FORWARD DROP\n-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n-A FORWARD -d 10.1.0.1 -j REJECT\nCOMMIT",
     f"{F} tcp => accept FORWARD 1 nat=dst:10.9.9.9", f"{F} tcp tcp_flags=SYN,ACK => reject FORWARD 2"),
    ("a second block of one table replaces the first", "iptables", "*filter\n:FORWARD DROP\n-A FORWARD -p tcp --dport 1 -j ACCEPT\nCOMMIT\n*filter\n:FORWARD DROP\n-A FORWARD -p tcp --dport 2 -j ACCEPT\nCOMMIT",
     f"{F} tcp 1 => drop FORWARD policy", f"{F} tcp 2 => accept FORWARD 1"),
    ("ICMP in a hash:ip,port set is looked up by type and code", "iptables", ":FORWARD DROP\n-A FORWARD -m set --match-set q dst,dst -j ACCEPT",
     f"{F} icmp type=8 => accept FORWARD 1", f"{F} icmp type=13 => drop FORWARD policy", f"{F} udp 80 => drop FORWARD policy"),
    ("notrack", "nft", "table ip t { chain r { type filter hook prerouting priority -300; udp dport 1 notrack; }\nchain f { type filter hook forward priority 0; policy drop; ct state new accept; ct state untracked reject; }\n}",
     f"{F} udp 1 => reject f 2", f"{F} udp 2 => accept f 1"),
]
SETS = "create n hash:net\nadd n 10.0.0.0/24\nadd n 10.0.0.7 nomatch\ncreate p hash:ip,port\nadd p 10.1.0.1,tcp:80\ncreate q hash:ip,port\nadd q 10.1.0.1,icmp:8/0\n"


def parse_probe(text):
    words = text.split()
    probe = {"hook": words.pop(0)}
    for leg in {"forward": ("in", "out"), "input": ("in",), "output": ("out",)}[probe["hook"]]:
        probe[leg] = words.pop(0)
    probe["src"], probe["dst"], probe["proto"] = words[:3]
    for word in words[3:]:
        field, _, value = word.rpartition("=")
        probe[field or "dport"] = int(value) if value.isdigit() else value
    return probe


def check_cases(router):
    done = failed = 0
    for title, loader, rules, *lines in CASES:
        if loader != "nft" and not rules.startswith("*"):
            rules = f"*filter\n{rules}\nCOMMIT"
        table = {"iptables": "ip filter", "ip6tables": "ip6 filter"}.get(loader)
        for backend in ("nft",) if loader == "nft" else ("nft", "legacy"):
            router.load(**{loader: re.sub(r"^(:\w+ \S+)$", r"\1 [0:0]", rules, flags=re.M) + "\n"}, ipset=SETS, backend=backend)
            answers = router.ask([parse_probe(line.split(" => ")[0]) for line in lines])
            for line, answer in zip(lines, answers):
                verdict, *rule = line.split(" => ")[1].split()
                extra = dict(word.split("=") for word in rule if "=" in word)
                rule = " ".join(word for word in rule if "=" not in word)
                got = answer["rule"] or "-"
                if table and not rule.startswith("mangle"):
                    got = got.removeprefix(table + " ")
                got = " ".join(got.split()[-len(rule.split()):])
                right = answer["verdict"] == verdict and got == rule
                if "nat" in extra:
                    right &= extra["nat"] == ",".join(f"{k}:{v}" for k, v in answer.get("nat", {}).items())
                if "reply" in extra:
                    right &= str(answer["reply"]) == extra["reply"]
                done, failed = done + 1, failed + (not right)
                if not right:
                    print(f"WRONG ({title}, {loader}/{backend})\n  {line}\n  {answer}")
    print(f"{len(CASES)} hand-written rule sets, {done} answers, {failed} wrong")
    return failed


def counted(router, kind):
    """Packets the kernel counted per rule, for the rules that count."""
    if kind in ("iptables", "ip6tables"):
        tool, family, found = kind + ("-legacy" if router.legacy else "-nft") + "-save", "ip" if kind == "iptables" else "ip6", {}
        number, table = collections.Counter(), None
        for line in run([tool, "-c"]).splitlines():
            table = line[1:] if line.startswith("*") else table
            if m := re.match(r"\[(\d+):\d+\] -A (\S+)", line):
                number[table, m[2]] += 1
                found[f"{family} {table} {m[2]} {number[table, m[2]]}"] = int(m[1])
        return found
    hits = re.findall(r"counter packets (\d+) .* # handle (\d+)$", run(["nft", "-a", "list", "table", kind, "t"]), re.M)
    return {router.handles[f"{kind} t", int(handle)]: int(count) for count, handle in hits}


def check_random(router, sets, without):
    totals, wrong, spent = collections.Counter(), 0, 0.0
    for kind in ("iptables", "ip6tables", "ip", "ip6", "inet"):
        for seed in range(sets):
            texts, probes = gen.generate(kind, seed, 5 + seed * 7 % 56, 300, None, without)
            results = []
            for backend in ("nft", "legacy") if "tables" in kind else ("nft",):
                router.load(**texts, backend=backend)
                start = time.monotonic()
                answers = router.ask(probes)
                spent += time.monotonic() - start
                results.append([(a["verdict"], a["rule"], a["path"]) for a in answers])
                hits = collections.Counter(rule for a in answers for rule in a["path"])
                for rule, count in counted(router, kind).items():
                    # the router's own answers pass OUTPUT and may count there too
                    exact = re.search(r" (INPUT|FORWARD|PREROUTING|input_\w+|forward_\w+) ", rule)
                    if count < hits[rule] or exact and count != hits[rule]:
                        print(f"COUNTER {kind} {seed} {backend} {rule}: kernel {count}, trace {hits[rule]}")
                        wrong += 1
                    totals["rule counters compared"] += 1
                    totals["rules hit"] += count > 0
                totals["answers"] += len(answers)
                totals.update(a["verdict"] for a in answers)
            for probe, *pair in zip(probes, *results):
                totals["answers equal on both back ends"] += len(pair) == 2 and pair[0] == pair[1]
                if len(pair) == 2 and pair[0] != pair[1]:
                    print(f"BACK ENDS DIFFER {kind} {seed} {probe}: nft {pair[0]}, legacy {pair[1]}")
                    wrong += 1
    print(f"{5 * sets} random rule sets: {dict(totals)}, {wrong} wrong, {totals['answers'] / spent:.0f} probes/s")
    return wrong


def main():
    without = missing_set_kinds()
    router = Router({name: [] for name in LEGS})
    sys.exit(bool(check_cases(router) + check_random(router, int(sys.argv[1]) if len(sys.argv) > 1 else 20, without)))


if __name__ == "__main__":
    main()
