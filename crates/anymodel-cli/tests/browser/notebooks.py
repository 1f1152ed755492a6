"""Notebooks for the tests: written here, or copied from the lessons without what they showed."""

import json
from pathlib import Path


CRATE = Path(__file__).parents[4]


def lesson(source: Path, target: Path) -> None:
    """Copies a lesson as if nobody had ever run it; the copy names the crate by its whole path."""
    here, there = json.dumps('path = "../.."'), json.dumps(f'path = "{CRATE}"')
    book = json.loads(source.read_text(encoding="utf-8").replace(here[1:-1], there[1:-1]))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    target.write_text(json.dumps(book), encoding="utf-8")


def written(target: Path, sources: list[str]) -> None:
    """A notebook of these cells."""
    cells = [
        {"cell_type": "code", "id": f"cell-{position}", "metadata": {}, "source": source, "outputs": [],
         "execution_count": None}
        for position, source in enumerate(sources)
    ]
    kernel = {"display_name": "Rust (anymodel)", "language": "rust", "name": "anymodel"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    target.write_text(json.dumps(book), encoding="utf-8")
