"""What lies in buckets: objects that all tasks reach by one address."""

from __future__ import annotations

from porch_tui.core.uses.calls import OWN, UNKNOWN, Area, Call, Use, options
from porch_tui.core.uses.tables import word_set

_SCHEMES = ("s3://", "gs://")
_DELETES = word_set("rm rb mb delete del")
_OPTIONS = word_set("--profile --region --endpoint-url --exclude --include --acl --storage-class")


def buckets(call: Call) -> bool:
    """Note what a call that copies to and from buckets reads, writes and deletes there and here."""
    words, _ = options(call.args, _OPTIONS)
    while words and words[0] in ("s3", "storage"):
        words = words[1:]
    verb, places = (words[0], words[1:]) if words else ("", [])
    deletes = verb in _DELETES
    if verb not in ("cp", "mv", "sync", "rsync", "copy") and not deletes:
        for place in places:
            _use(call, place, writes=False)
        return True
    for number, place in enumerate(places):
        writes = deletes or verb == "mv" or number == len(places) - 1
        _use(call, place, writes=writes)
    return True


def _use(call: Call, place: str, *, writes: bool) -> None:
    if place.startswith(_SCHEMES):
        if OWN not in place and UNKNOWN not in place:
            name = place.rstrip("/")
            call.uses.add(Use(Area.OUTSIDE, name, writes, call.quote, call.scope.file, call.line))
    elif place != "-":
        call.write(place) if writes else call.read(place)
