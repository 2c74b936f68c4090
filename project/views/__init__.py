"""Pages of the kernel's own: search, jobs, files, the profile."""
