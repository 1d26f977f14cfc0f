"""SSZ: the few types that headers need, encoded and merkleized (specs/ssz.md).

A value is described by a type; `encode` and `root` follow the consensus layer's simple
serialization: fixed parts in order, offsets for variable ones, 32-byte chunks in binary trees.
"""

from hashlib import sha256


class Uint:
    def __init__(self, size):
        self.size = self.fixed = size

    def encode(self, value):
        return value.to_bytes(self.size, "little")

    def root(self, value):
        return self.encode(value).ljust(32, b"\0")


class Bytes:
    """A vector of bytes."""

    def __init__(self, size):
        self.size = self.fixed = size

    def encode(self, value):
        assert len(value) == self.size
        return bytes(value)

    def root(self, value):
        return merkleize(chunks(self.encode(value)), (self.size + 31) // 32)


class ByteList:
    """List[u8, limit]."""

    fixed = None

    def __init__(self, limit):
        self.limit = limit

    def encode(self, value):
        assert len(value) <= self.limit
        return bytes(value)

    def root(self, value):
        return mix_in(merkleize(chunks(self.encode(value)), (self.limit + 31) // 32), len(value))


class List:
    fixed = None

    def __init__(self, element, limit):
        self.element, self.limit = element, limit

    def encode(self, values):
        assert len(values) <= self.limit
        return encode_parts([self.element] * len(values), values)

    def root(self, values):
        if isinstance(self.element, Uint):
            data = b"".join(self.element.encode(v) for v in values)
            count = (self.limit * self.element.size + 31) // 32
            return mix_in(merkleize(chunks(data), count), len(values))
        return mix_in(merkleize([self.element.root(v) for v in values], self.limit), len(values))


class Container:
    def __init__(self, **fields):
        self.fields = fields
        sizes = [f.fixed for f in fields.values()]
        self.fixed = None if None in sizes else sum(sizes)

    def encode(self, value):
        return encode_parts(list(self.fields.values()), [value[name] for name in self.fields])

    def root(self, value):
        roots = [type.root(value[name]) for name, type in self.fields.items()]
        return merkleize(roots, len(roots))


def encode_parts(types, values):
    parts = [type.encode(value) for type, value in zip(types, values)]
    offset = sum(4 if type.fixed is None else type.fixed for type in types)
    head, tail = b"", b""
    for type, part in zip(types, parts):
        if type.fixed is None:
            head += (offset + len(tail)).to_bytes(4, "little")
            tail += part
        else:
            head += part
    return head + tail


def chunks(data):
    return [data[i : i + 32].ljust(32, b"\0") for i in range(0, len(data), 32)]


def merkleize(leaves, limit):
    depth = max(limit - 1, 0).bit_length()
    zero = bytes(32)
    layer = list(leaves)
    for _ in range(depth):
        if len(layer) % 2:
            layer.append(zero)
        layer = [sha256(layer[i] + layer[i + 1]).digest() for i in range(0, len(layer), 2)]
        zero = sha256(zero + zero).digest()
    return layer[0] if layer else zero


def mix_in(root, length):
    return sha256(root + length.to_bytes(32, "little")).digest()
