"""Pages of sources and their light curves."""
