"""Writes random cases in the form of the official vectors, with the results of PyPI's ckzg.

    kzg_differential.py FOLDER BLOBS SEED
"""

import pathlib
import random
import sys

import ckzg

from kzg_setup import R, setup_file


def scalar(rng):
    return rng.choice([rng.randrange(R)] * 12 + [0, 1, R - 1, 2 ** 128, 2 ** 254]) % R


def blob(rng):
    """Random, or with a structure that a fast path might stumble over."""
    kind = rng.randrange(8)
    few = [scalar(rng) for _ in range(3)]
    if kind == 0:
        elements = [rng.choice(few) for _ in range(4096)]
    elif kind == 1:
        elements = [0] * 4096
        for _ in range(rng.randrange(4)):
            elements[rng.randrange(4096)] = scalar(rng)
    elif kind == 2:
        elements = [few[0]] * 4096
    else:
        elements = [scalar(rng) for _ in range(4096)]
    return b"".join(e.to_bytes(32, "big") for e in elements)


def damaged(rng, data):
    """Some bytes, changed at one bit; rarely shortened."""
    if rng.randrange(8) == 0:
        return data[:-1]
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]


class Writer:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def text(self, value, indent):
        pad = "  " * indent
        if value is None:
            return " null\n"
        if isinstance(value, bool):
            return f" {str(value).lower()}\n"
        if isinstance(value, bytes):
            return f" '0x{value.hex()}'\n"
        if all(isinstance(item, int) for item in value):
            return " [" + ", ".join(map(str, value)) + "]\n"
        if isinstance(value[0], bytes):
            return "\n" + "".join(f"{pad}- '0x{item.hex()}'\n" for item in value)
        lines = []
        for inner in value:
            lines += [f"{pad}{'- ' if i == 0 else '  '}- '0x{item.hex()}'\n"
                      for i, item in enumerate(inner)]
        return "\n" + "".join(lines)

    def case(self, family, function, **inputs):
        """Runs the function; what it refuses has the output null."""
        try:
            output = function()
        except (ValueError, RuntimeError, TypeError):
            output = None
        path = self.folder / family / f"case_{self.count:05d}" / "data.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(
            "input:\n"
            + "".join(f"  {name}:{self.text(value, 1)}" for name, value in inputs.items())
            + f"output:{self.text(output, 0)}")
        self.count += 1


def main():
    folder, blobs, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print(f"ckzg 2.1.8, {blobs} blobs, seed {seed}", file=sys.stderr)
    rng = random.Random(seed)
    setup = ckzg.load_trusted_setup(str(setup_file(folder)), 8 if blobs > 20 else 0)
    write = Writer(folder)
    pool = []
    for _ in range(blobs):
        b = blob(rng)
        z = scalar(rng).to_bytes(32, "big")
        if rng.randrange(4) == 0:  # a point of the domain
            z = pow(7, (R - 1) // 4096 * rng.randrange(4096), R).to_bytes(32, "big")
        write.case("blob_to_kzg_commitment", lambda: ckzg.blob_to_kzg_commitment(b, setup), blob=b)
        write.case(
            "compute_kzg_proof", lambda: list(ckzg.compute_kzg_proof(b, z, setup)), blob=b, z=z)
        commitment = ckzg.blob_to_kzg_commitment(b, setup)
        write.case(
            "compute_blob_kzg_proof", lambda: ckzg.compute_blob_kzg_proof(b, commitment, setup),
            blob=b, commitment=commitment)
        write.case("compute_cells", lambda: ckzg.compute_cells(b, setup), blob=b)
        cells, proofs = ckzg.compute_cells_and_kzg_proofs(b, setup)
        write.case(
            "compute_cells_and_kzg_proofs", lambda: [cells, proofs], blob=b)
        columns = sorted(rng.sample(range(128), rng.choice([64, 64, 65, 100, 128])))
        if rng.randrange(4) == 0:
            columns = list(range(rng.choice([64, 70])))
        known = [cells[i] for i in columns]
        write.case(
            "recover_cells_and_kzg_proofs",
            lambda: list(ckzg.recover_cells_and_kzg_proofs(columns, known, setup)),
            cell_indices=columns, cells=known)
        pool.append((commitment, cells, proofs))

        proof, y = ckzg.compute_kzg_proof(b, z, setup)
        claim = {"commitment": commitment, "z": z, "y": y, "proof": proof}
        for kind in (None, "commitment", "z", "y", "proof"):
            wrong = dict(claim)
            if kind:
                wrong[kind] = damaged(rng, wrong[kind])
            write.case(
                "verify_kzg_proof", lambda: ckzg.verify_kzg_proof(*wrong.values(), setup), **wrong)
        blob_proof = ckzg.compute_blob_kzg_proof(b, commitment, setup)
        claim = {"blob": b, "commitment": commitment, "proof": blob_proof}
        kind = rng.choice([None, "blob", "commitment", "proof"])
        if kind:
            claim[kind] = damaged(rng, claim[kind])
        write.case(
            "verify_blob_kzg_proof", lambda: ckzg.verify_blob_kzg_proof(*claim.values(), setup),
            **claim)

        # Cells of all blobs so far, in any order and repeated, sometimes one of them damaged.
        chosen = [(rng.randrange(len(pool)), rng.randrange(128))
                  for _ in range(rng.choice([1, 2, 3, 17, 64]))]
        if rng.randrange(3) == 0:
            chosen = [(i, chosen[0][1]) for i, _ in chosen]
        batch = {
            "commitments": [pool[i][0] for i, _ in chosen],
            "cell_indices": [c for _, c in chosen],
            "cells": [pool[i][1][c] for i, c in chosen],
            "proofs": [pool[i][2][c] for i, c in chosen],
        }
        kind = rng.choice([None, "commitments", "cells", "proofs", "cell_indices"])
        if kind == "cell_indices":
            batch[kind][-1] = rng.randrange(130)
        elif kind:
            batch[kind][-1] = damaged(rng, batch[kind][-1])
        write.case(
            "verify_cell_kzg_proof_batch",
            lambda: ckzg.verify_cell_kzg_proof_batch(*batch.values(), setup), **batch)


main()
