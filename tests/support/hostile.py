"""Composed reports in which every text is an attack on who shows it."""

from support import evidence, pages

ATTACKS = (
    "</script><script>window.owned=1</script>",
    "<img src=x onerror=owned=1>",
    "\"'><svg onload=owned=1>",
    "</text></svg><iframe src=javascript:owned=1>",
    "javascript:owned=1",
    "{{ 7*7 }}{% raw %}",
    "\u202eowned=1\u2066\x1b[2J\x00\x85\u2028\ud800",
    "datum.owned=1",
    "url(https://owned.example/)",
)
KEPT = frozenset({"schema", "outcome", "verdict", "source", "started_at", "nodeid", "ids", "when", "check"})
"""What decides how a report is read at all."""


def poisoned(value, name="", count=None):
    """Return a value of JSON in which each text has an attack at its end."""
    count = count if count is not None else [0]
    if isinstance(value, dict):
        return {key: poisoned(each, key, count) for key, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, name, count) for each in value]
    if not isinstance(value, str) or name in KEPT:
        return value
    count[0] += 1
    return value + ATTACKS[count[0] % len(ATTACKS)]


def hostile_report():
    """Return a report of two venues and of a round trip with attacks in all texts."""
    made = pages.report(1, {"acme": [f"small{attack}" for attack in ATTACKS[:5]], "other": ["small-other"]})
    made["tests"].append(pages.round_trip())
    return poisoned(made)


def changed_everywhere(value, instead):
    """Yield copies of a value of JSON, in each of which another part is replaced."""
    for path in _paths(value):
        yield path, _with(value, path, instead)


def _paths(value, path=()):
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in parts:
        yield from _paths(each, (*path, key))


def _with(value, path, instead):
    if not path:
        return instead
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], instead)
    return copy


def small_report():
    """Return a report with one test of each kind."""
    made = pages.report(1, {"acme": ["small-acme"]})
    kinds = ("latency_warm", "base_url_parity", "inter_token_latency", "model_listed")
    tests = [test for test in made["tests"] if test["metadata"]["darkhost"]["check"] in kinds]
    for test in tests:
        del test["metadata"]["darkhost"]["probes"][1:]
    made["tests"] = [*tests, pages.round_trip()]
    made["darkhost"]["plan"] = evidence.plan([test["nodeid"] for test in tests])
    return made
