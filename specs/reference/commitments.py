"""KZG commitments and cell proofs by their definitions (specs/commitments.md)."""

import curve
import encoding
import field


def commit(setup, coefficients):
    """[f(tau)] from the setup's points [tau^i]."""
    return curve.combine(setup, coefficients)


def cell_proof(preset, setup, coefficients, column):
    """[q(tau)], q the quotient of f by X^l - h^l: cell `column` is f over h times the l-th roots."""
    size = preset.elements_per_cell
    h = pow(
        field.root_of_unity(2 * preset.elements_per_blob),
        field.bit_reversed(column, preset.columns),
        field.R,
    )
    constant = pow(h, size, field.R)
    remainder, quotient = list(coefficients), [0] * (len(coefficients) - size)
    for i in reversed(range(len(quotient))):
        quotient[i] = remainder[i + size]
        remainder[i] = (remainder[i] + quotient[i] * constant) % field.R
    return commit(setup, quotient)


def extend_points(points):
    """The same column extension as the data's, applied to group elements."""
    k = len(points)
    w, root = field.root_of_unity(k), field.root_of_unity(2 * k)
    inverse = pow(k, -1, field.R)
    at = [pow(w, field.bit_reversed(i, k), field.R) for i in range(k)]
    result = []
    for r in range(2 * k):
        x = pow(root, field.bit_reversed(r, 2 * k), field.R)
        # Lagrange's basis over the k-th roots of unity at x, as a sum of powers.
        weights = [
            sum(pow(x, j, field.R) * pow(a, -j % k, field.R) for j in range(k)) * inverse % field.R
            for a in at
        ]
        result.append(curve.combine(points, weights))
    return result


def matrix_commitments(preset, setup, data_rows):
    return [commit(setup, encoding.row_polynomial(preset, row)) for row in data_rows]
