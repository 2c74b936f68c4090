"""Numbers as a person writes them: ``315488-316000,316187``. No queries."""

import re

from django.db.models import Q

from project.errors import UserError

PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


def numbers(text: str) -> Q:
    """A condition on ``number``; empty for an empty text. Raises UserError that quotes the part that is wrong."""
    found = Q()
    for part in filter(None, text.split(",")):
        matched = PART.fullmatch(part.strip())
        if not matched:
            raise UserError(f"{part!r:.60} is neither a number nor a range such as 315488-316000")
        first, last = int(matched[1]), int(matched[2] or matched[1])
        if first > last:
            raise UserError(f"{part!r:.60}: the lower number comes first")
        found |= Q(number__gte=first, number__lte=last)
    return found
