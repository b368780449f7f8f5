"""What would be done to environments, and why."""

from __future__ import annotations

from envtasks.environments.freshness import Need
from envtasks.environments.record import ANEW, INSTALL, PROJECT, REMOVE
from envtasks.report.why import why_document, why_text

NEEDS = {
    "test.py3.12": None,
    "lint": Need(frozenset([REMOVE, INSTALL]), "dependencies changed (+ a, - b)"),
    "docs": Need(frozenset([ANEW, PROJECT]), "there is none yet"),
}


def test_as_text() -> None:
    assert why_text(NEEDS) == (
        "test.py3.12  in sync\n"
        "lint         install what is missing, remove what is no longer asked for: dependencies changed (+ a, - b)\n"
        "docs         make anew: there is none yet\n"
    )
    assert why_text({}) == ""


def test_as_values() -> None:
    assert why_document(NEEDS) == {
        "test.py3.12": None,
        "lint": {"actions": [INSTALL, REMOVE], "reason": "dependencies changed (+ a, - b)"},
        "docs": {"actions": [ANEW], "reason": "there is none yet"},
    }
