"""What a fetch that is started on a page is told: which runs of which service, and what becomes of conflicts."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from project.bodies import Body, Choice, Name, WholeNumber, Words
from project.errors import UserError
from runs.fetches.ranges import range_of

BIGGEST = 2**31 - 1


class FetchBody(Body):
    """Runs ``first`` to ``last``, or those that began ``since``: one of the two."""

    since = Name(max_length=40, default="", allow_blank=True)
    first = WholeNumber(min_value=1, max_value=BIGGEST, required=False)
    last = WholeNumber(min_value=1, max_value=BIGGEST, required=False)
    experiment = Name(max_length=64, default="CMS")
    policy = Choice(("keep", "replace"), default="keep")
    dry_run = serializers.BooleanField(default=False)

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """With ``runs`` in place of the two numbers, as the task takes it."""
        ends = fields.pop("first", None), fields.pop("last", None)
        if bool(fields["since"]) == any(ends):
            raise ValidationError({"since": ["say since when, or which runs: one of the two"]})
        if not fields["since"] and not all(ends):
            raise ValidationError({"last": ["give the first and the last run"]})
        fields["runs"] = None if fields["since"] else list(ends)
        try:
            range_of(fields["since"], fields["runs"], fields["experiment"])
        except UserError as error:
            raise ValidationError({"since" if fields["since"] else "last": [str(error)]}) from error
        return fields


class OmsBody(FetchBody):
    again = serializers.BooleanField(default=False)


class RunRegistryBody(FetchBody):
    datasets = Words(default=["*"])
