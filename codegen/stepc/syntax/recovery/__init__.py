"""What to do about a mistake: find the repair that lets the parser go on, say what was wrong, and continue behind it."""
