"""Speed measured beside its floor: ``python -m bench`` prints a table and writes ``bench/results``."""
