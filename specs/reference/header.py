"""A block's header and its root (specs/headers.md)."""

from ssz import ByteList, Bytes, Container, List, Uint

INDEX_ENTRY = Container(
    namespace=ByteList(32), first_cell=Uint(4), length=Uint(4), encoding=Uint(1)
)

HEADER = Container(
    version=Uint(1),
    network_id=Bytes(32),
    sequencer=ByteList(64),
    height=Uint(8),
    slot=Uint(8),
    parent_root=Bytes(32),
    k=Uint(2),
    commitments=List(Bytes(48), 256),
    index=List(INDEX_ENTRY, 1024),
    previous_state_root=Bytes(32),
    new_state_root=Bytes(32),
)

# The same fields with the roots of the two lists in their place, hence the same root.
SUMMARY = Container(
    **{
        name: Bytes(32) if name in ("commitments", "index") else type
        for name, type in HEADER.fields.items()
    }
)


def summarize(header):
    return {
        name: type.root(header[name]) if name in ("commitments", "index") else header[name]
        for name, type in HEADER.fields.items()
    }


def signing_message(header):
    """What the sequencer signs with Ed25519."""
    return b"damask-header-v1" + header["network_id"] + HEADER.root(header)


def gossip_message_id(topic, data):
    from hashlib import sha256

    topic = topic.encode()
    return sha256(bytes(4) + len(topic).to_bytes(8, "little") + topic + data).digest()[:20]
