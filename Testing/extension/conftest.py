"""The stand-in for the application and its scenes, for the tests in this folder."""

from __future__ import annotations

from Testing.harness.fixtures import (  # noqa: F401
    application,
    ct_case,
    ct_node,
    ct_segmentation,
    segmentation_node,
    started_application,
    volume_node,
)
