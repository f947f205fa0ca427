"""The large screen: charts, panels and controls of a run."""
