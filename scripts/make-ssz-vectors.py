#!/usr/bin/env python3
"""Writes specs/vectors/ssz.json with an independent implementation of SSZ.

    python3 -m venv .venv && .venv/bin/pip install remerkleable==0.1.28
    .venv/bin/python scripts/make-ssz-vectors.py
"""

import json
from pathlib import Path

from remerkleable.basic import boolean, uint8, uint16, uint32, uint64
from remerkleable.byte_arrays import ByteList, Bytes32, Bytes48, ByteVector
from remerkleable.complex import Container, List, Vector


def some(count, seed):
    return bytes((seed * 7 + i * 13 + 1) % 256 for i in range(count))


class Entry(Container):
    namespace: ByteList[32]
    first_cell: uint32
    length: uint32
    encoding: uint8


class Fixed(Container):
    a: uint8
    b: uint64
    c: Bytes32
    d: boolean


class Mixed(Container):
    version: uint8
    name: ByteList[64]
    height: uint64
    points: List[Bytes48, 256]
    entries: List[Entry, 1024]
    numbers: List[uint16, 100]
    root: Bytes32
    fixed: List[Fixed, 5]


def mixed(name, points, entries, numbers, fixed):
    return Mixed(
        version=1,
        name=some(name, 1),
        height=2**64 - 1 - name,
        points=[some(48, i) for i in range(points)],
        entries=[
            Entry(namespace=some(i % 33, i), first_cell=i, length=i * i, encoding=i % 2)
            for i in range(entries)
        ],
        numbers=[(i * 977) % 65536 for i in range(numbers)],
        root=some(32, 9),
        fixed=[Fixed(a=i, b=i << 40, c=some(32, i), d=i % 2) for i in range(fixed)],
    )


def main():
    cases = []

    def case(kind, value):
        cases.append(
            {
                "type": kind,
                "encoded": value.encode_bytes().hex(),
                "root": value.hash_tree_root().hex(),
            }
        )

    case("Mixed", mixed(0, 0, 0, 0, 0))
    case("Mixed", mixed(1, 1, 1, 1, 1))
    case("Mixed", mixed(33, 5, 3, 17, 2))
    case("Mixed", mixed(64, 3, 35, 100, 5))
    case("Fixed", Fixed(a=255, b=2**63, c=some(32, 3), d=True))
    case("uint8", uint8(200))
    case("uint16", uint16(0x1234))
    case("uint32", uint32(0xDEADBEEF))
    case("uint64", uint64(2**64 - 2))
    case("boolean", boolean(True))
    case("Bytes48", Bytes48(some(48, 4)))
    case("ByteVector[100]", ByteVector[100](some(100, 5)))
    for count in (0, 1, 31, 32, 33, 200):
        case("ByteList[200]", ByteList[200](some(count, 6)))
    for count in (0, 1, 4, 5, 100):
        case("List[uint64, 2^40]", List[uint64, 2**40]([i * 3 for i in range(count)]))
    case("Vector[uint16, 19]", Vector[uint16, 19]([i * i for i in range(19)]))
    case("List[List[uint16, 4], 3]", List[List[uint16, 4], 3]([[1, 2], [], [3, 4, 5, 6]]))
    path = Path(__file__).resolve().parent.parent / "specs" / "vectors" / "ssz.json"
    path.write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
