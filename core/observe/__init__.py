"""What a snapshot shows of a run."""
