"""Random ipsets of every kind, as `ipset restore` reads them, and matches against them.

The elements of a set are stored as one value for each dimension: (lowest, highest) of an address or a port, or the name
of an interface. So a rule that uses a set has a hint for the probes like any other rule."""
import random

from ingredients import LEGS, PORTS, join, span

# The dimensions of an element, in the order of its kind's name, which a lookup compares.
PARTS = {"hash:ip": ("ip",), "hash:net": ("net",), "hash:ip,port": ("ip", "port"), "hash:net,port": ("net", "port"),
         "hash:net,iface": ("net", "iface"), "hash:net,net": ("net", "net"), "hash:ip,port,ip": ("ip", "port", "ip"),
         "hash:ip,port,net": ("ip", "port", "net"), "hash:net,port,net": ("net", "port", "net"),
         "bitmap:ip": ("ip",), "bitmap:port": ("port",)}
BITMAP = "10.1.0.0/16"


class Sets:
    """The sets of one rule set: their text, and the dimensions and elements of each."""

    def __init__(self, source, without=()):
        self.source, self.lines, self.elements = source, [], {}
        for kind in PARTS:
            # a separate generator: if a kernel lacks a kind, the other sets do not change
            source.rng, kept = random.Random(source.rng.random()), source.rng
            if kind not in without and not (source.version == 6 and kind.startswith("bitmap:ip")):
                self.create(kind)
            source.rng = kept
        self.create_list()

    def text(self):
        return "\n".join(self.lines) + "\n"

    def create(self, kind):
        name = kind.replace("hash:", "h_").replace("bitmap:", "b_").replace(",", "_")
        extra = "" if kind == "bitmap:port" else self.source.pick("", "", " counters", " comment")
        options = {"bitmap:ip": f" range {BITMAP}", "bitmap:port": " range 0-65535"}.get(
            kind, f" family {'inet6' if self.source.version == 6 else 'inet'}")
        self.lines.append(f"create {name} {kind}{options}{extra}")
        self.elements[name] = []
        self.unused = {"bitmap:ip": [(0, 0), (10, 20), (255, 255), (300, 1000), (65535, 65535)],
                       "bitmap:port": self.source.ports(4)}.get(kind)
        seen = set()
        for _ in range(self.source.pick(2, 3, 4) if self.unused else self.source.pick(2, 4, 6)):
            self.add(name, kind, extra, seen)

    def add(self, name, kind, extra, seen):
        written, bounds = [], []
        for part in PARTS[kind]:
            text, low_high = getattr(self, part)(kind)
            written.append(text)
            bounds.append(low_high)
        if (text := ",".join(written)) in seen:
            return
        seen.add(text)
        comment = ' comment "so it is said"' if "comment" in extra and self.source.chance(0.5) else ""
        self.lines.append(f"add {name} {text}{comment}")
        self.elements[name].append(bounds)
        if "net" in PARTS[kind] and self.source.chance(0.3):
            self.hole(name, kind, written, bounds, seen)

    def hole(self, name, kind, written, bounds, seen):
        """A smaller network within the last element, which `nomatch` excludes."""
        places = [place for place, part in enumerate(PARTS[kind]) if part == "net"]
        place = self.source.pick(*places)
        net = bounds[place][0]
        if net.prefixlen == net.max_prefixlen:
            return
        smaller = self.source.pick(*self.source.some_subnets(net, min(net.prefixlen + self.source.pick(1, 2, 8), net.max_prefixlen)))
        written, bounds = list(written), list(bounds)
        written[place], bounds[place] = str(smaller), (smaller, span(smaller))
        if (text := ",".join(written)) not in seen:
            seen.add(text)
            self.lines.append(f"add {name} {text} nomatch")
            self.elements[name].append(bounds)

    def ip(self, kind):
        net = self.source.network()
        if kind == "bitmap:ip":
            low, high = self.unused.pop()
            first = (10 << 24) + (1 << 16)
            make = type(net[0])
            return join(make(first + low), make(first + high), "-"), (None, (first + low, first + high))
        address = self.source.pick(net[0], net[-1])
        return str(address), (None, (int(address), int(address)))

    def net(self, _):
        net = self.source.network()
        return str(net), (net, span(net))

    def iface(self, _):
        leg = self.source.pick(*LEGS)
        return leg, (None, leg)

    def port(self, kind):
        if kind == "bitmap:port":
            low, high = self.unused.pop()
            return join(low, high, "-"), (None, ("tcp", (low, high)))
        if self.source.chance(0.15):
            number, code = self.source.pick((8, 0), (3, 1), (3, 0)) if self.source.version == 4 else self.source.pick((128, 0), (1, 0))
            return f"{self.source.icmp}:{number}/{code}", (None, (self.source.icmp, (number, number)))
        proto, port = self.source.pick("tcp", "tcp", "udp", "sctp"), self.source.pick(*PORTS)
        return f"{proto}:{port}", (None, (proto, (port, port)))

    def create_list(self):
        """A list of sets, of one and of two dimensions: a lookup passes each as many directions as it needs."""
        members = [name for name in self.elements if self.source.chance(0.4)]
        self.lines.append("create lists list:set size 8")
        self.lines += [f"add lists {name}" for name in members]
        self.elements["lists"] = [element for name in members for element in self.elements[name]]

    def match(self, hint):
        """The words of `-m set` for one of the sets; adds what it matches to the hint."""
        source = self.source
        name = source.pick(*self.elements)
        element = source.pick(*self.elements[name]) if self.elements[name] else []
        width = source.pick(1, 2, 3) if name == "lists" else len(element)
        directions = [source.pick("src", "dst") for _ in range(width)]
        for direction, (_, bounds) in zip(directions, element):
            aim(hint, direction, bounds)
        no = "! " if source.chance(0.15) else ""
        nomatch = " --return-nomatch" if name.startswith("h_") and "net" in name and source.chance(0.05) else ""
        return f"-m set {no}--match-set {name} {','.join(directions)}{nomatch}"


def aim(hint, direction, bounds):
    """Record in a hint that a dimension of an element was looked up in a direction."""
    if isinstance(bounds, str):
        hint["in" if direction == "src" else "out"] = bounds
    elif isinstance(bounds[0], str):
        proto, ports = bounds
        hint.setdefault("proto", proto)
        hint["type" if proto.startswith("icmp") else "sport" if direction == "src" else "dport"] = (
            ports[0] if proto.startswith("icmp") else ports)
    else:
        hint[direction] = bounds
