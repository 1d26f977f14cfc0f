"""G1 of BLS12-381 in affine coordinates, with Zcash's compressed form (specs/commitments.md)."""

import field

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
B = 4
INFINITY = None


def add(p, q):
    if p is None:
        return q
    if q is None:
        return p
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = 3 * p[0] * p[0] * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return (x, (slope * (p[0] - x) - p[1]) % P)


def multiply(p, scalar):
    result = None
    for bit in bin(scalar % field.R)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, p)
    return result


def combine(points, scalars):
    total = None
    for point, scalar in zip(points, scalars):
        if scalar:
            total = add(total, multiply(point, scalar))
    return total


def compress(p):
    if p is None:
        return bytes([0xC0]) + bytes(47)
    data = bytearray(p[0].to_bytes(48, "big"))
    data[0] |= 0x80 | (0x20 if p[1] > (P - 1) // 2 else 0)
    return bytes(data)


def decompress(data):
    """The point of a compressed form. (The setup's points are known to be in the subgroup.)"""
    if len(data) != 48 or not data[0] & 0x80:
        raise ValueError("no compressed point")
    if data[0] & 0x40:
        if data[0] != 0xC0 or any(data[1:]):
            raise ValueError("a malformed point at infinity")
        return None
    x = int.from_bytes(bytes([data[0] & 0x1F]) + data[1:], "big")
    square = (x * x * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if x >= P or y * y % P != square:
        raise ValueError("not on the curve")
    if (y > (P - 1) // 2) != bool(data[0] & 0x20):
        y = P - y
    return (x, y)
