"""What a folder takes on disk: allocated blocks, counted once, no links followed, for a limited time."""

from __future__ import annotations

import os

import pytest

from porch_tui.git.worktree.disk_usage import DiskMeter, DiskUsage


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "place"
    (place / "sub").mkdir(parents=True)
    (place / "sub" / "file").write_bytes(os.urandom(2**20))
    return place


def measured(folder):
    return DiskMeter().measure([folder]).allocated_bytes


def test_written_files_are_counted(folder):
    assert 2**20 <= measured(folder) < 2**21


def test_links_hard_links_and_holes_take_nothing(folder, tmp_path):
    before = measured(folder)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "large").write_bytes(os.urandom(2**20))
    (folder / "link").symlink_to(outside)
    (folder / "sub" / "again").hardlink_to(folder / "sub" / "file")
    with (folder / "hole").open("wb") as file:
        file.truncate(2**24)

    assert measured(folder) < before + 2**18


def test_a_file_shared_by_two_folders_counts_once(folder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "again").hardlink_to(folder / "sub" / "file")
    gauge = DiskMeter()

    both = gauge.measure([folder]) + gauge.measure([tmp_path / "other"])
    assert both.allocated_bytes < 2**21


def test_a_missing_folder_takes_nothing(tmp_path):
    assert DiskUsage() == DiskMeter().measure([tmp_path / "nowhere"])


def test_a_measurement_that_timed_out_is_marked_as_incomplete(folder):
    assert DiskUsage(0, is_whole=False) == DiskMeter(timeout_s=-1.0).measure([folder])
