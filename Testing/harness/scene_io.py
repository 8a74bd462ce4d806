"""`slicer.app.coreIOManager()`: reading and writing nodes and scenes with the storage nodes the application uses."""

from __future__ import annotations

import tempfile
from pathlib import Path

import slicer

VOLUMES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd", ".dcm", ".png", ".jpg")


class CoreIOManager:
    """qSlicerIOManager: what `slicer.util.load*`, `saveNode` and `saveScene` call."""

    def __init__(self):
        logic = slicer.vtkDataIOManagerLogic()
        logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        logic.SetMRMLScene(slicer.mrmlScene)
        manager, cache = slicer.vtkDataIOManager(), slicer.vtkCacheManager()
        cache.SetRemoteCacheDirectory(slicer.app.cachePath)
        manager.SetCacheManager(cache)
        slicer.mrmlScene.SetCacheManager(cache)
        slicer.mrmlScene.SetDataIOManager(manager)
        self._keep = logic, manager, cache

    def fileType(self, path):
        name = str(path).lower()
        if name.endswith(".seg.nrrd"):
            return "SegmentationFile"
        if name.endswith((".mrb", ".mrml")):
            return "SceneFile"
        if name.endswith(".mrk.json"):
            return "MarkupsFile"
        if name.endswith((".h5", ".tfm")):
            return "TransformFile"
        return "VolumeFile" if name.endswith(VOLUMES) else "NoFile"

    def fileWriterFileType(self, node, extension=""):
        return {
            "vtkMRMLSegmentationNode": "SegmentationFile",
            "vtkMRMLLinearTransformNode": "TransformFile",
            "vtkMRMLGridTransformNode": "TransformFile",
        }.get(node.GetClassName(), "VolumeFile" if node.IsA("vtkMRMLVolumeNode") else "MarkupsFile")

    # --- reading -----------------------------------------------------------------------------------------------------
    def loadNodes(self, fileType, properties, loadedNodes=None, userMessages=None):
        path = str(properties["fileName"])
        if fileType != "SceneFile" and not Path(path).is_file():
            return False
        read = {
            "VolumeFile": self._volume,
            "SegmentationFile": self._segmentation,
            "SceneFile": self._scene,
            "TransformFile": self._transform,
            "MarkupsFile": self._markups,
        }[fileType]
        node = read(path, properties)
        if loadedNodes is not None and node is not None and node is not True:
            loadedNodes.AddItem(node)
        return bool(node)

    def _name(self, path, properties):
        base = Path(path).name
        for suffix in (".seg.nrrd", ".nii.gz", ".mrk.json", Path(path).suffix):
            base = base.removesuffix(suffix)
        return slicer.mrmlScene.GenerateUniqueName(properties.get("name") or base)

    def _volume(self, path, properties):
        logic = slicer.modules.volumes.logic()
        options = 1 * bool(properties.get("labelmap")) + 2 * bool(properties.get("center"))
        options += 4 * bool(properties.get("singleFile")) + 8 * bool(properties.get("autoWindowLevel", True))
        node = logic.AddArchetypeVolume(path, self._name(path, properties), options)
        manager = slicer.app.layoutManager()
        if node and manager and properties.get("show", True):
            labelmap = node.IsA("vtkMRMLLabelMapVolumeNode")
            for name in manager.sliceViewNames():
                composite = manager.sliceWidget(name).mrmlSliceCompositeNode()
                (composite.SetLabelVolumeID if labelmap else composite.SetBackgroundVolumeID)(node.GetID())
                manager.sliceWidget(name).fitSliceToBackground()
        return node

    def _stored(self, node, path):
        """The node filled by its own storage node, or None and the scene as before."""
        node.AddDefaultStorageNode()
        storage = node.GetStorageNode()
        storage.SetFileName(path)
        if storage.ReadData(node):
            node.CreateDefaultDisplayNodes()
            return node
        slicer.mrmlScene.RemoveNode(storage)
        slicer.mrmlScene.RemoveNode(node)
        return None

    def _segmentation(self, path, properties):
        scene, name = slicer.mrmlScene, self._name(path, properties)
        if path.lower().endswith(".seg.nrrd"):
            return self._stored(scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name), path)
        labelmap = self._volume(path, {"labelmap": True, "show": False, "name": "to be imported"})
        if labelmap is None:
            return None
        node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
        node.CreateDefaultDisplayNodes()
        slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(labelmap, node)
        scene.RemoveNode(labelmap)
        return node

    def _transform(self, path, properties):
        name = self._name(path, properties)
        return self._stored(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name), path)

    def _markups(self, path, properties):
        import json

        kind = json.loads(Path(path).read_text())["markups"][0]["type"]
        class_name = {"Fiducial": "vtkMRMLMarkupsFiducialNode", "ROI": "vtkMRMLMarkupsROINode"}[kind]
        return self._stored(slicer.mrmlScene.AddNewNodeByClass(class_name, self._name(path, properties)), path)

    def _scene(self, path, properties):
        scene = slicer.mrmlScene
        scene.SetURL(path)
        if properties.get("clear", True):
            scene.Clear(0)
        if not path.lower().endswith(".mrb"):
            return bool(scene.Connect() if properties.get("clear", True) else scene.Import())
        scene.SetRootDirectory(tempfile.mkdtemp(dir=slicer.app.temporaryPath))
        return bool(scene.ReadFromMRB(path, False))

    # --- writing -----------------------------------------------------------------------------------------------------
    def saveNodes(self, fileType, properties, userMessages=None, scene=None):
        path = str(properties["fileName"])
        if fileType == "SceneFile":
            return self.saveScene(path, None)
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        node.AddDefaultStorageNode(path)
        storage = node.GetStorageNode()
        storage.SetFileName(path)
        storage.SetUseCompression(int(properties.get("useCompression", True)))
        return bool(storage.WriteData(node))

    def addDefaultStorageNodes(self):
        nodes = slicer.mrmlScene.GetNodesByClass("vtkMRMLStorableNode")
        nodes.UnRegister(None)
        for i in range(nodes.GetNumberOfItems()):
            node = nodes.GetItemAsObject(i)
            if node.GetSaveWithScene() and not node.GetStorageNode():
                node.AddDefaultStorageNode()

    def saveScene(self, path, screenShot=None, userMessages=None):
        self.addDefaultStorageNodes()
        scene = slicer.mrmlScene
        if path.lower().endswith(".mrb"):
            return bool(scene.WriteToMRB(path, None))
        if path.lower().endswith(".mrml"):
            scene.SetURL(path)
            scene.SetRootDirectory(str(Path(path).parent))
            return bool(scene.Commit(path))
        Path(path).mkdir(parents=True, exist_ok=True)
        return bool(scene.SaveSceneToSlicerDataBundleDirectory(path, None))
