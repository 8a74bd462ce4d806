"""Keep the part of the Slicer API facts that the project uses.

usage: extract.py FACTS_FOLDER CHECKOUT
Writes qt.json beside this file: the classes in COMMON, those that CHECKOUT's SAMAdapt names, and their base chains.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

COMMON = """
QWidget QFrame QLabel QPushButton QToolButton QCheckBox QRadioButton QComboBox QSpinBox QDoubleSpinBox QSlider QLineEdit
QPlainTextEdit QTextEdit QTextBrowser QProgressBar QTableWidget QTableWidgetItem QHeaderView QListWidget QListWidgetItem
QTreeWidget QTreeWidgetItem QGroupBox QTabWidget QTabBar QStackedWidget QToolBox QScrollArea QScrollBar QSplitter
QDockWidget QMainWindow QStatusBar QToolBar QMenuBar
QVBoxLayout QHBoxLayout QGridLayout QFormLayout QStackedLayout QSpacerItem QWidgetItem QSizePolicy QTimer QElapsedTimer
QSettings
QIcon QPixmap QImage QPainter QPen QBrush QColor QCursor QFont QFontMetrics QPalette QSize QSizeF QPoint QPointF
QRect QRectF QMargins QPolygonF QVector3D QTransform QEvent QKeyEvent QMouseEvent QWheelEvent QResizeEvent QPaintEvent
QCloseEvent QShowEvent QHideEvent QFocusEvent QDropEvent QDragEnterEvent QContextMenuEvent QTimerEvent QChildEvent
QHelpEvent QEnterEvent QKeySequence QShortcut QAction QActionGroup QMenu QMessageBox QFileDialog QInputDialog
QProgressDialog QColorDialog QDialog QDialogButtonBox QButtonGroup QStandardPaths QUrl QDesktopServices QFileInfo QDir
QFile QByteArray QObject QSignalBlocker QEventLoop QApplication QGuiApplication QClipboard QScreen QStyle QToolTip Qt
QUiLoader QMimeData QModelIndex QStandardItemModel QStandardItem QIntValidator QDoubleValidator QProcess
QProcessEnvironment QThread QLocale QDateTime QMovie QTextCursor QTextDocument
ctkCollapsibleButton ctkCollapsibleGroupBox ctkPathLineEdit ctkSliderWidget ctkRangeWidget ctkDoubleSpinBox ctkComboBox
ctkCheckableComboBox ctkMessageBox ctkMenuButton ctkExpandableWidget ctkFittedTextBrowser ctkDirectoryButton
ctkVTKSliceView ctkVTKAbstractView ctkVTKRenderView
qMRMLWidget
qMRMLNodeComboBox qMRMLSegmentSelectorWidget qMRMLSegmentEditorWidget qMRMLSegmentsTableView qMRMLSliceWidget
qMRMLSliceView qMRMLSliceControllerWidget qMRMLThreeDWidget qMRMLThreeDView qMRMLLayoutManager qMRMLSliderWidget
qMRMLRangeWidget qMRMLSpinBox qMRMLTableView
qSlicerWidget qSlicerApplication qSlicerLayoutManager qSlicerScriptedLoadableModule
qSlicerScriptedLoadableModuleWidget qSlicerAbstractCoreModule qSlicerAbstractModuleWidget
qSlicerSegmentEditorAbstractEffect qSlicerSegmentEditorScriptedEffect qSlicerSegmentEditorEffectFactory
qSlicerModuleFactoryManager qSlicerModuleManager qSlicerIOManager
""".split()


def normal(entry: dict, hidden: bool) -> dict:
    """The form that the gate reads, from either facts file."""
    out: dict = {"base": (entry.get("bases") or [None])[0]}
    out["properties"] = {}
    for name, p in entry.get("properties", {}).items():
        if isinstance(p, str):
            out["properties"][name] = [p.removesuffix(" readonly"), not p.endswith(" readonly"), ""]
        else:
            out["properties"][name] = [p["type"], "write" in p, p.get("notify", "")]
    signals = entry.get("signals", [])
    if isinstance(signals, dict):
        signals = [s for forms in signals.values() for form in forms for s in form["norm"]]
    out["signals"] = signals
    methods, static = set(entry.get("methods", [])), set(entry.get("static", []))
    methods |= set(entry.get("slots", []))
    for name, forms in entry.get("invokables", {}).items():
        (static if forms[0]["sig"].startswith("static ") else methods).add(name)
    decorators = entry.get("decorators", {})
    methods |= set(decorators.get("instance", []))
    static |= set(decorators.get("static", []))
    out["methods"], out["static"] = sorted(methods - static), sorted(static)
    if "enums" in entry or "meta_enums" in entry:
        enums = {**entry.get("meta_enums", {}), **entry.get("enums", {})}
        out["enums"] = {n: v["values"] if isinstance(v, dict) else v for n, v in enums.items()}
    if hidden:
        out.update(namespace=entry.get("namespace"), new=entry.get("new") is not None)
    return {k: v for k, v in out.items() if v not in ({}, [])}


def main(folder: Path, checkout: Path) -> None:
    slicer = json.loads((folder / "slicer_qt_api.json").read_text())
    base = json.loads((folder / "qt_base_api.json").read_text())
    names = set(COMMON)
    for path in [p for p in (checkout / "SAMAdapt").rglob("*") if p.suffix in (".py", ".ui")]:
        names |= set(re.findall(r"\b(?:Q[A-Z]|ctk[A-Z]|qMRML|qSlicer)\w+", path.read_text(encoding="utf-8")))
    classes: dict = {}
    todo = sorted(names)
    while todo:
        name = todo.pop()
        entry = slicer["classes"].get(name) or base["classes"].get(name)
        if entry is None or name in classes:
            continue
        classes[name] = normal(entry, hidden=name in slicer["classes"])
        todo += (entry.get("bases") or [])[:1]
    sources = json.dumps({**slicer["meta"]["sources"], **base["meta"]["sources"]}, indent=1)
    lines = [f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in sorted(classes.items())]
    text = f'{{"sources": {sources},\n"classes": {{\n' + ",\n".join(lines) + "\n}}\n"
    (Path(__file__).parent / "qt.json").write_text(text, encoding="utf-8")
    print(len(classes), "classes,", len(text) // 1000, "kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
