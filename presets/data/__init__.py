"""The small real data sets shipped with dltui."""
