"""All that a run does with a row, from the cells of a table to an answer in its unit, as one computation."""
