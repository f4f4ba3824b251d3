"""What is read of a commit, from wherever, and what is kept of it."""

from __future__ import annotations

import os
import subprocess
import zlib
from pathlib import Path

import msgspec
import pytest

from porch_tui.codebase import cache
from porch_tui.codebase.facts import read, read_texts
from porch_tui.git.discovery import discover
from tests.codebase.code import Code


def test_every_tracked_file_has_its_size(code: Code):
    code.commit({"a.py": "12345", "docs/x.md": "", ".gitignore": "*.log"})
    code.write("untracked.py", "")

    assert {".gitignore": 5, "README.md": 8, "a.py": 5, "docs/x.md": 0} == code.facts().sizes


def test_it_is_the_commit_that_is_read_and_not_the_checkout(code: Code):
    code.commit({"a.py": "import b\n", "b.py": ""})
    code.write("a.py", "")
    code.git("rm", "-q", "--cached", "b.py")

    assert {"a.py": frozenset({"b.py"})} == code.facts().imports


def test_files_that_change_together_are_counted(code: Code):
    for number in range(3):
        code.commit({"a.py": f"{number}", "b.py": f"{number}"})
    code.commit({"a.py": "4", "c.py": "4"})
    found = code.facts()

    assert {("a.py", "b.py"): 3, ("a.py", "c.py"): 1} == found.together
    assert {"a.py": 4, "b.py": 3, "c.py": 1} == found.commits


def test_the_first_commit_merges_and_large_commits_couple_nothing(code: Code):
    many = {f"f{number}.py": "" for number in range(31)}
    code.commit(many)
    code.git("checkout", "-q", "-b", "side")
    code.commit({"side.py": ""})
    code.git("checkout", "-q", "main")
    code.commit({"other.py": ""})
    code.git("merge", "-q", "--no-edit", "side")
    found = code.facts()

    assert {"other.py": 1, "side.py": 1} == found.commits
    assert {} == found.together


def test_what_a_file_shared_with_others_before_it_was_moved_counts(code: Code):
    code.commit({"a.py": "one", "b.py": "one"})
    code.git("mv", "a.py", "c.py")
    code.commit({})

    assert 1 == code.facts().together["b.py", "c.py"]


def test_facts_that_were_kept_are_the_same(code: Code):
    code.commit({"a.py": "import b\n", "b.py": "", 'name\n"é.py': "x"})
    (code.root / os.fsdecode(b"\xff.py")).write_text("import a\n")
    code.commit({"c.js": ""})

    first, again = code.facts(), code.facts()

    assert first == again
    assert first.imports[os.fsdecode(b"\xff.py")] == {"a.py"}
    assert 1 == len(code.kept)


@pytest.mark.parametrize("damage", [b"", b"nothing of ours", b"00000000"])
def test_a_damaged_cache_is_read_again(code: Code, damage: bytes):
    code.commit({"a.py": "import b\n", "b.py": ""})
    whole = code.facts()
    for place in (code.root / ".git/porch/codebase").iterdir():
        place.write_bytes(damage)

    assert whole == code.facts()


@pytest.mark.slow
def test_a_flipped_bit_in_the_cache_is_noticed(code: Code):
    code.commit({"a.py": "import b\n", "b.py": ""})
    whole = code.facts()
    (place,) = code.kept
    content = place.read_bytes()
    for at in range(len(content)):
        place.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])

        assert whole == code.facts()


def test_the_facts_of_a_few_commits_are_kept(code: Code):
    for number in range(cache.MOST + 3):
        code.commit({"a.py": f"{number}"})
        code.facts()

    assert cache.MOST == len(code.kept)


def test_of_another_commit_only_what_differs_is_read(code: Code):
    code.commit({"a.py": "import b\n", "b.py": ""})
    code.facts()
    oid = code.git("rev-parse", "HEAD:a.py")
    code.commit({"c.py": "import a\n"})
    (code.root / ".git/objects" / oid[:2] / oid[2:]).chmod(0o600)
    (code.root / ".git/objects" / oid[:2] / oid[2:]).write_bytes(b"cannot be read")

    assert {"a.py": {"b.py"}, "c.py": {"a.py"}} == code.facts().imports


def test_a_repository_that_cannot_be_written_to_is_read_each_time(code: Code):
    code.commit({"a.py": "import b\n", "b.py": ""})
    (code.root / ".git/porch").write_text("a file where the folder should be")

    assert {"a.py": {"b.py"}} == code.facts().imports


def test_a_sparse_checkout_is_read_whole(code: Code):
    code.commit({"in/a.py": "from out import b\n", "out/b.py": "", "out/__init__.py": ""})
    code.git("sparse-checkout", "set", "in")

    assert not (code.root / "out").exists()
    assert {"in/a.py": {"out/b.py"}} == code.facts().imports


def test_a_partial_clone_fetches_nothing(code: Code, tmp_path: Path):
    code.commit({"in/a.py": "from out import b\n", "out/__init__.py": "", "out/b.py": "import in\n"})
    code.commit({"in/a.py": "from out import b\n\n", "out/b.py": "x = 1\n"})
    code.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{code.root}"
    part = tmp_path / "part"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", "--sparse", url, part], check=True)
    subprocess.run(["git", "sparse-checkout", "set", "in"], cwd=part, check=True)
    code.root.rename(tmp_path / "away")
    clone = Code.at(part)

    found = clone.facts()

    assert {"out/__init__.py", "out/b.py"} == found.absent
    assert {"in/a.py": {"out/b.py"}} == found.imports
    assert 2 == found.together["in/a.py", "out/b.py"]


def test_a_shallow_clone_has_the_history_that_is_there(code: Code, tmp_path: Path):
    code.commit({"a.py": "1", "b.py": "1"})
    code.commit({"a.py": "2", "b.py": "2"})
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{code.root}", shallow], check=True)

    assert {("a.py", "b.py"): 1} == Code.at(shallow).facts().together


def test_a_damaged_history_says_nothing_and_is_no_error(code: Code):
    code.commit({"sub/a.py": "import b\n", "sub/b.py": ""})
    tree = code.git("rev-parse", "HEAD:sub")
    code.commit({"sub/a.py": "import b\n\n"})
    (code.root / ".git/objects" / tree[:2] / tree[2:]).unlink()

    found = code.facts()

    assert {} == found.together == found.commits
    assert {"sub/a.py": {"sub/b.py"}} == found.imports


def test_a_bare_repository_is_read_by_its_worktree(code: Code, tmp_path: Path):
    code.commit({"a.py": "import b\n", "b.py": ""})
    bare, worktree = tmp_path / "bare.git", tmp_path / "worktree"
    subprocess.run(["git", "clone", "-q", "--bare", code.root, bare], check=True)
    subprocess.run(["git", "worktree", "add", "-q", worktree, "main"], cwd=bare, check=True)

    assert {"a.py": {"b.py"}} == Code.at(worktree).facts().imports


def test_submodules_and_links_are_no_source(code: Code):
    code.commit({"b.py": ""})
    (code.root / "link.py").symlink_to("b.py")
    code.git("update-index", "--add", "--cacheinfo", f"160000,{code.git('rev-parse', 'HEAD')},sub.py")
    code.git("add", "link.py")
    code.git("commit", "-q", "-m", "more")
    found = code.facts()

    assert {"README.md", ".gitignore", "b.py", "link.py"} == set(found.sizes)
    assert {} == found.imports


def test_texts_are_those_of_the_commit(code: Code):
    code.commit({"run.sh": "echo é\n", "sub/x.sh": "echo x\n"})
    code.write("run.sh", "other\n")
    repository, head = discover(code.root), code.git("rev-parse", "HEAD")

    found = read_texts(repository, head, ["run.sh", "missing.sh", "sub", "sub/x.sh"])

    assert {"run.sh": "echo é\n", "sub/x.sh": "echo x\n"} == found
    assert {} == read_texts(repository, head, [])


def test_a_linked_worktree_reads_the_same_cache(code: Code, tmp_path: Path):
    code.commit({"a.py": "import b\n", "b.py": ""})
    code.git("worktree", "add", "-q", str(tmp_path / "linked"))
    whole = code.facts()

    assert whole == read(discover(tmp_path / "linked"), code.git("rev-parse", "HEAD"))
    assert 1 == len(code.kept)


def test_what_another_version_kept_is_read_again(code: Code):
    code.commit({"a.py": "import b\n", "b.py": ""})
    whole = code.facts()
    for place in (code.root / ".git/porch/codebase").iterdir():
        content = msgspec.msgpack.encode(["2 Python", [], {}])
        place.write_bytes(b"%08x" % zlib.crc32(content) + content)

    assert whole == code.facts()


def test_facts_that_were_kept_are_found_whatever_was_installed(code: Code):
    code.commit({"a.py": "import b\n", "b.py": ""})
    repository, head = discover(code.root), code.git("rev-parse", "HEAD")

    assert cache.facts(repository, head) is None
    assert code.facts() == cache.facts(repository, head)
    assert cache.facts(repository, head, "other languages") is None
