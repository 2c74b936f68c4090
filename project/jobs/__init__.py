"""Long work: a Job row, its lease, and the worker that runs it."""
