"""What every member of a family has to pass, a user's own too."""
