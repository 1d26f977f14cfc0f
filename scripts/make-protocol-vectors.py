#!/usr/bin/env python3
"""Writes specs/vectors/protocol.json: what the network agrees on, encoded and signed by independent
implementations of SSZ and Ed25519.

    python3 -m venv .venv && .venv/bin/pip install remerkleable==0.1.28 cryptography
    .venv/bin/python scripts/make-protocol-vectors.py
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from remerkleable.basic import uint8, uint16, uint32, uint64
from remerkleable.byte_arrays import ByteList, Bytes32, Bytes48, ByteVector
from remerkleable.complex import Container, List, Vector

Signature = ByteVector[64]
Key = ByteList[64]


class Parameters(Container):
    version: uint8
    preset: uint8
    sequencers: List[Key, 64]
    genesis: uint64
    slot_milliseconds: uint32
    clock_tolerance_milliseconds: uint32
    late_milliseconds: uint32
    suspected_milliseconds: uint32
    withheld_milliseconds: uint32
    maximum_data_rows: uint16
    sampling_target: uint8
    retention_slots: uint64
    report_peers: uint16
    requests_per_peer_per_slot: uint32
    bytes_per_peer_per_slot: uint32


class Entry(Container):
    namespace: ByteList[32]
    first_cell: uint32
    length: uint32
    encoding: uint8


class Header(Container):
    version: uint8
    network_id: Bytes32
    sequencer: Key
    height: uint64
    slot: uint64
    parent_root: Bytes32
    k: uint16
    commitments: List[Bytes48, 256]
    index: List[Entry, 1024]
    previous_state_root: Bytes32
    new_state_root: Bytes32


class Summary(Container):
    version: uint8
    network_id: Bytes32
    sequencer: Key
    height: uint64
    slot: uint64
    parent_root: Bytes32
    k: uint16
    commitments_root: Bytes32
    index_root: Bytes32
    previous_state_root: Bytes32
    new_state_root: Bytes32


class SignedHeader(Container):
    message: Header
    signature: Signature


class SignedSummary(Container):
    message: Summary
    signature: Signature


class ColumnMessage(Container):
    header_root: Bytes32
    column: uint16
    rows: List[uint16, 28]
    cells: List[ByteList[2048], 28]
    proofs: List[Bytes48, 28]


class Coordinate(Container):
    row: uint16
    column: uint16


class CellsRequest(Container):
    header_root: Bytes32
    cells: List[Coordinate, 512]


class ProvenCell(Container):
    coordinate: Coordinate
    cell: ByteList[2048]
    proof: Bytes48


class CellsResponse(Container):
    status: uint8
    cells: List[ProvenCell, 28]


class CustodyContent(Container):
    network_id: Bytes32
    node: Key
    groups: uint32
    made: uint64


class CustodyRecord(Container):
    network_id: Bytes32
    node: Key
    groups: uint32
    made: uint64
    signature: Signature


class LaneHead(Container):
    sequencer: Key
    height: uint64
    slot: uint64
    root: Bytes32


class Status(Container):
    network_id: Bytes32
    role: uint8
    custody: List[CustodyRecord, 1]
    lanes: List[LaneHead, 64]


class Attempt(Container):
    peer: ByteList[64]
    cell: Coordinate
    ended: uint64
    outcome: uint8


AttemptLog = List[Attempt, 16384]


class PeerOutcomes(Container):
    peer: ByteList[64]
    counts: Vector[uint32, 6]


class ReportContent(Container):
    version: uint8
    header: SignedSummary
    missing: ByteList[8192]
    peers: List[PeerOutcomes, 128]
    attempt_log_root: Bytes32
    watched_from: uint64
    reported: uint64
    reporter: Key


class Report(Container):
    version: uint8
    header: SignedSummary
    missing: ByteList[8192]
    peers: List[PeerOutcomes, 128]
    attempt_log_root: Bytes32
    watched_from: uint64
    reported: uint64
    reporter: Key
    signature: Signature


class Equivocation(Container):
    first: SignedSummary
    second: SignedSummary


def private(number):
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def typed(number):
    return bytes.fromhex("08011220") + private(number).public_key().public_bytes_raw()


def sign(number, domain, network, content):
    return private(number).sign(domain + network + bytes(content.hash_tree_root()))


def fields(container, *without):
    return {name: getattr(container, name) for name in container.fields() if name not in without}


def main():
    genesis = 1_800_000_000_000
    parameters = Parameters(
        version=1, preset=1, sequencers=[typed(1), typed(2)], genesis=genesis,
        slot_milliseconds=6000, clock_tolerance_milliseconds=500, late_milliseconds=4000,
        suspected_milliseconds=12000, withheld_milliseconds=24000, maximum_data_rows=256,
        sampling_target=9, retention_slots=100800, report_peers=3,
        requests_per_peer_per_slot=256, bytes_per_peer_per_slot=16 << 20,
    )  # fmt: skip
    network = bytes(parameters.hash_tree_root())

    def header(slot):
        header = Header(
            version=1, network_id=network, sequencer=typed(1), height=5, slot=slot,
            parent_root=bytes([7]) * 32, k=2,
            commitments=[bytes([i + 1]) * 48 for i in range(2)],
            index=[Entry(namespace=b"\0", first_cell=0, length=100, encoding=0)],
        )  # fmt: skip
        signature = sign(1, b"damask-header-v1", network, header)
        lists = {
            "commitments_root": header.commitments.hash_tree_root(),
            "index_root": header.index.hash_tree_root(),
        }
        summary = Summary(**fields(header, "commitments", "index"), **lists)
        assert summary.hash_tree_root() == header.hash_tree_root()
        return (
            SignedHeader(message=header, signature=signature),
            SignedSummary(message=summary, signature=signature),
        )

    signed, summary = header(9)
    _, other = header(10)
    root = bytes(signed.message.hash_tree_root())
    column = ColumnMessage(
        header_root=root, column=3, rows=[0, 2, 3],
        cells=[bytes([i]) * 128 for i in range(3)], proofs=[bytes([i + 1]) * 48 for i in range(3)],
    )  # fmt: skip
    request = CellsRequest(
        header_root=root, cells=[Coordinate(row=0, column=1), Coordinate(row=3, column=0)]
    )
    response = CellsResponse(
        status=0,
        cells=[
            ProvenCell(
                coordinate=Coordinate(row=0, column=1), cell=bytes([5]) * 128, proof=bytes([6]) * 48
            )
        ],
    )
    content = CustodyContent(network_id=network, node=typed(3), groups=0x80000001, made=genesis)
    custody = CustodyRecord(
        **fields(content), signature=sign(3, b"damask-custody-v1", network, content)
    )
    status = Status(
        network_id=network, role=1, custody=[custody],
        lanes=[LaneHead(sequencer=typed(1), height=5, slot=9, root=root)],
    )  # fmt: skip
    log = AttemptLog(
        *[
            Attempt(
                peer=bytes([9, i % 3]),
                cell=Coordinate(row=i % 4, column=i % 3),
                ended=genesis + 9 * 6000 + 100 * i,
                outcome=i % 6,
            )
            for i in range(12)
        ]
    )
    peers = [
        PeerOutcomes(
            peer=bytes([9, p]),
            counts=[sum(1 for a in log if a.peer[1] == p and a.outcome == o) for o in range(6)],
        )
        for p in range(3)
    ]
    # Rows 0 to 2 and columns 0 to 2: the smallest set that cannot be rebuilt.
    report_content = ReportContent(
        version=1, header=summary, missing=bytes([7, 7, 7, 0]), peers=peers,
        attempt_log_root=log.hash_tree_root(), watched_from=genesis + 9 * 6000 + 100,
        reported=genesis + 9 * 6000 + 24000, reporter=typed(3),
    )  # fmt: skip
    report = Report(
        **fields(report_content),
        signature=sign(3, b"damask-withholding-v1", network, report_content),
    )
    pair = sorted([summary, other], key=lambda s: bytes(s.message.hash_tree_root()))
    equivocation = Equivocation(first=pair[0], second=pair[1])

    values = {
        "parameters": parameters,
        "signedHeader": signed,
        "signedSummary": summary,
        "columnMessage": column,
        "cellsRequest": request,
        "cellsResponse": response,
        "custodyRecord": custody,
        "status": status,
        "attemptLog": log,
        "withholdingReport": report,
        "equivocationProof": equivocation,
    }
    vectors = {
        name: {
            "encoded": "0x" + value.encode_bytes().hex(),
            "root": "0x" + bytes(value.hash_tree_root()).hex(),
        }
        for name, value in values.items()
    }
    path = Path(__file__).resolve().parent.parent / "specs" / "vectors" / "protocol.json"
    path.write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
