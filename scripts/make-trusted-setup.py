#!/usr/bin/env python3
"""Makes the binary files of Sources/CTrustedSetup/Data from the Ethereum KZG ceremony's output.

    scripts/make-trusted-setup.py [SOURCE] [--check]

SOURCE is the ceremony's text file (`4096`, `65`, then compressed points in hexadecimal: 4096 of G1
in Lagrange form, 65 of G2, 4096 of G1 in monomial form), or a wheel of eth-account 0.14.0, which
carries that file. Without SOURCE the wheel is downloaded with pip. With --check nothing is written:
the files that are there must equal what would be.

The input is recognised by its SHA-256 and nothing else is accepted; so is the output. Only the
standard library is used; the run takes about a minute, nearly all of it for FK20's points.

What is written, every coordinate as 48 bytes, big-endian, x before y, no flag bits; a point at
infinity is all zeros (none occurs):

    g1_monomial.bin  [tau^i]G1 for i in 0..<4096                                     393,216 bytes
    g1_lagrange.bin  [L_i(tau)]G1 for i in 0..<4096, natural order                   393,216 bytes
    g2_monomial.bin  [tau^i]G2 for i in 0..<65; coordinates c0, c1 of x, then of y    12,480 bytes
    fk20.bin         for w in 0..<128, for s in 0..<64:                              786,432 bytes
                     [1/128 * sum over t in 0..<63 of v^(-wt) tau^(64t+s)]G1,
                     v being the 128th root of unity of EIP-7594
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

TEXT_SHA256 = "d39b9f2d047cc9dca2de58f264b6a09448ccd34db967881a6713eacacf0f26b7"
"""The ceremony's text file."""
COMPRESSED_SHA256 = "753bd011b238fb9b63a35b9b526f7830057ced42b9a9c87368a67105bd8f0566"
"""Its points as compressed bytes: G1 monomial, G1 Lagrange, G2."""
OUTPUT_SHA256 = {
    "g1_monomial.bin": "2ab2ea576293ede14f62cc315d49d2f98a54df399546a0e52ca546c2d2f9601f",
    "g1_lagrange.bin": "6758e7d4ec7e5f45c31441f7edc97eee5947f933a6479f4b283d1eaf86848397",
    "g2_monomial.bin": "9c146a46ab465624a879f54d5070db1ef01660f5a1bdaac60f4d93c418cff711",
    "fk20.bin": "e09200c585878054fdcea766013233b440368c8428c65d38af36762262ab9db7",
}
WHEEL_MEMBER = "eth_account/typed_transactions/blob_transactions/kzg_trusted_setup.txt"

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
CELLS, CELL = 128, 64
ROOT = pow(7, (R - 1) // CELLS, R)


# Square roots in Fp and Fp2 (p = 3 mod 4), and decompression.

def fp_sqrt(a):
    root = pow(a, (P + 1) // 4, P)
    if root * root % P != a:
        raise ValueError("not a square: point off the curve")
    return root


def fp2_mul(a, b):
    return ((a[0] * b[0] - a[1] * b[1]) % P, (a[0] * b[1] + a[1] * b[0]) % P)


def fp2_sqrt(a):
    """The complex method: with the norm's root n, x^2 = (a0 +- n) / 2 and y = a1 / 2x."""
    if a[1] == 0:
        raise ValueError("unexpected element of Fp")
    n = fp_sqrt((a[0] * a[0] + a[1] * a[1]) % P)
    half = (P + 1) // 2
    for sign in (1, -1):
        square = (a[0] + sign * n) * half % P
        x = pow(square, (P + 1) // 4, P)
        if x * x % P == square:
            root = (x, a[1] * pow(2 * x, -1, P) % P)
            if fp2_mul(root, root) == a:
                return root
    raise ValueError("not a square: point off the curve")


def flags(data):
    compressed, infinity, largest = data[0] >> 7, data[0] >> 6 & 1, data[0] >> 5 & 1
    if not compressed or infinity:
        raise ValueError("expected a compressed finite point")
    return largest, bytes([data[0] & 0x1F]) + data[1:]


def g1_decompress(data):
    largest, data = flags(data)
    x = int.from_bytes(data, "big")
    if x >= P:
        raise ValueError("coordinate not below p")
    y = fp_sqrt((x * x * x + 4) % P)
    if (y > P - y) != bool(largest):
        y = P - y
    return x, y


def g2_decompress(data):
    largest, data = flags(data)
    x = (int.from_bytes(data[48:], "big"), int.from_bytes(data[:48], "big"))
    if max(x) >= P:
        raise ValueError("coordinate not below p")
    cube = fp2_mul(fp2_mul(x, x), x)
    y = fp2_sqrt(((cube[0] + 4) % P, (cube[1] + 4) % P))
    y1 = y[1] if y[1] else y[0]
    if (y1 > P - y1) != bool(largest):
        y = (-y[0] % P, -y[1] % P)
    return x, y


# G1 in Jacobian coordinates; None is the point at infinity.

def double(a):
    if a is None:
        return None
    x, y, z = a
    xx, yy = x * x % P, y * y % P
    s = 4 * x * yy % P
    m = 3 * xx
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def add(a, b):
    if a is None:
        return b
    if b is None:
        return a
    x1, y1, z1 = a
    x2, y2, z2 = b
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    h, d = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return double(a) if d == 0 else None
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (d * d - hhh - 2 * v) % P
    return x3, (d * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P


def negate(a):
    return None if a is None else (a[0], -a[1] % P, a[2])


def digits(scalar, width=5):
    """The width-w non-adjacent form, lowest digit first."""
    result = []
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & (1 << width) - 1
            if digit >> width - 1:
                digit -= 1 << width
            scalar -= digit
        result.append(digit)
        scalar >>= 1
    return result


def multiply(a, naf):
    odd = [a]
    twice = double(a)
    for _ in range(7):
        odd.append(add(odd[-1], twice))
    total = None
    for digit in reversed(naf):
        total = double(total)
        if digit > 0:
            total = add(total, odd[digit >> 1])
        elif digit < 0:
            total = add(total, negate(odd[-digit >> 1]))
    return total


def to_affine(points):
    """All at once, with one inversion."""
    product, prefix = 1, []
    for point in points:
        prefix.append(product)
        product = product * point[2] % P
    inverse = pow(product, -1, P)
    result = [None] * len(points)
    for i in reversed(range(len(points))):
        x, y, z = points[i]
        zi = inverse * prefix[i] % P
        inverse = inverse * z % P
        zz = zi * zi % P
        result[i] = (x * zz % P, y * zz * zi % P)
    return result


def transform(points, twiddles):
    """The discrete Fourier transform of points: result[w] = sum of root^(wt) points[t]."""
    n = len(points)
    if n == 1:
        return points
    even, odd = transform(points[::2], twiddles[::2]), transform(points[1::2], twiddles[::2])
    half = n // 2
    odd = [odd[0]] + [multiply(odd[i], twiddles[i]) for i in range(1, half)]
    return ([add(even[i], odd[i]) for i in range(half)]
            + [add(even[i], negate(odd[i])) for i in range(half)])


def fk20(monomial):
    twiddles = [digits(pow(ROOT, -i, R)) for i in range(CELLS // 2)]
    scale = digits(pow(CELLS, -1, R))
    columns = []
    for s in range(CELL):
        if s % 8 == 0:
            print(f"fk20: {s} of {CELL}", file=sys.stderr)
        series = [multiply((*monomial[CELL * t + s], 1), scale) for t in range(CELLS // 2 - 1)]
        columns.append(to_affine(transform(series + [None] * (CELLS - len(series)), twiddles)))
    return [columns[s][w] for w in range(CELLS) for s in range(CELL)]


def source_text(argument):
    def in_wheel(path):
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(WHEEL_MEMBER)

    if argument is None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder,
                 "eth-account==0.14.0"], check=True)
            return in_wheel(next(pathlib.Path(folder).glob("*.whl")))
    path = pathlib.Path(argument)
    return in_wheel(path) if path.suffix == ".whl" else path.read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()

    text = source_text(arguments.source)
    if hashlib.sha256(text).hexdigest() != TEXT_SHA256:
        sys.exit("make-trusted-setup: the input is not the ceremony's file (SHA-256 differs)")
    counts, points = text.split()[:2], [bytes.fromhex(line.decode()) for line in text.split()[2:]]
    assert counts == [b"4096", b"65"] and len(points) == 4096 + 65 + 4096
    lagrange, g2, monomial = points[:4096], points[4096:4161], points[4161:]
    if hashlib.sha256(b"".join(monomial + lagrange + g2)).hexdigest() != COMPRESSED_SHA256:
        sys.exit("make-trusted-setup: the points' SHA-256 differs")

    monomial = [g1_decompress(point) for point in monomial]
    files = {
        "g1_monomial.bin": monomial,
        "g1_lagrange.bin": [g1_decompress(point) for point in lagrange],
        "g2_monomial.bin": [x + y for x, y in map(g2_decompress, g2)],
        "fk20.bin": fk20(monomial),
    }
    folder = pathlib.Path(__file__).resolve().parent.parent / "Sources/CTrustedSetup/Data"
    for name, coordinates in files.items():
        data = b"".join(c.to_bytes(48, "big") for point in coordinates for c in point)
        digest = hashlib.sha256(data).hexdigest()
        print(f"{digest}  {name}  {len(data)} bytes")
        if digest != OUTPUT_SHA256[name]:
            sys.exit(f"make-trusted-setup: the SHA-256 of {name} is not the expected one")
        if arguments.check:
            if (folder / name).read_bytes() != data:
                sys.exit(f"make-trusted-setup: {folder / name} differs")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
