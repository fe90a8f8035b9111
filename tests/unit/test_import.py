"""What importing the package loads, what it offers, and which module may import which."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gru_lib

PACKAGE = Path(gru_lib.__file__).parent
HEAVY = ("tensorflow", "keras", "pandas", "matplotlib", "pooch", "anywidget", "ipywidgets", "scipy", "tqdm", "IPython")

CELLS = {"_checks", "gru", "rnn", "lstm"}
# Each module and what it may import, of this package and of others: arrows point downwards only.
MAY_IMPORT = {
    "_checks": {"numpy"},
    "gru": {"_checks", "numpy"},
    "rnn": {"_checks", "gru", "numpy"},
    "lstm": {"_checks", "gru", "rnn", "numpy"},
    "conventions": {"_checks", "gru", "numpy"},
    "gradients": CELLS | {"numpy"},
    "optimizers": {"numpy"},
    "heads": {"_checks", "numpy"},
    "training": CELLS | {"gradients", "heads", "optimizers", "numpy", "threadpoolctl", "tqdm"},
    "checkpoints": CELLS | {"heads", "numpy"},
    "tasks": {"_checks", "gru", "numpy"},
    "tables": {"_checks", "numpy", "pandas"},
    "results": CELLS | {"tables", "tasks", "training", "numpy"},
    "readers": {"_checks", "numpy", "pandas", "pooch", "requests"},
    "datasets": {"_checks", "readers", "numpy", "pandas", "pooch", "requests", "tqdm", "vega_datasets"},
    "imdb": {"_checks", "readers", "numpy"},
    "windows": {"_checks", "numpy"},
    "figures": {"numpy", "matplotlib"},
    "labs": CELLS | {"conventions", "gradients", "numpy", "anywidget", "ipywidgets", "traitlets", "IPython"},
    "exercises": {"_checks", "gru", "tasks", "numpy"},
    "systems": {"_checks", "keras"},
    "speed": {"_checks", "systems", "numpy", "tensorflow"},
    "comparison": {"_checks", "numpy", "scipy"},
    "preparation": {"_checks", "datasets", "windows", "numpy"},
    "runs": {"_checks", "datasets", "preparation", "systems", "tables"},
    "claims": {"_checks"},
    "__init__": {"gru", "lstm", "rnn"},
}
MAY_IMPORT["experiments"] = set().union(*MAY_IMPORT.values(), MAY_IMPORT) | {"joblib", "tensorflow", "keras"}
MAY_IMPORT["trials"] = MAY_IMPORT["experiments"] | {"experiments", "claims"}


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, gru_lib; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_pass_of_the_gru_loads_nothing_heavy():
    code = (
        "import sys, numpy as np, gru_lib\n"
        "gru = gru_lib.GRU(2, 3)\n"
        "x, dh = np.ones((1, 2, 2)), np.ones((1, 2, 3))\n"
        "gru.backward(gru.forward(x), dh)\n"
        "gru_lib.gradients.check(gru_lib.conventions.from_keras(gru_lib.conventions.to_keras(gru)), x, dh)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", gru_lib.__all__)
def test_every_name_offered_exists(name):
    assert getattr(gru_lib, name) is not None
    assert name in dir(gru_lib)


def test_a_name_not_offered_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gru_lib' has no attribute 'nonsense'"):
        _ = gru_lib.nonsense


def files():
    return sorted(path for path in PACKAGE.rglob("*.py"))


def module_of(path):
    """The module a file belongs to: its name, or its folder's (all of labs/ is one module)."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(path, package=PACKAGE):
    """Everything a file imports: modules of this package by their own name, others by that of their package."""
    folder = ["gru_lib", *path.relative_to(package).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            names = [f"{module}.{alias.name}" if module == "gru_lib" else module for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            yield rest.partition(".")[0] if first == "gru_lib" else first


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    module = module_of(path)
    assert module in MAY_IMPORT, f"{module} is new: say in MAY_IMPORT what it may import"
    outside = {name for name in imported_by(path) if name not in sys.stdlib_module_names}
    assert outside - {module} <= MAY_IMPORT[module], f"{module} imports {outside - {module} - MAY_IMPORT[module]}"


def test_tensorflow_is_imported_inside_functions_alone():
    for path in files():
        top = ast.parse(path.read_text(encoding="utf-8")).body
        names = {alias.name.partition(".")[0] for node in top if isinstance(node, ast.Import) for alias in node.names}
        names |= {(node.module or "").partition(".")[0] for node in top if isinstance(node, ast.ImportFrom)}
        assert not names & {"tensorflow", "keras"}, path


def test_the_reader_of_imports_reads_every_kind(tmp_path):
    (tmp_path / "labs").mkdir()
    path = tmp_path / "labs" / "gate.py"
    path.write_text(
        "import numpy as np, os.path\nimport gru_lib.training\nfrom gru_lib import windows, tasks\n"
        "from gru_lib.gru import GRU\nfrom . import sequence\nfrom .. import figures\nfrom ..rnn import SimpleRNN\n"
        "def late():\n    from matplotlib.figure import Figure\n"
    )
    found = set(imported_by(path, tmp_path))
    assert found == {"numpy", "os", "training", "windows", "tasks", "gru", "labs", "figures", "rnn", "matplotlib"}
