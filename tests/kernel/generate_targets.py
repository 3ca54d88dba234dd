"""Random targets of an iptables rule, table by table: verdicts, marks, and translations with their results."""
import ipaddress

from ingredients import span
from generate_matches import MARKS

MASKS = ("0xffffffff", "0xffffffff", "0x1", "0x3", "0xff", "0xf0")
GOES_ON = ("LOG", "LOG --log-prefix \"log it: -j DROP \"", "NFLOG --nflog-group 5")


class Targets:
    """The targets of rules of one profile.  `translations` collects the translations of the nat table, for the probes."""

    def __init__(self, source, marks=False, calls=5.0, row=False):
        self.source, self.marks, self.calls, self.row = source, marks, calls, row
        self.translations = []   # (hint of packets before, {"dst": span, "dport": span} of them after translation)

    def make(self, table, group, hint, deeper, protocol):
        """The words from -j or -g on; empty for a rule without a target.  `protocol` is the one the rule names."""
        pick = self.source.pick
        weights = {"filter": {"ACCEPT": 5, "DROP": 4, "REJECT": 2, "RETURN": 3, "LOG": 1, "MARK": 2 if self.marks else 0.3},
                   "mangle": {"ACCEPT": 3 if self.row else 1, "DROP": 2 if self.row else 0.7, "RETURN": 1.5, "LOG": 0.5, "MARK": 5 if self.marks else 1},
                   "security": {"ACCEPT": 2, "DROP": 2, "RETURN": 1.5, "LOG": 0.5},
                   "raw": {"ACCEPT": 1.5, "DROP": 0.7, "RETURN": 1.5, "notrack": 3, "MARK": 1 if self.marks else 0},
                   "nat": {"ACCEPT": 1.5, "RETURN": 1.5, "LOG": 0.5, "nat": 6, "MARK": 1 if self.marks else 0}}[table]
        weights = {**weights, "none": 0.5, "chain": self.calls if deeper else 0}
        kind = self.source.rng.choices(list(weights), list(weights.values()))[0]
        if kind == "none":
            return ""
        if kind == "chain":
            return f"{pick('-j', '-j', '-g')} {pick(*deeper)}"
        if kind == "notrack":
            return pick("-j CT --notrack", "-j CT --notrack", "-j NOTRACK")
        words = {"LOG": lambda: pick(*GOES_ON), "MARK": self.mark, "nat": lambda: self.translation(group, hint, protocol),
                 "REJECT": lambda: self.reject(protocol)}.get(kind, lambda: kind)()
        return f"-j {words}"

    def reject(self, protocol):
        if protocol == "tcp" and self.source.chance(0.5):
            return "REJECT --reject-with tcp-reset"
        return "REJECT --reject-with " + ("icmp-port-unreachable" if self.source.version == 4 else "icmp6-port-unreachable")

    def mark(self):
        pick = self.source.pick
        value, mask = pick(*MARKS).split("/")[0], pick(*MASKS)
        if not self.marks:
            return "MARK --set-xmark 0x1/0xffffffff"
        return pick(f"MARK --set-xmark {value}/{mask}", f"MARK --set-xmark {value}/{mask}", f"MARK --set-xmark {value}/0xffffffff",
                    f"MARK --{pick('or', 'and', 'xor')}-mark {value}", f"CONNMARK --set-xmark {value}/{mask}",
                    f"CONNMARK --save-mark --nfmask {mask} --ctmask {mask}",
                    f"CONNMARK --restore-mark --nfmask {mask} --ctmask {mask}")

    # ------------------------------------------------------------ nat

    def translation(self, group, hint, protocol):
        """A target of the nat table that translates destinations (PREROUTING, OUTPUT) or sources (POSTROUTING, INPUT)."""
        ports = protocol in ("tcp", "udp", "sctp")
        return self.destination(hint, ports) if group == "destination" else self.of_source(group, ports)

    def destination(self, hint, ports):
        kind = self.source.pick("address", "address", "address:port", "port", "range", "port range", "REDIRECT", "NETMAP")
        if kind == "NETMAP":
            net = self.source.network()
            self.translations.append((hint, {"dst": span(net)}))
            return f"NETMAP --to {net}"
        if kind == "REDIRECT":
            low, high = self.source.ports(1)[0]
            self.translations.append((hint, {"dport": (low, high)} if ports else {}))
            return "REDIRECT" + (f" --to-ports {low}" if low == high else f" --to-ports {low}-{high}") * ports
        host = self.source.host()
        last = host + self.source.pick(1, 3) if kind == "range" else host
        low, high = self.source.ports(1)[0]
        high = high if kind == "port range" else low
        self.source.favourites.append(ipaddress.ip_network(str(host)))
        addresses = str(host) if host == last else f"{host}-{last}"
        if not ports or kind in ("address", "range"):
            self.translations.append((hint, {"dst": (int(host), int(last))}))
            return f"DNAT --to-destination {addresses}"
        after = {"dport": (low, high)} if kind == "port" else {"dst": (int(host), int(last)), "dport": (low, high)}
        self.translations.append((hint, after))
        bracketed = f"[{addresses}]" if self.source.version == 6 else addresses
        where = "" if kind == "port" else bracketed
        return f"DNAT --to-destination {where}:{low}" + (f"-{high}" if high != low else "")

    def of_source(self, group, ports):
        host = self.source.host()
        to = str(host)
        if self.source.chance(0.25):
            to = f"{host}-{host + 2}"
        elif ports and self.source.chance(0.4):
            to = (f"[{host}]" if self.source.version == 6 else to) + ":2000-2100"
        if group == "input":
            return f"SNAT --to-source {to}"
        return self.source.pick("MASQUERADE", "MASQUERADE", "MASQUERADE --to-ports 2000-2100" if ports else "MASQUERADE",
                                f"SNAT --to-source {to}", f"SNAT --to-source {to}", f"NETMAP --to {self.source.network()}")
