"""Random nft rule sets of one table, in the family asked for."""
import re

from ingredients import LEGS, OTHER_PROTOS, Ingredients, join, span


class Nft(Ingredients):
    def __init__(self, rng, family):
        super().__init__(rng, {"ip": 4, "ip6": 6}.get(family) or rng.choice((4, 6)))
        self.family = family

    def ip(self):
        """The network header keyword of the rule's IP version."""
        return "ip" if self.version == 4 else "ip6"

    def op(self):
        return "!= " if self.chance(0.15) else ""

    def braces(self, items):
        return "{ " + ", ".join(items) + " }"

    def definitions(self):
        ports = self.ports(3)
        lines = [f"define web = {self.braces(join(*r, '-') for r in ports)}"]
        sets = []
        for version in ((4, 6) if self.family == "inet" else (self.version,)):
            self.version = version
            nets, pairs, mapped = self.networks(3), self.networks(2), self.networks(2)
            lines.append(f"define lan{version} = {nets[0]}")
            kind = "ipv4_addr" if version == 4 else "ipv6_addr"
            sets += [f"set nets{version} {{ type {kind}; flags interval; elements = {self.braces(map(str, nets))}; }}",
                     f"set pairs{version} {{ type {kind} . inet_service; flags interval; elements = "
                     + self.braces(f"{n} . {join(*r, '-')}" for n, r in zip(pairs, ports)) + "; }",
                     f"map fate{version} {{ type {kind} : verdict; flags interval; elements = "
                     + self.braces(f"{n} : {self.verdict([])}" for n in mapped) + "; }"]
            self.hints += [{"src": span(n), "dst": span(n), "proto": "tcp", "dport": r} for n, r in zip(nets + pairs + mapped, ports * 3)]
        sets.append("set ports { type inet_service; flags interval; elements = "
                    + self.braces(join(*r, "-") for r in ports) + "; }")
        self.hints += [{"proto": "udp", "dport": r} for r in ports]
        return lines, sets

    def verdict(self, deeper):
        kind = self.rng.choices(("accept", "drop", "return", "jump", "goto"), (5, 4, 2, 4, 2))[0]
        if kind in ("jump", "goto"):
            return f"{kind} {self.pick(*deeper)}" if deeper else "accept"
        return kind

    def address_match(self, hint):
        ip, field, end = self.ip(), *self.pick(("saddr", "src"), ("daddr", "dst"))
        how = self.pick("net", "range", "set", "named", "define")
        if how == "range":
            text, hint[end] = self.address_range()
        elif how in ("named", "define"):
            text = f"@nets{self.version}" if how == "named" else f"$lan{self.version}"
        else:
            nets = self.networks(1 if how == "net" else 3)
            hint[end] = span(self.pick(*nets))
            text = str(nets[0]) if how == "net" else self.braces(map(str, nets))
        return f"{ip} {field} {self.op()}{text}"

    def port_match(self, hint):
        ranges = self.ports(self.pick(1, 3))
        hint["proto"], field = self.pick("tcp", "udp"), self.pick("dport", "dport", "sport")
        hint[field] = self.pick(*ranges)
        text = self.pick("@ports", "$web", join(*ranges[0], "-"), self.braces(join(*r, "-") for r in ranges))
        head = self.pick(hint["proto"], hint["proto"], "meta l4proto { tcp, udp } th")
        return f"{head} {field} {self.op()}{text}"

    def other_match(self, hint):
        how = self.pick("iif", "oif", "ct", *(() if "proto" in hint else ("icmp", "flags", "proto", "pair", "pair_set", "nfproto")))
        if how in ("iif", "oif"):
            leg = hint["in" if how == "iif" else "out"] = self.pick(*LEGS)
            text = self.pick(f'"{leg}"', f'"{leg}"', f'"{leg[:2]}*"', f'{{ "{leg}", "{LEGS[0]}x" }}')
            return f"{how}name {self.op()}{text}"
        if how == "ct":
            hint["state"] = self.pick("new", "established", "related")
            return "ct state " + self.pick("established,related", "new", "invalid", "!= new", "!= { established, related }", "untracked")
        if how == "icmp":
            icmp = "icmp" if self.version == 4 else "icmpv6"
            hint["proto"], hint["type"] = icmp, self.pick(*((8, 0, 3) if self.version == 4 else (128, 129, 1, 135)))
            return f"{icmp} type {self.op()}{self.pick(hint['type'], '{ %d, %d }' % (hint['type'], 13))}"
        if how == "flags":
            hint["proto"] = "tcp"
            return self.pick("tcp flags syn / fin,syn,rst,ack", "tcp flags & (syn | ack) == syn", "tcp flags syn")
        if how == "proto":
            hint["proto"] = self.pick("tcp", "udp", *OTHER_PROTOS)
            return f"meta l4proto {self.op()}{hint['proto']}"
        if how == "nfproto":
            return f"meta nfproto ipv{self.version}" if self.family == "inet" else "meta l4proto tcp"
        ip, nets, ranges = self.ip(), self.networks(2), self.ports(2)
        hint.update(proto="tcp", src=span(nets[0]), dport=ranges[0])
        text = f"@pairs{self.version}" if how == "pair_set" else self.braces(
            f"{n} . {join(*r, '-')}" for n, r in zip(nets, ranges))
        return f"{ip} saddr . tcp dport {self.op()}{text}"

    def rule(self, deeper, base, called):
        hint, words = {"hook": base} if base else {}, []
        self.hints.append(hint)
        if self.family == "inet":
            self.version = self.pick(4, 6)
        if not called and self.chance(0.15):
            ranges = self.ports(3)
            hint.update(proto="tcp", dport=self.pick(*ranges))
            return self.pick("tcp dport vmap " + self.braces(f"{join(*r, '-')} : {self.verdict(deeper)}" for r in ranges),
                             f"ct state vmap {{ established : accept, related : {self.verdict(deeper)}, invalid : drop }}",
                             f"{self.ip()} saddr vmap @fate{self.version}")
        for make, p in ((self.address_match, 0.5), (self.port_match, 0.4), (self.other_match, 0.4)):
            if self.chance(p):
                words.append(make(hint))
        words += ["counter"] * self.chance(0.5)
        last = self.pick(*[self.verdict(deeper)] * 6, "reject", 'log prefix "a b: "', "")
        if called:
            last = f"jump {called}"
        elif not words and (not last or self.chance(0.8)):   # a verdict without matches would leave the other rules unreached
            last = "counter"
        return " ".join(words + [last] + ['comment "it\'s { a } rule # 1"'] * self.chance(0.15)).replace("  ", " ")

    def rules(self, count):
        lines, sets = self.definitions()
        levels = [[f"u{level}_{i}" for i in range(self.rng.randint(1, 2))] for level in (1, 2, 3)] + [[]]
        bodies = {chain: [] for level in reversed(levels) for chain in level}   # a callee is defined before its callers
        depth = {chain: number for number, level in enumerate(levels, 1) for chain in level}
        hooks = {}
        for hook in ("input", "forward", "output"):
            for priority in self.rng.sample((-150, -10, 0, 5, 10), self.pick(1, 1, 2, 3)):
                chain = f"{hook}_{priority}".replace("-", "m")
                hooks[chain], depth[chain] = hook, 0
                bodies[chain] = [f"type filter hook {hook} priority {priority}; policy {self.pick('accept', 'accept', 'drop')};"]
        uncalled = [chain for level in levels for chain in level]
        for _ in range(count):
            called = uncalled.pop() if uncalled and self.chance(0.5) else None
            chain = self.pick(*[c for c in bodies if not called or depth[c] == depth[called] - 1])
            text = self.rule(levels[depth[chain]], hooks.get(chain), called)
            bodies[chain].append(text)
            jump = re.search(r"\b(?:jump|goto) (\w+)", text)
            self.hints[-1].update(chain=chain, to=jump and jump[1])
        lines += [f"table {self.family} t {{", *("  " + s for s in sets)]
        for chain, body in bodies.items():
            lines += [f"  chain {chain} {{", *("    " + line for line in body), "  }"]
        return "\n".join(lines + ["}", ""])
