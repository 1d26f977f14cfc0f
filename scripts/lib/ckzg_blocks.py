"""Compares blocks that `damask encode` makes with what ckzg computes: ckzg_blocks.py DAMASK FOLDER"""

import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import ckzg

Q = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
ELEMENTS, CELL_BYTES, COLUMNS = 4096, 2048, 128
INFINITY = b"\xc0" + bytes(47)


def load_setup():
    account = Path(importlib.util.find_spec("eth_account").origin).parent
    path = account / "typed_transactions/blob_transactions/kzg_trusted_setup.txt"
    return ckzg.load_trusted_setup(str(path), 0)


def packed_blobs(data):
    """31 bytes to an element behind a zero byte, as specs/encoding.md says."""
    elements = [b"\0" + data[i : i + 31].ljust(31, b"\0") for i in range(0, len(data), 31)]
    flat = b"".join(elements)
    size = 32 * ELEMENTS
    return [flat[i : i + size].ljust(size, b"\0") for i in range(0, len(flat), size)]


def raw_blobs(data):
    size = 32 * ELEMENTS
    return [data[i : i + size] for i in range(0, len(data), size)]


def bit_reversed(i, bits):
    return int(format(i, f"0{bits}b")[::-1], 2) if bits else 0


def column_value(values, row, k):
    """Lagrange's formula over the data rows' points, at the point of another row."""
    bits = (2 * k).bit_length() - 1
    w = pow(7, (Q - 1) // (2 * k), Q)
    points = [pow(w, bit_reversed(i, bits), Q) for i in range(2 * k)]
    total = 0
    for i, y in enumerate(values):
        term = y
        for j in range(k):
            if j != i:
                term = term * (points[row] - points[j]) * pow(points[i] - points[j], -1, Q) % Q
        total += term
    return total % Q


def encode(damask, folder, data, raw):
    source, block = folder / "file", folder / "block"
    source.write_bytes(data)
    subprocess.run(
        [damask, "encode", source, "-o", block] + (["--raw"] if raw else []),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    lines = subprocess.run(
        [damask, "inspect", block, "--json", "--cells"], check=True, capture_output=True
    ).stdout.splitlines()
    summary = json.loads(lines[0])
    cells = {}
    for line in lines[1:]:
        cell = json.loads(line)
        cells[cell["row"], cell["column"]] = tuple(
            bytes.fromhex(cell[name][2:]) for name in ("cell", "proof")
        )
    return summary, cells


def check(setup, damask, folder, data, raw):
    blobs = (raw_blobs if raw else packed_blobs)(data)
    summary, cells = encode(damask, folder, data, raw)
    k = summary["dataRows"]
    assert k == 1 << (len(blobs) - 1).bit_length(), (k, len(blobs))
    assert (summary["rows"], summary["columns"]) == (2 * k, COLUMNS)
    assert len(summary["commitments"]) == k and len(cells) == 2 * k * COLUMNS
    assert all(row == "ff" * 16 for row in summary["present"])
    blobs += [bytes(32 * ELEMENTS)] * (k - len(blobs))
    compared = 0
    for row in range(2 * k):
        if row < k:
            blob = blobs[row]
            commitment = bytes.fromhex(summary["commitments"][row][2:])
            assert commitment == ckzg.blob_to_kzg_commitment(blob, setup), row
            assert (commitment == INFINITY) == (not any(blob)), row
        else:
            # A parity row has a polynomial of low degree, and its proofs are that polynomial's.
            blob = b"".join(cells[row, column][0] for column in range(COLUMNS // 2))
        expected_cells, expected_proofs = ckzg.compute_cells_and_kzg_proofs(blob, setup)
        for column in range(COLUMNS):
            cell, proof = cells[row, column]
            assert cell == expected_cells[column], (row, column)
            assert proof == expected_proofs[column], (row, column)
            compared += 1
    # And its values are the column extension's.
    generator = random.Random(len(data))
    for _ in range(20):
        column, element = generator.randrange(COLUMNS), generator.randrange(64)
        row = k + generator.randrange(k)

        def value(at):
            return int.from_bytes(cells[at, column][0][32 * element : 32 * element + 32], "big")

        assert column_value([value(i) for i in range(k)], row, k) == value(row), (row, column)
    return compared


def main():
    damask, folder = sys.argv[1], Path(sys.argv[2])
    setup = load_setup()
    generator = random.Random(4844)
    row = 31 * ELEMENTS
    elements = [generator.randrange(Q) for _ in range(2 * ELEMENTS)]
    cases = [
        (generator.randbytes(1), False),
        (generator.randbytes(row), False),
        (generator.randbytes(2 * row + 12_345), False),  # 3 payload rows of 4
        (generator.randbytes(3 * row + 1), False),
        (bytes(row) + generator.randbytes(row) + bytes(5), False),  # rows of zeros
        (b"".join(e.to_bytes(32, "big") for e in elements), True),
    ]
    compared = sum(check(setup, damask, folder, data, raw) for data, raw in cases)
    print(f"{len(cases)} blocks, {compared} cells and proofs equal ckzg's")


main()
