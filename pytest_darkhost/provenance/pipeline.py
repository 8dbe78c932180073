"""
The run of a CI service that we are in, from the variables that the service documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_darkhost import semconv
from pytest_darkhost.provenance.working_tree import without_user


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """One run of a pipeline."""

    id: str
    url: str | None
    actor: str | None
    """Who started it, as the service names people."""

    def record(self) -> dict[str, object]:
        """Return a JSON-safe object."""
        return {semconv.CICD_PIPELINE_RUN_ID: self.id, semconv.CICD_PIPELINE_RUN_URL_FULL: self.url}


@dataclass(frozen=True, slots=True)
class _Service:
    """The variables of one service. `url` is a format string of variables."""

    sign: str
    id: str
    url: str
    actor: str


# As documented by GitHub ("Variables reference"), GitLab ("Predefined CI/CD variables"), CircleCI ("Project values
# and variables"), Buildkite ("Environment variables"), Azure ("Predefined variables"), Jenkins ("Using a Jenkinsfile").
_SERVICES = (
    _Service(
        "GITHUB_ACTIONS",
        "GITHUB_RUN_ID",
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
        "GITHUB_ACTOR",
    ),
    _Service("GITLAB_CI", "CI_PIPELINE_ID", "{CI_PIPELINE_URL}", "GITLAB_USER_LOGIN"),
    _Service("CIRCLECI", "CIRCLE_WORKFLOW_ID", "{CIRCLE_BUILD_URL}", "CIRCLE_USERNAME"),
    _Service("BUILDKITE", "BUILDKITE_BUILD_ID", "{BUILDKITE_BUILD_URL}", "BUILDKITE_BUILD_CREATOR"),
    _Service(
        "TF_BUILD",
        "BUILD_BUILDID",
        "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
        "BUILD_REQUESTEDFOR",
    ),
    _Service("JENKINS_URL", "BUILD_TAG", "{BUILD_URL}", "BUILD_USER_ID"),
)


def pipeline_run(environment: Mapping[str, str]) -> PipelineRun | None:
    """Return the run of the CI service that an environment shows, or `None` outside of one."""
    for service in _SERVICES:
        if environment.get(service.sign) and environment.get(service.id):
            return PipelineRun(
                environment[service.id], _url(service.url, environment), environment.get(service.actor) or None
            )
    return None


def _url(template: str, environment: Mapping[str, str]) -> str | None:
    try:
        url = template.format_map(environment)
    except KeyError:
        return None
    query = url.partition("?")[1:]
    return without_user(url) + "".join(query) if "://" in url else None
