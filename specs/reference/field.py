"""The scalar field, its roots of unity, and transforms by definition (specs/encoding.md).

Plain integers and quadratic sums: nothing here is fast, and nothing is shared with the Swift code.
"""

# Order of BLS12-381's groups, the field in which all data lives.
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
# Generator from which all roots of unity are taken, as in EIP-7594.
GENERATOR = 7
BYTES_PER_FIELD_ELEMENT = 32


def root_of_unity(order):
    """The primitive root w = 7^((r-1)/order) of an order that is a power of two."""
    assert order & (order - 1) == 0 and (R - 1) % order == 0
    return pow(GENERATOR, (R - 1) // order, R)


def bit_reversed(index, count):
    """The number with the reverse of index's log2(count) bits."""
    bits = count.bit_length() - 1
    return int(format(index, "b").zfill(bits)[::-1], 2) if bits else 0


def evaluate(coefficients, x):
    """The value at x of a polynomial, coefficients ascending."""
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * x + coefficient) % R
    return value


def interpolate_over_roots(values):
    """Coefficients of the polynomial of degree below n whose value at w^brp(i) is values[i]."""
    n = len(values)
    w = root_of_unity(n)
    if n > 64:
        return _interpolate_fast(values)
    inverse = pow(n, -1, R)
    points = [pow(w, bit_reversed(i, n), R) for i in range(n)]
    return [
        sum(v * pow(x, -j % n, R) for v, x in zip(values, points)) * inverse % R for j in range(n)
    ]


def _transform(values, root):
    """Values at root^0, root^1, ... of the polynomial with these coefficients."""
    if len(values) == 1:
        return values
    even = _transform(values[0::2], root * root % R)
    odd = _transform(values[1::2], root * root % R)
    result = [0] * len(values)
    x, half = 1, len(values) // 2
    for i in range(half):
        term = x * odd[i] % R
        result[i], result[i + half] = (even[i] + term) % R, (even[i] - term) % R
        x = x * root % R
    return result


def _interpolate_fast(values):
    n = len(values)
    natural = [values[bit_reversed(i, n)] for i in range(n)]
    inverse = pow(n, -1, R)
    return [v * inverse % R for v in _transform(natural, pow(root_of_unity(n), -1, R))]


def evaluate_over_roots(coefficients, n):
    """Values at w^brp(0), w^brp(1), ... for the root w of order n."""
    padded = list(coefficients) + [0] * (n - len(coefficients))
    natural = _transform(padded, root_of_unity(n))
    return [natural[bit_reversed(i, n)] for i in range(n)]


def to_bytes(element):
    return element.to_bytes(BYTES_PER_FIELD_ELEMENT, "big")


def from_bytes(data):
    element = int.from_bytes(data, "big")
    if len(data) != BYTES_PER_FIELD_ELEMENT or element >= R:
        raise ValueError("not a canonical field element")
    return element
