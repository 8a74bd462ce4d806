"""Slicer's widgets over a MRML scene, as far as a panel uses them."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6.QtCore import Property
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog

from .standin import assign, generate, stand_in


class _Observing:
    """VTK observers that end with the widget."""

    def _observe(self, thing: Any, events: tuple) -> None:
        if "_observed" not in self.__dict__:
            self._observed = kept = []
            self.destroyed.connect(lambda *_: _let_go(kept))
        self._observed.extend((thing, thing.AddObserver(e, self._noticed)) for e in events)

    def _unobserve(self) -> None:
        _let_go(self.__dict__.get("_observed", []))

    def _noticed(self, caller: Any, event: str) -> None:
        if not shiboken6.isValid(self) or "_observed" not in self.__dict__:  # destroyed, or being collected
            self._unobserve()
        elif not (hasattr(caller, "IsBatchProcessing") and caller.IsBatchProcessing()):
            self._refill()


def _let_go(observed: list) -> None:
    while observed:
        thing, tag = observed.pop()
        thing.RemoveObserver(tag)


@stand_in
class qMRMLNodeComboBox(_Observing, generate("qMRMLNodeComboBox")):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._box = QComboBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        self._scene, self._id, self._attributes, self._labels = None, "", [], {}
        for name in ("addEnabled", "removeEnabled", "showChildNodeTypes", "selectNodeUponCreation"):
            assign(self, name, True)
        assign(self, "noneDisplay", "None")
        for name in ("nodeTypes", "noneEnabled", "noneDisplay", "showHidden", "showChildNodeTypes", "addEnabled",
                     "removeEnabled", "renameEnabled", "hideChildNodeTypes"):
            setattr(self, "_on_" + name, lambda _: self._refill())
        self._box.activated.connect(self._activated)
        self.setEnabled(False)

    def setMRMLScene(self, scene: Any) -> None:
        self._unobserve()
        self._scene = scene
        self.setEnabled(scene is not None)
        self._refill()

    def mrmlScene(self) -> Any:
        return self._scene

    def _nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        found = [self._scene.GetNthNode(i) for i in range(self._scene.GetNumberOfNodes())]
        return [n for n in found if self._listed(n)]

    def _listed(self, node: Any) -> bool:
        types = self.property("nodeTypes") or []
        known = any(node.IsA(t) if self._showChildNodeTypes else node.GetClassName() == t for t in types)
        hidden = node.GetHideFromEditors() and not self.property("showHidden")
        hidden = hidden or any(node.IsA(t) for t in self.property("hideChildNodeTypes") or [])
        wanted = [(node.GetAttribute(name), value) for kind, name, value in self._attributes if node.IsA(kind)]
        return known and not hidden and all(has is not None and value in (None, has) for has, value in wanted)

    def _refill(self) -> None:
        self._unobserve()
        nodes, scene = self._nodes(), self._scene
        if scene is not None:
            self._observe(scene, (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndBatchProcessEvent))
        self._box.blockSignals(True)
        self._box.clear()
        if self.property("noneEnabled"):
            self._box.addItem(self._noneDisplay, "")
        for node in nodes:
            self._observe(node, ("ModifiedEvent",))
            self._box.addItem(node.GetName(), node.GetID())
        label = (self.property("nodeTypes") or ["node"])[0]
        label = self._labels.get(label, self.property("baseName") or label.replace("vtkMRML", "").removesuffix("Node"))
        for name, enabled in (("Create new ", "addEnabled"), ("Rename current ", "renameEnabled"),
                              ("Delete current ", "removeEnabled")):
            if self.property(enabled) and scene is not None:
                self._box.addItem(name + label, "action:" + enabled)
        ids = [n.GetID() for n in nodes]
        if self._id not in ids:
            self._choose("" if self.property("noneEnabled") or not ids else ids[0])
        self._box.setCurrentIndex(self._box.findData(self._id))
        self._box.blockSignals(False)

    def _activated(self, index: int) -> None:
        data = self._box.itemData(index)
        if not data.startswith("action:"):
            self._choose(data)
            self.nodeActivated.emit(self.currentNode())
            return
        self._box.setCurrentIndex(self._box.findData(self._id))
        if data == "action:addEnabled":
            self.nodeAddedByUser.emit(self.addNode())
        elif data == "action:removeEnabled":
            self.removeCurrentNode()
        else:
            self.renameCurrentNode()

    def _choose(self, node_id: str) -> None:
        if node_id == self._id:
            return
        self._id = node_id
        self._box.setCurrentIndex(self._box.findData(node_id))
        node = self.currentNode()
        self.currentNodeChanged.emit(node)
        self.currentNodeChanged[bool].emit(node is not None)
        self.currentNodeIDChanged.emit(node_id)

    def currentNode(self) -> Any:
        return self._scene.GetNodeByID(self._id) if self._scene is not None and self._id else None

    def setCurrentNode(self, node: Any) -> None:
        node_id = node if isinstance(node, str) else node.GetID() if node is not None else ""
        if self._scene is not None and (not node_id or node_id in [n.GetID() for n in self._nodes()]):
            self._choose(node_id)

    def setCurrentNodeIndex(self, index: int) -> None:
        self.setCurrentNode(self.nodeFromIndex(index))

    def nodeFromIndex(self, index: int) -> Any:
        return dict(enumerate(self._nodes())).get(index)

    def nodeCount(self) -> int:
        return len(self._nodes())

    def addNode(self, node_type: str | None = None) -> Any:
        node = self._scene.CreateNodeByClass(node_type or self.property("nodeTypes")[0])
        node.UnRegister(None)
        name = self.property("baseName") or node.GetNodeTagName()
        node.SetName(self._scene.GenerateUniqueName(name))
        for kind, attribute, value in self._attributes:
            if node.IsA(kind):
                node.SetAttribute(attribute, value or "")
        node = self._scene.AddNode(node)
        if self._selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAdded.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        if self.currentNode() is not None:
            self._scene.RemoveNode(self.currentNode())

    def renameCurrentNode(self) -> None:
        name, accepted = QInputDialog.getText(self, "Rename", "New name:")
        if accepted and self.currentNode() is not None:
            self.currentNode().SetName(name)
            self.currentNodeRenamed.emit(name)

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        self._attributes.append((node_type, name, None if value is None else str(value)))
        self._refill()

    def removeAttribute(self, node_type: str, name: str) -> None:
        self._attributes = [a for a in self._attributes if a[:2] != (node_type, name)]
        self._refill()

    def setNodeTypeLabel(self, label: str, node_type: str) -> None:
        self._labels[node_type] = label
        self._refill()

    def nodeTypeLabel(self, node_type: str) -> str:
        return self._labels.get(node_type, node_type)


for _id_property in ("currentNodeID", "currentNodeId"):
    _by_id = Property(str, lambda self: self._id, lambda self, node_id: self.setCurrentNode(node_id))
    setattr(qMRMLNodeComboBox, _id_property, _by_id)


@stand_in
class qMRMLSegmentSelectorWidget(_Observing, generate("qMRMLSegmentSelectorWidget")):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._nodes, self._segments, self._node, self._segment = qMRMLNodeComboBox(self), QComboBox(self), None, ""
        self._nodes.setProperty("nodeTypes", ["vtkMRMLSegmentationNode"])
        self._nodes.setProperty("addEnabled", False)
        self._nodes.setProperty("removeEnabled", False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nodes)
        layout.addWidget(self._segments)
        self._nodes.currentNodeChanged.connect(self._node_changed)
        self._segments.activated.connect(lambda i: self.setCurrentSegmentID(self._segments.itemData(i)))
        self._on_noneEnabled = lambda on: self._nodes.setProperty("noneEnabled", on)
        self._on_segmentationNodeSelectorVisible = self._nodes.setVisible

    def setMRMLScene(self, scene: Any) -> None:
        super().setMRMLScene(scene)
        self._nodes.setMRMLScene(scene)

    def _node_changed(self, node: Any) -> None:
        self._node = node
        self._refill()
        self.currentNodeChanged.emit(node)
        self.currentNodeChanged[bool].emit(node is not None)

    def _refill(self) -> None:
        self._unobserve()
        self._segments.clear()
        if self.property("noneEnabled"):
            self._segments.addItem("None", "")
        if self._node is not None:
            segmentation = self._node.GetSegmentation()
            events = (segmentation.SegmentAdded, segmentation.SegmentRemoved, segmentation.SegmentModified)
            self._observe(segmentation, events)
            for i in segmentation.GetSegmentIDs():
                self._segments.addItem(segmentation.GetSegment(i).GetName(), i)
        ids = [self._segments.itemData(i) for i in range(self._segments.count())]
        self.setCurrentSegmentID(self._segment if self._segment in ids else next(iter(ids), ""))

    def setCurrentSegmentID(self, segment_id: str) -> None:
        self._segments.setCurrentIndex(self._segments.findData(segment_id))
        if segment_id != self._segment:
            self._segment = segment_id
            self.currentSegmentChanged.emit(segment_id)

    def currentSegmentID(self) -> str:
        return self._segment

    def segmentIDs(self) -> list[str]:
        return [] if self._node is None else list(self._node.GetSegmentation().GetSegmentIDs())

    def currentNode(self) -> Any:
        return self._node

    def currentNodeID(self) -> str:
        return self._nodes.property("currentNodeID")

    def setCurrentNode(self, node: Any) -> None:
        self._nodes.setCurrentNode(node)

    setCurrentNodeID = setCurrentNode


@stand_in
class qMRMLTableView(_Observing, generate("qMRMLTableView")):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._node = None
        self.setModel(QStandardItemModel(self))

    def setMRMLTableNode(self, node: Any) -> None:
        self._node = node
        self._refill()

    setMRMLNode = setMRMLTableNode

    def mrmlTableNode(self) -> Any:
        return self._node

    def _refill(self) -> None:
        self._unobserve()
        model = self.model()
        model.clear()
        if self._node is None:
            return
        self._observe(self._node, ("ModifiedEvent",))
        table = self._node.GetTable()
        names = [table.GetColumnName(c) or "" for c in range(table.GetNumberOfColumns())]
        if self._node.GetUseColumnTitleAsColumnHeader():
            model.setHorizontalHeaderLabels(names)
        else:
            model.appendRow([QStandardItem(n) for n in names])
        for row in range(table.GetNumberOfRows()):
            model.appendRow([QStandardItem(table.GetValue(row, c).ToString()) for c in range(len(names))])
