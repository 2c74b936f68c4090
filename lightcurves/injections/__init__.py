"""Every event a series can get. To add one: write its file, import it, add it to the dict. No Django."""

from lightcurves.injections.base import Injection
from lightcurves.injections.dip import DIP
from lightcurves.injections.dropout import DROPOUT
from lightcurves.injections.events import MEASURABLE, Event
from lightcurves.injections.flare import FLARE
from lightcurves.injections.inject import Injected, inject
from lightcurves.injections.noise import noise_of
from lightcurves.injections.place import Place
from lightcurves.injections.step import STEP

INJECTIONS: dict[str, Injection] = {
    "flare": FLARE,
    "dip": DIP,
    "step": STEP,
    "dropout": DROPOUT,
}

__all__ = ["INJECTIONS", "MEASURABLE", "Event", "Injected", "Injection", "Place", "inject", "noise_of"]
