"""Pages that combine what the other apps hold: the overview, trials, comparisons, labels."""
