"""Pure drawing: arrays and a size in, rows of cells out."""
