"""What freezing and injecting take over the API: every field checked before anything is queued."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from detections.models import SampleSet
from detections.services.injecting import KNOWN
from detections.services.worlds import NEEDED, TAKEN
from histos.models import Dataset
from lightcurves.features import FEATURES
from lightcurves.models import Catalog, Survey
from project.bodies import Body, Choice, Name, Number, WholeNumber, Words
from project.samples import Series

LARGEST_SEED = 2**63 - 1


def seed() -> WholeNumber:
    return WholeNumber(min_value=0, max_value=LARGEST_SEED, default=0)


class SetName(Name):
    """A sample set by its name, or by the start of its hash (8 characters or more)."""

    def run_validation(self, data: Any = empty) -> Any:
        name = super().run_validation(data)
        light = SampleSet.objects.only("id", "name", "hash", "world", "kind", "parent", "classes")
        found = light.filter(name=name).first()
        if found is None and len(name) >= 8:
            found = light.filter(hash__startswith=name).first()
        if found is None:
            raise ValidationError(f"there is no sample set {name!r:.80}")
        return found


class TruthBody(Body):
    attribute = Name(max_length=200)
    values = Words()


class RecipeBody(Body):
    """The choice, as a set shows it: of ``histograms`` by dataset and elements, of a ``catalog`` by columns, …"""

    dataset = Name(max_length=255, required=False)
    elements = Words(required=False, help_text="names of monitoring elements, * and ? allowed")
    experiment = Name(max_length=64, required=False, help_text="default: CMS")
    runs = serializers.ListField(
        child=WholeNumber(min_value=0),
        required=False,
        allow_empty=False,
        max_length=100_000,
        help_text="default: all",
    )
    fit_flag = Name(max_length=64, required=False, help_text="fit only where certified GOOD under this flag")
    together = serializers.BooleanField(
        required=False, help_text="one score for all elements of a lumisection (histograms)"
    )
    catalog = Name(max_length=64, required=False)
    columns = Words(required=False, help_text="such as mag, V-I, log10(P_1)")
    truth = TruthBody(required=False)
    survey = Name(max_length=64, required=False)
    bands = Words(required=False)
    features = Words(required=False, help_text="one row of features per light curve")

    def validate_dataset(self, name: str) -> str:
        return _known("dataset", Dataset.objects.all(), name)

    def validate_catalog(self, name: str) -> str:
        return _known("catalogue", Catalog.objects.visible(), name)

    def validate_survey(self, name: str) -> str:
        return _known("survey", Survey.objects.visible(), name)

    def validate_features(self, names: list[str]) -> list[str]:
        unknown = [name for name in names if name not in FEATURES]
        if unknown:
            raise ValidationError(f"no feature {', '.join(unknown)[:200]}; there is {', '.join(FEATURES)}")
        return names


def _known(what: str, rows: Any, name: str) -> str:
    if not rows.filter(name=name).exists():
        raise ValidationError(f"there is no {what} {name!r:.80}")
    return name


class FreezeBody(Body):
    """A new set of what the tables hold."""

    name = Name(max_length=128)
    world = Choice(SampleSet.World.values)
    recipe = RecipeBody()
    split = Choice(SampleSet.Split.values, default=SampleSet.Split.CROSS)
    folds = WholeNumber(
        min_value=0, max_value=10_000, default=5, help_text="0: every run, or source, is one by itself"
    )
    fit_fraction = Number(min_value=0.0, max_value=1.0, default=0.5)
    seed = seed()

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        world, recipe = fields["world"], fields["recipe"]
        if world == SampleSet.World.HISTOGRAMS:
            # As the command does: the same choice has the same hash.
            recipe.setdefault("experiment", "CMS")
            if not recipe.get("together", True):
                del recipe["together"]
        foreign = {name: [f"has no meaning for {world}"] for name in recipe if name not in TAKEN[world]}
        missing = {name: [f"is needed for {world}"] for name in NEEDED[world] if name not in recipe}
        if foreign or missing:
            raise ValidationError({"recipe": foreign | missing})
        if fields["folds"] == 1:
            raise ValidationError({"folds": ["one fold leaves nothing to learn from: from 2, or 0"]})
        return fields


class InjectBody(Body):
    """A child of a set: its samples with anomalies injected."""

    parent = SetName(max_length=128)  # type: ignore[assignment]  # a name that fields use for themselves
    name = Name(max_length=128)
    kinds = Words(required=False, help_text="names of injections; default: all that fit")
    fraction = Number(min_value=0.0, max_value=1_000.0, default=0.1)
    strength = serializers.ListField(child=Number(), min_length=2, max_length=2, required=False)
    seed = seed()

    def validate_parent(self, parent: SampleSet) -> SampleSet:
        if parent.kind not in KNOWN:
            raise ValidationError(f"nothing can be injected into a {parent.kind}")
        if parent.parent_id is not None:
            raise ValidationError(f"{parent.name!r} is a child itself: inject into its parent")
        return parent

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        known = KNOWN[fields["parent"].kind]
        unknown = [kind for kind in fields.get("kinds", ()) if kind not in known]
        if unknown:
            raise ValidationError(
                {"kinds": [f"no injection {', '.join(unknown)[:200]}; there is {', '.join(known)}"]}
            )
        if fields["fraction"] == 0 or (fields["parent"].kind != Series.kind and fields["fraction"] > 1):
            raise ValidationError({"fraction": ["above 0, and for histograms at most 1"]})
        low, high = fields.get("strength") or (0, 0)
        if low > high:
            raise ValidationError({"strength": ["the lowest comes first"]})
        return fields
