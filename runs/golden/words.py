"""The provenance of a mask in plain sentences."""

from collections.abc import Mapping
from typing import Any

JOINED = {
    "all": "The intersection of",
    "any": "The union of",
    "less": "The first of these without the others:",
}


def in_words(provenance: Mapping[str, Any]) -> list[str]:
    """One sentence for the whole, then one for each operand, in order."""
    operands = provenance.get("operands", [])
    who, when = provenance.get("by") or "a command", str(provenance.get("when", ""))[:16].replace("T", " ")
    first, last = (*provenance.get("runs", ()), None, None)[:2]
    how = JOINED.get(provenance.get("operation", ""), "Made of")
    count = "one operand" if len(operands) == 1 else f"{len(operands)} operands"
    known = provenance.get("known", {})
    return [
        f"{how} {count}, over runs {first} to {last}, by {who} at {when} UTC; "
        f"{known.get('runs', 0):,} of these runs with {known.get('lumisections', 0):,} lumisections were known then.",
        *(f"{number}. {_operand(one)}" for number, one in enumerate(operands, 1)),
    ]


def _operand(one: Mapping[str, Any]) -> str:
    digest = f" (sha256 {one['sha256'][:12]}…)" if one.get("sha256") else ""
    left = one.get("recorded_after")
    after = f"; {left:,.4g} pb⁻¹ recorded were left after it" if isinstance(left, int | float) else ""
    return f"{_what(one)}{digest}{after}."


def _what(one: Mapping[str, Any]) -> str:
    if "flag" in one:
        said = ", ".join(" ".join(filter(None, source)) for source in one.get("sources", [])[:5])
        more = f" and {len(one['sources']) - 5} more" if len(one.get("sources", [])) > 5 else ""
        return (
            f"What is certified {' or '.join(one.get('statuses', []))} for {one['flag']} by {said}{more}; "
            "what nothing was said of is not in it"
        )
    if "trial" in one:
        return (
            f"What trial {one['trial']} ({one.get('detector', '')} on {one.get('sample_set', '')}) scored below "
            f"{one.get('threshold', 0):.4g}, with {one.get('elements', 'every')} element scored; "
            f"{one.get('not_scored', 0):,} lumisections that were not scored and {one.get('flagged', 0):,} above are "
            "not in it"
        )
    if "file" in one:
        return f"The file {one['file']}"
    return f"Version {one.get('version', '')} of {one.get('name', one.get('label', ''))}"
