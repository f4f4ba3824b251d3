"""Whether a text is YAML at all, whatever it says: for files that are no plan, after a merge by hand."""

from __future__ import annotations

import yaml


def check_yaml(text: bytes) -> None:
    """Raise ValueError, with the place, if the text is not YAML."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
