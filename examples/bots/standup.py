"""Stand-up and reminders: asks the team each morning, collects the answers, reminds people.

    !standup           makes this room the one of the stand-up
    !remind 20m tea    writes to you in twenty minutes

Each answer is a reply in the thread of the question; at 10:00 the bot says who has answered.
"""

import re
from datetime import UTC, datetime, timedelta

from flet_chat import Bot, Context

ZONE = ""  # as "Europe/Berlin"; without one, that of the computer
QUESTION = "Good morning! What did you do, what will you do, and what is in your way?"

MOST_REMINDERS = 200
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
REMINDER = re.compile(r"(?:me\s+)?(?:in\s+)?(\d{1,4})\s*([smhd])\w*\s+(.+)", re.IGNORECASE | re.S)

bot = Bot("standup", about="Asks each morning what everybody does, and reminds people of things.")


@bot.command("standup", about="asks in this room from Monday to Friday at nine; once more ends it")
def choose_room(event: Context) -> None:
    """Begin in this room, or end."""
    if bot.state.get("room") == event.room.slug:
        del bot.state["room"]
        event.reply("There is no stand-up in this room any more.")
    else:
        bot.state["room"] = event.room.slug
        event.reply("I will ask here at nine, from Monday to Friday. `!ask` asks now.")


@bot.command("ask", about="asks now")
def ask_now(event: Context) -> None:
    """Ask in the room of the stand-up, without waiting for the morning."""
    if not ask(event):
        event.reply("Which room? Write `!standup` there first.")


@bot.every("mon-fri 09:00", tz=ZONE)
def ask_each_morning(event: Context) -> None:
    """Ask."""
    ask(event)


def ask(event: Context) -> bool:
    """Post the question, if there is a room for it."""
    room = bot.state.get("room")
    if room is None:
        return False
    question = event.chat.post(room, QUESTION)
    bot.state["question"] = question.number
    return True


@bot.command("summary", about="says who has answered")
def summarize_now(event: Context) -> None:
    """Say who has answered so far."""
    summarize(event)


@bot.every("mon-fri 10:00", tz=ZONE)
def summarize_each_morning(event: Context) -> None:
    """Say who has answered, an hour after the question."""
    summarize(event)


def summarize(event: Context) -> None:
    """Post a table of the answers to the last question."""
    room, number = bot.state.get("room"), bot.state.get("question")
    if room is None or number is None:
        return
    answers = dict[str, str]()
    for reply in event.chat.thread(room, number):
        if not reply.author.is_bot and not reply.deleted:
            earlier = answers.get(reply.author.name)
            answers[reply.author.name] = f"{earlier} {reply.text}" if earlier else reply.text
    rows = [{"who": name, "answer": text} for name, text in sorted(answers.items())]
    if rows:
        event.chat.post(room, "**Today**", rows, thread=number)
    else:
        event.chat.post(room, "Nobody has answered yet.", thread=number)


@bot.command("remind", about="writes to you later: !remind 20m tea")
def remind(event: Context) -> None:
    """Keep a reminder."""
    found = REMINDER.fullmatch(event.arguments)
    reminders = bot.state.setdefault("reminders", [])
    if found is None:
        event.reply("Write it like this: `!remind 20m look at the oven`. Units are s, m, h and d.")
        return
    if len(reminders) >= MOST_REMINDERS:
        event.reply("I have too many reminders already. Ask again when some are over.")
        return
    due = datetime.now(UTC) + timedelta(seconds=int(found[1]) * UNITS[found[2].lower()])
    reminders.append(
        {"due": due.isoformat(), "person": event.person.name, "text": found[3].strip()}
    )
    event.react("👍")


@bot.every("1 second")
def tell_what_is_due(event: Context) -> None:
    """Write to those whose time has come. What was due while the bot was off comes now."""
    reminders = bot.state.get("reminders", [])
    due = [each for each in reminders if datetime.fromisoformat(each["due"]) <= event.at]
    for each in due:
        # Out of the list first: what cannot be sent is not tried for ever.
        reminders.remove(each)
        event.chat.post(f"@{each['person']}", f"⏰ {each['text']}")
