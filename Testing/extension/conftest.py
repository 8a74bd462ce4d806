"""The stand-in for the application, its scenes, the effect and the panel's job, for the tests in this folder."""

from __future__ import annotations

from Testing.extension.effect_tools import (  # noqa: F401
    active_editor,
    choice_of_the_tiny_model,
    known_session,
    real_session,
)
from Testing.extension.panel_job import inference, logic, panel, patient, settings, tiny_weights  # noqa: F401
from Testing.harness.fixtures import (  # noqa: F401
    application,
    ct_case,
    ct_node,
    ct_segmentation,
    scenes,
    segmentation_node,
    started_application,
    volume_node,
)
