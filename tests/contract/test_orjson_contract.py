"""What strict JSON takes for granted of orjson, without saying so: how deep it writes."""

import orjson
import pytest

from pytest_darkhost.evidence.strict_json import DEEPEST


@pytest.mark.parametrize(
    ("start", "end"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")], ids=["list", "object", "both"]
)
@pytest.mark.parametrize("inner", ["1", '"a"', "[]", "{}"])
def test_it_writes_as_deep_as_we_read_and_no_deeper(start, end, inner):
    """Both containers count, empty ones too: what it writes again needs no other look at its depth."""
    at_once = start.count("[") + start.count("{")
    most, last = divmod(DEEPEST - (inner in ("[]", "{}")), at_once)
    odd = "[" * last, "]" * last
    deepest = f"{odd[0]}{start * most}{inner}{end * most}{odd[1]}"

    assert orjson.dumps(orjson.loads(deepest)) == deepest.encode()
    with pytest.raises(orjson.JSONEncodeError):
        orjson.dumps(orjson.loads(f"[{deepest}]"))
