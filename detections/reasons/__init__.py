"""Why a detector flagged a thing: in words, in the units of the axes, and drawn."""
