"""A rule set in another spelling: long options, names for ports and ICMP types, counters, rules inserted at the head.

`iptables-restore` accepts many spellings. `iptables-save` prints one of them; scripts and administrators write others."""
import re
import socket

LONG = {"-s": "--source", "-d": "--destination", "-p": "--protocol", "-i": "--in-interface", "-o": "--out-interface",
        "-j": "--jump", "-g": "--goto", "-m": "--match", "--dport": "--destination-port", "--sport": "--source-port",
        "--dports": "--destination-ports", "--sports": "--source-ports"}
PORTS = {"20": "ftp-data", "22": "ssh", "53": "domain", "80": "http", "123": "ntp", "443": "https"}
ICMP = {"icmp-type": {"0": "echo-reply", "3": "destination-unreachable", "3/1": "host-unreachable", "3/0": "network-unreachable",
                      "8": "echo-request", "11": "time-exceeded", "13": "timestamp-request"},
        "icmpv6-type": {"1": "destination-unreachable", "1/0": "no-route", "1/1": "communication-prohibited", "3": "time-exceeded",
                        "128": "echo-request", "129": "echo-reply", "135": "neighbour-solicitation"}}


def service(line, number):
    """A port's name, if the services of this machine have one for the rule's protocol; the loader uses them too."""
    named = re.search(r" -p (tcp|udp) ", line)
    try:
        return PORTS[number] if named and socket.getservbyname(PORTS[number], named[1]) == int(number) else number
    except (KeyError, OSError):
        return number


def respell(rng, text):
    """The same rule set, except for the order of inserted rules."""
    return "\n".join(rule(rng, line) if line.startswith("-A ") else line for line in text.split("\n"))


def rule(rng, line):
    if rng.random() < 0.2:
        line = re.sub(r"(--[ds]port) (\d+)(?= |$)", lambda m, rule=line: f"{m[1]} {service(rule, m[2])}", line)
        line = re.sub(r"--(icmp(?:v6)?-type) (\S+)", lambda m: f"--{m[1]} {ICMP[m[1]].get(m[2], m[2])}", line)
    if rng.random() < 0.3:
        before, quote, after = line.partition('"')   # text in quotes is not an option
        line = re.sub(r"(?<= )(-\w|--[ds]ports?)(?= )", lambda m: LONG.get(m[1], m[1]), before) + quote + after
    if rng.random() < 0.1:
        line = line.replace("-A ", "-I ", 1)
        if rng.random() < 0.5:
            line = re.sub(r"^-I (\S+)", r"-I \1 1", line)
    if rng.random() < 0.2:
        line = f"[{rng.randrange(10**6)}:{rng.randrange(10**9)}] {line}"
    return line
