"""The result of an attempt comes back, and nothing else."""

from __future__ import annotations

from porch_tui.git.transfer import bundles
from tests.git.transfer.conftest import HEAD, bundle, give, on_disk


def test_commits_made_on_a_snapshot_come_back(repo, host):
    base = repo.commit({"f": "two\n"})
    give(repo.opened(), host.opened, base)
    head = host.commit(host.worktree(base), {"new\nline": "mine\n", "f": "three\n"})
    result, content = bundle(host.opened, base, {HEAD: head, f"{HEAD}-untouched": base})

    with on_disk(content) as file:
        assert bundles.take(repo.opened(), base, result.refs, file, allowed={HEAD, f"{HEAD}-untouched"})

    assert repo.tip(HEAD) == head
    assert repo.tip(f"{HEAD}-untouched") == base
    assert repo.git("show", f"{HEAD}:new\nline") == "mine"
    assert repo.git("fsck", "--no-dangling", "--full") == ""
