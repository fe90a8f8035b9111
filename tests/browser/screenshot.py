"""Take the README's picture of GateLab from a real JupyterLab: notebooks/images/gate_lab.png."""

import tempfile
from pathlib import Path

from harness import chromium, jupyterlab, write_notebook

TARGET = Path(__file__).parents[2] / "notebooks" / "images" / "gate_lab.png"


def main():
    """Run one cell with a lab, move a slider, crop the page to the lab."""
    with tempfile.TemporaryDirectory() as folder, jupyterlab(Path(folder) / "server") as server, chromium() as browser:
        context = browser.new_context(viewport={"width": 1400, "height": 1100}, device_scale_factor=1.5)
        cells = ["from gru_lib.labs import GateLab\n\nGateLab()"]
        page = server.open(context, write_notebook(Path(folder) / "lab.ipynb", *cells))
        page.locator(".gru-lab svg").wait_for()
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        page.locator(".gru-lab").screenshot(path=TARGET)
        if page.problems:
            raise SystemExit("\n".join(page.problems))
    print(f"{TARGET} ({TARGET.stat().st_size // 1000} kB)")


if __name__ == "__main__":
    main()
