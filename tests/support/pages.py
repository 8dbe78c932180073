"""Composed reports of many targets and runs, as `darkhost report` shows them. Nothing in them was measured."""

import hashlib
import json
import math
from datetime import timedelta

from pytest_darkhost.checks.case import Scope, Source
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.evidence.bundle import Bundle
from support import evidence

BUDGETS = {"latency_cold": 2000.0, "latency_warm": 900.0, "ttft": 400.0, "inter_token_latency": 40.0}
CALLS = ("cold[1]", "warm[1]", "warm[2]", "warm[3]", "stream[1]", "stream[2]", "stream[3]", "json_schema[1]")
CHECKS = tuple(check for check in STANDARD if Source.LIVE in check.sources)


def wave(*numbers):
    """Return a number from 0 to 1 that looks like chance, and is the same each time."""
    return (
        abs(math.sin(sum(number * step for number, step in zip(numbers, (12.9898, 78.233, 37.719), strict=False)))) % 1
    )


def probe(run, venue, model, number, call, at):
    """Return the record of one call with a whole timeline."""
    slow = 1 + 0.6 * wave(run, number, len(venue))
    fresh, stream = call.startswith("cold"), call.startswith("stream")
    sent = 91.5 * slow if fresh else 0.4
    first = sent + (180 if stream else 420) * slow
    last = first + 210 * slow if stream else None
    return evidence.probe(run, number, at) | {
        "probe": f"{venue}/{model}/{call}" if model else f"{venue}/{call}",
        "gen_ai.request.model": f"org/{model.rpartition('-')[0]}" if model else None,
        "gen_ai.response.id": f"{venue}-{model}-{run}-{call}",
        "url.full": f"https://api.{venue}.example/v1/chat/completions",
        "connection_fresh": fresh,
        "dns_ms": 11.2 * slow if fresh else None,
        "tcp_ms": 38.0 * slow if fresh else None,
        "tls_ms": 90.9 * slow if fresh else None,
        "request_sent_ms": sent,
        "first_byte_ms": first - 3,
        "first_token_ms": first if stream else None,
        "first_answer_token_ms": first if stream else None,
        "last_token_ms": last,
        "end_ms": (last or first) + 9,
        "cost_usd": "0.000031",
        "loop_lag_ms": 0.2,
        "gen_ai.usage.input_tokens": 96,
        "gen_ai.usage.output_tokens": 24,
        "response_digest": {"sha256": hashlib.sha256(f"{venue}-{model}-{run}-{call}".encode()).hexdigest()},
    }


def figures(check, run, number):
    """Return what a timed check measures."""
    if check == "cost":
        return {"cost_usd": f"{0.00021 * (1 + wave(run, number)):.8f}", "n": 8}
    if check == "throughput":
        rate = round(90 + 60 * wave(run, number, 3), 3)
        return {
            "tokens_per_second_median": rate,
            "tokens_per_second_min": rate - 9,
            "tokens_per_second_max": rate + 12,
            "tokens_per_second_budget": 50.0,
            "n": 3,
        }
    if check not in BUDGETS:
        return {}
    budget = BUDGETS[check]
    median = round(budget * (0.35 + 0.5 * wave(run, number, len(check))), 3)
    return {
        "median_ms": median,
        "min_ms": round(median * 0.9, 3),
        "max_ms": round(median * 1.2, 3),
        "budget_ms": budget,
        "n": 3,
    }


def urls(venue, *, doubled=False):
    """Return the context of a parity check."""
    good = f"https://api.{venue}.example/v1/chat/completions"
    bad = f"https://api.{venue}.example/v1/v1/chat/completions  <- base_url already ends in /v1"
    return {"spec": good, "providers": bad if doubled else good, "on the wire": good, "catalog": "database db.example"}


def judged(check, run, venue, model, number, calls):
    """Return one test of a composed run: most pass, some do not."""
    data = {
        "venue": venue,
        "model": model,
        "spec": {"name": f"venue_specs/{venue}.yaml:{20 + 12 * number}", "digest": {"sha256": "1" * 64}},
        "expected": "what the spec says",
        "actual": "as expected",
        "context": {},
        "figures": figures(check, run, number),
    }
    test = evidence.passed(check, *calls, **data)
    if check == "base_url_parity":
        test["metadata"]["darkhost"]["context"] = urls(venue, doubled=number == 3)
    node_id = f"venue_specs/{venue}.yaml::{f'{model}::' if model else ''}{check}[live]"
    if check == "base_url_parity" and number == 3:
        test = failing(test, node_id, "one URL in the spec, the providers row and on the wire", "providers differs")
    elif check == "latency_warm" and wave(run, number, 5) > 0.97:
        test = failing(test, node_id, "median of the warm chats at most 900 ms (warm_ms)", "1,204 ms (n=3)")
    elif check.startswith("tool_call") and number % 4:
        test = not_judged(test, "not_applicable", "spec declares no 'tools' for this model")
    elif check == "ttft" and wave(run, number, 7) > 0.9:
        test = not_judged(test, "too_close", "samples from 380 to 412 ms lie on both sides of 400 ms")
    return test | {"nodeid": node_id, "lineno": 19 + 12 * number}


def failing(test, node_id, expected, actual):
    """Return the test as one that failed, with what pytest says of it."""
    data = test["metadata"]["darkhost"]
    data |= {"verdict": "failed", "expected": expected, "actual": actual}
    place, label = data["spec"]["name"], f"{data['model']} {data['check']}"
    said = f"{place}: {label}: {actual}, expected {expected}\n  again: pytest -m live '{node_id}'"
    stage = {"duration": 0.001, "outcome": "failed", "longrepr": said}
    return test | {"outcome": "failed", "call": stage}


def not_judged(test, code, why):
    """Return the test as one that was not judged."""
    data = test["metadata"]["darkhost"]
    data |= {"verdict": "not_judged", "reason_code": code, "expected": "", "actual": why}
    return test | {"outcome": "skipped", "call": {"duration": 0.001, "outcome": "skipped"}}


def tests_of(run, venue, models, at):
    """Return all tests of a venue in one run."""
    made = []
    for number, model in enumerate(models):
        calls = [probe(run, venue, model, 10 * number + index, call, at) for index, call in enumerate(CALLS)]
        for check in CHECKS:
            if check.scope is Scope.VENUE:
                continue
            read = [each for each in calls if each["probe"].rpartition("/")[2].partition("[")[0] in check.needs]
            made.append(judged(check.name, run, venue, model, number, read))
    listing = [probe(run, venue, "", 900, "model_list[1]", at)]
    made += [judged(check.name, run, venue, None, 0, listing) for check in CHECKS if check.scope is Scope.VENUE]
    return made


def report(run, targets, at=None, **changes):
    """Return the report of one run of these targets: models by venue."""
    at = at or evidence.START + timedelta(days=run)
    tests = [test for venue, models in targets.items() for test in tests_of(run, venue, models, at)]
    specs = [
        {
            "name": f"venue_specs/{venue}.yaml",
            "digest": {"sha256": "1" * 64},
            "venue": venue,
            "base_url": f"https://api.{venue}.example",
            "managed": False,
        }
        for venue in targets
    ]
    packages = {"packages": {"pytest-darkhost": "0.1.0", "pytest": "9.2.0"}, "arguments": ["-m", "live"], "plugins": {}}
    made = {
        "plan": evidence.plan([test["nodeid"] for test in tests]),
        "venues": sorted(targets),
        "specs": specs,
        "configuration": [{name: spec[name] for name in ("name", "digest")} for spec in specs],
        "invocation": packages,
        "calls": len(CALLS) * sum(map(len, targets.values())) + len(targets),
        "spent_usd": "0.004212",
    }
    return evidence.report(run, tests, at, **{**made, **changes})


def targets_of(count, venues=("groq", "together")):
    """Return so many targets over some venues, the same logical models on each."""
    models = ("gpt-oss-120b", "gpt-oss-20b", "llama-3.3-70b", "qwen3.5-9b", "kimi-k2", "glm-4.7", "deepseek-v3.2")
    names = [
        f"{models[number % len(models)]}{'' if number < len(models) else f'-v{number}'}" for number in range(count)
    ]
    share = -(-count // len(venues))
    return {venue: [f"{name}-{venue}" for name in names[:share]] for venue in venues}


def folder_of(folder, key, runs, targets):
    """Write a folder of composed runs, a day apart."""
    clock = evidence.Clock()
    with Bundle.open(folder, key, clock=clock) as bundle:
        for number in range(1, runs + 1):
            value = report(number, targets)
            clock.now = evidence.START + timedelta(days=number)
            bundle.open_run(value["darkhost"])
            bundle.close_run(evidence.written(folder.parent, value), cassette_ids={})
    return folder


def written(path, value):
    """Write a report to a file, and return its path."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def round_trip(*, undone=True):
    """Return the test of a downgrade that lit a row and put it out again."""
    dark, lit = {"active": "false", "q_prior": None}, {"active": "true", "q_prior": "0.83"}
    state = {"table": "models", "key": "slug='small-acme'", "before": dark, "upgraded": lit}
    came = {"table": "audit_log", "key": "seq=4", "before": None, "upgraded": {"seq": "4"}, "downgraded": {"seq": "4"}}
    data = {
        "history": "alembic.ini",
        "revision": "0003",
        "database": "sqlite",
        "venue": "acme",
        "model": "small-acme",
        "source": "migration",
        "mode": "migration",
        "context": [["database", "sqlite"]],
        "figures": {"row_states": [state | ({"downgraded": dark} if undone else {}), came], "row_states_left_out": 2},
    }
    return evidence.passed("downgrade", **data) | {"nodeid": "alembic/versions/0003_x.py::downgrade[sqlite]"}
