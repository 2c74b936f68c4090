"""What no page reads of a sample set unless it shows it: a few megabytes each."""

HEAVY = ("keys", "groups", "roles", "folds", "truth", "strength", "sigma", "events")
OF_SET = tuple(f"sample_set__{name}" for name in HEAVY)
