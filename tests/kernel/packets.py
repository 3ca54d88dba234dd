"""A probe as a packet: its bytes, and the connection-tracking entry it belongs to."""
import ipaddress
import struct

from netlink import NLM_CREATE, nest, nla

MSG_CT_NEW = 0x100
TTL = 77             # distinguishes our probes from the router's own answers (64, 255) on the wire
PROTOS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "sctp": 132, "udplite": 136}
PORT_PROTOS = (6, 17, 132, 136)
TCP_FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "CWR": 128}
ECHO = {8: 0, 13: 14, 15: 16, 17: 18, 128: 129}   # ICMP requests and their answers
ECHO_REPLY = {v: k for k, v in ECHO.items()}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def crc32c(data):
    """SCTP's checksum, RFC 9260 appendix A: Castagnoli's polynomial, reflected."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder = CASTAGNOLI[(remainder ^ byte) & 0xFF] ^ remainder >> 8
    return remainder ^ 0xFFFFFFFF


def castagnoli(byte):
    for _ in range(8):
        byte = byte >> 1 ^ 0x82F63B78 * (byte & 1)
    return byte


CASTAGNOLI = [castagnoli(byte) for byte in range(256)]


def ipv4_header(index, length, ttl, proto, src, dst):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, index, 0, ttl, proto, 0) + src + dst
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]



class Probe:
    """One packet to try: the fields of the JSON probe, with defaults filled in."""

    def __init__(self, spec):
        self.spec = spec
        self.hook = spec.get("hook", "forward")
        self.src, self.dst = ipaddress.ip_address(spec["src"]), ipaddress.ip_address(spec["dst"])
        self.v6 = self.src.version == 6
        proto = spec.get("proto", "tcp")
        self.proto = PROTOS[proto] if proto in PROTOS else int(proto)
        self.state = spec.get("state", "new")
        self.sport, self.dport = spec.get("sport", 45000), spec.get("dport", 80)
        flags = spec.get("tcp_flags", "SYN" if self.state == "new" else "ACK")
        self.flags = sum(TCP_FLAGS[f] for f in flags.upper().split(",") if f and f != "NONE")
        self.type, self.code = spec.get("type", 128 if self.v6 else 8), spec.get("code", 0)
        # replies of the router leave by the leg the probe came in on
        legs = {"forward": ("in", "out"), "input": ("in",), "output": ("out",)}[self.hook]
        self.group = (self.v6, self.hook) + tuple(spec[leg] for leg in legs)
        self.is_icmp = self.proto == (58 if self.v6 else 1)
        if self.state not in ("new", "established", "related") or self.state == "related" and not self.is_icmp:
            raise ValueError(f"no such state for this protocol: {spec}")
        self.has_ports = self.proto in PORT_PROTOS or self.state == "related"
        if self.state == "related":
            self.flow = 17, frozenset([(self.dst, self.sport), (self.src, self.dport)])
        elif self.proto in PORT_PROTOS:
            self.flow = self.proto, frozenset([(self.src, self.sport), (self.dst, self.dport)])
        else:   # an ICMP id is unique: no two such flows collide
            self.flow = None if self.is_icmp else (self.proto, frozenset([self.src, self.dst]))

    def packet(self, index):
        l4 = self.transport(index)
        addresses = self.src.packed + self.dst.packed
        where = {6: 16, 17: 6, 136: 6}.get(self.proto, 2 if self.is_icmp else None)
        if where is not None:
            # conntrack accepts a UDP-Lite checksum only with UDP's number in the pseudo-header (udplite_error)
            pseudo = b"" if self.proto == 1 else addresses + struct.pack("!II", len(l4), 17 if self.proto == 136 else self.proto)
            l4 = l4[:where] + struct.pack("!H", checksum(pseudo + l4) or 0xFFFF) + l4[where + 2:]
        if self.v6:
            return struct.pack("!IHBB", 6 << 28 | index, len(l4), self.proto, TTL) + addresses + l4
        return ipv4_header(index, len(l4), TTL, self.proto, self.src.packed, self.dst.packed) + l4

    def transport(self, index):
        if self.proto == 6:  # a reset returns the index in seq and ack
            return struct.pack("!HHIIBBHHH", self.sport, self.dport, index << 8,
                               index << 8 if self.flags & 16 else 0, 0x50, self.flags, 1024, 0, 0)
        if self.proto == 17:
            return struct.pack("!HHHH4x", self.sport, self.dport, 12, 0)
        if self.proto == 136:
            return struct.pack("!HHHH4x", self.sport, self.dport, 0, 0)
        if self.proto == 132:  # an INIT chunk
            init = struct.pack("!HHIIBBHIIHHI", self.sport, self.dport, 0, 0, 1, 0, 20, 1, 65536, 1, 1, 1)
            return init[:8] + struct.pack("<I", crc32c(init)) + init[12:]   # conntrack checks it
        if self.is_icmp and self.state == "related":  # an error about a datagram the probe's dst sent
            udp = struct.pack("!HHHH", self.sport, self.dport, 8, 0)
            if self.v6:
                inner = struct.pack("!IHBB", 6 << 28, 8, 17, 60) + self.dst.packed + self.src.packed
            else:
                inner = ipv4_header(1, 8, 60, 17, self.dst.packed, self.src.packed)
            return struct.pack("!BBHI", self.type, self.code, 0, 0) + inner + udp
        if self.is_icmp:
            return struct.pack("!BBHHH24x", self.type, self.code, 0, index, 0)
        return bytes(32)

    def conntrack_entry(self, index):
        """A ctnetlink request for the flow the probe belongs to, opened by the probe's destination."""
        here, there = (self.src, self.dst), (self.dst, self.src)
        if self.state == "related":
            orig, reply = (there, 17, self.sport, self.dport), (here, 17, self.dport, self.sport)
        elif not self.is_icmp:
            orig, reply = (there, self.proto, self.dport, self.sport), (here, self.proto, self.sport, self.dport)
        elif self.type in ECHO:
            orig, reply = (here, self.proto, index, self.type), (there, self.proto, index, ECHO[self.type])
        elif self.type in ECHO_REPLY:
            orig, reply = (there, self.proto, index, ECHO_REPLY[self.type]), (here, self.proto, index, self.type)
        else:
            raise ValueError(f"ICMP type {self.type} cannot be established")
        body = nest(1, *conntrack_tuple(*orig)) + nest(2, *conntrack_tuple(*reply))
        body += nla(3, struct.pack("!I", 0xE)) + nla(7, struct.pack("!I", 120))  # confirmed, assured, replied
        if self.proto == 6:
            body += nest(4, nest(1, nla(1, b"\3")))  # TCP ESTABLISHED
        return MSG_CT_NEW, NLM_CREATE, 10 if self.v6 else 2, 0, body


def conntrack_tuple(ends, proto, a, b):
    base = 3 if ends[0].version == 6 else 1
    parts = [nla(1, bytes([proto]))]
    if proto in (1, 58):
        first = 4 if proto == 1 else 7
        parts += [nla(first, struct.pack("!H", a)), nla(first + 1, bytes([b])), nla(first + 2, b"\0")]
    elif proto in PORT_PROTOS:
        parts += [nla(2, struct.pack("!H", a)), nla(3, struct.pack("!H", b))]
    return nest(1, nla(base, ends[0].packed), nla(base + 1, ends[1].packed)), nest(2, *parts)


def network_header(buf):
    """(index, ttl, proto, src, dst, transport part) of an IP packet."""
    if buf[0] >> 4 == 6:
        index = struct.unpack_from("!I", buf)[0] & 0xFFFFF
        return index, buf[7], buf[6], buf[8:24], buf[24:40], buf[40:]
    return struct.unpack_from("!H", buf, 4)[0], buf[8], buf[9], buf[12:16], buf[16:20], buf[20:]
