#!/usr/bin/env python3
"""Times (by CPU time) the public Python decoder klvdata (pip install klvdata) on the packets of benches/klv.rs.

usage: peer_klvdata.py [FILE.klv ...]     default: tests/data/Cheyenne.bin

Each packet is parsed to its items with values converted, which klvdata does when it builds a packet.
(klvdata 0.0.3 raises TypeError on a nested VMTI set, so tests/data/vrsg.klv is none for it.)
Prints one line a file: packets, seconds, packets a second.
"""

import pathlib
import sys
import time

import klvdata

SECONDS = 3.0
DATA = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data"


def count(data):
    """Decodes the whole file once; returns the number of ST 0601 packets."""
    packets = 0
    for packet in klvdata.StreamParser(data):
        for item in packet.items.values():
            getattr(item, "value", None)
        packets += 1
    return packets


def main(paths):
    for path in paths or [DATA / "Cheyenne.bin"]:
        data = pathlib.Path(path).read_bytes()
        packets, started = 0, time.process_time()
        while (elapsed := time.process_time() - started) < SECONDS:
            packets += count(data)
        print(f"klvdata {pathlib.Path(path).name}: {packets} packets in {elapsed:.2f} s = {packets / elapsed:,.0f} packets/s")


if __name__ == "__main__":
    main(sys.argv[1:])
