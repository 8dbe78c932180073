"""A check of a team's own, and the call that it needs."""

from pytest_darkhost import (
    Case,
    ChatRequest,
    Check,
    Failed,
    ModelSpec,
    NotJudged,
    Observation,
    Passed,
    ProbeTemplate,
    VenueSpec,
    Verdict,
    each,
    problem,
)


def ask_for_json(venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    """Return a request that asks for bare JSON. The nonce keeps the venue's prompt cache out of it."""
    prompt = f"Run {nonce}.\nReply with a JSON object and nothing else."
    return ChatRequest(model=model.upstream_model, prompt=prompt, max_tokens=64)


def no_code_fence(case: Case) -> Verdict:
    """Return whether the answer comes without a code fence around it."""

    def fault(call: Observation) -> Failed | NotJudged | None:
        text = call.answer.text if call.answer else ""
        return problem(call) or (Failed("no code fence", repr(text[:60])) if "```" in text else None)

    passed = Passed("no code fence", "none in any answer")
    return each(case.observations["bare_json"], fault, passed, names=("bare_json",))


def pytest_darkhost_probes() -> list[ProbeTemplate]:
    """Return the call: it is in the plan, the cap and the report."""
    return [ProbeTemplate("bare_json", ask_for_json)]


def pytest_darkhost_checks() -> list[Check]:
    """Return the check: it becomes `venue_specs/acme.yaml::<slug>::no_code_fence[live]`."""
    return [Check("no_code_fence", no_code_fence, needs=("bare_json",))]
