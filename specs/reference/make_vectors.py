"""Makes specs/vectors/ anew: python3 specs/reference/make_vectors.py [FOLDER]

Every input is drawn from SHA-256 in counter mode, so that the files are the same wherever they are
made. The setup's first powers of tau are read from the ceremony's points as the repository has them.
"""

import json
import sys
from fractions import Fraction
from hashlib import sha256
from math import comb
from pathlib import Path

import commitments
import curve
import decodability
import encoding
import field
import header
import sampling
from presets import MAINNET, MINIMAL

HERE = Path(__file__).resolve().parent
MONOMIAL = HERE.parent.parent / "Sources/CTrustedSetup/Data/g1_monomial.bin"


def stream(label, count):
    """`count` bytes of SHA-256(label || u64 counter)."""
    data, counter = b"", 0
    while len(data) < count:
        data += sha256(label.encode() + counter.to_bytes(8, "little")).digest()
        counter += 1
    return data[:count]


def setup(count):
    """The points [tau^0], ..., from their affine big-endian coordinates."""
    data = MONOMIAL.read_bytes()
    points = []
    for i in range(count):
        raw = data[96 * i : 96 * i + 96]
        x, y = int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")
        assert (y * y - x * x * x - curve.B) % curve.P == 0
        points.append((x, y))
    return points


def hexadecimal(data):
    return "0x" + data.hex()


def packing_vectors():
    cases = []
    for preset, length in [(MINIMAL, n) for n in (1, 30, 31, 32, 123, 124, 125, 500)] + [
        (MAINNET, 1),
        (MAINNET, 1985),
    ]:
        payload = stream(f"packing {preset.name} {length}", length)
        cells = encoding.pack(preset, payload)
        assert encoding.unpack(preset, cells, length) == payload
        cases.append(
            {
                "preset": preset.name,
                "payload": hexadecimal(payload),
                "cells": [hexadecimal(cell) for cell in cells],
            }
        )
    bad = []
    payload = stream("malformed", 40)
    good = b"".join(encoding.pack(MINIMAL, payload))
    for name, offset, value in [("leading byte", 32, 1), ("byte after the end", 64 + 1, 7)]:
        data = bytearray(good)
        data[offset] = value
        bad.append({"preset": "minimal", "why": name, "length": 40, "cell": hexadecimal(data)})
    return {"packed": cases, "malformed": bad}


def matrix_vectors():
    cases = []
    points = setup(MINIMAL.elements_per_blob)
    for lengths in [[60], [124 * 2 + 3], [124 * 3, 1, 200], [124 * 9]]:
        payloads = [stream(f"matrix {lengths} {i}", n) for i, n in enumerate(lengths)]
        rows, first = encoding.layout(MINIMAL, payloads)
        matrix = encoding.extend_matrix(MINIMAL, rows)
        assert all(
            encoding.extend_row(MINIMAL, row[: MINIMAL.data_columns]) == row for row in matrix
        )
        row_commitments = commitments.matrix_commitments(MINIMAL, points, rows)
        all_commitments = commitments.extend_points(row_commitments)
        proofs = []
        for r, row in enumerate(matrix):
            f = encoding.row_polynomial(MINIMAL, row[: MINIMAL.data_columns])
            # Linearity: the extended commitment is the extended row's commitment.
            assert commitments.commit(points, f) == all_commitments[r]
            proofs.append(
                [
                    commitments.cell_proof(MINIMAL, points, f, column)
                    for column in range(MINIMAL.columns)
                ]
            )
        for column in range(MINIMAL.columns):
            held = [proofs[r][column] for r in range(len(rows))]
            assert commitments.extend_points(held) == [row[column] for row in proofs]
        cases.append(
            {
                "preset": "minimal",
                "payloads": [hexadecimal(p) for p in payloads],
                "firstCells": first,
                "dataRows": len(rows),
                "commitments": [hexadecimal(curve.compress(c)) for c in all_commitments],
                "cells": [[hexadecimal(cell) for cell in row] for row in matrix],
                "proofs": [[hexadecimal(curve.compress(p)) for p in row] for row in proofs],
            }
        )
    return cases


def column_vectors():
    """The column extension alone, for every height."""
    cases = []
    for exponent in range(9):
        k = 1 << exponent
        values = [
            int.from_bytes(stream(f"column {k} {i}", 32), "big") % field.R for i in range(k)
        ]
        extended = encoding.extend_column(values)
        assert extended[:k] == values
        digest = sha256(b"".join(field.to_bytes(v) for v in extended)).hexdigest()
        cases.append(
            {
                "dataRows": k,
                "values": [hexadecimal(field.to_bytes(v)) for v in values],
                "lastParity": hexadecimal(field.to_bytes(extended[-1])),
                "sha256": "0x" + digest,
            }
        )
    return cases


def decodability_vectors():
    """Erasure patterns of the 4 x 4 matrix (k = 2), by the sizes of what stays missing."""
    everything = [(r, c) for r in range(4) for c in range(4)]
    decodable, stuck, digest = 0, {}, sha256()
    for pattern in range(1 << 16):
        held = {cell for i, cell in enumerate(everything) if pattern >> i & 1}
        missing = 16 - len(decodability.closure(2, 2, held))
        decodable += missing == 0
        stuck[missing] = stuck.get(missing, 0) + 1
        digest.update(bytes([missing]))
    smallest = min(size for size in stuck if size)
    assert smallest == decodability.smallest_stopping_set(2, 2)
    return {
        "dataRows": 2,
        "dataColumns": 2,
        "patterns": 1 << 16,
        "decodable": decodable,
        "missingAfterClosure": {str(size): stuck[size] for size in sorted(stuck)},
        "sha256OfMissingCounts": "0x" + digest.hexdigest(),
        "smallestStoppingSets": [
            {"dataRows": 1 << e, "cells": decodability.smallest_stopping_set(1 << e, 64)}
            for e in range(9)
        ],
    }


def header_vectors():
    cases = []
    for k, entries in [(1, 1), (4, 3), (256, 1024)]:
        value = {
            "version": 1,
            "network_id": stream("network", 32),
            "sequencer": bytes.fromhex("08011220") + stream("sequencer", 32),
            "height": 7 + k,
            "slot": (1 << 64) - 1 if k == 256 else 1000,
            "parent_root": stream("parent", 32),
            "k": k,
            "commitments": [stream(f"commitment {i}", 48) for i in range(k)],
            "index": [
                {
                    "namespace": stream(f"namespace {i}", 1 + i % 32),
                    "first_cell": 2 * i,
                    "length": 1985 + i,
                    "encoding": 0,
                }
                for i in range(entries)
            ],
            "previous_state_root": stream("before", 32),
            "new_state_root": stream("after", 32),
        }
        encoded = header.HEADER.encode(value)
        summary = header.SUMMARY.encode(header.summarize(value))
        root = header.HEADER.root(value)
        assert root == header.SUMMARY.root(header.summarize(value))
        case = {
            "dataRows": k,
            "indexEntries": entries,
            "root": hexadecimal(root),
            "summary": hexadecimal(summary),
            "signingMessage": hexadecimal(header.signing_message(value)),
            "encodedLength": len(encoded),
            "encodedSHA256": "0x" + sha256(encoded).hexdigest(),
        }
        if k < 256:
            case["encoded"] = hexadecimal(encoded)
        cases.append(case)
    topic, data = "/damask/01234567/headers", stream("message", 100)
    return {
        "headers": cases,
        "messageIds": [
            {
                "topic": topic,
                "data": hexadecimal(data),
                "id": hexadecimal(header.gossip_message_id(topic, data)),
            }
        ],
    }


def sampling_vectors():
    cases = []
    for k in [1 << e for e in range(9)]:
        cells, missing = 2 * k * 128, decodability.smallest_stopping_set(k, 64)
        for exponent in (3, 6, 9):
            for allowed in (0, 2):
                target = Fraction(1, 10**exponent)
                samples = sampling.samples_for(cells, missing, target, allowed)
                probability = sampling.miss_probability(cells, missing, samples, allowed)
                cases.append(
                    {
                        "dataRows": k,
                        "cells": cells,
                        "smallestStoppingSet": missing,
                        "targetExponent": exponent,
                        "allowedMisses": allowed,
                        "samples": samples,
                        "missProbability": float(probability),
                    }
                )
    assert sampling.miss_probability(100, 30, 2) == Fraction(comb(70, 2), comb(100, 2))
    return cases


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "vectors"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in [
        ("packing", packing_vectors),
        ("matrix", matrix_vectors),
        ("columns", column_vectors),
        ("decodability", decodability_vectors),
        ("headers", header_vectors),
        ("sampling", sampling_vectors),
    ]:
        text = json.dumps(make(), indent=1) + "\n"
        (folder / f"{name}.json").write_text(text)
        print(f"{name}.json: {len(text)} bytes")


if __name__ == "__main__":
    main()
