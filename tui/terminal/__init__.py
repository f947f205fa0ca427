"""What is between the app and the terminal: driver, pacing, signals, and the guard that gives it back."""
