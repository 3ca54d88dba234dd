#!/usr/bin/env python3
"""Random rule sets (iptables-save, ip6tables-save, nft) and probes biased to the boundaries of their rules."""
import argparse
import json
import os
import random

from generate_iptables import PROFILES, Iptables
from generate_nft import Nft
from probes import probes
from spelling import respell

KINDS = ("iptables", "ip6tables", "ip", "ip6", "inet")


def generate(kind, seed, rules, count, profile=None, without=()):
    """(rule set texts by loader name, probes) of a kind; the seed chooses the profile if none is given."""
    profile = profile or PROFILES[seed % len(PROFILES)]
    rng = random.Random(f"{kind} {seed} {profile}")
    if kind in ("iptables", "ip6tables"):
        source = Iptables(rng, 4 if kind == "iptables" else 6, profile, without)
        texts = {"ipset": source.set_text, kind: source.rules(rules)}
        if rng.random() < 0.25:
            texts[kind] = respell(rng, texts[kind])
        translations = source.targets.translations
    else:
        source, translations = Nft(rng, kind), []
        texts = {"nft": source.rules(rules)}
    versions = {"iptables": (4,), "ip": (4,), "inet": (4, 6)}.get(kind, (6,))
    return texts, probes(rng, source.hints, versions, count, translations)


def write(folder, name, texts, made):
    """The files of one rule set, and the lines of a session that asks about it."""
    os.makedirs(folder, exist_ok=True)
    paths = {kind: os.path.join(folder, kind + ".rules") for kind in texts}
    for kind, path in paths.items():
        with open(path, "w") as file:
            file.write(texts[kind])
    asked = os.path.join(folder, "probes.jsonl")
    with open(asked, "w") as file:
        file.writelines(json.dumps(probe) + "\n" for probe in made)
    saved = {kind: os.path.join(folder, kind + ".saved") for kind in texts if texts[kind] and kind != "nft"}
    return [json.dumps({"load": {"name": name, **paths, "save": saved}}), json.dumps({"probes": asked})]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", type=int, default=1, help="so many, of the seeds from --seed on, each in a folder SEED")
    parser.add_argument("--rules", type=int, default=30)
    parser.add_argument("--probes", type=int, default=500)
    parser.add_argument("--profile", choices=PROFILES, help="what the rules are about; the seed chooses if not given")
    parser.add_argument("--without", default="", help="kinds of ipset to leave out, separated by spaces")
    parser.add_argument("--out", default=".", help="folder for SEED/<loader>.rules, SEED/probes.jsonl and session.jsonl")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "session.jsonl"), "w") as session:
        for seed in range(args.seed, args.seed + args.sets):
            profile = args.profile or PROFILES[seed % len(PROFILES)]
            texts, made = generate(args.kind, seed, args.rules, args.probes, profile, args.without.split())
            lines = write(os.path.join(args.out, str(seed)), f"gen.py {args.kind} --seed {seed} --profile {profile}", texts, made)
            session.writelines(line + "\n" for line in lines)


if __name__ == "__main__":
    main()
