"""A mask as the text that CMS' own tools read. No Django."""

import hashlib
import json

from runs.masks.mask import Mask, Range


def text_of(mask: Mask) -> str:
    """JSON with a run on each line, in order: keys are texts, ranges inclusive, ``[[-1]]`` the whole run.

    The same lumisections give the same text. ValueError where a run goes to its end from another lumisection than the
    first, which such a file cannot say.
    """
    lines = [
        f'  "{run}": [{", ".join(_range(run, part) for part in parts)}]'
        for run, parts in mask.ranges().items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n"


def mask_of(text: str) -> Mask:
    """The mask of a text that ``text_of`` wrote; what people write goes through ``parse_mask``."""
    return Mask.of(
        (int(run), *((1, None) if part == [-1] else part))
        for run, parts in json.loads(text).items()
        for part in parts
    )


def sha256_of(mask: Mask) -> str:
    """The hash of the text: two sites with the same lumisections have the same."""
    return hashlib.sha256(text_of(mask).encode()).hexdigest()


def _range(run: int, part: Range) -> str:
    first, last = part
    if last is not None:
        return f"[{first}, {last}]"
    if first == 1:
        return "[-1]"
    raise ValueError(
        f"run {run}: chosen from lumisection {first} to its end, which is not known: load its lumisections first"
    )
