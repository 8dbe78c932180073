"""Unquoted scalars against another reading of the same schema: that of yamlcore."""

import pytest
import yamlcore
from yaml import load as yaml_load

from pytest_darkhost.specs.scalars import plain_value

SCALARS = """
true True TRUE tRue false False FALSE yes no on off y n null Null NULL nULL ~ ~~
0 00 007 -0 +0 1 -1 +1 12345678901234567890 0o7 0o8 -0o7 0x1f 0xfg 0b1 1_000 1,000
1. .5 -.5 +.5 . 1.5 1e3 1E3 1e+3 1.e-3 1e 1e3.5 1.5.5 .e1 inf nan .inff 12:30 2026-11-22 v1.5 1a
+ +- --1 1- 0x 0o
"""


@pytest.mark.parametrize("text", SCALARS.split())
def test_scalars_mean_what_yamlcore_says(text):
    """Two readings of YAML 1.2.2, 10.3.2, agree in value and type."""
    expected = yaml_load(text, Loader=yamlcore.CoreLoader)
    found = plain_value(text)
    assert (found, type(found)) == (expected, type(expected))
