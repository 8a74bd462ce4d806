"""`SampleData`: keeps the registered sources; downloads nothing by itself."""

from __future__ import annotations

from typing import Any, ClassVar


class SampleDataSource:
    def __init__(self, sampleName: str | None = None, sampleDescription: str | None = None, uris: Any = None,
                 fileNames: Any = None, nodeNames: Any = None, checksums: Any = None, loadFiles: Any = None,
                 customDownloader: Any = None, thumbnailFileName: str | None = None, loadFileTypes: Any = None,
                 loadFileProperties: dict | None = None, loadFileType: Any = None) -> None:
        self.sampleName, self.sampleDescription = sampleName, sampleDescription
        self.thumbnailFileName = thumbnailFileName
        self.uris, self.fileNames, self.nodeNames = uris, fileNames, nodeNames
        self.checksums, self.loadFiles, self.customDownloader = checksums, loadFiles, customDownloader
        self.loadFileTypes, self.loadFileProperties = loadFileTypes or loadFileType, loadFileProperties or {}


class SampleDataLogic:
    sources: ClassVar[dict[str, list[SampleDataSource]]] = {}

    def __init__(self, logMessage: Any = None) -> None:
        self.logMessage = logMessage

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", sampleName: str | None = None, uris: Any = None,
                                       fileNames: Any = None, nodeNames: Any = None, customDownloader: Any = None,
                                       thumbnailFileName: str | None = None, loadFileTypes: Any = None,
                                       loadFiles: Any = None, loadFileProperties: dict | None = None,
                                       checksums: Any = None, loadFileType: Any = None) -> None:
        source = SampleDataSource(sampleName, None, uris, fileNames, nodeNames, checksums, loadFiles, customDownloader,
                                  thumbnailFileName, loadFileTypes, loadFileProperties, loadFileType)
        SampleDataLogic.sources.setdefault(category, []).append(source)

    @staticmethod
    def sampleDataSourcesByCategory(category: str | None = None) -> Any:
        return SampleDataLogic.sources if category is None else SampleDataLogic.sources.get(category, [])

    @staticmethod
    def isSampleDataSourceRegistered(category: str, sampleDataSource: SampleDataSource) -> bool:
        known = SampleDataLogic.sources.get(category, [])
        return any(vars(s) == vars(sampleDataSource) for s in known)
