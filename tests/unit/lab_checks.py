"""What the tests of each lab ask of its settings."""

import re

import pytest
from traitlets import TraitError


def check_refused(kind, setting, sentence):
    """A bad setting is refused in a sentence when the lab is made, and afterwards, when it changes nothing."""
    with pytest.raises(TraitError, match=re.escape(sentence)):
        kind(**setting)
    lab = kind()
    ((name, value),) = setting.items()
    before = getattr(lab, name)
    with pytest.raises(TraitError, match=re.escape(sentence)):
        setattr(lab, name, value)
    assert getattr(lab, name) == before
