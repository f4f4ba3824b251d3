"""Which files of a repository a file of JavaScript, TypeScript, Go or Rust imports."""

from __future__ import annotations

import pytest

from tests.codebase.code import Code

pytest.importorskip("tree_sitter", reason="the extra `languages` is not installed")


def test_javascript_imports_by_every_way_there_is(code: Code):
    text = """
import a from "./a"
export { b } from "./b.js"
const c = require("./c/index")
import("./d.mjs").then(run)
require(name); other("./e"); // require("./e")
import fs from "fs"
"""
    modules = {"a.js": "", "b.js": "", "c/index.js": "", "d.mjs": "", "e.js": ""}

    found = code.imports({"main.js": text, **modules})

    assert {"main.js": ["a.js", "b.js", "c/index.js", "d.mjs"]} == found


def test_javascript_imports_a_folder_and_what_is_above(code: Code):
    found = code.imports(
        {"index.js": "", "lib/index.jsx": "", "test/x.js": "require('..'); require('../lib')"}
    )

    assert {"test/x.js": ["index.js", "lib/index.jsx"]} == found


def test_javascript_that_is_broken_somewhere_is_read_elsewhere(code: Code):
    found = code.imports({"a.js": "import b from './b'\nconst = ;\nrequire('./c')\n", "b.js": "", "c.js": ""})

    assert {"a.js": ["b.js", "c.js"]} == found


def test_typescript_imports_what_will_be_compiled(code: Code):
    text = (
        'import { b } from "./b.js"\nimport c = require("./c")\nimport type { D } from "./d"\nlet x = <T>y\n'
    )
    component = 'import { b } from "../src/b"\nexport const C = () => <div>{b}</div>\n'

    found = code.imports(
        {"src/a.ts": text, "src/b.ts": "", "src/c.ts": "", "src/d.d.ts": "", "ui/c.tsx": component}
    )

    assert {"src/a.ts": ["src/b.ts", "src/c.ts", "src/d.d.ts"], "ui/c.tsx": ["src/b.ts"]} == found


def test_typescript_knows_the_aliases_of_the_nearest_configuration(code: Code):
    configuration = """{
      // comments, and a comma at the end
      "compilerOptions": {"baseUrl": "./src", "paths": {"@/*": ["app/*"], "config": ["settings.ts"],}},
    }"""

    found = code.imports(
        {
            "web/tsconfig.json": configuration,
            "web/src/main.ts": 'import "@/core"\nimport "config"\nimport "other"\nimport "react"\n',
            "web/src/app/core.ts": "",
            "web/src/settings.ts": "",
            "web/src/other.ts": "",
        }
    )

    assert {"web/src/main.ts": ["web/src/app/core.ts", "web/src/other.ts", "web/src/settings.ts"]} == found


def test_packages_of_a_workspace_are_found_by_their_names(code: Code):
    found = code.imports(
        {
            "packages/core/package.json": '{"name": "@acme/core", "main": "./dist/index.js"}',
            "packages/core/src/index.ts": "",
            "packages/core/src/deep.ts": "",
            "packages/web/package.json": '{"name": "web"}',
            "packages/web/src/a.ts": 'import "@acme/core"\nimport "@acme/core/deep"\nimport "@acme/none"\n',
        }
    )

    assert {"packages/web/src/a.ts": ["packages/core/src/deep.ts", "packages/core/src/index.ts"]} == found


def test_a_damaged_configuration_is_as_good_as_none(code: Code):
    found = code.imports({"tsconfig.json": "{", "package.json": "[]", "a.ts": 'import "./b"', "b.ts": ""})

    assert {"a.ts": ["b.ts"]} == found


def test_go_imports_packages_by_the_module_of_go_mod(code: Code):
    main = 'package main\n\nimport (\n\t"fmt"\n\tone "example.org/app/one"\n)\n\nfunc main() { one.Run() }\n'

    found = code.imports(
        {
            "go.mod": "module example.org/app\n",
            "cmd/main.go": main,
            "one/run.go": "package one\n\nfunc Run(s string) {}\n",
            "one/other.go": "package one\n\nfunc Other() {}\n",
            "one/run_test.go": 'package one\n\nfunc TestRun() { Run("") }\n',
        }
    )

    assert {"cmd/main.go": ["one/run.go"], "one/run_test.go": ["one/run.go"]} == found


def test_go_files_of_one_package_need_what_the_others_declare(code: Code):
    found = code.imports(
        {
            "a.go": "package x\n\nvar (\n\tLimit = 1\n)\n\nconst Most = 2\n\ntype T struct{}\n",
            "b.go": "package x\n\nfunc (t *T) M() int { return Limit }\n",
            "c.go": "package x\n\nfunc f() { g() }\n",
            "d.go": "package x\n\nfunc g() int { return Most }\n",
        }
    )

    assert {"b.go": ["a.go"], "c.go": ["d.go"], "d.go": ["a.go"]} == found


def test_rust_modules_are_those_that_are_declared(code: Code):
    found = code.imports(
        {
            "Cargo.toml": '[package]\nname = "my-app"\n',
            "src/lib.rs": "pub mod a;\nmod b;\npub use a::Thing;\n",
            "src/a.rs": "use crate::b::{self, inner::Deep as D};\n",
            "src/b/mod.rs": "mod inner;\nuse super::a;\n",
            "src/b/inner.rs": "fn f() -> super::X { crate::a::go() }\n",
            "src/main.rs": "fn main() { my_app::a::go(); }\n",
            "tests/whole.rs": "use my_app::b;\n",
            "src/stray.rs": "use std::io;\n",
        }
    )

    assert {
        "src/lib.rs": ["src/a.rs", "src/b/mod.rs"],
        "src/a.rs": ["src/b/inner.rs", "src/b/mod.rs"],
        "src/b/mod.rs": ["src/a.rs", "src/b/inner.rs"],
        "src/b/inner.rs": ["src/a.rs", "src/b/mod.rs"],
        "src/main.rs": ["src/a.rs"],
        "tests/whole.rs": ["src/b/mod.rs"],
    } == found


def test_rust_paths_in_a_module_of_the_file_itself_begin_there(code: Code):
    text = "mod tests { use super::*; use super::super::a; mod deep { use super::super::super::c; } }\n"

    found = code.imports(
        {
            "Cargo.toml": '[package]\nname = "app"\n',
            "src/lib.rs": "mod a;\nmod b;\nmod c;\n",
            "src/a.rs": "",
            "src/b.rs": text,
            "src/c.rs": "",
        }
    )

    assert ["src/a.rs", "src/c.rs"] == found["src/b.rs"]


def test_crates_of_a_workspace_are_found_by_their_names(code: Code):
    found = code.imports(
        {
            "one/Cargo.toml": '[package]\nname = "one"\n[lib]\nname = "first"\npath = "lib.rs"\n',
            "one/lib.rs": "",
            "two/Cargo.toml": '[package]\nname = "two"\n',
            "two/src/main.rs": "use first::Thing;\nextern crate first;\n",
        }
    )

    assert {"two/src/main.rs": ["one/lib.rs"]} == found
