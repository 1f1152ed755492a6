"""One notebook after another, each a function: `steps.py NAME FOLDER` runs the one of that name."""

import sys
import traceback
from pathlib import Path

import notebooks
from lab import jupyterlab
from page import NOT_RUN, RUNNING, Cell, notebook

LESSON = Path(__file__).parents[4] / "notebooks/en/03_fallback.ipynb"
ANSWER = "Recursion is when a function solves a problem by calling itself"
PANIC = "the third cell meant to do this"
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight"]


def lesson(url: str, folder: Path) -> None:
    """Lesson 3 runs to its end: answers, table and exercise are on the page."""
    notebooks.lesson(LESSON, folder / "lesson.ipynb")
    with notebook(url, folder / "lesson.ipynb") as page:
        cells = page.run_all()
        page.picture("lesson-end")
        page.picture("lesson", whole=True)
        numbers = [cell.prompt for cell in cells]
        assert numbers == [f"[{count}]:" for count in range(1, len(cells) + 1)], f"the cells' numbers: {numbers}"
        bad = [cell for cell in cells if any(output.is_red for output in cell.outputs)]
        assert not bad, f"no cell of the lesson fails, but: {[(cell.source, cell.text) for cell in bad]}"
        assert len(page.answered) == 1, f"the key was asked for {len(page.answered)} times"

        by_hand = cell_with(cells, "match chat_with_fallback")
        order = ["→ sandbox/rate-limited", "HTTP 429", "→ sandbox/slow", "timeout", "✓ openai/gpt-4o-mini", ANSWER]
        positions = [by_hand.text.find(part) for part in order]
        assert -1 not in positions and positions == sorted(positions), f"{order} in this order in\n{by_hand.text}"
        assert ANSWER in cell_with(cells, "let reply = chat.timeout").text

        trail = cell_with(cells, "show(&reply.trail)")
        assert trail.html.count("<tr>") == 4, f"a table of a head and three tries, not\n{trail.html}"
        assert "What was tried" in trail.text and "openai/gpt-4o-mini" in trail.text, trail.text
        assert "╭" not in trail.text, "the picture is shown, not its text twin"
        assert "none of 2 models answered" in cell_with(cells, "course::BROKEN").text
        assert "replace the todo!()" in cell_with(cells, "course::check").text
        assert "end of lesson 03_fallback" in cells[-1].text


def chart(url: str, folder: Path) -> None:
    """A chart is drawn as a picture with its words."""
    sources = [
        "extern crate anymodel;\nuse anymodel::course;\nuse anymodel::course::prelude::*;",
        "let client = Client::sandbox()?;",
        'let comparison = client.compare(course::SIX, "Explain Docker with an analogy from daily life.").await;',
        "show(&comparison);",
        "show(&comparison.latency_chart());",
    ]
    notebooks.written(folder / "chart.ipynb", sources)
    with notebook(url, folder / "chart.ipynb") as page:
        cells = page.run_all()
        page.picture("chart", whole=True)
        assert "Docker is like a lunch box" in cells[3].text and "<table" in cells[3].html, cells[3]
        assert "<svg" in cells[4].html and cells[4].html.count("<rect") >= 5, f"a bar for each answer:\n{cells[4].html}"
        assert "openai/gpt-4o-mini" in cells[4].text, cells[4].text


def panic(url: str, folder: Path) -> None:
    """A panic shows red, and nothing after it runs."""
    sources = ["let kept = 1;", 'println!("before");', f'panic!("{PANIC}");', 'println!("after");', "kept + 1"]
    notebooks.written(folder / "panic.ipynb", sources)
    with notebook(url, folder / "panic.ipynb") as page:
        cells = page.run_all()
        page.picture("panic")
        assert cells[1].text.strip() == "before"
        shown = cells[2].outputs
        assert len(shown) == 1 and PANIC in shown[0].text, f"the panic's text, and nothing else, not {shown}"
        assert shown[0].is_red, f"a panic stands on red ground, not on {shown[0].color}"
        for cell in cells[3:]:
            assert cell.prompt == NOT_RUN and not cell.outputs, f"a cell after the panic ran: {cell}"
        kinds = [output["output_type"] for output in page.saved()[2]["outputs"]]
        assert kinds == ["error"], f"the notebook's file holds one error, not {kinds}"


def stream(url: str, folder: Path) -> None:
    """Text grows in one place while its cell runs: printed without a line break, and shown by the crate."""
    words = "[" + ", ".join(f'"{word} "' for word in WORDS) + "]"
    pause = "std::thread::sleep(std::time::Duration::from_millis(300));"
    prints = f'for word in {words} {{\n    print!("{{word}}");\n    {pause}\n}}'
    grows = (
        f"let mut answer = display::StreamingText::new();\nfor word in {words} {{\n    answer.push(word);\n    {pause}\n}}\n"
        "answer.finish();"
    )
    sources = ["extern crate anymodel;\nuse anymodel::course::prelude::*;", prints, grows]
    notebooks.written(folder / "stream.ipynb", sources)
    states: dict[int, list[str]] = {1: [], 2: []}

    def watch(cells: list[Cell]) -> None:
        for position, seen in states.items():
            cell = cells[position]
            assert len(cell.outputs) <= 1, f"one output that grows, not several: {cell.outputs}"
            text = " ".join(cell.text.split())
            if cell.prompt == RUNNING and text and text not in seen:
                seen.append(text)
                if len(seen) == 4:
                    page.picture(f"stream-{position}-while-running")

    with notebook(url, folder / "stream.ipynb") as page:
        cells = page.run_all(watch=watch)
        page.picture("stream")
        for position, seen in states.items():
            assert cells[position].text.split() == WORDS, cells[position].text
            assert len(seen) >= 4, f"the text was seen growing only {len(seen)} times: {seen}"
            for before, after in zip(seen, seen[1:]):
                assert after.startswith(before), f"{before!r} did not grow but became {after!r}"


def cell_with(cells: list[Cell], code: str) -> Cell:
    """The one cell whose source has this code in it."""
    return next(cell for cell in cells if code in cell.source)


def main() -> None:
    name, home = sys.argv[1], Path(sys.argv[2])
    folder = home / name
    folder.mkdir(parents=True)
    try:
        with jupyterlab(folder) as url:
            {"lesson": lesson, "chart": chart, "panic": panic, "stream": stream}[name](url, folder)
    except Exception:
        traceback.print_exc()
        log = folder / ".jupyter/server.log"
        sys.exit(f"--- JupyterLab's log, its last lines\n{log.read_text()[-4000:] if log.exists() else 'none'}")


main()
