"""Few folders and files name a set of files, and none of the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from porch_tui.core.files.globs import matches
from porch_tui.core.splitting.covering import as_pattern, covering

PATHS = st.sets(
    st.lists(st.sampled_from(["a", "b", "c*", "d?"]), min_size=1, max_size=4).map(
        lambda one: "/".join([*one, "x.py"])
    )
)


def test_the_outermost_folder_stands_for_all_that_is_in_it():
    assert ("a/", "b/x.py") == covering(["a/b/x.py", "a/c/y.py", "b/x.py"], ["b/y.py", "z.py"])


def test_one_file_is_no_folder_and_neither_is_the_repository():
    assert ("docs/conf.py", "setup.py", "x.py") == covering(["docs/conf.py", "setup.py", "x.py"], [])


@given(PATHS, PATHS)
def test_patterns_match_these_files_and_none_of_the_others(files, others):
    others -= files
    patterns = [as_pattern(place) for place in covering(files, others)]

    assert all(any(matches(pattern, path) for pattern in patterns) for path in files)
    # the pattern of a name with a wildcard in it matches names of the same length too
    plain = {path for path in others if not {"*", "?"} & set(path)}
    if not any({"*", "?"} & set(path) for path in files):
        assert not [path for path in plain if any(matches(pattern, path) for pattern in patterns)]
