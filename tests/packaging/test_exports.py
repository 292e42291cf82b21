"""What a package says it exports is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import stepc
import stepwatch

PACKAGES = sorted(
    found.name for root in (stepc, stepwatch) for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}.") if found.ispkg
)


@pytest.mark.parametrize("name", PACKAGES)
def test_exported_names_are_there(name: str) -> None:
    package = importlib.import_module(name)
    assert [export for export in getattr(package, "__all__", ()) if not hasattr(package, export)] == []
