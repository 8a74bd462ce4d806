"""A whole kind of mark: all that another one has to say."""

import numpy as np

from SAMAdaptLib.prompts.kinds.base import Kind
from SAMAdaptLib.prompts.types import Prompt


class Ellipse(Kind):
    """An ellipse by its centre and the ends of two half axes: a point in the middle and a box around it."""

    name = "ellipse"
    shown = "CENTRE,END,END"
    help = "centre and the ends of two half axes in RAS mm"
    remedy = "Write three positions"
    least = most = 3
    box = True
    flat = True
    markups = ("Ellipse",)

    def spread(self, at):
        center, angles = at[0], np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None]
        return np.concatenate([at[:1], center + np.cos(angles) * (at[1] - center) + np.sin(angles) * (at[2] - center)])

    def prompt(self, pixels, label, shape):
        return Prompt(pixels[:1], [1], np.concatenate([pixels.min(axis=0), pixels.max(axis=0)]))
