"""
What the calls to a target cost at the spec's prices, against the venue's own figures and our own ceilings.
"""

from collections.abc import Sequence
from decimal import Decimal

from pytest_darkhost.checks.availability import label, not_planned, problem, trouble
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.target import model_of, quirks_of, seen
from pytest_darkhost.checks.texts import count, decimal_text, usd
from pytest_darkhost.checks.usage import SLACK_TOKENS
from pytest_darkhost.observations import Mode, Observation, Usage
from pytest_darkhost.pricing import billed_usd
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.models import Price
from pytest_darkhost.specs.target_settings import Quirks
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Passed, ReasonCode, Verdict

NEEDS = (ProbeName.COLD, ProbeName.WARM, ProbeName.STREAM)
TOLERANCE = Decimal("0.01")
"""The share by which a venue's own figure may differ."""
TOLERANCE_USD = Decimal("0.0000001")
"""What it may differ by in any case: venues round."""
_FOREIGN = frozenset({ProbeName.UNKNOWN_MODEL, ProbeName.REFUSED_KEY})
_MARKS_SHOWN = 3

Billed = tuple[Observation, Usage]


def _billed(case: Case) -> tuple[Billed, ...]:
    """Return the calls to the target whose usage is known."""
    own = (o for o in case.observations if o.probe.name not in _FOREIGN and o.probe.model is not None)
    return tuple((o, o.usage) for o in own if o.usage is not None and o.mode is not Mode.UNSEEN)


def _own_figure_fault(observation: Observation, usage: Usage, price: Price) -> str | None:
    if usage.cost_usd is None:
        return None
    ours = billed_usd(price, usage)
    allowed = max(TOLERANCE_USD, TOLERANCE * max(ours, usage.cost_usd))
    if abs(usage.cost_usd - ours) <= allowed:
        return None
    return f"{label(observation)}: the venue says {usd(usage.cost_usd)}, the spec's prices give {usd(ours)}"


def _ceiling_fault(observation: Observation, usage: Usage, quirks: Quirks) -> str | None:
    probe = observation.probe
    # A total that does not add up is the matter of `usage`, unless the spec declares what it means.
    tokens_out = usage.output_tokens if quirks.usage_total_is_sum else usage.billed_output_tokens
    if 0 < probe.input_token_ceiling < usage.input_tokens:
        return f"{label(observation)}: {usage.input_tokens} input tokens, planned at most {probe.input_token_ceiling}"
    if 0 < probe.output_token_ceiling < tokens_out - SLACK_TOKENS:
        return f"{label(observation)}: {tokens_out} output tokens, planned at most {probe.output_token_ceiling}"
    return None


def _faults(billed: Sequence[Billed], price: Price, quirks: Quirks) -> list[str]:
    found = [(_own_figure_fault(o, usage, price), _ceiling_fault(o, usage, quirks)) for o, usage in billed]
    return [text for pair in found for text in pair if text]


def _figures(billed: Sequence[Billed], total: Decimal, own: Sequence[Decimal]) -> dict[str, JSON]:
    figures: dict[str, JSON] = {"cost_usd": decimal_text(total), "n": len(billed)}
    return figures | ({"venue_cost_usd": decimal_text(sum(own, Decimal(0))), "n_venue_cost": len(own)} if own else {})


def _shown(faults: Sequence[str]) -> str:
    more = f"; and {len(faults) - _MARKS_SHOWN} more" if len(faults) > _MARKS_SHOWN else ""
    return "; ".join(faults[:_MARKS_SHOWN]) + more


def _without_usage(case: Case) -> Verdict:
    needed = seen(case, *NEEDS)
    found = trouble(needed, problem) if needed else not_planned(*NEEDS)
    return found or NotJudged(ReasonCode.TOO_FEW_SAMPLES, "no call reported its token counts")


def cost(case: Case) -> Verdict:
    """
    Return whether each call cost what the spec's prices say, and no more tokens than were planned.

    All calls to the target whose usage is known are added up. Where the venue gives a figure of its own, the two
    may differ by 1 % or 0.0000001 USD in each call. A call that failed costs nothing here.
    """
    price, billed = model_of(case).price, _billed(case)
    if not billed:
        return _without_usage(case)
    total = sum((billed_usd(price, usage) for _, usage in billed), Decimal(0))
    own = [usage.cost_usd for _, usage in billed if usage.cost_usd is not None]
    figures, faults = _figures(billed, total, own), _faults(billed, price, quirks_of(case))
    expected = "costs by the spec's prices and token counts within the plan"
    if faults:
        return Failed(expected, _shown(faults), figures=figures)
    said = f"the venue says so in {count(len(own))}" if own else "the venue gives no figure of its own"
    return Passed(expected, f"{usd(total)} for {count(len(billed))}; {said}", figures=figures)
