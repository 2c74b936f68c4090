"""What no page reads of a sample set unless it shows it: a few megabytes each."""

HEAVY = ("keys", "groups", "roles", "folds", "truth", "strength", "sigma", "events")
OF_SET = tuple(f"sample_set__{name}" for name in HEAVY)


def heavy_of(*sets: str, shown: tuple[str, ...] = ()) -> list[str]:
    """The columns to leave out of the sets that are joined under these names, but for those that are shown."""
    return [f"{one}__{name}" for one in sets for name in HEAVY if name not in shown]
