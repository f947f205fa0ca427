"""Files a data set can be read from, each refused in one sentence where it is not sound."""
