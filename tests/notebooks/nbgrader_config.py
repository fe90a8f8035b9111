"""For a course in nbgrader: copy this file into the course's folder, beside source/ (notebooks/TEACHING.md says how).

An exercise's start stands above the marks of its solution, so nothing has to be put in the solution's place; and cells
tagged `solution`, the explanations, are taken out before a release is made.
"""

from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import GenerateAssignment

c = get_config()  # noqa: F821 (nbgrader defines it)
c.ClearSolutions.code_stub = {"python": ""}
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution"}
c.GenerateAssignment.preprocessors = [TagRemovePreprocessor, *GenerateAssignment.preprocessors.default_args[0]]
