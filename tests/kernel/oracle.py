#!/usr/bin/env python3
"""Ask the running Linux kernel what a firewall rule set does with given packets.  See README.md for the formats."""
import argparse
import json
import sys

from namespace import LoadError, run
from router import Router

FILES = ("iptables", "ip6tables", "nft", "ipset")
SET_KINDS = ("hash:ip", "hash:net", "hash:ip,port", "hash:net,port", "hash:net,iface", "hash:net,net", "hash:ip,port,ip",
             "hash:ip,port,net", "hash:net,port,net", "bitmap:ip range 10.0.0.0/24", "bitmap:port range 0-65535", "list:set")


def parse_legs(text):
    """ext0,int0=192.168.1.1/24+fd00::1/64 -> {name: [addresses]}"""
    split = (leg.partition("=") for leg in text.split(","))
    return {name: addresses.split("+") if addresses else [] for name, _, addresses in split}


def read_files(paths):
    return {kind: open(paths[kind]).read() for kind in FILES if paths.get(kind)}


def missing_set_kinds():
    """The kinds of ipset that this kernel was built without.  Fails if the oracle cannot work at all."""
    Router({"ext0": []}).load(iptables="*filter\nCOMMIT\n", ip6tables="*filter\nCOMMIT\n")
    missing = []
    for kind in SET_KINDS:
        try:
            run(["ipset", "create", "x", *kind.split()])
            run(["ipset", "destroy", "x"])
        except LoadError:
            missing.append(kind.split()[0])
    return missing


class Session:
    """A router, rebuilt when a rule set needs other legs, and the probes that wait for an answer."""

    def __init__(self, legs, cpu):
        self.legs, self.cpu, self.pending = legs, cpu, []
        self.router = Router(parse_legs(legs), cpu)

    def load(self, what, backend):
        """Load the files that `what` names. Returns the loader's message if it refuses them, else None."""
        if (legs := what.get("legs") or self.legs) != self.legs:
            self.router, self.legs = Router(parse_legs(legs), self.cpu), legs
        try:
            self.router.load(**read_files(what), backend=backend)
            for kind in FILES:
                if path := (what.get("save") or {}).get(kind):
                    with open(path, "w") as file:
                        file.write(run(["ipset", "save"] if kind == "ipset" else [f"{kind}-{backend}-save"]))
        except LoadError as error:
            return str(error)

    def flush(self):
        for answer in self.router.ask(self.pending):
            print(json.dumps(answer))
        self.pending.clear()
        sys.stdout.flush()

    def serve(self, lines):
        for line in lines:
            if not line.strip():
                self.flush()
                continue
            item = json.loads(line)
            if "load" in item:
                self.flush()
                error = self.load(item["load"], item["load"].get("backend", "nft"))
                print(json.dumps({"loaded": item["load"], "error": error}))
            elif "probes" in item:
                with open(item["probes"]) as file:
                    self.pending += map(json.loads, file)
            else:
                self.pending.append(item)
        self.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--legs", default="ext0,int0,dmz0", help="name[=addr/len[+addr/len...]],...")
    parser.add_argument("--backend", choices=("nft", "legacy"), default="nft", help="which iptables")
    parser.add_argument("--cpu", type=int, default=0, help="the processor to stay on, so that several can run at once")
    parser.add_argument("--missing-set-kinds", action="store_true", help="name the kinds of ipset this kernel has not")
    for kind in FILES:
        parser.add_argument("--" + kind, metavar="FILE")
    args = parser.parse_args()
    if args.missing_set_kinds:
        print("\n".join(missing_set_kinds()))
        return
    session = Session(args.legs, args.cpu)
    if error := session.load(vars(args), args.backend):
        sys.exit(error)
    session.serve(sys.stdin)


if __name__ == "__main__":
    main()
