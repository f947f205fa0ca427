"""From a file to rows of text: its encoding, its separators, its heading."""
