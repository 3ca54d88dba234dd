"""A router in a separate network namespace, with one veth leg per interface name, that is given a rule set and packets.

Two sources are compared: netfilter's packet trace (which rules matched, in which base chain, and whether the
last-priority chain of this module still saw the packet) and the far ends of the legs (whether the packet was sent, and
whether a reject answer was).  They must agree, or the run stops.  README.md describes the fields of an answer.
"""
import ipaddress
import os
import re
import socket
import struct

from namespace import CLONE_NEWNET, LoadError, check, enter_new_netns, libc, run, sysctl
from netlink import attributes, drain, netfilter_socket, netlink_messages, nla, request
from packets import PORT_PROTOS, TTL, Probe, ipv4_header, network_header

NFNLGRP_NFTRACE = 9
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
MSG_TRACE, MSG_ULOG, MSG_ULOG_CONFIG, MSG_CT_DELETE = 0xA11, 0x400, 0x401, 0x102
TRACE_POLICY = 1
LOOPBACK = 1         # interface index of lo, in every namespace

CHUNK = 400          # packets in flight between two readings; below netdev_max_backlog (1000)

PRIORITY = 0x70ACE   # skb priority of packets sent from the router itself
LOCAL_TABLE = 100    # routing table that makes every address local
GATEWAY4, GATEWAY6 = "192.0.0.254", "fe80::ffff"
ALL_PROCESSORS = os.sched_getaffinity(0)
WITNESS = "zz_oracle"
WITNESS_RULES = f"""
table inet {WITNESS} {{
  chain early_in  {{ type filter hook prerouting priority -2000000000;
    iifname != "lo" meta nftrace set 1
    iifname "lo" meta priority 7:ace meta nftrace set 1
    ip protocol 253 ip id 65535 drop; }}
  chain early_out {{ type filter hook output priority -2000000000; meta priority 7:ace meta nftrace set 1; }}
  chain late_input {{ type filter hook input priority 2000000000; }}
  chain late_postrouting {{ type filter hook postrouting priority 2000000000; }}
}}"""
CT_STATES = {1: "invalid", 2: "established", 4: "related", 8: "new", 64: "untracked"}
FAMILIES = {1: "inet", 2: "ip", 10: "ip6"}
VERDICTS = {0: "drop", 1: "accept", 2: "stolen", 3: "queue"}
BUILTIN = {"raw": "PREROUTING OUTPUT", "mangle": "PREROUTING INPUT FORWARD OUTPUT POSTROUTING",
           "nat": "PREROUTING INPUT OUTPUT POSTROUTING", "filter": "INPUT FORWARD OUTPUT", "security": "INPUT FORWARD OUTPUT"}
EMPTY = "".join(f"*{table}\n" + "".join(f":{chain} ACCEPT [0:0]\n" for chain in chains.split()) + "COMMIT\n"
                for table, chains in BUILTIN.items())   # a restore keeps the policies it does not name



def unquoted(rule):
    """The rule without its comments and log prefixes."""
    return re.sub(r'"(\\.|[^"\\])*"', "", rule)


SENTINEL = ipv4_header(65535, 0, TTL, 253, bytes([192, 0, 0, 200]), bytes([192, 0, 0, 201]))


class Track:
    """The observations of one probe."""

    def __init__(self):
        self.decisions, self.path = [], []   # decisions: [base chain, deciding rule, verdict]
        self.via = self.after = self.ct = self.reply = None
        self.on_wire = self.loops = False


# ---------------------------------------------------------------- the router

class Router:
    def __init__(self, legs, cpu=0):
        """legs: {interface name: [addresses with prefix length]}; cpu: which of the processors to stay on"""
        self.legs = {name: number for number, name in enumerate(legs, 1)}
        processors = sorted(ALL_PROCESSORS)
        os.sched_setaffinity(0, {processors[cpu % len(processors)]})  # a single processor keeps packets in order
        peer = enter_new_netns()
        sysctl(ipv6__conf__default__disable_ipv6=1)
        router = enter_new_netns()
        for family in ("ipv4", "ipv6"):
            for where in ("all", "default"):
                sysctl(**{f"{family}__conf__{where}__forwarding": 1})
        for where in ("all", "default"):
            sysctl(**{f"ipv4__conf__{where}__{k}": v for k, v in dict(
                rp_filter=0, accept_local=1, route_localnet=1, send_redirects=0).items()})
            sysctl(**{f"ipv6__conf__{where}__accept_dad": 0})
        sysctl(ipv4__icmp_ratelimit=0, ipv4__icmp_ratemask=0, ipv4__icmp_msgs_per_sec=10**9,
               ipv6__icmp__ratelimit=0, ipv4__icmp_echo_ignore_broadcasts=0)
        self.make_links(legs, f"/proc/{os.getpid()}/fd/{peer}")
        self.inject = {"lo": self.packet_socket("lo")}
        check(libc.setns(peer, CLONE_NEWNET))
        for name in self.legs:
            run(["ip", "link", "set", name, "arp", "off", "up"])
            self.inject[name] = self.packet_socket(name)
        check(libc.setns(router, CLONE_NEWNET))
        self.raw = {False: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                    True: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
        for s in (self.inject["lo"], *self.raw.values()):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, PRIORITY)
        self.raw[False].setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.trace, self.ulog, self.conntrack = netfilter_socket(NFNLGRP_NFTRACE), netfilter_socket(), netfilter_socket()
        for family in (2, 10):  # the legacy back end traces through nfnetlink_log, group 0
            with open(f"/proc/sys/net/netfilter/nf_log/{family}", "w") as f:
                f.write("nfnetlink_log")
        request(self.ulog, [(MSG_ULOG_CONFIG, 0, 0, 0, nla(1, b"\1")),
                            (MSG_ULOG_CONFIG, 0, 0, 0, nla(2, struct.pack("!IBB", 128, 2, 0))
                             + nla(5, struct.pack("!I", 1)))])
        self.route, self.used_legacy = None, False
        self.load()

    def make_links(self, legs, peer):
        batch = ["link set lo up", f"route add local default dev lo table {LOCAL_TABLE}",
                 f"-6 route add local ::/0 dev lo table {LOCAL_TABLE}"]
        for name, number in self.legs.items():
            table, mac = LOCAL_TABLE + number, f"02:00:00:00:01:{number:02x}"
            own = legs[name] or [f"192.0.0.{number}/32", f"2001:2::{number:x}/128"]
            batch += [f"link add {name} address 02:00:00:00:00:{number:02x} type veth "
                      f"peer name {name} address {mac} netns {peer}", f"link set {name} up"]
            batch += [f"addr add {address} dev {name}" + " nodad" * (":" in address) for address in own]
            batch += [f"neigh add {gateway} lladdr {mac} dev {name} nud permanent" for gateway in (GATEWAY4, GATEWAY6)]
            batch += [f"route add default via {GATEWAY4} dev {name} onlink table {table}",
                      f"-6 route add default via {GATEWAY6} dev {name} onlink table {table}"]
        batch += [f"{f} rule add pref {pref} iif lo lookup {LOCAL_TABLE}" for f in ("-4", "-6") for pref in (10, 11)]
        for line in batch:   # one "ip" each: a batch cannot change family
            run(["ip", *line.split()])

    @staticmethod
    def packet_socket(name):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
        s.bind((name, 0))
        return s

    # ------------------------------------------------------------ rule sets

    def load(self, iptables=None, ip6tables=None, nft=None, ipset=None, backend="nft"):
        """Replace everything by the given rule sets (texts in the loaders' own formats)."""
        self.loaded = False
        run(["nft", "flush", "ruleset"])
        if self.used_legacy:
            for tool in ("iptables", "ip6tables"):
                run([f"{tool}-legacy-restore", "-w"], EMPTY)
        run(["ipset", "flush"])   # otherwise a list keeps its members from being destroyed
        run(["ipset", "destroy"])
        if ipset:
            run(["ipset", "restore"], ipset)
        self.text, self.hook_of, self.handles = {}, {}, {}
        self.legacy = backend == "legacy"
        for tool, family, rules in (("iptables", "ip", iptables), ("ip6tables", "ip6", ip6tables)):
            if rules:
                self.used_legacy |= self.legacy
                run([f"{tool}-{backend}-restore", "-w"], rules)
                saved = run([f"{tool}-{backend}-save"])   # the rules as loaded: inserted, expanded, replaced
                self.read_save(family, saved, set(re.findall(r"^\*(\w+)", rules, re.M)))
        if nft:
            run(["nft", "-f", "-"], nft)
        self.read_nft(run(["nft", "-a", "list", "ruleset"]))
        self.translates = any(hook is None for hook in self.hook_of.values())   # a nat chain
        run(["nft", "-f", "-"], WITNESS_RULES)
        self.loaded = True

    def read_save(self, family, saved, tables):
        """Number the rules of an iptables-save text and note chain policies, in the tables that were asked for."""
        count, table = {}, None
        for line in saved.splitlines():
            word = line.split()
            if line.startswith("*"):
                table = line[1:].strip()
            if table not in tables:   # emptied, but still present
                continue
            if line.startswith("*"):
                for chain in BUILTIN[table].split():
                    self.text[f"{family} {table} {chain} policy"] = "-j ACCEPT"
                    self.hook_of[f"{family} {table} {chain}"] = None if table == "nat" else chain.lower()
            elif line.startswith(":") and word[1] != "-":
                self.text[f"{family} {table} {word[0][1:]} policy"] = "-j " + word[1]
            elif "-A" in word[:2]:   # the first word may be [packets:bytes]
                chain = f"{family} {table} {word[word.index('-A') + 1]}"
                count[chain] = count.get(chain, 0) + 1
                self.text[f"{chain} {count[chain]}"] = line

    def read_nft(self, listing):
        """Number the rules of "nft -a list ruleset" by handle, and note the hooks of base chains."""
        table = chain = None
        for line in listing.splitlines():
            if m := re.match(r"table (\S+ \S+) \{", line):
                table = m[1]
            elif m := re.match(r"\tchain (\S+) \{", line):
                chain, number = f"{table} {m[1]}", 0
            elif m := re.match(r"\t\ttype (\S+) hook (\S+) .*; policy (\S+);", line):
                self.hook_of[chain] = None if m[1] == "nat" else m[2]
                self.text.setdefault(f"{chain} policy", f"policy {m[3]}")
            elif m := re.match(r"\t\t(.*) # handle (\d+)$", line):
                number += 1
                self.handles[table, int(m[2])] = f"{chain} {number}"
                self.text.setdefault(f"{chain} {number}", m[1])

    # ------------------------------------------------------------ probing

    def ask(self, specs):
        """Answer a list of probes (dicts), in order."""
        if not self.loaded:
            return [{"id": spec.get("id"), "verdict": "not loaded"} for spec in specs]
        answers, groups = [None] * len(specs), {}
        for position, spec in enumerate(specs):
            probe = Probe(spec)
            groups.setdefault(probe.group, []).append((position, probe))
        for group, waiting in groups.items():
            self.steer(*group)
            while waiting:
                batch, flows, later = [], set(), []
                for item in waiting:   # two probes of one flow must not share a conntrack table
                    flow = item[1].flow
                    if self.translates and flow and not item[1].has_ports:   # translation must not make two of them equal
                        flow = item[1].proto
                    if len(batch) == CHUNK or (flow and flow in flows):
                        later.append(item)
                    else:
                        batch.append(item)
                        flows.add(flow)
                tracks = self.send_batch([probe for _, probe in batch])
                for (position, probe), track in zip(batch, tracks):
                    answers[position] = self.answer(probe, track)
                waiting = later
        return answers

    def steer(self, v6, hook, first, last=None):
        """Point the two policy routes at the legs of this group."""
        back = LOCAL_TABLE + self.legs.get(first, 0)
        forward = LOCAL_TABLE + self.legs[last] if hook == "forward" else LOCAL_TABLE
        if self.route != (v6, first, forward):
            script = "".join(f"rule del pref {p}\nrule add pref {p} iif {iif} lookup {t}\n"
                             for p, iif, t in ((10, first, forward), (11, "lo", back))
                             if not (iif == "lo" and p == 10))
            run(["ip", "-6" if v6 else "-4", "-batch", "-"], script)
            self.route = (v6, first, forward)

    def send_batch(self, probes):
        request(self.conntrack, [(MSG_CT_DELETE, 0, 0, 0, b"")])
        entries = [p.conntrack_entry(i) for i, p in enumerate(probes, 1) if p.state != "new"]
        if entries:
            request(self.conntrack, entries)
        for s in (self.trace, self.ulog, *self.inject.values()):
            for _ in drain(s):
                pass
        for index, probe in enumerate(probes, 1):
            packet = probe.packet(index)
            if probe.hook == "output":
                try:
                    self.raw[probe.v6].sendto(packet, (str(probe.dst), 0))
                except OSError:   # dropped in OUTPUT, or no route: the trace shows which
                    pass
            else:
                self.inject[probe.spec["in"]].send(self.frame(probe.spec["in"], packet, probe.v6))
        tracks = [Track() for _ in probes]
        self.read_trace(tracks)
        for buf in drain(self.ulog):   # emptied legacy tables still report
            if self.legacy:
                self.read_legacy_trace(buf, tracks)
        self.read_wire(tracks)
        for probe, track in zip(probes, tracks):
            leaves = track.via == "postrouting" and not track.loops
            if leaves != track.on_wire:
                raise RuntimeError(f"trace and wire disagree about {probe.spec}: {vars(track)}")
        return tracks

    def frame(self, leg, packet, v6):
        number = self.legs.get(leg, 0)
        mac = bytes([2, 0, 0, 0, 0, number]) if number else bytes(6)
        return mac + mac + (b"\x86\xdd" if v6 else b"\x08\x00") + packet

    def read_trace(self, tracks):
        """Read trace messages until that of a sentinel packet, which is sent last."""
        leg = next(iter(self.legs))
        self.inject[leg].send(self.frame(leg, SENTINEL, False))
        self.trace.settimeout(5)
        current, index = {}, 0
        while index != 65535:
            for kind, buf, pos, end in netlink_messages(self.trace.recv(1 << 16)):
                if kind != MSG_TRACE:
                    continue
                event = attributes(buf, pos + 4, end)
                start = 8 in event   # a base chain's first message carries the packet's headers
                if start:
                    index = current[event[6]] = network_header(event[8])[0]
                else:
                    index = current[event[6]]
                if 0 < index <= len(tracks):
                    self.note(tracks[index - 1], FAMILIES.get(buf[pos]), event, start)

    def note(self, track, family, event, start):
        table, chain = event[1][:-1].decode(), event[2][:-1].decode()
        if 21 in event:
            track.ct = CT_STATES.get(struct.unpack("!I", event[21])[0])
        if table == WITNESS:
            if chain.startswith("late_") and not track.via:
                _, _, _, src, dst, _ = network_header(event[8])
                track.via, track.after = chain[5:], (src, dst, event.get(9, b""))
                track.loops = 12 in event and struct.unpack("!I", event[12])[0] == LOOPBACK
            return
        if track.via:   # looped back to the router: this is no longer part of the probe
            return
        base = f"{family} {table} {chain}"
        if start:
            track.decisions.append([base, None, None])
        if struct.unpack("!I", event[4])[0] == TRACE_POLICY:
            rule, code = f"{base} policy", struct.unpack("!I", event[16])[0]
        elif 3 in event:
            rule = self.handles[f"{family} {table}", struct.unpack("!Q", event[3])[0]]
            code = struct.unpack("!i", attributes(event[5], 0, len(event[5]))[1])[0]
            track.path.append(rule)
        else:   # the end of a chain, which the kernel reports as a rule without a handle
            return
        track.decisions[-1][1:] = rule, VERDICTS.get(code & 0xFF if code >= 0 else code)

    def read_legacy_trace(self, buf, tracks):
        for kind, buf, pos, end in netlink_messages(buf):
            if kind != MSG_ULOG:
                continue
            event = attributes(buf, pos + 4, end)
            m = re.match(rb"TRACE: (\S+):(\S+):(rule|policy|return):(\d+)", event.get(10, b""))
            index = m and network_header(event[9])[0]
            if not m or not 0 < index <= len(tracks):
                continue
            track, family = tracks[index - 1], FAMILIES[buf[pos]]
            table, chain, what, number = (part.decode() for part in m.groups())
            base = f"{family} {table} {chain}"
            rule = f"{base} {number}"   # a bare "-j X" is reported as "policy" or "return" too
            if rule in self.text:
                track.path.append(rule)
            elif what == "policy" and base in self.hook_of:
                rule = f"{base} policy"
            else:   # the end of a user chain, or a table that was emptied
                continue
            if base in self.hook_of and (not track.decisions or track.decisions[-1][0] != base):
                track.decisions.append([base, None, None])
            dropped = re.search(r"-j (DROP|REJECT)\b", unquoted(self.text[rule]))
            track.decisions[-1][1:] = rule, "drop" if dropped else "accept"

    def read_wire(self, tracks):
        """Mark the probes that came out of a leg, and the answers that came back."""
        for leg in self.legs:
            for frame in drain(self.inject[leg]):
                if frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
                    continue
                index, ttl, proto, _, _, l4 = network_header(frame[14:])
                if TTL - 1 <= ttl <= TTL:
                    if 0 < index <= len(tracks):
                        tracks[index - 1].on_wire = True
                    continue
                if (proto, l4[0]) in ((1, 3), (58, 1)):
                    index, reply = network_header(l4[8:])[0], f"icmp {l4[0]}/{l4[1]}"
                elif proto == 6 and l4[13] & 4:
                    index, reply = (struct.unpack_from("!I", l4, 4)[0] or struct.unpack_from("!I", l4, 8)[0]) >> 8, "tcp-reset"
                else:
                    continue
                if 0 < index <= len(tracks):
                    tracks[index - 1].reply = reply

    def answer(self, probe, track):
        rule, verdict = None, "unseen"
        if track.via:
            verdict = "accept"
            rule = next((by for base, by, _ in reversed(track.decisions) if self.hook_of.get(base) == probe.hook), None)
        elif track.decisions and track.decisions[-1][2] == "drop":
            rule = track.decisions[-1][1]
            verdict = "reject" if re.search(r"\breject\b|-j REJECT", unquoted(self.text[rule])) else "drop"
        answer = {"id": probe.spec.get("id"), "verdict": verdict, "rule": rule, "text": self.text.get(rule),
                  "via": track.via, "ct": track.ct, "decisions": track.decisions, "path": track.path}
        if not track.via:
            answer["reply"] = track.reply
        elif changes := self.translation(probe, *track.after):
            answer["nat"] = changes
        return answer

    @staticmethod
    def translation(probe, src, dst, l4):
        now = {"src": str(ipaddress.ip_address(src)), "dst": str(ipaddress.ip_address(dst))}
        was = {"src": str(probe.src), "dst": str(probe.dst)}
        if probe.proto in PORT_PROTOS:
            now["sport"], now["dport"] = struct.unpack_from("!HH", l4)
            was["sport"], was["dport"] = probe.sport, probe.dport
        return {k: v for k, v in now.items() if was[k] != v}
