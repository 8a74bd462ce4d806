"""Memory of a training step by default, written by ``python -m Testing.tools.estimates``.

For each model and method bytes of weights, optimiser and step, and the number of trained parameters, see
:class:`SAMAdaptLib.training.memory.MemoryEstimate`. Other versions of torch than the one that they were computed with
differ by little.
"""

from __future__ import annotations

FOUND: dict[str, tuple[int, int, int, int]] = {
    "sam_vit_b lora c30ac10c6bc8": (375_626_968, 7_554_432, 3_858_880_756, 944_304),
    "sam_vit_b msa 963d56b6ec93": (403_809_496, 77_563_680, 4_220_568_596, 9_695_460),
    "sam_vit_b dbsam d1a83e5f33cf": (441_766_872, 166_114_592, 5_790_530_964, 20_764_324),
    "sam_vit_b sammix cc1e8e3b7f6d": (376_493_276, 9_287_048, 3_864_076_756, 1_160_881),
    "sam_vit_b decoder df7597485b39": (374_942_936, 32_466_720, 690_008_084, 4_058_340),
    "sam_vit_l lora c30ac10c6bc8": (1_251_039_448, 9_520_512, 9_118_886_516, 1_190_064),
    "sam_vit_l msa 963d56b6ec93": (1_350_744_280, 222_574_368, 9_986_500_628, 27_821_796),
    "sam_vit_l dbsam d1a83e5f33cf": (1_364_373_120, 262_468_208, 10_140_821_908, 32_808_526),
    "sam_vit_l sammix cc1e8e3b7f6d": (1_252_888_796, 13_219_208, 9_130_661_076, 1_652_401),
    "sam_vit_l decoder df7597485b39": (1_249_372_376, 32_466_720, 690_008_084, 4_058_340),
    "sam_vit_h lora c30ac10c6bc8": (2_567_079_128, 11_617_664, 14_825_620_340, 1_452_208),
    "sam_vit_h msa 963d56b6ec93": (2_774_951_128, 441_005_856, 16_140_169_748, 55_125_732),
    "sam_vit_h dbsam d1a83e5f33cf": (2_743_509_544, 390_758_848, 14_744_185_748, 48_844_856),
    "sam_vit_h sammix cc1e8e3b7f6d": (2_569_977_052, 17_413_512, 14_843_154_132, 2_176_689),
    "sam_vit_h decoder df7597485b39": (2_564_363_480, 32_466_720, 690_008_084, 4_058_340),
    "medsam_vit_b lora c30ac10c6bc8": (375_626_968, 7_554_432, 3_858_880_756, 944_304),
    "medsam_vit_b msa 963d56b6ec93": (403_809_496, 77_563_680, 4_220_568_596, 9_695_460),
    "medsam_vit_b dbsam d1a83e5f33cf": (441_766_872, 166_114_592, 5_790_530_964, 20_764_324),
    "medsam_vit_b sammix cc1e8e3b7f6d": (376_493_276, 9_287_048, 3_864_076_756, 1_160_881),
    "medsam_vit_b decoder df7597485b39": (374_942_936, 32_466_720, 690_008_084, 4_058_340),
    "mobile_sam lora c30ac10c6bc8": (41_408_288, 6_612_352, 2_177_540_804, 826_544),
    "mobile_sam msa 963d56b6ec93": (43_241_376, 23_922_720, 2_277_378_756, 2_990_340),
    "mobile_sam dbsam d1a83e5f33cf": (50_851_632, 51_779_392, 3_428_653_108, 6_472_424),
    "mobile_sam sammix cc1e8e3b7f6d": (41_803_556, 7_402_888, 2_182_557_348, 925_361),
    "mobile_sam decoder df7597485b39": (41_195_296, 32_466_720, 690_008_084, 4_058_340),
    "lite_medsam lora 268604f42cb8": (41_339_680, 6_612_352, 2_177_540_804, 826_544),
    "lite_medsam msa 56802fcc4df7": (43_172_768, 23_922_720, 2_277_378_756, 2_990_340),
    "lite_medsam dbsam cb20524d3671": (50_783_024, 51_779_392, 3_428_653_108, 6_472_424),
    "lite_medsam sammix d4f34f05d192": (41_734_948, 7_402_888, 2_182_557_348, 925_361),
    "lite_medsam decoder 878bfe242308": (41_126_688, 32_466_720, 690_008_084, 4_058_340),
}
