"""Payload packing and the extension in two dimensions (specs/encoding.md)."""

import field
from presets import MAXIMUM_DATA_ROWS, PAYLOAD_BYTES_PER_FIELD_ELEMENT


def pack(preset, payload):
    """A payload's cells: 31 bytes to a field element, the rest of the last cell zero."""
    if not payload:
        raise ValueError("an empty payload")
    size = preset.payload_bytes_per_cell
    cells = []
    for start in range(0, len(payload), size):
        chunk = payload[start : start + size].ljust(size, b"\0")
        step = PAYLOAD_BYTES_PER_FIELD_ELEMENT
        cells.append(b"".join(b"\0" + chunk[i : i + step] for i in range(0, size, step)))
    return cells


def unpack(preset, cells, length):
    """The payload of that many bytes; refuses what pack does not make."""
    if length <= 0 or len(cells) != -(-length // preset.payload_bytes_per_cell):
        raise ValueError("length and cells do not agree")
    payload = b""
    for cell in cells:
        for i in range(0, preset.cell_bytes, 32):
            if cell[i] != 0:
                raise ValueError("a leading byte that is not zero")
            payload += cell[i + 1 : i + 32]
    if any(payload[length:]):
        raise ValueError("bytes after the end of the payload")
    return payload[:length]


def layout(preset, payloads):
    """Data rows (lists of data cells) for packed payloads, and each one's first cell."""
    cells, first = [], []
    for payload in payloads:
        first.append(len(cells))
        cells += pack(preset, payload)
    rows_needed = -(-len(cells) // preset.data_columns)
    k = 1
    while k < rows_needed:
        k *= 2
    if k > MAXIMUM_DATA_ROWS:
        raise ValueError("too many rows")
    cells += [bytes(preset.cell_bytes)] * (k * preset.data_columns - len(cells))
    step = preset.data_columns
    return [cells[i : i + step] for i in range(0, len(cells), step)], first


def elements(data):
    return [field.from_bytes(data[i : i + 32]) for i in range(0, len(data), 32)]


def row_polynomial(preset, data_cells):
    """Coefficients of a row's polynomial, of degree below the elements of a blob."""
    return field.interpolate_over_roots(elements(b"".join(data_cells)))


def extend_row(preset, data_cells):
    """All cells of the row: EIP-7594's extension."""
    values = field.evaluate_over_roots(
        row_polynomial(preset, data_cells), 2 * preset.elements_per_blob
    )
    size = preset.elements_per_cell
    return [
        b"".join(field.to_bytes(v) for v in values[i : i + size])
        for i in range(0, len(values), size)
    ]


def extend_column(values):
    """The 2k values of a column position from those of its k data rows: row r sits at w^brp(r)."""
    return field.evaluate_over_roots(field.interpolate_over_roots(values), 2 * len(values))


def extend_matrix(preset, data_rows):
    """The 2k rows of cells from k rows of data cells."""
    rows = [elements(b"".join(extend_row(preset, row))) for row in data_rows]
    columns = [extend_column([row[position] for row in rows]) for position in range(len(rows[0]))]
    matrix = []
    for r in range(2 * len(data_rows)):
        data = b"".join(field.to_bytes(column[r]) for column in columns)
        size = preset.cell_bytes
        matrix.append([data[i : i + size] for i in range(0, len(data), size)])
    return matrix
