"""One panel a file, each fed by a snapshot."""
