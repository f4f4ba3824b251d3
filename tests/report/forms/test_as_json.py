"""JSON text is what Python's own encoder writes, only sooner."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from porch_tui.report.forms.as_json import as_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_any_document_is_indented_or_one_line_as_python_does_it(document):
    assert as_json(document) == json.dumps(document, indent=2) + "\n"
    assert as_json(document, is_line=True) == json.dumps(document) + "\n"


def test_a_byte_of_a_path_that_is_not_utf8_is_written_as_python_has_it():
    assert as_json({"path": "caf\udce9"}) == '{\n  "path": "caf\\udce9"\n}\n'
