"""A signal of plain Python objects."""

import pytest

pytestmark = pytest.mark.usefixtures("application")


@pytest.fixture
def signal():
    from SAMAdaptModuleLib.app.Signal import Signal

    return Signal()


def test_listeners_hear_in_order_and_once(signal):
    heard = []
    first, second = (lambda *v: heard.append(("first", *v))), (lambda *v: heard.append(("second", *v)))
    for listener in (first, second, first):
        signal.connect(listener)
    signal.emit(1, "a")
    signal.disconnect(first)
    signal.disconnect(first)
    signal.emit()
    assert heard == [("first", 1, "a"), ("second", 1, "a"), ("second",)]


def test_a_listener_that_fails_is_logged_and_the_others_still_hear(signal, caplog):
    heard = []
    signal.connect(lambda: 1 / 0)
    signal.connect(lambda: heard.append("other"))
    signal.emit()
    assert heard == ["other"] and "ZeroDivisionError" in caplog.text


def test_a_listener_that_another_disconnects_is_not_called(signal):
    heard = []

    def late():
        heard.append("late")

    signal.connect(lambda: signal.disconnect(late))
    signal.connect(late)
    signal.emit()
    assert heard == []
