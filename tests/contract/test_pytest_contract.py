"""What the plugin uses of pytest's private side. A release that changes it fails here first, with the place to look."""

import inspect

import pytest


def test_mark_expressions_compile_and_evaluate():
    """`suite.selection` evaluates `-m` expressions with a matcher that takes a name and keyword arguments."""
    from _pytest.mark import expression as module

    expression = module.Expression.compile("live and not slow(x=1)")

    assert expression.evaluate(lambda name, /, **_kwargs: name == "live") is True
    with pytest.raises(getattr(module, "ParseError", SyntaxError)):
        module.Expression.compile("((")


def test_functions_take_a_callable_and_fixture_information():
    """`suite.collection` passes both, and reuses the information of the first item of a file for the others."""
    parameters = inspect.signature(pytest.Function.__init__).parameters

    assert {"name", "parent", "callobj", "fixtureinfo"} <= parameters.keys()


def test_modules_get_their_object_from_a_method():
    """`suite.collection.SpecModule` overrides it, because a spec cannot be imported."""
    assert callable(pytest.Module._getobj)


def test_items_know_their_fixture_information(pytester):
    """The attribute that is shared between the items of a file."""
    item = pytester.getitem("def test_func(tmp_path): pass")

    assert item._fixtureinfo.argnames == ("tmp_path",)


def test_only_the_named_fixtures_are_set_up(pytester):
    """`suite.arguments` takes names away before the set-up, and counts who defines a fixture."""
    item = pytester.getitem(
        """
        import pytest

        @pytest.fixture
        def capsys(capsys):
            return capsys

        def test_func(request, capsys, tmp_path): pass
        """
    )
    assert {name: len(item._fixtureinfo.name2fixturedefs[name]) for name in ("capsys", "tmp_path")} == {
        "capsys": 2,
        "tmp_path": 1,
    }

    item.fixturenames = [name for name in item.fixturenames if name != "tmp_path"]
    item.session._setupstate.setup(item)

    assert "capsys" in item.funcargs
    assert "tmp_path" not in item.funcargs
    item.session._setupstate.teardown_exact(None)


def test_structured_ids_parse_from_text(pytester):
    """From pytest 9.2 on, an item's id has parts; `suite.items` sets the last one, as parsing its text would."""
    item = pytester.getitem("def test_func(): pass")

    if hasattr(item, "_id"):
        made = item._id.with_params("live")
        assert made == type(made).parse(str(made))
    assert item.nodeid.endswith("::test_func")


def test_arguments_know_where_they_came_from(pytester):
    """`suite.session` adds spec directories where `testpaths` decides."""
    config = pytester.parseconfig()

    assert {"ARGS", "TESTPATHS", "INVOCATION_DIR"} <= {source.name for source in type(config).ArgsSource}
    assert config.args_source.name in {"ARGS", "TESTPATHS", "INVOCATION_DIR"}


def test_the_terminal_writer_says_how_wide_it_is(pytester):
    """`suite.progress` returns the cursor to its column."""
    writer = pytester.parseconfigure().get_terminal_writer()

    assert writer.width_of_current_line >= 0
    assert writer.fullwidth > 0
    assert writer.hasmarkup in {True, False}


def test_the_json_report_plugin_has_the_options_that_are_set(pytester):
    """`suite.report` switches it on before its own `pytest_configure`, by these names and defaults."""
    option = pytester.parseconfig().option

    assert option.json_report is False
    assert option.json_report_file == ".report.json"
    assert option.json_report_verbosity is None


def test_the_lane_scheduler_can_be_made():
    """`suite.xdist` overrides how pytest-xdist groups node ids."""
    from xdist.scheduler import LoadScopeScheduling

    assert list(inspect.signature(LoadScopeScheduling._split_scope).parameters) == ["self", "nodeid"]
