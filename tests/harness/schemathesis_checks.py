"""A check of our own for schemathesis, which loads this module.

Its own check of valid requests takes any 422 for a request that the document should forbid. Of the
chat, only `bad_field` says so: all other codes are about what a person would be refused, too.
"""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, Response


@schemathesis.check
def valid_request_has_no_bad_field(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A request in the form of the document is never refused for its form."""
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        assert response.status_code not in (400, 422) or response.json()["error"] not in (
            "bad_field",
            "bad_request",
        )
