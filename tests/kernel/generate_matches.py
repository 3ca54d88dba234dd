"""Random matches of an iptables rule, in the notation of iptables-save, with the hint that they give for the probes."""
from ingredients import HOLES, LEGS, OTHER_PROTOS, join, span

MARKS = ("0x1", "0x1", "0x2", "0x3", "0x0", "0x0", "0x1/0x3", "0x2/0x3", "0x0/0xff", "0x10/0xf0", "0x0/0x1")
STATES = ("RELATED,ESTABLISHED", "NEW", "INVALID", "NEW,ESTABLISHED", "ESTABLISHED", "UNTRACKED", "INVALID,UNTRACKED", "DNAT", "SNAT")
TCP_FLAGS = ("FIN,SYN,RST,ACK SYN", "SYN,ACK SYN", "SYN,RST SYN,RST", "FIN,SYN,RST,PSH,ACK,URG NONE", "ACK ACK", "SYN,ACK NONE")
WITHOUT_IN, WITHOUT_OUT = ("OUTPUT", "POSTROUTING"), ("INPUT", "PREROUTING")


class Matches:
    """The matches of rules of one profile.  `density` scales their number; `sets` and `marks` are whether those are matched."""

    def __init__(self, source, density=1.0, sets=None, marks=False, rare=0.01):
        self.source, self.density, self.scale, self.sets, self.marks, self.rare = source, density, density, sets, marks, rare
        self.within = {}   # the hint of packets that reach the rule being made

    def chance(self, p):
        return self.source.chance(p * self.scale)

    def no(self):
        return "! " if self.source.chance(0.15) else ""

    def fitting(self, field, draw, bounds):
        """A random value that packets which reach the rule may have in a field, if some attempts find one."""
        low, high = self.within.get(field, (0, 2**128))
        drawn = [draw() for _ in range(6 if field in self.within else 1)]
        return next((one for one in drawn if bounds(one)[0] <= high and low <= bounds(one)[1]), drawn[-1])

    def note(self, hint, field, bounds, no):
        """The hint that a match adds to: that of the rule, or a separate one if the match is negated."""
        if no:
            self.source.hints.append({field: bounds})
        else:
            hint[field] = bounds
        return no

    def make(self, base, reach, within, calls=False):
        """(words, hint) of a rule in the base chain `base`, or in a user chain where it is None, reached from `reach` by
        packets as in the hint `within`.  A rule that only calls a chain has fewer matches, so that enough packets reach the chain."""
        self.within = within if self.source.chance(0.85) else {}
        hint, self.scale = {"hook": base.lower()} if base else {}, self.density * (0.4 if calls else 1.0)
        words = self.addresses(hint) + self.interfaces(reach, hint) + self.protocol(hint)
        if self.chance(0.12):
            field = self.source.pick("src", "dst")
            text, bounds = self.fitting(field, self.source.address_range, lambda drawn: drawn[1])
            words.append(f"-m iprange {self.note(hint, field, bounds, self.no())}--{field}-range {text}")
        if self.chance(0.2):
            words.append(self.conntrack(hint))
        if self.sets and self.source.chance(0.12 if calls else 0.35):
            words.append(self.sets.match(hint))
        if self.source.chance((0.06 if calls else 0.25) if self.marks else 0.01):
            words.append(f"-m {self.source.pick('mark', 'mark', 'connmark')} {self.no()}--mark {self.source.pick(*MARKS)}")
        words += self.seldom(base)
        if self.source.chance(0.15):
            words.append("-m comment --comment " + self.source.pick('plain', '"two words"', r'"say \"hi\" -j DROP"', r'"back\\slash"'))
        self.source.hints.append(hint)
        return words, hint

    def addresses(self, hint):
        words = []
        for field, flag in (("src", "-s"), ("dst", "-d")):
            if field not in hint and self.chance(0.33):
                if self.source.chance(0.06):
                    words.append(f"{self.no()}{flag} {self.source.pick(*HOLES[self.source.version])}")
                    continue
                net = self.fitting(field, self.source.network, span)
                words.append(f"{self.note(hint, field, span(net), self.no())}{flag} {net}")
        return words

    def interfaces(self, base, hint):
        words = []
        for field, flag, absent in (("in", "-i", WITHOUT_IN), ("out", "-o", WITHOUT_OUT)):
            if base not in absent and self.chance(0.18):
                leg = self.within.get(field) or self.source.pick(*LEGS)
                name = self.source.pick(leg, leg, leg, leg, leg, leg, leg[:2] + "+", leg[:2] + "+", "+", leg[:3])
                words.append(f"{self.note(hint, field, leg, '' if name == '+' else self.no())}{flag} {name}")
        return words

    def protocol(self, hint):
        pick = self.source.pick
        known = self.within.get("proto")
        if known and self.source.chance(0.85):
            kind = "icmp" if known == self.source.icmp else known if known in ("tcp", "udp", "sctp") else "none"
            return [] if self.source.chance(0.3) else self.of_kind(kind, hint)
        return self.of_kind("none" if not self.chance(0.95) else pick("none", "none", "tcp", "tcp", "udp", "icmp", "other", "not", "sctp"), hint)

    def of_kind(self, kind, hint):
        pick = self.source.pick
        if kind == "not":
            proto = pick("tcp", "udp", self.source.icmp)
            self.note(hint, "proto", proto, True)
            return [f"! -p {proto.replace('icmpv6', 'ipv6-icmp')}"]
        if kind == "other":
            hint["proto"] = pick(*OTHER_PROTOS)
            if hint["proto"] == 136 and self.chance(0.7):
                return self.multiport(hint, ["-p udplite"])
            return [f"-p {hint['proto']}"]
        if kind in ("icmp", "icmpv6"):
            return self.icmp(hint)
        if kind == "none":
            return []
        hint["proto"], words = kind, [f"-p {kind}"]
        if self.chance(0.25):
            words = self.multiport(hint, words)
        elif self.chance(0.6):
            for field in pick(("dport",), ("dport",), ("sport",), ("sport", "dport")):
                bounds = self.fitting(field, lambda: pick(*self.source.ports(2)), lambda drawn: drawn)
                words.append(f"-m {kind} {self.note(hint, field, bounds, self.no())}--{field} {join(*bounds, ':')}")
        if kind == "tcp" and self.chance(0.15):
            words.append(f"-m tcp {self.no()}--tcp-flags {pick(*TCP_FLAGS)}")
        return words

    def multiport(self, hint, words):
        field = self.source.pick("dport", "sport", "port")
        ranges = self.source.ports(self.source.pick(1, 2, 3))
        no = self.note(hint, "sport" if field == "sport" else "dport", self.source.pick(*ranges), self.no())
        return words + [f"-m multiport {no}--{field}s " + ",".join(join(*r, ":") for r in ranges)]

    def icmp(self, hint):
        six = self.source.version == 6
        hint["proto"], hint["type"] = self.source.icmp, self.source.pick(*((1, 3, 128, 129, 135) if six else (0, 3, 8, 11, 13)))
        name, module, option = ("ipv6-icmp", "icmp6", "icmpv6-type") if six else ("icmp", "icmp", "icmp-type")
        if self.source.chance(0.2):
            return [f"-p {name}"]
        if not six and self.source.chance(0.08):
            return [f"-p {name} -m {module} --{option} any"]
        code = self.source.pick("", "", "/1", "/0") if hint["type"] in (1, 3) else ""
        return [f"-p {name} -m {module} {self.no()}--{option} {hint['type']}{code}"]

    def conntrack(self, hint):
        pick = self.source.pick
        states = pick(*STATES[:7], *STATES)
        hint.setdefault("state", pick("new", "new", "established", "related") if self.source.chance(0.2) else pick(
            *[state for state in ("new", "established", "related") if state.upper() in states] or ["new"]))
        if self.source.chance(0.7):
            plain = not {"UNTRACKED", "DNAT", "SNAT"} & set(states.split(","))
            module = pick("-m conntrack {}--ctstate {}", "-m state {}--state {}") if plain else "-m conntrack {}--ctstate {}"
            return module.format(self.no(), states)
        words = ["-m conntrack"]
        if self.source.chance(0.3):
            words.append(f"{self.no()}--ctstate {states}")
        proto = hint.get("proto")
        if proto in ("tcp", "udp") and self.source.chance(0.6):
            words.append(f"--ctproto {proto}")
            if self.source.chance(0.7):
                hint.setdefault("dport", pick(*self.source.ports(2)))
                words.append(f"{self.no()}--ctorigdstport {join(*hint['dport'], ':')}")
        if self.source.chance(0.6) or len(words) == 1:
            field = pick("src", "dst")
            net = self.source.network()
            hint.setdefault(field, span(net))
            words.append(f"{self.no()}--ctorig{field} {net}")
        if self.source.chance(0.25):
            words.append(f"--ctdir {pick('ORIGINAL', 'ORIGINAL', 'REPLY')}")
        return " ".join(words)

    def seldom(self, base):
        """Matches that cannot be decided from the rules alone, or not always. Only a small part, so that others are tested too."""
        hops, module = ("ttl", "ttl") if self.source.version == 4 else ("hl", "hl")
        kinds = [f"-m addrtype {self.no()}--{self.source.pick('dst', 'src')}-type "
                 + self.source.pick("UNICAST", "MULTICAST", "LOCAL", *["BROADCAST"] * (self.source.version == 4)),
                 "-m length --length 40:60", f"-m pkttype {self.no()}--pkt-type {self.source.pick('unicast', 'broadcast')}",
                 f"-m {module} --{hops}-{self.source.pick('gt', 'lt', 'eq')} {self.source.pick(60, 76, 77)}",
                 f"-m dscp {self.no()}--dscp {self.source.pick('0x00', '0x2e')}"]
        if base == "OUTPUT":
            kinds.append("-m owner --uid-owner 0")
        if self.source.version == 4:
            kinds.append("! -f")
        return [kind for kind in kinds if self.source.chance(self.rare)]
