"""Which files of a repository a Python file imports."""

from __future__ import annotations

from tests.codebase.code import Code


def test_absolute_and_relative_imports_lead_to_modules(code: Code):
    found = code.imports(
        {
            "app/__init__.py": "",
            "app/a.py": "import app.b\nfrom app import c\n",
            "app/b.py": "from . import c\nfrom .inner.d import thing\n",
            "app/c.py": "import os, json\n",
            "app/inner/__init__.py": "",
            "app/inner/d.py": "from ..c import thing\nfrom ... import nothing\n",
        }
    )

    assert {
        "app/a.py": ["app/b.py", "app/c.py"],
        "app/b.py": ["app/c.py", "app/inner/d.py"],
        "app/inner/d.py": ["app/c.py"],
    } == found


def test_a_package_below_src_is_found_from_the_tests(code: Code):
    found = code.imports(
        {
            "src/app/__init__.py": "",
            "src/app/core.py": "",
            "tests/test_core.py": "from app.core import run\n",
            "tests/helpers.py": "",
            "tests/unit/test_more.py": "import helpers\n",
        }
    )

    assert {
        "tests/test_core.py": ["src/app/core.py"],
        "tests/unit/test_more.py": ["tests/helpers.py"],
    } == found


def test_a_namespace_package_needs_no_init(code: Code):
    found = code.imports(
        {
            "libs/one/src/acme/one/core.py": "",
            "libs/two/src/acme/two/core.py": "from acme.one import core\n",
        }
    )

    assert {"libs/two/src/acme/two/core.py": ["libs/one/src/acme/one/core.py"]} == found


def test_a_name_that_a_package_takes_from_a_module_leads_there(code: Code):
    found = code.imports(
        {
            "app/__init__.py": "from .core import run as run\nfrom .web import serve\n",
            "app/core.py": "",
            "app/web.py": "",
            "test_run.py": "import app\n\napp.run()\n",
            "test_serve.py": "from app import serve\n",
        }
    )

    assert ["app/__init__.py", "app/core.py"] == found["test_run.py"]
    assert ["app/__init__.py", "app/web.py"] == found["test_serve.py"]


def test_packages_that_take_a_name_from_each_other_are_no_endless_search(code: Code):
    found = code.imports(
        {
            "a/__init__.py": "from b import thing\n",
            "b/__init__.py": "from a import thing\n",
            "c.py": "from a import thing\n",
        }
    )

    assert ["a/__init__.py", "b/__init__.py"] == found["c.py"]


def test_the_nearest_of_modules_with_one_name_is_imported(code: Code):
    scripts = {f"examples/{name}/{file}": text for name in "ab" for file, text in SCRIPTS.items()}

    found = code.imports(scripts)

    assert {f"examples/{name}/main.py": [f"examples/{name}/settings.py"] for name in "ab"} == found


SCRIPTS = {"main.py": "import settings\n", "settings.py": ""}


def test_a_module_of_the_standard_library_is_not_one_of_the_repository(code: Code):
    found = code.imports(
        {
            "app/__init__.py": "",
            "app/json.py": "",
            "app/core.py": "import json\n",
            "tools/x.py": "import json",
        }
    )

    assert {} == found


def test_imports_inside_functions_and_conditions_count(code: Code):
    text = (
        "def f():\n    try:\n        import b\n    except ImportError:\n        if x:\n            import c\n"
    )
    matching = "match x:\n    case 1:\n        import b\n"

    found = code.imports({"a.py": text, "b.py": "", "c.py": "", "d.py": matching})

    assert {"a.py": ["b.py", "c.py"], "d.py": ["b.py"]} == found


def test_a_file_of_an_older_python_is_read_as_well(code: Code):
    found = code.imports(
        {"a.py": "import b, c\nfrom d import (x,\n  y)\nprint 'hello'\n", "b.py": "", "c.py": "", "d.py": ""}
    )

    assert {"a.py": ["b.py", "c.py", "d.py"]} == found


def test_text_is_no_import(code: Code):
    found = code.imports({"a.py": '"""\nimport b\n"""\n', "b.py": "", "c.md": "import b\n"})

    assert {} == found


def test_bytes_that_are_no_text_do_no_harm(code: Code):
    (code.root / "a.py").write_bytes(b"import b\n\0\xff\n")
    (code.root / "b.py").write_bytes(b"\xff\xfe import")

    assert {"a.py": ["b.py"]} == code.imports({})


def test_the_last_import_counts_wherever_it_ends(code: Code):
    texts = {
        "a.py": "try: import z\nexcept ImportError: pass\n",
        "b.py": "from z import (\n  one,  # :)\n  two,\n)\nrest = (1)\n",
        "c.py": "if x:\n    from z import \\\n        one\nelse:\n    y = 1\n",
        "d.py": "x = 1; import z\ntext = '''\nnot import\n'''\n",
        "e.py": "import z",
        "f.py": "class A:\n    def f(self):\n        import z\n\n        return z\n\nb = 2\n",
    }

    assert {path: ["z.py"] for path in texts} == code.imports({**texts, "z.py": ""})
