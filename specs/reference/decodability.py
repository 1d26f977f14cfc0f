"""What can be rebuilt by rows and columns in turn (specs/encoding.md)."""


def closure(k, data_columns, present):
    """The set of cells (row, column) that are held in the end."""
    held, rows, columns = set(present), 2 * k, 2 * data_columns
    while True:
        before = len(held)
        for r in range(rows):
            if sum((r, c) in held for c in range(columns)) >= data_columns:
                held |= {(r, c) for c in range(columns)}
        for c in range(columns):
            if sum((r, c) in held for r in range(rows)) >= k:
                held |= {(r, c) for r in range(rows)}
        if len(held) == before:
            return held


def smallest_stopping_set(k, data_columns):
    """The number of cells of the smallest set whose loss cannot be undone."""
    # With one data row, both rows are equal and a column is whole from any one of its cells.
    return (k + 1) * (data_columns + 1)
