"""Random ingredients of rules: networks, ranges and ports from a small number, so that rules overlap, and hints.

A hint is {field: (lowest, highest)}: the values that a rule matches, so that probes can be made for it.  "chain" is the
chain of the rule and "to" the chain it jumps to, so that probes can follow the jumps; "hook" is the base chain's hook in
lower case."""
import ipaddress

LEGS = ("ext0", "int0", "dmz0")
PREFIXES = {
    4: ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.1.0/24", "192.168.1.128/25", "172.16.0.0/12",
        "131.107.155.10/32", "131.107.155.0/28", "203.0.113.7/32", "198.51.100.64/26"),
    6: ("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64", "fd00::/8", "fd00:1::5/128",
        "2001:db8:1:2::10/124", "2001:db8:ffff::/48")}
PORTS = (20, 22, 53, 80, 81, 123, 443, 1023, 1024, 8080, 65535)
OTHER_PROTOS = (47, 50, 89, 132, 136)
HOLES = {4: ("10.0.7.0/255.0.255.0", "10.1.0.10/255.255.0.255", "0.0.0.1/0.0.0.1"),
         6: ("2001:db8:0:7::/ffff:ffff:0:ffff::", "2001:db8::1/ffff:ffff::ffff", "::1/::1")}


class Ingredients:
    def __init__(self, rng, version):
        self.rng, self.version, self.hints = rng, version, []
        self.icmp = "icmp" if version == 4 else "icmpv6"
        self.favourites = []   # networks that other parts of the rule set use, and that later rules should therefore name

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *options):
        return self.rng.choice(options)

    def network(self):
        if self.favourites and self.chance(0.4):
            return self.pick(*self.favourites)
        net = ipaddress.ip_network(self.pick(*PREFIXES[self.version]))
        longer = min(net.prefixlen + self.pick(0, 0, 1, 5, 9), net.max_prefixlen)
        return self.pick(*self.some_subnets(net, longer))

    def some_subnets(self, net, length):
        """The first and the last subnet of a length."""
        step = 1 << (net.max_prefixlen - length)
        last = int(net.broadcast_address) - step + 1
        return [type(net)((address, length)) for address in sorted({int(net.network_address), last})]

    def host(self):
        """An address that a packet may carry."""
        net = self.network()
        return net[1] if net.num_addresses > 2 else net[0]

    def networks(self, count):
        """Networks that do not overlap."""
        chosen = []
        for net in (self.network() for _ in range(3 * count)):
            if len(chosen) < count and not any(net.overlaps(other) for other in chosen):
                chosen.append(net)
        return chosen

    def address_range(self):
        net = self.network()
        low, high = net[0] + (net.num_addresses > 4), net[-1] - (net.num_addresses > 8)
        return f"{low}-{high}", (int(low), int(high))

    def ports(self, count):
        """Port ranges (low, high) that do not overlap, in order."""
        points = sorted(self.rng.sample(PORTS, min(2 * count, len(PORTS))))
        return [(low, high if self.chance(0.5) else low) for low, high in zip(points[::2], points[1::2])]


def span(net):
    return int(net[0]), int(net[-1])


def join(low, high, sign):
    return str(low) if low == high else f"{low}{sign}{high}"
