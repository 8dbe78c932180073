"""The main job: `pytest -m live --venue=NAME`, from a YAML file to verdicts in terminal and report."""


def test_a_healthy_venue_passes_and_exits_with_0(project):
    """Every check of a good venue passes, and the JSON report is there without a flag."""
    project.venue()

    result = project.run("-m", "live", "--venue=acme")

    assert result.ret == 0
    assert set(project.verdicts().values()) <= {"passed", "not_applicable"}
