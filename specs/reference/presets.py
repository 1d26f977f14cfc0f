"""Presets: the sizes that everything else follows from (specs/parameters.md)."""

from dataclasses import dataclass

from field import BYTES_PER_FIELD_ELEMENT

PAYLOAD_BYTES_PER_FIELD_ELEMENT = 31
MAXIMUM_DATA_ROWS = 256
COLUMN_GROUPS = 32


@dataclass(frozen=True)
class Preset:
    name: str
    elements_per_blob: int
    elements_per_cell: int

    @property
    def columns(self):
        return 2 * self.elements_per_blob // self.elements_per_cell

    @property
    def data_columns(self):
        return self.columns // 2

    @property
    def cell_bytes(self):
        return self.elements_per_cell * BYTES_PER_FIELD_ELEMENT

    @property
    def payload_bytes_per_cell(self):
        return self.elements_per_cell * PAYLOAD_BYTES_PER_FIELD_ELEMENT


MAINNET = Preset("mainnet", 4096, 64)
MINIMAL = Preset("minimal", 8, 4)
PRESETS = {preset.name: preset for preset in (MAINNET, MINIMAL)}
