// DataMatrix
