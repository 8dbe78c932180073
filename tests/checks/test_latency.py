"""
Measured figures against budgets: which samples count, when nothing is judged, and what is reported.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from checks.factory import (
    BUDGET,
    broken,
    changed,
    judged,
    make_case,
    make_model,
    unjudged,
    with_exchange,
    with_timeline,
    with_usage,
)
from pytest_darkhost.checks.case import Case
from pytest_darkhost.observations import (
    Clock,
    Connection,
    Delta,
    ErrorKind,
    Observation,
    Observations,
    StreamEnd,
    Usage,
)
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.target_settings import LatencyBudget, Quirks, Samples
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

MEASURED = ("latency_cold", "latency_warm", "ttft", "inter_token_latency", "throughput", "cold_to_warm")


def numbered(values: Sequence[float], make: Callable[[float], Callable[[Observation], Observation]]) -> Case:
    """Return a case whose warm chats, one for each value, are changed by it."""
    case = make_case(make_model(samples=Samples(warm=len(values), stream=1)))
    return changed(case, (P.WARM,), lambda seen: make(values[seen.probe.sample - 1])(seen))


def streamed(*values: float, **budget: float) -> Case:
    """Return a case that plans no warm chats, whose streams end after so many ms."""
    samples = Samples(warm=0, stream=len(values))
    case = make_case(make_model(samples=samples, latency_budget=BUDGET.model_copy(update=budget)))
    return changed(case, (P.STREAM,), lambda seen: with_timeline(end_ms=values[seen.probe.sample - 1])(seen))


def warm(*values: float) -> Verdict:
    """Return the verdict on warm chats of these durations in ms; the budget is 1000."""
    return judged(numbered(values, lambda ms: with_timeline(end_ms=ms)))["latency_warm"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((999.0,), Passed),
        ((1001.0,), Failed),
        ((900.0, 950.0, 1000.0), Passed),
        ((900.0, 950.0, 1001.0), NotJudged),
        ((1001.0, 1500.0, 2000.0), Failed),
        ((1.0, 2.0, 3.0, 4.0, 5.0, 1001.0), NotJudged),
        ((*[500.0] * 9, 5000.0), Passed),
    ],
    ids=str,
)
def test_few_samples_must_agree_and_many_must_be_sure(values: tuple[float, ...], kind: type) -> None:
    """Below six samples all must lie on one side; from six on, the interval of the median."""
    verdict = warm(*values)

    assert type(verdict) is kind
    assert kind is not NotJudged or verdict.code == "too_close"


def test_streams_are_warm_chats_where_no_others_are_planned() -> None:
    """Their whole answers are judged, to the end of the body; text and figures say that they were streams."""
    verdicts = judged(streamed(700.0, 750.0, 800.0, 850.0, 900.0, 950.0))
    slow = judged(streamed(*[1100.0] * 6))["latency_warm"]

    assert isinstance(verdicts["latency_warm"], Passed)
    assert verdicts["latency_warm"].actual == "825 ms (n=6, 700 to 950 ms)"
    assert verdicts["latency_warm"].expected == "median of the warm chats, which are the streams, at most 1000 ms"
    assert verdicts["cold_to_warm"].figures["warm_median_ms"] == 825.0
    assert {verdicts[name].figures["calls"] for name in ("latency_warm", "cold_to_warm")} == {"streams"}
    assert isinstance(slow, Failed)


def test_streams_and_other_chats_are_never_mixed() -> None:
    """A spec that asks for warm chats has them alone judged, also where none of them was made."""
    case = make_case(make_model(samples=Samples(warm=2, stream=6)))
    missing = {name: seen for name, seen in case.observations.by_probe.items() if name != P.WARM}
    verdicts = [judged(one)["latency_warm"] for one in (case, replace(case, observations=Observations(missing)))]

    assert [verdict.figures["n"] for verdict in verdicts] == [2, 0]
    assert {verdict.figures["calls"] for verdict in verdicts} == {"chats"}
    assert verdicts[1].code == "too_few_samples"


def test_a_quick_run_has_its_one_warm_chat_judged() -> None:
    """It makes an unstreamed one, whatever the spec plans."""
    case = make_case(make_model(samples=Samples(warm=0)))
    chat = make_case(make_model(samples=Samples(warm=1))).observations[P.WARM]
    quick = Observations({P.COLD: case.observations[P.COLD], P.WARM: chat})
    verdict = judged(replace(case, observations=quick))["latency_warm"]

    assert isinstance(verdict, Passed)
    assert (verdict.figures["n"], verdict.figures["calls"]) == (1, "chats")


@pytest.mark.parametrize("end", [StreamEnd.CUT, StreamEnd.EMPTY, StreamEnd.ERROR_EVENT])
def test_a_stream_that_was_cut_is_no_fast_chat(end: StreamEnd) -> None:
    """An answer that did not come to its end fails, also where no error says so."""
    case = changed(streamed(*[10.0] * 6), (P.STREAM,), lambda seen: replace(seen, stream_end=end), samples=(2,))
    verdicts = judged(case)

    for name in ("latency_warm", "cold_to_warm"):
        assert isinstance(verdicts[name], Failed)
        assert verdicts[name].actual.startswith("1 of "), name
        assert "stream[2]: the " in verdicts[name].actual
        assert verdicts[name].figures["n"] == 5


def test_a_stream_on_a_connection_of_its_own_is_no_warm_chat() -> None:
    """As for any other warm chat."""
    fresh = with_exchange(connection=Connection(fresh=True))
    one = judged(changed(streamed(*[900.0] * 6), (P.STREAM,), fresh, samples=(3,)))["latency_warm"]
    slow = judged(changed(streamed(*[1001.0] * 6), (P.STREAM,), fresh))["latency_warm"]

    assert one.code == "too_few_samples"
    assert one.reason == (
        "1 of 6 calls gave no sample, expected one of each: 1 stream had to open a connection. "
        "Set samples.warm for chats that are not streamed"
    )
    assert slow.actual == "stream[1]: 1001 ms without the set-up of its connection"


def test_figures_carry_unit_and_number() -> None:
    """Median, range, interval, budget, n and the samples themselves, in ms, with three decimals."""
    assert warm(100.0, 200.12349, 300.0, 400.0, 500.0, 600.0).figures == {
        "median_ms": 350.0,
        "min_ms": 100.0,
        "max_ms": 600.0,
        "median_low_ms": 100.0,
        "median_high_ms": 600.0,
        "n": 6,
        "n_client_busy": 0,
        "budget_ms": 1000.0,
        "calls": "chats",
        "samples_ms": [100.0, 200.123, 300.0, 400.0, 500.0, 600.0],
    }


def test_the_text_says_what_was_measured_and_allowed() -> None:
    """Both lines have numbers with units."""
    verdict = warm(1200.0, 1500.5, 1300.0)

    assert verdict.actual == "1300 ms (n=3, 1200 to 1500.5 ms)"
    assert verdict.expected == "median of the warm chats at most 1000 ms"


@pytest.mark.parametrize("name", MEASURED)
def test_without_a_budget_figures_are_given_and_nothing_is_judged(name: str) -> None:
    """A figure without a budget is not applicable, so that it leaves the exit code alone."""
    verdict = judged(make_case(make_model(latency_budget=LatencyBudget())))[name]

    assert isinstance(verdict, NotJudged)
    assert verdict.code == "not_applicable"
    assert verdict.reason.startswith("no budget for ")
    assert verdict.figures["n"] >= 1


@pytest.mark.parametrize("name", ["latency_warm", "ttft"])
def test_the_allowed_lag_grows_with_the_budget(name: str) -> None:
    """A lag of a tenth of the budget spoils nothing; more does."""
    budget = BUDGET.warm_ms if name == "latency_warm" else BUDGET.ttft_ms
    verdicts = [
        judged(changed(make_case(), (P.WARM, P.STREAM), with_exchange(loop_lag_ms=lag)))[name]
        for lag in (0.1 * budget, 0.1 * budget + 0.1)
    ]

    assert isinstance(verdicts[0], Passed)
    assert verdicts[1].code == "client_busy"


def test_ten_milliseconds_of_lag_spoil_nothing() -> None:
    """However small the budget is; more than those do: no figure is further from the truth without a mark."""
    budget = BUDGET.model_copy(update={"ttft_ms": 300.0, "warm_ms": 1.0})
    case = make_case(make_model(latency_budget=budget))
    free, busy = (
        changed(case, (P.WARM,), lambda seen, lag=lag: with_timeline(end_ms=0.5)(with_exchange(loop_lag_ms=lag)(seen)))
        for lag in (10.0, 10.1)
    )

    assert isinstance(judged(free)["latency_warm"], Passed)
    assert judged(busy)["latency_warm"].code == "client_busy"


def test_a_sample_taken_while_we_were_busy_is_dropped() -> None:
    """The others are judged, and the figure says how many were dropped."""
    case = changed(make_case(), (P.WARM,), with_exchange(loop_lag_ms=500.0), samples=(2,))
    verdict = judged(case)["latency_warm"]

    assert isinstance(verdict, Passed)
    assert (verdict.figures["n"], verdict.figures["n_client_busy"]) == (2, 1)


def test_the_lag_allowed_in_a_stream_is_a_share_of_the_time_for_all_its_tokens() -> None:
    """Twenty tokens at 50 ms may take a second: 90 ms of lag do not spoil the time between two."""
    verdicts = judged(changed(make_case(), (P.STREAM,), with_exchange(loop_lag_ms=60.0)))

    assert isinstance(verdicts["inter_token_latency"], Passed)
    assert isinstance(verdicts["throughput"], Passed)
    assert verdicts["ttft"].code == "client_busy"


def test_a_cold_chat_on_an_open_connection_is_no_cold_chat() -> None:
    """Nothing is judged where the connection was not fresh, or not seen."""
    for connection in (Connection(fresh=False), None):
        verdicts = judged(changed(make_case(), (P.COLD,), with_exchange(connection=connection)))

        assert verdicts["latency_cold"].code == "too_few_samples"
        assert verdicts["latency_cold"].reason == "the connection was not fresh"
        assert verdicts["cold_to_warm"].reason == "the connection was not fresh"


def test_a_warm_chat_on_a_fresh_connection_is_no_warm_chat() -> None:
    """A venue that closes after each answer gives no warm figure; one such call is left out."""
    fresh = with_exchange(connection=Connection(fresh=True))
    all_fresh = judged(changed(make_case(), (P.WARM,), fresh))
    one_fresh = judged(changed(make_case(), (P.WARM,), fresh, samples=(1,)))
    slow = changed(changed(make_case(), (P.WARM,), fresh, samples=(1,)), (P.WARM,), with_timeline(end_ms=1001.0), (1,))

    assert all_fresh["latency_warm"].code == "too_few_samples"
    for name in ("latency_warm", "cold_to_warm"):
        assert all_fresh[name].reason == (
            "no warm chat went over an open connection: the venue closes it after each answer. "
            "Leave warm_ms and cold_to_warm_ratio_max out: none can be warm there"
        )
    for name in ("latency_warm", "cold_to_warm"):
        assert one_fresh[name].code == "too_few_samples"
        assert one_fresh[name].figures["n"] == 2
    assert judged(slow)["latency_warm"].actual == "warm[1]: 1001 ms without the set-up of its connection"
    assert isinstance(judged(changed(slow, (P.WARM,), with_timeline(tcp_ms=2.0), (1,)))["latency_warm"], NotJudged)


def test_one_stream_without_a_pace_leaves_too_few() -> None:
    """A venue that buffers its slow streams may not be judged by the others; our own lag is another matter."""
    at_once = with_timeline(last_token_ms=300.0)
    buffered = changed(make_case(), (P.STREAM,), at_once, samples=(1, 2))
    verdicts = judged(buffered)
    by_us = judged(changed(buffered, (P.STREAM,), with_exchange(loop_lag_ms=500.0), samples=(1, 2)))

    for name in ("inter_token_latency", "throughput"):
        assert verdicts[name].code == "too_few_samples"
        assert "2 of 3 calls gave no sample" in verdicts[name].reason
        assert isinstance(by_us[name], Passed)


def with_deltas(count: int) -> Callable[[Observation], Observation]:
    """Return a change to a stream whose tokens come every 1.5 ms."""
    return lambda seen: replace(seen, deltas=tuple(Delta(1.5 * number, "a") for number in range(count)))


def test_arrivals_of_tokens_are_kept_by_stream() -> None:
    """Offsets like those of the probe; of a long stream at most eighty."""
    few, many = (
        judged(changed(make_case(), (P.STREAM,), with_deltas(count)))["inter_token_latency"].figures["arrivals_ms"]
        for count in (3, 400)
    )

    assert {name.rpartition("/")[2] for name in few} == {"stream[1]", "stream[2]", "stream[3]"}
    assert [list(offsets) for offsets in few.values()] == [[0.0, 1.5, 3.0]] * 3
    assert [(len(offsets), offsets[:2]) for offsets in many.values()] == [(80, [0.0, 7.5])] * 3


def test_set_up_counts_in_the_cold_chat_and_not_in_the_first_token() -> None:
    """TTFT begins when the connection is ready, whichever probe opened it."""
    set_up = with_timeline(dns_ms=100.0, tcp_ms=150.0, tls_ms=250.0)
    verdicts = judged(changed(make_case(), (P.COLD, P.STREAM), set_up))

    assert verdicts["ttft"].figures["median_ms"] == 50.0
    assert verdicts["ttft"].figures["first_answer_token_median_ms"] == 70.0
    assert verdicts["latency_cold"].figures["median_ms"] == 600.0


def test_the_ratio_is_cold_over_warm() -> None:
    """600 ms over 400 ms are 1.5, with both medians as figures."""
    figures = judged(make_case())["cold_to_warm"].figures

    assert (figures["ratio_median"], figures["cold_ms"], figures["warm_median_ms"]) == (1.5, 600.0, 400.0)


def test_our_lag_is_in_no_time_that_the_kernel_took() -> None:
    """A warm chat and a first token that came alone are judged however late our loop was; what we stamp is not."""
    busy = with_exchange(loop_lag_ms=500.0, clock=Clock.KERNEL)
    verdicts = judged(changed(make_case(), (P.COLD, P.WARM, P.STREAM), busy))

    assert isinstance(verdicts["latency_warm"], Passed)
    assert isinstance(verdicts["ttft"], Passed)
    # The TLS session of the cold chat was set up by us, and the last token may have waited with what followed it.
    assert unjudged(verdicts) == dict.fromkeys(
        ("latency_cold", "cold_to_warm", "inter_token_latency", "throughput"), "client_busy"
    )


def test_a_first_token_that_waited_with_others_is_as_late_as_our_loop() -> None:
    """TCP merges what waits, and the kernel's stamp is that of the last."""
    merged = (Delta(300.0, "1"), Delta(300.0, "2"), Delta(700.0, "3"))
    busy = with_exchange(loop_lag_ms=500.0, clock=Clock.KERNEL)
    case = changed(make_case(), (P.STREAM,), lambda seen: replace(busy(seen), deltas=merged))

    assert judged(case)["ttft"].code == "client_busy"


def test_a_cold_chat_without_tls_is_stamped_by_the_kernel_alone() -> None:
    """TCP's handshake is measured by the kernel, too."""
    plain = changed(make_case(), (P.COLD,), with_timeline(tls_ms=None))
    busy = changed(plain, (P.COLD,), with_exchange(loop_lag_ms=500.0, clock=Clock.KERNEL))

    assert isinstance(judged(busy)["latency_cold"], Passed)


def test_the_venues_own_time_stands_beside_ours() -> None:
    """A figure and a line of context, whatever the verdict; what is left is the network's or a hidden queue's."""
    told = with_exchange(headers=(("fireworks-server-time-to-first-token", "0.211"),))
    verdict = judged(changed(make_case(), (P.STREAM,), told))["ttft"]

    assert (verdict.figures["venue_median_ms"], verdict.figures["outside_venue_median_ms"]) == (211.0, 89.0)
    assert "venue_queue_median_ms" not in verdict.figures
    assert verdict.context == (
        (
            "the venue's own clock",
            "211 ms by fireworks-server-time-to-first-token; 89 ms are the network's, or a queue not counted",
        ),
    )
    assert judged(make_case())["ttft"].context == ()


def test_pace_counts_tokens_not_chunks() -> None:
    """Three chunks of 21 tokens in 400 ms: 20 ms between two, 50 a second; the largest gap is a figure."""
    verdicts = judged(make_case())

    assert verdicts["inter_token_latency"].figures["median_ms"] == 20.0
    assert verdicts["throughput"].figures["tokens_per_second_median"] == 50.0
    assert verdicts["inter_token_latency"].figures["max_gap_ms"] == 250.0


def test_tokens_that_the_venue_leaves_out_of_its_output_count() -> None:
    """Streamed reasoning that only the total holds is in the pace: billed output counts."""
    model = make_model(quirks=Quirks(usage_total_is_sum=False))
    usage = Usage(40, 11, 81, reasoning_tokens=30)
    reasoned = (Delta(300.0, reasoning="so"), Delta(700.0, "5"))
    case = changed(make_case(model), (P.STREAM,), lambda seen: replace(seen, usage=usage, usages=(), deltas=reasoned))

    assert judged(case)["inter_token_latency"].figures["median_ms"] == 10.0


def test_reasoning_that_was_not_streamed_is_not_in_the_pace() -> None:
    """Hidden reasoning came before the first token: without it, 11 tokens took 400 ms."""
    case = changed(make_case(), (P.STREAM,), with_usage(reasoning_tokens=10))

    assert judged(case)["inter_token_latency"].figures["median_ms"] == 40.0


@pytest.mark.parametrize(
    "change",
    [
        with_usage(output_tokens=1, total_tokens=41),
        with_timeline(last_token_ms=300.0),
        lambda seen: replace(seen, usage=None),
    ],
    ids=["one token", "all tokens at once", "no usage"],
)
def test_a_stream_without_two_times_has_no_pace(change: Callable[[Observation], Observation]) -> None:
    """Fewer than two tokens, or one arrival for all, is no rate; nothing is divided by zero."""
    verdicts = judged(changed(make_case(), (P.STREAM,), change))

    assert verdicts["inter_token_latency"].code == "too_few_samples"
    assert verdicts["throughput"].code == "too_few_samples"


def test_two_tokens_are_enough_for_a_pace() -> None:
    """One step of 400 ms."""
    case = changed(make_case(), (P.STREAM,), with_usage(output_tokens=2, total_tokens=42))

    assert judged(case)["inter_token_latency"].figures["median_ms"] == 400.0


def test_streams_declared_without_usage_have_no_pace() -> None:
    """The quirk makes the figures per token not applicable."""
    verdicts = judged(make_case(make_model(quirks=Quirks(stream_usage=False))))

    assert verdicts["inter_token_latency"].code == "not_applicable"
    assert verdicts["throughput"].code == "not_applicable"


def test_slow_tokens_fail_the_lower_bound() -> None:
    """Five tokens a second are below thirty."""
    verdict = judged(changed(make_case(), (P.STREAM,), with_timeline(last_token_ms=4300.0)))["throughput"]

    assert isinstance(verdict, Failed)
    assert verdict.actual == "5 tokens/s (n=3, 5 to 5 tokens/s)"
    assert verdict.expected == "median decode throughput at least 30 tokens/s"


def test_a_rate_limited_sample_is_never_in_a_latency() -> None:
    """One 429 leaves the figure of the others, and nothing is judged."""
    verdict = judged(changed(make_case(), (P.WARM,), broken(ErrorKind.RATE_LIMITED, 429), samples=(1,)))["latency_warm"]

    assert verdict.code == "rate_limited"
    assert verdict.figures["n"] == 2
