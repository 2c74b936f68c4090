"""What a survey is: a way to read files into sources or light curves. No Django."""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Self

from lightcurves.records import LightCurveRecord, SourceRecord
from lightcurves.times import TimeSystem
from project.records import BadRow

Record = LightCurveRecord | SourceRecord | BadRow


def option(default: Any, help_text: str) -> Any:
    """A dataclass field that a command line or a form can offer, with its explanation."""
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Reads files of one kind; its dataclass fields are its options.

    ``yields`` is ``light curves`` or ``sources``. ``bands`` names every band it may yield, () for any.
    ``attribute_units`` are the units of its sources' attributes, where they have one.
    Light curves come sorted by time, in MJD (UTC).
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    yields: ClassVar[str] = "light curves"
    bands: ClassVar[tuple[str, ...]] = ()
    attribute_units: ClassVar[Mapping[str, str]] = {}

    @property
    def times(self) -> TimeSystem | None:
        """How the files count time, None where they hold none."""
        return None

    @property
    def time_note(self) -> str:
        """What was done to the times of the files, to be kept with them."""
        return ""

    def read(self, path: Path) -> Iterator[Record]:
        """Stream the records of a file, bad rows among them; ReaderError where the whole file is refused."""
        raise NotImplementedError

    @classmethod
    def options(cls) -> dict[str, str]:
        """Name and explanation of every option."""
        return {item.name: item.metadata.get("help", "") for item in fields(cls)}

    @classmethod
    def from_options(cls, texts: Mapping[str, str]) -> Self:
        """Build it from texts, as a command line gives them; ValueError names what is unknown or wrong."""
        known = {item.name: item for item in fields(cls)}
        if unknown := sorted(set(texts) - set(known)):
            offered = ", ".join(known) or "it has none"
            raise ValueError(f"survey {cls.name} has no option {', '.join(unknown)}; its options: {offered}")
        hints = typing.get_type_hints(cls)
        return cls(**{name: _typed(name, text, hints[name]) for name, text in texts.items()})


def _typed(name: str, text: str, hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not types.NoneType)
    try:
        return hint(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, expected {hint.__name__}") from None
