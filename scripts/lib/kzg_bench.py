"""Times PyPI's ckzg beside `damask bench kzg`, on the same inputs, and prints a table in Markdown.

    kzg_bench.py DAMASK ROUNDS

For each operation, ROUNDS times in turn: ckzg in this process, then ours in another, both on the
processor that this process is bound to. The inputs of a round are random blobs and columns, made for
it. Times are of the processor, one thread; the table has the medians of all rounds.
"""

import datetime
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import ckzg

from kzg_setup import R, setup_file

PRECOMPUTE = 8
SECONDS = 1.0
BLOBS = 64

# Names, and the factors that the project wants: with eight lanes, and the most that portable kernels
# may take of ckzg's time.
OPERATIONS = [
    "blob_to_kzg_commitment", "compute_blob_kzg_proof", "verify_blob_kzg_proof",
    "verify_blob_kzg_proof_batch_64", "compute_cells", "compute_cells_and_kzg_proofs",
    "recover_cells", "recover_cells_and_kzg_proofs", "verify_cell_kzg_proof_batch_1",
    "verify_cell_kzg_proof_batch_64", "verify_cell_kzg_proof_batch_128",
    "verify_cell_kzg_proof_batch_8192", "load_verifier", "load_prover",
]
# Those for which all rows of the inputs are needed.
WIDE = {"verify_cell_kzg_proof_batch_64", "verify_cell_kzg_proof_batch_8192"}


def timed(function, least):
    """Milliseconds of processor time of some calls."""
    samples = []
    begun = time.monotonic()
    while len(samples) < least or time.monotonic() - begun < SECONDS:
        start = time.process_time()
        result = function(len(samples))
        samples.append((time.process_time() - start) * 1000)
        if result is False:
            sys.exit("kzg_bench: ckzg found a good proof bad")
    return samples


class Inputs:
    def __init__(self, rng):
        self.blobs = [
            b"".join(rng.randrange(R).to_bytes(32, "big") for _ in range(4096))
            for _ in range(BLOBS)
        ]
        self.columns = sorted(rng.sample(range(128), 64))
        self.column = rng.randrange(128)
        self.rows = {}
        self.proven = {}

    def row(self, i, setup):
        if i not in self.rows:
            blob = self.blobs[i]
            self.rows[i] = (ckzg.blob_to_kzg_commitment(blob, setup),
                            *ckzg.compute_cells_and_kzg_proofs(blob, setup))
        return self.rows[i]

    def proof(self, i, setup):
        if i not in self.proven:
            c = ckzg.blob_to_kzg_commitment(self.blobs[i], setup)
            self.proven[i] = (c, ckzg.compute_blob_kzg_proof(self.blobs[i], c, setup))
        return self.proven[i]

    def batch(self, places, setup):
        rows = [self.row(i, setup) for i, _ in places]
        return ([row[0] for row in rows], [c for _, c in places],
                [row[1][c] for row, (_, c) in zip(rows, places)],
                [row[2][c] for row, (_, c) in zip(rows, places)])


def theirs(name, inputs, setup, path):
    blobs = inputs.blobs
    if name == "load_verifier":
        return timed(lambda _: ckzg.load_trusted_setup(path, 0) and None, 1)
    if name == "load_prover":
        return timed(lambda _: ckzg.load_trusted_setup(path, PRECOMPUTE) and None, 1)
    if name == "blob_to_kzg_commitment":
        return timed(lambda i: ckzg.blob_to_kzg_commitment(blobs[i % BLOBS], setup), 9)
    if name == "compute_blob_kzg_proof":
        c = [inputs.proof(i, setup)[0] for i in range(8)]
        return timed(
            lambda i: ckzg.compute_blob_kzg_proof(blobs[i % 8], c[i % 8], setup), 9)
    if name == "verify_blob_kzg_proof":
        c, p = inputs.proof(0, setup)
        return timed(lambda _: ckzg.verify_blob_kzg_proof(blobs[0], c, p, setup), 9)
    if name == "verify_blob_kzg_proof_batch_64":
        both = [inputs.proof(i, setup) for i in range(BLOBS)]
        c, p = [b[0] for b in both], [b[1] for b in both]
        return timed(lambda _: ckzg.verify_blob_kzg_proof_batch(blobs, c, p, setup), 5)
    if name == "compute_cells":
        return timed(lambda i: ckzg.compute_cells(blobs[i % BLOBS], setup), 9)
    if name == "compute_cells_and_kzg_proofs":
        return timed(lambda i: ckzg.compute_cells_and_kzg_proofs(blobs[i % BLOBS], setup), 7)
    if name == "recover_cells_and_kzg_proofs":
        cells = [inputs.row(0, setup)[1][c] for c in inputs.columns]
        return timed(
            lambda _: ckzg.recover_cells_and_kzg_proofs(inputs.columns, cells, setup), 7)
    if name == "recover_cells":
        return None  # ckzg has no such function for Python
    count = int(name.rsplit("_", 1)[1])
    places = {
        1: [(0, inputs.column)],
        64: [(i, inputs.column) for i in range(64)],
        128: [(0, c) for c in range(128)],
        8192: [(i, c) for i in range(64) for c in range(128)],
    }[count]
    batch = inputs.batch(places, setup)
    return timed(lambda _: ckzg.verify_cell_kzg_proof_batch(*batch, setup), 5)


def ours(damask, name, inputs, folder):
    command = [damask, "bench", "kzg", "--json", "--only", name]
    if inputs:
        path = folder / "blobs"
        path.write_bytes(b"".join(inputs.blobs))
        command += ["--blobs", str(path), "--columns", ",".join(map(str, inputs.columns))]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)["operations"][0], run.stderr.splitlines()[0]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def number(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def main():
    damask, rounds = sys.argv[1], int(sys.argv[2])
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    folder = pathlib.Path(tempfile.mkdtemp())
    path = str(setup_file(folder))
    setup = ckzg.load_trusted_setup(path, PRECOMPUTE)
    rng = random.Random(int.from_bytes(os.urandom(8), "big"))
    kernels = ""
    results = {name: ([], []) for name in OPERATIONS}
    for turn in range(rounds):
        inputs = Inputs(rng)
        for name in OPERATIONS:
            print(f"round {turn + 1} of {rounds}: {name}", file=sys.stderr)
            samples = theirs(name, inputs, setup, path)
            if samples:
                results[name][0].append(statistics.median(samples))
            measured, kernels = ours(damask, name, inputs, folder)
            results[name][1].append(measured["median_cpu_ms"])
    day = datetime.date.today().isoformat()
    print(f"{day}, {processor()}, one core; {kernels}. Milliseconds of processor time, medians; "
          f"ckzg 2.1.8 with precompute {PRECOMPUTE}.\n")
    print("| operation | ckzg | damask | ckzg / damask |\n|---|---:|---:|---:|")
    for name, (a, b) in results.items():
        mine = statistics.median(b)
        other = statistics.median(a) if a else None
        print(f"| `{name}` | {number(other) if other else '-'} | {number(mine)} | "
              f"{f'{other / mine:.2f}' if other else '-'} |")


main()
