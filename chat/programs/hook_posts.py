"""The message of a payload, posted in a room by the bot of a webhook."""

from functools import partial

from chat.errors import TooManyMentions
from chat.hook_payloads.message import HookMessage
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.programs import Bar, Via
from chat.rooms.room import Room


async def post_hook_message(
    room: Room,
    bot: Person,
    message: HookMessage,
    client_id: str,
    *,
    may_call: bool = False,
    quoted_number: int | None = None,
    chain: int = 0,
) -> Message:
    """Post it, with the whole as a file if it is too long; it calls everybody only if it may.

    `chain` is as in `Via`. Raises as `Room.post`.
    """
    if not may_call:
        message = message.without_calls()
    upload_ids = []
    if message.full_text is not None:
        upload = await room.upload_text(bot, "message.txt", message.full_text)
        upload_ids.append(upload.id)
    if may_call:
        room.confirm_call(bot, client_id)
    via = Via(
        bot.name,
        message.sender.username,
        message.sender.icon_emoji,
        message.summary,
        tuple(Bar(*each) for each in message.colors),
        chain=chain,
    )
    post = partial(
        room.post, bot, message.text, client_id, quoted_number, upload_ids=upload_ids, via=via
    )
    try:
        return await post(mentioning=message.mention_text)
    except TooManyMentions:
        # Nobody is there to leave some out.
        return await post(mentioning="")
