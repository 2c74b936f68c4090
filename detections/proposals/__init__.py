"""Certifications that people propose, review, sign and undo; the worklist of what to look at first."""
