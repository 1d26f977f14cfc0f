/// The sizes that a setup works with.
///
/// A blob is a polynomial given by its values; its extension has twice as many values, cut into
/// cells. See `specs/commitments.md`.
public struct Preset: Sendable, Hashable {
    /// The name by which parameters and files refer to the preset.
    public let name: String
    /// Field elements of 32 bytes in a blob: a power of two. `FIELD_ELEMENTS_PER_BLOB`.
    public let fieldElementsPerBlob: Int
    /// Field elements in a cell: a power of two. `FIELD_ELEMENTS_PER_CELL`.
    public let fieldElementsPerCell: Int

    /// Ethereum's: blobs of 4096 elements, cells of 64, so 128 cells to an extended blob.
    public static let mainnet = Preset(
        unchecked: "mainnet", fieldElementsPerBlob: 4096, fieldElementsPerCell: 64)

    /// Small, for tests and simulations: blobs of 8 elements, cells of 4, so 4 cells to an extended
    /// blob.
    public static let minimal = Preset(
        unchecked: "minimal", fieldElementsPerBlob: 8, fieldElementsPerCell: 4)

    /// A preset of other sizes, or nil where the ceremony's points do not suffice: both sizes must be
    /// powers of two, with at most 4096 elements to a blob, at most 64 to a cell, and at least 2 cells
    /// to a blob.
    package init?(name: String, fieldElementsPerBlob: Int, fieldElementsPerCell: Int) {
        guard
            fieldElementsPerCell >= 1, fieldElementsPerCell <= 64,
            fieldElementsPerCell & (fieldElementsPerCell - 1) == 0,
            fieldElementsPerBlob >= 2 * fieldElementsPerCell, fieldElementsPerBlob <= 4096,
            fieldElementsPerBlob & (fieldElementsPerBlob - 1) == 0
        else { return nil }
        self.init(
            unchecked: name, fieldElementsPerBlob: fieldElementsPerBlob,
            fieldElementsPerCell: fieldElementsPerCell)
    }

    private init(unchecked name: String, fieldElementsPerBlob: Int, fieldElementsPerCell: Int) {
        self.name = name
        self.fieldElementsPerBlob = fieldElementsPerBlob
        self.fieldElementsPerCell = fieldElementsPerCell
    }

    /// Bytes of a field element.
    public static let bytesPerFieldElement = 32

    /// Bytes in a blob. `BYTES_PER_BLOB`.
    public var bytesPerBlob: Int { fieldElementsPerBlob * Preset.bytesPerFieldElement }
    /// Bytes in a cell. `BYTES_PER_CELL`.
    public var bytesPerCell: Int { fieldElementsPerCell * Preset.bytesPerFieldElement }
    /// Field elements in an extended blob. `FIELD_ELEMENTS_PER_EXT_BLOB`.
    public var fieldElementsPerExtendedBlob: Int { 2 * fieldElementsPerBlob }
    /// Bytes in an extended blob.
    public var bytesPerExtendedBlob: Int { 2 * bytesPerBlob }
    /// Cells in a blob: the first half of the extended blob's cells, which are the blob itself. It is
    /// also how many cells recovery needs.
    public var cellsPerBlob: Int { fieldElementsPerBlob / fieldElementsPerCell }
    /// Cells in an extended blob. `CELLS_PER_EXT_BLOB`.
    public var cellsPerExtendedBlob: Int { 2 * cellsPerBlob }
}
