"""A project in a repository whose live runs are to be evidence, with a key elsewhere."""

import base64
import json

from pytest_darkhost.__main__ import main
from support.repository import commit_all

LIVE = ("-m", "live", "--venue=acme")
NO_BUDGET = {"defaults": {"latency_budget": None}}
"""Keys of a spec without which a busy machine has a say in the result."""


class Prover:
    """A project in a repository, with a key elsewhere."""

    def __init__(self, project, key):
        self.project = project
        self.path = project.path
        self.key = key
        self.folder = project.path / "evidence"

    @property
    def options(self):
        """What asks for evidence."""
        return ("--darkhost-evidence=evidence", f"--darkhost-key={self.key}")

    def prove(self, *arguments):
        """Run with evidence."""
        return self.project.run(*LIVE, *self.options, *arguments)

    def record(self, *arguments):
        """Run with a signed record, which a stand-in venue on this machine allows at most."""
        return self.prove("--darkhost-evidence-record", *arguments)

    def commit(self):
        """Commit what there is."""
        return commit_all(self.path)

    @property
    def lines(self):
        """The statements of the bundle: kind and predicate."""
        path = self.folder / "bundle.intoto.jsonl"
        texts = path.read_text().splitlines() if path.exists() else []
        said = [json.loads(base64.b64decode(json.loads(text)["payload"])) for text in texts]
        return [
            (each["predicateType"].rpartition("#")[2].rpartition("/in-toto")[2], each["predicate"]) for each in said
        ]

    @property
    def kinds(self):
        """The kinds of the lines."""
        return [kind.rpartition("/test-result")[1].strip("/") or kind for kind, _ in self.lines]

    @property
    def last(self):
        """The predicate of the last line."""
        return self.lines[-1][1]

    @property
    def codes(self):
        """Why the last run is no evidence."""
        return [reason["code"] for reason in self.last["darkhost"]["unfit"]]

    @property
    def contradictions(self):
        """In what reports are said to contradict themselves."""
        reasons = [reason for _, said in self.lines for reason in said["darkhost"].get("unfit", ())]
        return [reason["what"] for reason in reasons if reason["code"] == "impossible"]

    def verify(self, *arguments):
        """Verify the folder as an auditor does; return the exit code."""
        return main(["verify", str(self.folder), "--key", str(self.key.with_suffix(".pub")), *arguments])
