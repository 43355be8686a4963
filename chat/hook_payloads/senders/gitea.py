"""The webhooks of Gitea, Forgejo and Gogs, which are nearly GitHub's.

The format: https://docs.gitea.com/usage/webhooks and `modules/structs/hook.go` of Gitea. They send
GitHub's header, too, but their own is the one that counts.
"""

from collections.abc import Mapping

from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.pieces import Content
from chat.hook_payloads.senders import github

# Forgejo sends Gitea's header, too.
_HEADERS = {"x-forgejo-event": "Forgejo", "x-gitea-event": "Gitea", "x-gogs-event": "Gogs"}

# Gitea's own names of what GitHub calls otherwise.
_EVENTS = {
    "issue_assign": "issues",
    "issue_label": "issues",
    "issue_milestone": "issues",
    "pull_request_assign": "pull_request",
    "pull_request_label": "pull_request",
    "pull_request_milestone": "pull_request",
    "pull_request_sync": "pull_request",
    "pull_request_review_request": "pull_request",
    "pull_request_comment": "issue_comment",
}
_REVIEWS = {
    "pull_request_approved": "approved",
    "pull_request_rejected": "changes_requested",
    "pull_request_review_approved": "approved",
    "pull_request_review_rejected": "changes_requested",
    "pull_request_review_comment": "commented",
}


def read(payload: Fields, headers: Mapping[str, str]) -> Content | None:
    """The content of an event of Gitea or one of its relatives; None if no header of theirs is
    there."""
    for header, program in _HEADERS.items():
        if event := headers.get(header, "").strip().lower():
            if event in _REVIEWS and "review" in payload:
                return github.content_of("pull_request_review", _as_review(event, payload), program)
            return github.content_of(_EVENTS.get(event, event), payload, program)
    return None


def _as_review(event: str, payload: Fields) -> Fields:
    """A review as GitHub sends it. Gitea's has its text in `content`, its state in the event."""
    review = {"state": _REVIEWS[event], "body": payload.text("review", "content")}
    return payload.replaced("review", review)
