"""The texts of the audit log: one sentence for each act."""

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.moderation import AuditAct, AuditEntry, Role

_TEXTS = {
    AuditAct.HANDED_OVER: gettext_noop("{actor} handed the chat over to {person}."),
    AuditAct.CLAIMED: gettext_noop("{actor} opened the owner's link, and owns the chat now."),
    AuditAct.OWNER_RESET: gettext_noop("A new link for the owner was made with the data folder."),
    AuditAct.REMOVED: gettext_noop("{actor} removed {person} from {room}."),
    AuditAct.MESSAGE_DELETED: gettext_noop("{actor} deleted a message of {person} in {room}."),
    AuditAct.MESSAGES_DELETED: gettext_noop(
        "{actor} deleted what {person} wrote in the last hour: {detail} messages."
    ),
    AuditAct.ARCHIVED: gettext_noop("{actor} archived {room}."),
    AuditAct.REOPENED: gettext_noop("{actor} opened {room} again."),
    AuditAct.SLOW_MODE: gettext_noop("{actor} set slow mode in {room} to {detail} s."),
    AuditAct.MUTED: gettext_noop("{actor} muted {person}."),
    AuditAct.UNMUTED: gettext_noop("{actor} lifted the mute of {person}."),
    AuditAct.BANNED: gettext_noop("{actor} banned {person}."),
    AuditAct.UNBANNED: gettext_noop("{actor} lifted the ban of {person}."),
    AuditAct.NAME_CLAIMED: gettext_noop("{actor} can sign in on other devices: the name is kept."),
    AuditAct.PASSWORD_LINK: gettext_noop("{actor} made a link for a new password of {person}."),
    AuditAct.PASSWORD_RESET: gettext_noop("{actor} set a new password with a link of the owner."),
    AuditAct.REPORTED: gettext_noop("{actor} reported a message of {person} in {room}."),
    AuditAct.REPORT_SETTLED: gettext_noop("{actor} settled a report about {person}."),
    AuditAct.REPORT_REOPENED: gettext_noop("{actor} opened a report about {person} again."),
    AuditAct.INVITATION_MADE: gettext_noop("{actor} made invitation {detail}."),
    AuditAct.INVITATION_USED: gettext_noop("{actor} came in with invitation {detail}."),
    AuditAct.INVITATION_REVOKED: gettext_noop("{actor} took invitation {detail} back."),
    AuditAct.ADMITTED: gettext_noop("{actor} let “{detail}” in."),
    AuditAct.REFUSED: gettext_noop("{actor} did not let “{detail}” in."),
}
_ROLES = {
    Role.MODERATOR: gettext_noop("{actor} made {person} a moderator of this chat."),
    Role.MEMBER: gettext_noop("{actor} made {person} a member of this chat."),
    Role.GUEST: gettext_noop("{actor} made {person} a guest of this chat."),
}
_ROOM_ROLES = {
    Role.MODERATOR: gettext_noop("{actor} made {person} a moderator of {room}."),
    Role.MEMBER: gettext_noop("{person} moderates {room} no more. {actor} ended that."),
}


def audit_text(entry: AuditEntry, t: Language) -> str:
    """What an entry says."""
    if entry.act is AuditAct.ROLE_CHANGED:
        template = (_ROOM_ROLES if entry.is_in_room else _ROLES)[Role(entry.detail)]
    else:
        template = _TEXTS[entry.act]
    return t(
        template,
        actor=entry.actor.name if entry.actor is not None else t("somebody"),
        person=entry.person.name if entry.person is not None else t("nobody"),
        detail=entry.detail,
        room=f"“{entry.room.title}”" if entry.room is not None else t("a room that is not yours"),
    )
