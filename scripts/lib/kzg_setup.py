"""The ceremony's setup as the text file that ckzg reads, from the data compiled into this project.

It must have the ceremony's hash: if the data were not the ceremony's, this would say so.
"""

import hashlib
import pathlib
import sys

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
TEXT_SHA256 = "d39b9f2d047cc9dca2de58f264b6a09448ccd34db967881a6713eacacf0f26b7"
DATA = pathlib.Path(__file__).resolve().parents[2] / "Sources/CTrustedSetup/Data"


def compressed(x, y):
    """x as bytes (c1 before c0 in Fp2), with the flags of a finite point; y decides the sign."""
    y1 = y[1] if len(y) == 2 and y[1] else y[0]
    data = b"".join(c.to_bytes(48, "big") for c in reversed(x))
    return bytes([data[0] | 0x80 | (0x20 if y1 > P - y1 else 0)]) + data[1:]


def points(name, degree):
    data = (DATA / name).read_bytes()
    size = 96 * degree
    for start in range(0, len(data), size):
        c = [int.from_bytes(data[start + 48 * i:start + 48 * i + 48], "big")
             for i in range(2 * degree)]
        yield compressed(c[:degree], c[degree:])


def setup_file(folder):
    lines = ["4096", "65"]
    for name, degree in (("g1_lagrange.bin", 1), ("g2_monomial.bin", 2), ("g1_monomial.bin", 1)):
        lines += [point.hex() for point in points(name, degree)]
    text = "\n".join(lines) + "\n"
    if hashlib.sha256(text.encode()).hexdigest() != TEXT_SHA256:
        sys.exit("kzg_differential: the setup compiled in is not the ceremony's")
    path = folder / "setup.txt"
    path.write_text(text)
    return path
