"""Keys never show, in any form that a venue or a library may echo."""

import base64
import copy
import json
import pickle
import time
from urllib.parse import quote

import pytest

from pytest_darkhost.secrets import REFUSED_KEY, Credential, Redactor

KEY = "sk-canary/5f0e+9\"a'b-7c1d2e"


def test_credential_shows_no_part_of_its_value():
    """Text forms of a credential are constant."""
    credential = Credential(KEY)

    assert repr(credential) == str(credential) == f"{credential}" == "Credential(...)"
    assert KEY not in str({"key": credential})


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_credential_does_not_copy(leak):
    """A credential can be neither pickled nor copied, so that no worker or cache receives it by accident."""
    with pytest.raises(TypeError, match="Credential"):
        leak(Credential(KEY))


@pytest.mark.parametrize("before", ["Bearer ", "user:", '{"api_key":"', "x-api-key: "])
def test_redactor_removes_a_key_that_was_encoded_with_other_text(before):
    """base64 of a header or a body spells the key in one of three ways; none of them stays."""
    echo = base64.b64encode(f"{before}{KEY}\n".encode()).decode()

    cleaned = Redactor.of([Credential(KEY)]).clean(f"you sent {echo}")
    left = cleaned.removeprefix("you sent ").replace("[redacted]", "")

    assert len(left) <= len(base64.b64encode(before.encode())) + 8
    assert not any(echo[start : start + 8] in cleaned for start in range(20, len(echo) - 12))


@pytest.mark.parametrize("length", [900, 5_000])
def test_a_key_may_be_a_token_of_thousands_of_characters(length):
    """Tokens of Entra ID, Databricks and Google have them; their parts are found, too."""
    token = "".join(chr(97 + place * place % 26) + str(place % 10) for place in range(length // 2))
    redactor = Redactor.of([Credential(token)])

    for echo in (token, token[:200], f"{token[:10]}***{token[-10:]}", f"***{token[-300:]}"):
        assert redactor.clean(f"key {echo}").replace("[redacted]", "").strip("*") == "key "


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        KEY.upper(),
        KEY.lower(),
        "".join(f"%{ord(character):02x}" for character in KEY),
        "".join(f"%{ord(character):02X}" for character in KEY),
        "".join(f"\\u{ord(character):04x}" for character in KEY),
        "".join(f"\\u{ord(character):04X}" for character in KEY),
        quote(KEY, safe=""),
        json.dumps(KEY)[1:-1],
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
        base64.b64encode(f":{KEY}".encode()).decode(),
    ],
)
def test_redactor_removes_every_form(echo):
    """Plain, URL-encoded, JSON-escaped, hexadecimal and base64 forms disappear, whatever case was made of them."""
    cleaned = Redactor.of([Credential(KEY)]).clean(f"before {echo} after")

    assert echo not in cleaned
    assert cleaned.startswith("before [redacted]")
    assert cleaned.endswith("after")


@pytest.mark.parametrize("echo", ["sk-can****2e", "sk-canary/5f0e...", "****7c1d2e", "sk-••••••d2e", "sk-canXXXX1d2e"])
def test_redactor_removes_masked_echoes(echo):
    """A venue that echoes a refused key with its middle masked shows no part of it."""
    cleaned = Redactor.of([KEY]).clean(f"Incorrect key provided: {echo}.")

    assert "sk-" not in cleaned
    assert "d2e" not in cleaned


def test_redactor_leaves_other_text_alone():
    """Words that are not keys survive, `max_tokens` among them."""
    text = '{"max_tokens": 16, "usage": {"total_tokens": 3}} **** skip'

    assert Redactor.of([KEY]).clean(text) == text


def test_redactor_cleans_nested_values_and_keys_of_mappings():
    """Containers are cleaned through and through, and other types stay."""
    cleaned = Redactor.of([KEY]).clean({KEY: [KEY, 1, None, (KEY,)]})

    assert KEY not in str(cleaned)
    assert cleaned["[redacted]"][1:3] == [1, None]


def test_redactor_keeps_the_length_of_bytes():
    """Boundaries of chunks stay where they were."""
    data = f"a{KEY}b".encode()

    cleaned = Redactor.of([KEY]).clean_bytes(data)

    assert len(cleaned) == len(data)
    assert KEY.encode() not in cleaned


def test_redactor_learns_one_more_key():
    """The key of a managed venue is known from its start on."""
    redactor = Redactor.of([KEY]).also(Credential("second-key-0123"))

    assert redactor.clean(f"{KEY} second-key-0123") == "[redacted] [redacted]"
    assert KEY not in repr(redactor)


def test_empty_redactor_changes_nothing():
    """Without keys there is nothing to remove."""
    assert Redactor.of([]).clean("text") == "text"


def test_refused_key_is_a_constant():
    """The key that must be refused never depends on a real one."""
    assert REFUSED_KEY == "darkhost-refused-key-0000000000000000000000000000"


@pytest.mark.parametrize("part", [KEY[:-1], KEY[1:], KEY[6:20], '5f0e+9"a', "b-7c1d2e"])
def test_redactor_removes_parts_without_a_mask(part):
    """A run of eight characters that is no word gives a key away, wherever it was cut."""
    cleaned = Redactor.of([KEY]).clean(f"before {part} after")

    assert part not in cleaned
    assert "[redacted]" in cleaned
    assert part.encode() not in Redactor.of([KEY]).clean_bytes(part.encode())


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("after", range(4))
def test_redactor_removes_a_part_of_a_body_wherever_it_stands(before, after):
    """No place, and no length of what stands around it, hides a run of eight characters."""
    redactor = Redactor.of([KEY])
    runs = [KEY[start : start + 8] for start in range(len(KEY) - 7)]
    told = [run for run in runs if run != "sk-canar" and any(map(str.isdigit, run)) and any(map(str.islower, run))]
    assert told

    for run in told:
        assert redactor.found_in(" " * before + run + " " * after)
        assert redactor.found_in("é" * before + run + "é" * after)
        assert (
            redactor.clean_bytes(b" " * before + run.encode() + b" " * after) == b" " * before + b"*" * 8 + b" " * after
        )


def test_words_that_a_key_begins_with_survive():
    """A key that starts with a venue's name does not take that name out of the report."""
    text = "together/gpt-oss-120b-together and sk-canary"

    assert Redactor.of(["together-sk-9fK2vQ7x"]).clean(text) == text


def test_redaction_of_a_hostile_text_is_linear():
    """A text made of a key's parts costs no more a byte when it is longer."""
    redactor = Redactor.of([KEY])

    def cost(times):
        before = time.process_time()
        redactor.clean_bytes(b'5f0e+9"a' * times)
        return time.process_time() - before

    assert cost(16_000) < 64 * max(cost(1_000), 0.001)


def test_a_key_of_padding_alone_does_not_vanish_between_all_letters():
    """What is left of it without its padding is nothing."""
    assert Redactor.of(["="]).clean("a b") == "a b"
