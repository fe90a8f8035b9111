"""Live labs: figures a learner moves, computed and drawn in the browser, with the same numbers here in Python.

A lab is one class: its arithmetic is gru.js, its picture an SVG file whose moving parts name the values they show,
its controls the browser's own. No kernel is needed once a lab is on the page.
"""

from gru_lib.labs.convention_lab import ConventionLab
from gru_lib.labs.descent_lab import DescentLab
from gru_lib.labs.forecast_lab import ForecastLab
from gru_lib.labs.gate_lab import GateLab
from gru_lib.labs.gradient_lab import GradientLab
from gru_lib.labs.loss_curve import LossCurve
from gru_lib.labs.question_choose import Choose
from gru_lib.labs.question_order import Order
from gru_lib.labs.question_predict import Predict
from gru_lib.labs.sequence_lab import SequenceLab

__all__ = [
    "Choose",
    "ConventionLab",
    "DescentLab",
    "ForecastLab",
    "GateLab",
    "GradientLab",
    "LossCurve",
    "Order",
    "Predict",
    "SequenceLab",
]
