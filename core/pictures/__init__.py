"""Pictures as vectors: what is drawn is a list of shapes, which become SVG or pixels."""
