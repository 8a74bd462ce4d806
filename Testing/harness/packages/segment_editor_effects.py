"""`SegmentEditorEffects`: the base class of scripted effects."""

from __future__ import annotations

from typing import Any

import qt


class AbstractScriptedSegmentEditorEffect:
    """Its view helpers take and give lists where the C++ methods take points and vectors."""

    def __init__(self, scriptedEffect: Any) -> None:
        self.scriptedEffect = scriptedEffect

    def register(self) -> None:
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        effects.qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self) -> None:
        self.scriptedEffect = None

    def rasToXy(self, ras: Any, viewWidget: Any) -> list[int]:
        xy = self.scriptedEffect.rasToXy(qt.QVector3D(*ras), viewWidget)
        return [xy.x(), xy.y()]

    def xyzToRas(self, xyz: Any, viewWidget: Any) -> list[float]:
        ras = self.scriptedEffect.xyzToRas(qt.QVector3D(*xyz), viewWidget)
        return [ras.x(), ras.y(), ras.z()]

    def xyToRas(self, xy: Any, viewWidget: Any) -> list[float]:
        ras = self.scriptedEffect.xyToRas(qt.QPoint(int(xy[0]), int(xy[1])), viewWidget)
        return [ras.x(), ras.y(), ras.z()]

    def xyzToIjk(self, xyz: Any, viewWidget: Any, image: Any, parentTransformNode: Any = None) -> list[int]:
        ijk = self.scriptedEffect.xyzToIjk(qt.QVector3D(*xyz), viewWidget, image, parentTransformNode)
        return [int(ijk.x()), int(ijk.y()), int(ijk.z())]

    def xyToIjk(self, xy: Any, viewWidget: Any, image: Any, parentTransformNode: Any = None) -> list[int]:
        ijk = self.scriptedEffect.xyToIjk(qt.QPoint(int(xy[0]), int(xy[1])), viewWidget, image, parentTransformNode)
        return [int(ijk.x()), int(ijk.y()), int(ijk.z())]
