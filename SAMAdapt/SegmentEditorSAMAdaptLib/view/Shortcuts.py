"""What keys and mouse do in slice views: one table, by which keys act, and of which help and overlay are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from slicer.i18n import tr as _

from SAMAdaptLib.prompts.kinds import KINDS
from SegmentEditorSAMAdaptLib.edit.MaskChoice import MaskChoice
from SegmentEditorSAMAdaptLib.view.CorrectionControls import CorrectionControls
from SegmentEditorSAMAdaptLib.view.EffectOptions import Actions, EffectOptions
from SegmentEditorSAMAdaptLib.view.SliceTour import SliceTour

DIGITS = "0123"


class KeyActions(Actions, Protocol):
    """What keys do beside what buttons do.

    Attributes:
        options: the frame with the tools.
        tour: goes to slices.
        masks: chooses among them.
        corrections: accepts slices.
    """

    options: EffectOptions
    tour: SliceTour
    masks: MaskChoice
    corrections: CorrectionControls

    def hoverAt(self, viewWidget: Any, positive: bool | None = None) -> bool | None:
        """Show what a click at the mouse would give."""

    def showShortcuts(self, viewWidget: Any) -> bool | None:
        """Show the table over a view."""


class Shortcut(NamedTuple):
    """One line of the table.

    Attributes:
        shown: the keys or the gesture, as people read them.
        what: what it does.
        symbols: the keys as VTK names them; none for gestures of the mouse.
        act: called with whose actions they are, the view's widget and the symbol; tells whether the key was used. A key
            that is not used goes on to the application.
    """

    shown: str
    what: str
    symbols: tuple[str, ...] = ()
    act: Callable[[KeyActions, Any, str], object] = lambda *_values: False


def shortcuts() -> list[Shortcut]:
    """The table, in the language of the application."""
    lines = tuple(name[0] for name, kind in KINDS.items() if kind.line)
    return [
        Shortcut(_("Left-click"), _("a point on the object")),
        Shortcut(_("Ctrl + left-click"), _("a point that does not belong to it; so does the button Background")),
        Shortcut(
            _("Left-click where it was carried to"),
            _("mends the segment there, and on the slices beside as far as that changes them"),
        ),
        Shortcut(
            _("Left-button drag"),
            _("a box around the object; with Scribble a line over it, with Lasso a line around it that closes itself"),
        ),
        Shortcut(_("Ctrl + drag"), _("with Scribble: a line over what does not belong to the object")),
        Shortcut(
            ", ".join(lines).upper(),
            _("drags are scribbles, lassos; once more: boxes again"),
            lines,
            lambda do, _view, key: do.options.toggleTool(key),
        ),
        Shortcut(
            _("1 to 3"),
            _("of the masks that one click may mean, the smallest to the largest; 0: the one trusted most"),
            (*DIGITS, *(f"KP_{digit}" for digit in DIGITS)),
            lambda do, _view, key: do.masks.choose(int(key[-1])),
        ),
        Shortcut(
            "H",
            _("as long as it is held: show what a click at the mouse would give; nothing of it is kept"),
            ("h",),
            lambda do, view, _key: do.hoverAt(view),
        ),
        *_ofSlices(),
        Shortcut(
            _("Backspace"),
            _("take the last point, box or line back"),
            ("BackSpace",),
            lambda do, _view, _key: do.controller.undoGesture(),
        ),
        Shortcut(
            _("Enter"),
            _("accept the preview"),
            ("Return", "KP_Enter"),
            lambda do, _view, _key: do.controller.accept(),
        ),
        Shortcut(_("Escape"), _("drop the preview"), ("Escape",), lambda do, _view, _key: do.drop()),
        Shortcut("?", _("show this list"), ("question",), lambda do, view, _key: do.showShortcuts(view)),
    ]


def _ofSlices() -> list[Shortcut]:
    """Those that are about whole slices."""
    return [
        Shortcut(
            "[, ]",
            _("the previous, the next slice of this view that has prompts, or of which the model was not sure"),
            ("bracketleft", "bracketright"),
            lambda do, view, key: do.tour.step(view, key == "bracketright"),
        ),
        Shortcut(
            "K",
            _("accept this slice as it is, so that no correction changes it; once more: release it"),
            ("k",),
            lambda do, view, _key: do.corrections.acceptSlice(view),
        ),
        Shortcut(
            "X",
            _("accept the preview and add the slice to the exemplars, also in the place of its earlier labels"),
            ("x",),
            _addExemplar,
        ),
    ]


def _addExemplar(actions: KeyActions, _viewWidget: Any, _key: str) -> bool:
    actions.addExemplar()
    return True


def pressed(actions: KeyActions, viewWidget: Any, key: str, ctrl: bool) -> bool:
    """A key in a slice view, as VTK names it; False where it means nothing now."""
    if ctrl and key.isalpha() and len(key) == 1:
        return False
    found = next((one for one in shortcuts() if key in one.symbols), None)
    return found is not None and bool(found.act(actions, viewWidget, key))


def listed() -> str:
    """The table as items of an HTML list."""
    return "\n".join(f"<li><b>{one.shown}:</b> {one.what}." for one in shortcuts())


def tabled() -> str:
    """The table as one of HTML."""
    row = '<tr><td style="padding: 3px 14px 3px 4px"><b>{keys}</b></td><td style="padding: 3px">{what}</td></tr>'
    rows = "".join(row.format(keys=one.shown, what=one.what) for one in shortcuts())
    return f"<table>{rows}</table>"
