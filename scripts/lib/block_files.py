"""Checks block files against specs/block-file.md: block_files.py DAMASK FOLDER"""

import json
import os
import random
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

CELL, PROOF, TAG = 2048, 48, 16
MAGIC = bytes.fromhex("9344414d41534b0a")
COLUMNS = 128
INFINITY = b"\xc0" + bytes(47)


@dataclass
class BlockFile:
    preset: bytes
    data_rows: int
    commitments: bytes
    index: bytes
    cells: bytes
    has_proofs: int
    records: dict = field(default_factory=dict)

    @classmethod
    def parse(cls, data):
        assert data[:8] == MAGIC
        version, size, total = struct.unpack("<IIQ", data[8:24])
        assert version == 1 and total == len(data)
        assert sha256(data[:56]).digest()[:8] == data[56:64]
        description = data[64 : 64 + size]
        assert sha256(description).digest() == data[24:56]
        # SSZ: offset, u16, three offsets, boolean; then the four lists.
        a, rows, b, c, d, proofs = struct.unpack("<IHIIIB", description[:19])
        assert a == 19 and proofs in (0, 1)
        block = cls(
            description[a:b], rows, description[b:c], description[c:d], description[d:], proofs
        )
        places = [
            (row, column)
            for row in range(2 * rows)
            for column in range(COLUMNS)
            if block.cells[row * 16 + column // 8] >> column % 8 & 1
        ]
        at, step = 64 + size, CELL + PROOF * proofs + TAG
        assert len(data) == at + len(places) * step
        for place in places:
            record = data[at : at + step]
            block.records[place] = record[:-TAG]
            assert block.tag(sha256(description).digest(), place) == record[-TAG:], place
            at += step
        return block

    def tag(self, head, place):
        return sha256(head + struct.pack("<II", *place) + self.records[place]).digest()[:TAG]

    def encode(self, version=1):
        lists = [self.preset, self.commitments, self.index, self.cells]
        offsets, at = [], 19
        for part in lists:
            offsets.append(at)
            at += len(part)
        description = struct.pack(
            "<IHIIIB", offsets[0], self.data_rows, *offsets[1:], self.has_proofs
        ) + b"".join(lists)
        head = sha256(description).digest()
        body = b"".join(self.records[p] + self.tag(head, p) for p in sorted(self.records))
        preamble = MAGIC + struct.pack(
            "<IIQ", version, len(description), 64 + len(description) + len(body)
        )
        preamble += head
        return preamble + sha256(preamble).digest()[:8] + description + body


class Checks:
    def __init__(self, damask, folder):
        self.damask, self.folder, self.count = damask, Path(folder), 0

    def run(self, status, *arguments, says=()):
        result = subprocess.run(
            [self.damask, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder
        )
        assert result.returncode == status, (arguments, result.returncode, result.stderr)
        for word in says:
            assert word in result.stderr, (arguments, word, result.stderr)
        assert not (self.folder / "out").exists() or status == 0, arguments
        left = [name for name in os.listdir(self.folder) if name.startswith(".")]
        assert not left, left
        self.count += 1
        return result.stdout

    def file(self, name, data):
        (self.folder / name).write_bytes(data)
        return name


def main():
    checks = Checks(sys.argv[1], sys.argv[2])
    run, file = checks.run, checks.file
    generator = random.Random(2)
    payload = generator.randbytes(2 * 126_976 + 777)
    file("file", payload)
    run(0, "encode", "file", "-o", "block", "--namespace", "c0ffee")
    data = (checks.folder / "block").read_bytes()
    block = BlockFile.parse(data)
    assert block.encode() == data
    assert (block.preset, block.data_rows, block.has_proofs) == (b"mainnet", 4, 1)
    # Three rows are used of four; the last is known to be zero and not stored.
    assert len(block.records) == 7 * COLUMNS and block.commitments[-48:] == INFINITY
    first = b"".join(b"\0" + payload[i : i + 31] for i in range(0, 1984, 31))
    assert block.records[0, 0][:CELL] == first

    summary = run(0, "inspect", "block", "--json")
    assert summary.count("\n") == 1
    summary = json.loads(summary)
    assert list(summary) == [
        "rows", "columns", "dataRows", "commitments", "payloads", "present",
    ]
    assert summary["commitments"] == [
        "0x" + block.commitments[i : i + 48].hex() for i in range(0, 192, 48)
    ]
    assert summary["payloads"] == [
        {"namespace": "c0ffee", "firstCell": 0, "length": len(payload), "encoding": "packed"}
    ]
    assert summary["present"] == ["ff" * 16] * 8

    run(0, "erase", "block", "-o", "erased", "--fraction", "0.29", "--seed", 5)
    erased = BlockFile.parse((checks.folder / "erased").read_bytes())
    assert len(block.records) - len(erased.records) == 8 * COLUMNS * 29 // 100
    assert all(block.records[place] == erased.records[place] for place in erased.records)
    run(0, "erase", "block", "-o", "again", "--fraction", ".290", "--seed", 5)
    assert (checks.folder / "again").read_bytes() == (checks.folder / "erased").read_bytes()
    run(0, "erase", "block", "-o", "again", "--fraction", "0.29", "--seed", 6)
    assert (checks.folder / "again").read_bytes() != (checks.folder / "erased").read_bytes()
    lines = run(0, "inspect", "erased", "--json", "--cells").splitlines()
    cells = {(c["row"], c["column"]): c for c in map(json.loads, lines[1:])}
    bits = [
        (row, column)
        for row, text in enumerate(json.loads(lines[0])["present"])
        for column in range(COLUMNS)
        if bytes.fromhex(text)[column // 8] >> column % 8 & 1
    ]
    assert bits == list(cells)
    for place, cell in cells.items():
        record = erased.records.get(place, bytes(CELL) + INFINITY)
        assert cell["cell"] == "0x" + record[:CELL].hex(), place
        assert cell["proof"] == "0x" + record[CELL:].hex(), place
    run(0, "erase", "block", "-o", "rows", "--pattern", "rows")
    run(0, "erase", "block", "-o", "columns", "--pattern", "columns", "--fraction", "0.5")
    for name in ("erased", "rows", "columns"):
        run(0, "verify", name)
        run(0, "recover", name, "-o", "out")
        assert (checks.folder / "out").read_bytes() == payload
        os.remove(checks.folder / "out")
    run(0, "erase", "block", "-o", "nothing", "--fraction", "1")
    run(3, "recover", "nothing", "-o", "out", says=["stuck", "rows 0-2, 4-7: columns 0-127"])
    stuck = json.loads(run(3, "recover", "nothing", "-o", "out", "--json"))
    assert stuck["stuckCells"] == 7 * COLUMNS and stuck["stuck"][3] == "00" * 16
    run(0, "verify", "nothing")

    # Intact files with wrong contents.
    for place, offset in (((1, 3), 31), ((6, 100), 2047), ((5, 7), CELL + 47), ((0, 0), CELL)):
        other = BlockFile.parse(data)
        record = bytearray(other.records[place])
        record[offset] ^= 1
        other.records[place] = bytes(record)
        file("wrong", other.encode())
        name = f"{place[0]}:{place[1]}"
        run(5, "verify", "wrong", says=[name])
        verdict = json.loads(run(5, "verify", "wrong", "--json"))
        assert verdict["invalid"] == [{"row": place[0], "column": place[1]}], verdict
        if offset < CELL:
            run(5, "recover", "wrong", "-o", "out", says=[name])
    other = BlockFile.parse(data)
    other.records[2, 2] = b"\xff" * 32 + other.records[2, 2][32:]
    file("wrong", other.encode())
    run(5, "verify", "wrong", says=["2:2"])
    run(5, "recover", "wrong", "-o", "out", says=["2:2"])
    other = BlockFile.parse(data)
    other.commitments = other.commitments[48:96] + other.commitments[48:]
    file("wrong", other.encode())
    run(5, "verify", "wrong", says=["0:"])
    run(5, "recover", "wrong", "-o", "out", says=["0:"])
    other.commitments = b"\x01" * 48 + other.commitments[48:]
    file("wrong", other.encode())
    run(5, "verify", "wrong", says=["commitment 0"])
    run(5, "recover", "wrong", "-o", "out", says=["commitment of row 0"])

    # Without proofs the commitments still tell.
    bare = BlockFile.parse(data)
    bare.has_proofs = 0
    bare.records = {p: r[:CELL] for p, r in bare.records.items() if sum(p) % 3}
    bitmap = bytearray(len(bare.cells))
    for row, column in bare.records:
        bitmap[row * 16 + column // 8] |= 1 << column % 8
    bare.cells = bytes(bitmap)
    file("bare", bare.encode())
    run(1, "verify", "bare", says=["no proofs"])
    run(0, "recover", "bare", "-o", "out")
    assert (checks.folder / "out").read_bytes() == payload
    os.remove(checks.folder / "out")
    record = bytearray(bare.records[0, 1])
    record[5] ^= 4
    bare.records[0, 1] = bytes(record)
    file("bare", bare.encode())
    run(5, "recover", "bare", "-o", "out", says=["row 0"])

    # Descriptions that make no sense, with good checksums.
    for change, words in (
        (dict(preset=b"unknown"), ["unknown preset"]),
        (dict(data_rows=3), ["3 data rows"]),
        (dict(data_rows=8), ["commitments"]),
        (dict(commitments=b""), ["0 commitments"]),
        (dict(commitments=block.commitments[:-1]), ["commitments"]),
        (dict(index=block.index[:9]), ["index"]),
        (dict(index=block.index[:16] + b"\x07" + block.index[17:]), ["payload encoding 7"]),
        (dict(cells=block.cells[:-1]), ["map of cells"]),
        (dict(cells=b"\xff" * len(block.cells)), ["zero rows"]),
        (dict(cells=bytes(len(block.cells))), ["cells do not make a file"]),
        (dict(has_proofs=2), ["has_proofs"]),
        (dict(has_proofs=0), ["do not make a file"]),
    ):
        other = BlockFile.parse(data)
        for name, value in change.items():
            setattr(other, name, value)
        file("wrong", other.encode())
        run(1, "inspect", "wrong", says=words + ["malformed"])
    file("wrong", block.encode(version=2))
    run(1, "inspect", "wrong", says=["version 2"])

    # A payload that is malformed under good commitments.
    elements = [generator.randrange(1 << 254) for _ in range(4096)]
    file("raw", b"".join(e.to_bytes(32, "big") for e in elements))
    run(0, "encode", "raw", "-o", "rawblock", "--raw")
    other = BlockFile.parse((checks.folder / "rawblock").read_bytes())
    at = other.index.index(struct.pack("<II", 0, 131072))
    other.index = (
        other.index[:at] + struct.pack("<IIB", 0, 126_976, 0) + other.index[at + 9 :]
    )
    file("wrong", other.encode())
    run(1, "recover", "wrong", "-o", "out", says=["malformed", "leading byte"])

    # Odd paths.
    run(0, "recover", "block", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()
    os.symlink("target", checks.folder / "link")
    file("target", b"before")
    run(0, "recover", "block", "-o", "link")
    assert (checks.folder / "link").is_symlink()
    assert (checks.folder / "target").read_bytes() == payload
    run(1, "recover", "block", "-o", "file/below", says=["file/below"])
    run(1, "recover", "block", "-o", ".", says=["directory"])
    run(1, "recover", "block", "-o", "x" * 300, says=["x" * 300])
    run(1, "recover", "/dev/zero", "-o", "out", says=["no regular file"])
    os.mkfifo(checks.folder / "pipe")
    run(1, "inspect", "pipe", says=["no regular file"])
    run(0, "erase", "block", "-o", "block", "--fraction", "0.1")
    assert len(BlockFile.parse((checks.folder / "block").read_bytes()).records) < 7 * COLUMNS
    for arguments in (
        ("recover", "block", "-o", "out", "--payload", "1"),
        ("encode", "/nowhere/file", "-o", "out"),
    ):
        run(1, *arguments)
    for arguments in (
        ("erase", "block", "-o", "out", "--pattern", "stopping-set", "--fraction", "0.5"),
        ("erase", "block", "-o", "out", "--fraction", "nan"),
        ("erase", "block", "-o", "out", "--fraction", "-0.1"),
        ("erase", "block", "-o", "out", "--fraction", "0.5", "--seed", "-1"),
        ("erase", "block", "-o", "out", "--pattern", "diagonal"),
        ("encode", "file", "-o", "out", "--namespace", "00" * 33),
        ("encode", "file", "-o", "out", "--namespace", "0"),
        ("encode", "file"),
        ("verify", "block", "--threads", "0"),
        ("recover",),
    ):
        run(64, *arguments)
    print(f"{checks.count} checks of block files held")


main()
