"""The teaching notes: their minutes add up, and their lessons and sections are those of the notebooks."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rules

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTES = (FOLDER / "TEACHING.md").read_text(encoding="utf-8")
PLAN = re.compile(r"^#+ ([^\n]+) \((\d+) minutes\)$\n(.*?)(?=^#|\Z)", re.M | re.S)
PLANS = [(title, int(minutes), text) for title, minutes, text in PLAN.findall(NOTES)]
LESSONS = {title[0]: (minutes, text) for title, minutes, text in PLANS if re.match(r"\d · ", title)}
ROW = re.compile(r"^\| (\d+) \| ([^|]+?) \|", re.M)
NOTEBOOKS = sorted(FOLDER.glob("[0-9]*.ipynb"))


def plain(heading):
    """A heading without its formulas, for in the notes they are words."""
    return re.sub(r"\$[^$]*\$|\W", "", heading).lower()


@pytest.mark.parametrize(("title", "minutes", "text"), PLANS, ids=[title for title, _, _ in PLANS])
def test_the_minutes_add_up(title, minutes, text):
    assert sum(int(row) for row, _ in ROW.findall(text)) == minutes


def test_there_are_three_plans_and_all_lessons():
    assert [minutes for title, minutes, _ in PLANS if not re.match(r"\d · ", title)] == [50, 90, 270]
    assert sorted(LESSONS) == list("0123456789")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_takes_what_it_says_and_has_these_sections(path):
    minutes, text = LESSONS[path.name[1]]
    prose = rules.markdown(json.loads(path.read_text(encoding="utf-8")))
    assert re.search(r"\*\*Time needed:\*\* (\d+) minutes", prose)[1] == str(minutes)
    headings = [plain(heading) for heading in re.findall(r"^#+ (.+)$", prose, re.M)]
    for _, section in ROW.findall(text):
        numbered = re.match(r"\d+\. ", section)
        for part in [section] if numbered else section.split("; "):
            start = plain(numbered[0] if numbered else part)
            assert [heading for heading in headings if heading.startswith(start)], (
                f"{path.stem} has no section {part!r}"
            )


def test_links_lead_to_notebooks():
    numbers = {path.name[:2]: path.name for path in NOTEBOOKS}
    linked = set(re.findall(r"\]\((\d\d_\w+\.ipynb)\)", NOTES))
    assert linked
    assert [name for name in linked if numbers.get(name[:2], name) != name] == []


def test_every_misconception_has_a_place_and_a_control():
    table = NOTES[NOTES.index("## Misconceptions") : NOTES.index("## Glossary")]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith('| "')]
    assert len(rows) >= 10
    assert all(len(row) == 3 and re.match(r"\d\.\d+", row[1]) and row[2] for row in rows)
