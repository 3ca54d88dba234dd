"""Network namespaces of our own: entering them, running commands and setting sysctls in them.

The host's own namespace is never touched: `run` refuses to work there."""
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class LoadError(Exception):
    """The loader refused the rule set."""


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def enter_new_netns():
    check(libc.unshare(CLONE_NEWNET))
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def run(args, text=None):
    """Run a command in the current (never the host's) network namespace and return its output."""
    assert os.stat("/proc/self/ns/net").st_ino != HOST_NETNS
    done = subprocess.run(args, input=text, capture_output=True, text=True)
    if done.returncode:
        raise LoadError(f"{' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def sysctl(**values):
    for name, value in values.items():
        with open("/proc/sys/net/" + name.replace("__", "/"), "w") as f:
            f.write(str(value))


HOST_NETNS = os.stat("/proc/self/ns/net").st_ino
