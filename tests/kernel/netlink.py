"""The part of netlink that is needed: attributes, requests with their acknowledgements, and reading what came in."""
import os
import socket
import struct

AF_NETLINK_NETFILTER = 12
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
NLM_REQUEST_ACK, NLM_CREATE = 0x5, 0x400


def nla(kind, data):
    return struct.pack("=HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def nest(kind, *parts):
    return nla(kind | 0x8000, b"".join(parts))


def attributes(buf, pos, end):
    found = {}
    while pos + 4 <= end:
        length, kind = struct.unpack_from("=HH", buf, pos)
        found[kind & 0x7FFF] = buf[pos + 4:pos + length]
        pos += (length + 3) & ~3
    return found


def netfilter_socket(group=None):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, AF_NETLINK_NETFILTER)
    s.setsockopt(socket.SOL_SOCKET, 33, 128 << 20)  # SO_RCVBUFFORCE
    s.bind((0, 0))
    if group:
        s.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
    return s


def request(sock, messages):
    """Send (type, flags, family, res_id, body) requests in one write and wait for each acknowledgement."""
    out = b""
    for kind, flags, family, res_id, body in messages:
        out += struct.pack("=IHHIIBBH", 20 + len(body), kind, flags | NLM_REQUEST_ACK, 0, 0,
                           family, 0, socket.htons(res_id)) + body
    sock.setblocking(True)
    sock.send(out)
    waiting = len(messages)
    while waiting:
        for kind, buf, pos, _ in netlink_messages(sock.recv(1 << 16)):
            if kind == 2:
                waiting -= 1
                error = struct.unpack_from("=i", buf, pos)[0]
                if error:
                    raise OSError(-error, "netlink: " + os.strerror(-error))


def netlink_messages(buf):
    pos = 0
    while pos + 16 <= len(buf):
        length, kind = struct.unpack_from("=IH", buf, pos)
        yield kind, buf, pos + 16, pos + length
        pos += (length + 3) & ~3


def drain(sock):
    sock.setblocking(False)
    while True:
        try:
            yield sock.recv(1 << 16)
        except BlockingIOError:
            return
