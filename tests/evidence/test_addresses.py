"""Which addresses a venue of the world can have, in each version of Python alike."""

import pytest

from pytest_darkhost.evidence import fitness
from pytest_darkhost.evidence.addresses import is_private_literal, is_public_peer, is_this_machine
from support import evidence

PUBLIC = (
    *("1.1.1.1", "104.18.0.1", "11.0.0.1", "100.128.0.1", "172.32.0.1", "192.0.3.1", "198.20.0.1", "223.255.255.255"),
    *("2606:4700::6810:1", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2620:4f:8000::1"),
    *("64:ff9b::6812:1", "2002:6812:1::1", "::ffff:104.18.0.1"),
)
NOT_PUBLIC = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "100::1", "::10.0.0.1"),
    *("2001::1", "2001:db8::1", "3fff::1", "5f00::1", "64:ff9b:1::1", "fec0::1"),
    *("64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::1", "2002:c0a8:101::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"),
    *("api.acme.example", "", "1.2.3", "1.2.3.4.5", "[", "1.2.3.4:5:6"),
)


def peers(address):
    """Return an address as the report has it, with a port."""
    return f"[{address}]:443" if ":" in address else f"{address}:443"


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_world(address):
    """Also where it carries one: mapped, 6to4, NAT64 of a network without version 4."""
    assert is_public_peer(peers(address))
    assert is_public_peer(address)
    assert not is_private_literal(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_no_venue_has(address):
    """Private, local, shared, multicast, reserved, for documents; and what carries such a one."""
    assert not is_public_peer(peers(address))
    assert not is_public_peer(address)


THIS_MACHINE = (
    *(
        "localhost4",
        "localhost6.localdomain6",
        "127\u30020\u30020\u30021",
        "\uff11\uff12\uff17.0.0.1",
        "\u24dbocalhost",
    ),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "a.localhost.", "localhost.localdomain", "ip6-loopback"),
    *("127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7F.0.0.1", "0177.1", "2130706433", "0x7f000001", "017700000001"),
    *("127.0.0.1.", "0", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::127.0.0.1"),
)


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_a_host_of_this_machine(host):
    """In each spelling that a resolver takes."""
    assert is_this_machine(host)


PRIVATE = (
    *("10.0.0.7", "172.16.9.9", "192.168.1.1", "100.64.1.1", "169.254.169.254", "fd00::1", "fe80::1%25eth0"),
    *("10.1", "0xa.1", "167772161", "192.168.257", "224.0.0.1", "192.0.2.1", "2002:a00:1::1", "64:ff9b::a00:1"),
)


@pytest.mark.parametrize("host", PRIVATE)
def test_a_host_of_a_network_of_ones_own(host):
    """It is none of this machine, and no venue's."""
    assert is_private_literal(host)
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    "host",
    *[
        (
            "api.acme.example",
            "localhost.example",
            "127.acme.example",
            "0x7f.acme",
            "1.2.3.4.5",
            "127.0.0.256",
            "1.1",
            "",
        )
    ],
)
def test_a_name_is_not_taken_for_an_address(host):
    """What is no number is for the resolver to say, and the socket's peer tells; a public number is no fault."""
    assert not is_private_literal(host)
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    ("url", "codes"),
    {
        "https://127.1/v1": ["loopback"],
        "https://0x7f.1:8443": ["loopback"],
        "https://2130706433": ["loopback"],
        "https://user@localhost.": ["loopback"],
        "https://10.0.0.7": ["private_address"],
        "https://[fd00::1]:8443/v1": ["private_address"],
        "https://192.168.1.1": ["private_address"],
        "http://169.254.169.254": ["http", "private_address"],
        "https://api.acme.example": [],
        "https://[": [],
    }.items(),
)
def test_what_is_known_of_a_base_url_before_the_first_call(url, codes):
    """The run is refused before it costs anything; a name is looked at when a socket has its address."""
    record = evidence.record(1)
    record["specs"][0]["base_url"] = url

    assert [each.code for each in fitness.unfit_run(record)] == codes
