"""A notebook in JupyterLab, seen and used as a person does: through menus, prompts and what is on the page."""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

KERNEL = "Rust (anymodel)"
RUNNING = "[*]:"
NOT_RUN = "[ ]:"

# The text of what is out of sight is not rendered, so it is read from the document and not from the screen.
READ_CELLS = """
return [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map(cell => ({
    source: [...cell.querySelectorAll('.cm-line')].map(line => line.textContent).join('\\n'),
    prompt: cell.querySelector('.jp-InputPrompt').textContent.trim(),
    outputs: [...cell.querySelectorAll('.jp-OutputArea-output')].map(output => ({
        text: output.textContent,
        html: output.innerHTML,
        color: getComputedStyle(output).backgroundColor,
    })),
}));
"""


@dataclass
class Output:
    """One thing below a cell."""

    text: str
    html: str
    color: str

    @property
    def is_red(self) -> bool:
        """Whether it stands on red ground, as errors do."""
        red, green, blue, *opacity = (float(part) for part in self.color.strip("rgba()").split(","))
        return opacity != [0] and red > green and red > blue


@dataclass
class Cell:
    """A code cell: the number at its left, and what stands below it."""

    source: str
    prompt: str
    outputs: list[Output]

    @property
    def text(self) -> str:
        return "\n".join(output.text for output in self.outputs)

    @property
    def html(self) -> str:
        return "".join(output.html for output in self.outputs)


class Page:
    """An open notebook."""

    def __init__(self, driver: webdriver.Chrome, url: str, file: Path) -> None:
        self.driver = driver
        self.file = file
        self.answered: set[str] = set()
        driver.get(url)
        self.wait_for("the notebook's cells", 60, lambda: self.cells())
        self.wait_for(f"the kernel {KERNEL}, ready", 60, self.is_idle)

    def is_idle(self) -> bool:
        """Whether the toolbar names the kernel and says that it has nothing to do."""
        name = self.driver.find_elements(By.CSS_SELECTOR, ".jp-KernelName")
        status = self.driver.find_elements(By.CSS_SELECTOR, ".jp-Notebook-ExecutionIndicator")
        try:
            return any(KERNEL in part.text for part in name) and any(
                part.get_attribute("data-status") == "idle" for part in status
            )
        except StaleElementReferenceException:
            return False

    def cells(self) -> list[Cell]:
        """The code cells, as they are now."""
        return [
            Cell(cell["source"], cell["prompt"], [Output(**output) for output in cell["outputs"]])
            for cell in self.driver.execute_script(READ_CELLS)
        ]

    def choose(self, menu: str, entry: str) -> None:
        """Clicks an entry of the menu bar."""
        wait = WebDriverWait(self.driver, 10)
        for path in (
            f"//*[contains(@class, 'lm-MenuBar-itemLabel')][normalize-space()='{menu}']",
            f"//*[contains(@class, 'lm-Menu-itemLabel')][normalize-space()='{entry}']",
        ):
            wait.until(expected.element_to_be_clickable((By.XPATH, path))).click()

    def run_all(self, patience: float = 120, watch: Callable[[list[Cell]], None] = lambda cells: None) -> list[Cell]:
        """Runs every cell, answers hidden questions with Enter, and returns the cells once nothing runs any more.

        `watch` sees the cells again and again while they run.
        """
        self.choose("Run", "Run All Cells")
        cells: list[Cell] = []

        def finished() -> bool:
            nonlocal cells
            self.answer_with_enter()
            cells = self.cells()
            watch(cells)
            started = any(cell.prompt != NOT_RUN for cell in cells)
            return started and self.is_idle() and not any(cell.prompt == RUNNING for cell in cells)

        self.wait_for("all cells to have run", patience, finished)
        return cells

    def answer_with_enter(self) -> None:
        """The lessons ask for a key; whoever only presses Enter gets the sandbox."""
        for field in self.driver.find_elements(By.CSS_SELECTOR, ".jp-Stdin-input"):
            with contextlib.suppress(StaleElementReferenceException):
                kind = field.get_attribute("type")
                assert kind == "password", f"what is typed as a key must be hidden, but the field is of type {kind!r}"
                if field.id not in self.answered:
                    self.answered.add(field.id)
                    field.send_keys(Keys.ENTER)

    def wait_for(self, what: str, patience: float, holds: Callable[[], object]) -> None:
        """Waits until something holds; a failure shows the cells as they stand."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline:
                seen = "\n".join(f"{cell.prompt} {cell.source[:60]!r} -> {cell.text[:200]!r}" for cell in self.cells())
                raise AssertionError(f"waited {patience:.0f} s in vain for {what}; the page shows\n{seen}")
            time.sleep(0.1)

    def saved(self) -> list[dict]:
        """Saves the notebook, and reads its code cells from the file."""
        before = self.file.stat().st_mtime_ns
        self.choose("File", "Save Notebook")
        self.wait_for("the notebook to be saved", 10, lambda: self.file.stat().st_mtime_ns > before)
        return [cell for cell in json.loads(self.file.read_text())["cells"] if cell["cell_type"] == "code"]

    def picture(self, name: str, whole: bool = False) -> None:
        """Keeps a screenshot for a person to look at: of what is in sight, or of the whole notebook from its top."""
        if whole:
            self.driver.set_window_size(1280, 6000)
            self.driver.execute_script("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")
            time.sleep(1)  # the page lays itself out anew
            bottom = "return [...document.querySelectorAll('.jp-Cell')].pop().getBoundingClientRect().bottom"
            self.driver.set_window_size(1280, int(self.driver.execute_script(bottom)) + 250)
            time.sleep(0.5)
        keep_picture(self.driver, self.file, name)


def keep_picture(driver: webdriver.Chrome, notebook: Path, name: str) -> None:
    """Screenshots lie beside the folder that is served."""
    file = notebook.parents[1] / f"{name}.png"
    driver.save_screenshot(str(file))
    print(f"screenshot: {file}")


@contextlib.contextmanager
def notebook(url: str, file: Path) -> Iterator[Page]:
    """A notebook in a browser of its own; a failure leaves a screenshot."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium and chromedriver, "this test needs Chromium and its driver: apt install chromium chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in ("--headless=new", "--window-size=1280,900", "--disable-dev-shm-usage", "--no-proxy-server"):
        options.add_argument(option)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to run as root otherwise
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    try:
        yield Page(driver, url.replace("NAME", file.name), file)
    except BaseException:
        keep_picture(driver, file, f"{file.stem}-failed")
        raise
    finally:
        driver.quit()
