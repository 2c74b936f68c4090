"""Pages of runs and their lumisections."""
