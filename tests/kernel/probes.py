"""Probes near the boundaries of the matches of a rule and of the jumps that lead to it."""
import ipaddress

from ingredients import LEGS, OTHER_PROTOS, PORTS, PREFIXES

HOOKS = {"prerouting": ("forward", "forward", "input"), "postrouting": ("forward", "forward", "output"),
         "forward": ("forward",), "input": ("input",), "output": ("output",)}
LARGEST = {4: 2**32, 6: 2**128}


OF_THE_ROUTER = {4: ipaddress.ip_network("192.0.0.0/24"), 6: ipaddress.ip_network("2001:2::/48")}   # its legs' own addresses


def usable(address):
    """Whether the network stack accepts a packet with such an address, and sends it where the probe requires."""
    return not (address in OF_THE_ROUTER[address.version] or address.is_multicast or address.is_unspecified or address.is_loopback or address.is_link_local
                or (address.version == 4 and (int(address) >> 24 == 0 or int(address) >> 28 == 15)))


class Aim:
    """Chooses the target of the next probe."""

    def __init__(self, rng, hints, translations):
        self.rng, self.hints, self.translations = rng, hints, translations
        self.callers = {}
        for hint in hints:
            self.callers.setdefault(hint.get("to"), []).append(hint)

    def hint(self):
        """The hint of a rule, joined with those of the jumps that lead there."""
        hint = next(filter(None, (self.along(self.rng.choice(self.hints)) for _ in range(8))), {})
        if self.translations and self.rng.random() < 0.5:
            hint = self.untranslated(hint)
        return hint if self.rng.random() < 0.85 else {**hint, **self.rng.choice(self.hints)}

    def along(self, hint):
        """A hint of packets that every jump on one path to a rule lets through; None if there are none."""
        while callers := hint.get("chain") and self.callers.get(hint["chain"]):
            caller = self.rng.choice(callers)
            if not (hint := both(caller, hint)):
                return None
            hint["chain"] = caller["chain"]
        return hint

    def untranslated(self, hint):
        """A rule after the nat table sees the translated packet: the packet before translation has to be sent."""
        was, became = self.rng.choice(self.translations)
        if (was := self.along(was)) is None or both(hint, became) is None:
            return hint
        others = {field: bounds for field, bounds in hint.items() if field not in became}
        return both({field: bounds for field, bounds in was.items() if field not in ("chain", "to", "state", "hook")}, others) or was

    def edge(self, hint, field, lowest, highest, default, inside):
        """A value for a field: at a boundary of the rule's match, or next to it unless it has to be inside."""
        bounds = hint.get(field) or self.rng.choice(self.hints).get(field)
        if not bounds or not inside and self.rng.random() < 0.1:
            return default
        low, high = bounds
        outside = () if inside else (low - 1, high + 1)
        return min(max(self.rng.choice((low, low, high, high, (low + high) // 2, *outside)), lowest), highest)


def both(one, other):
    """The hint of packets that fit both hints; None if they exclude each other."""
    joined = {**one, **other}
    for field in one.keys() & other.keys() - {"chain", "to", "hook", "state"}:
        a, b = one[field], other[field]
        if isinstance(a, tuple):
            joined[field] = max(a[0], b[0]), min(a[1], b[1])
            if joined[field][0] > joined[field][1]:
                return None
        elif a != b:
            return None
    return joined


def probes(rng, hints, versions, count, translations=(), legs=LEGS, prefixes=PREFIXES):
    """This many probes, for the rules of the hints in turn."""
    aim = Aim(rng, hints, translations)
    return [probe(rng, aim, number, rng.choice(versions), legs, prefixes) for number in range(count)]


def probe(rng, aim, number, version, legs, prefixes):
    hint, inside = aim.hint(), rng.random() < 0.5
    known = HOOKS.get(hint.get("hook")) if inside or rng.random() < 0.9 else None
    made = {"id": number, "hook": rng.choice(known or ("forward", "forward", "forward", "input", "output"))}
    for field, absent in (("in", "output"), ("out", "input")):
        if made["hook"] != absent:
            loops = hint.get(field) == "lo" and made["hook"] != "forward"
            made[field] = hint[field] if loops or hint.get(field) in legs else rng.choice(legs)
    make = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    for field in ("src", "dst"):
        default = int(ipaddress.ip_network(rng.choice(prefixes[version]))[0]) + 1
        value = aim.edge(hint, field, 0, 2**128 - 1, default, inside)
        value = value if (value >= 2**32) == (version == 6) and value < LARGEST[version] else default
        made[field] = str(make(value) if usable(make(value)) else make(default))
    icmp = "icmp" if version == 4 else "icmpv6"
    proto = hint.get("proto", rng.choice(("tcp", "udp", icmp))) if inside or rng.random() < 0.9 else rng.choice(OTHER_PROTOS)
    made["proto"] = icmp if proto in ("icmp", "icmpv6") else proto
    state = hint.get("state", "new")
    if made["proto"] == icmp:
        echo = (8, 0) if version == 4 else (128, 129)
        made["type"] = hint.get("type", echo[0])
        if state == "related":
            made["type"] = 3 if version == 4 else 1
        elif state == "established":
            made["type"] = rng.choice(echo)
        made["code"] = rng.choice((0, 0, 1)) if made["type"] in (1, 3) else 0
    elif made["proto"] in ("tcp", "udp", "sctp", "udplite", 132, 136):
        made["sport"] = aim.edge(hint, "sport", 1, 65535, 45000, inside)
        made["dport"] = aim.edge(hint, "dport", 1, 65535, rng.choice(PORTS), inside)
    if state == "established" and made["proto"] in ("tcp", "udp", icmp) or state == "related" and made["proto"] == icmp:
        made["state"] = state
    elif made["proto"] == "tcp" and rng.random() < 0.1:
        made["tcp_flags"] = rng.choice(("ACK", "SYN,ACK", "FIN,ACK", "RST", "NONE", "FIN,PSH,URG"))
    return made
