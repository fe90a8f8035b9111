"""Lesson 2's own widget: one slider moves a matplotlib figure through the kernel and a lab through the browser."""

from harness import NOTEBOOKS


def test_one_slider_moves_the_figure_and_the_lab(open_notebook):
    page = open_notebook(NOTEBOOKS / "02_the_gates.ipynb")
    built = page.evaluate("""() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells
        .findIndex(cell => cell.source.includes("jslink(("))""")
    page.evaluate(
        """i => { const notebook = jupyterapp.shell.currentWidget.content;
        notebook.activeCellIndex = i; return notebook.scrollToItem(i, "start"); }""",
        built,
    )
    cell = page.locator(f'.jp-Cell[data-windowed-list-index="{built}"]')
    handle, image, lab = cell.locator(".noUi-handle"), cell.locator("img.widget-image"), cell.locator(".gru-lab")
    lab.locator("svg").wait_for()
    bias, z = lab.locator('input[data-name="b_z"]'), lab.locator('[data-readout="z"]')
    before = image.get_attribute("src")

    # The kernel has moved the slider to 2 and the lab to 3; the two come together when the slider moves.
    handle.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    cell.get_by_text("its value is z = 0.909").wait_for()  # the last of four answers of the kernel
    assert image.get_attribute("src") != before
    assert float(bias.input_value()) == 1.8
    assert abs(float(z.get_attribute("data-value")) - 0.90887704) < 1e-6  # sigma(0.5 + 1.8)
