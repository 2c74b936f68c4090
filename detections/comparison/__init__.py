"""Detectors compared on the same rows: intervals, paired differences, agreement, words. No Django."""

from detections.comparison.agreement import Agreement, agreement
from detections.comparison.compare import Options, compare
from detections.comparison.curves import curves
from detections.comparison.reach import efficiency_at, reached
from detections.comparison.results import Comparison, Estimate, Pair, Row, StrengthBin, StrengthCurve
from detections.comparison.strength import StrengthOptions, efficiency_vs_strength
from detections.comparison.words import sentence

__all__ = [
    "Agreement",
    "Comparison",
    "Estimate",
    "Options",
    "Pair",
    "Row",
    "StrengthBin",
    "StrengthCurve",
    "StrengthOptions",
    "agreement",
    "compare",
    "curves",
    "efficiency_at",
    "efficiency_vs_strength",
    "reached",
    "sentence",
]
