"""A vote with a chart: `!vote Lunch: soup, salad, rice` posts it, and everybody has one voice.

The votes are the state of the message: they stay when the bot, or the chat, is started anew.
"""

from typing import Any

import flet as ft
import flet_charts as charts

from flet_chat import Bot, Context

MOST_OPTIONS = 8

# The question, the ids of the voters of each option, who has begun it, and whether it is closed.
State = dict[str, Any]

bot = Bot("vote", about="Asks a room, and draws a chart of the votes.")


def summary(state: State) -> str:
    """The votes as a text, for searches and notifications."""
    counts = [f"{each} {len(state['votes'][each])}" for each in state["votes"]]
    return f"{state['question']}: {', '.join(counts)}"


@bot.action
def choose(event: Context, state: State) -> State | None:
    """Give the voice to another option, or take it back."""
    if state["closed"]:
        event.tell("This vote is closed.")
        return None
    voice, chosen = str(event.person.id), state["votes"][event.data]
    had_it = voice in chosen
    for voices in state["votes"].values():
        if voice in voices:
            voices.remove(voice)
    if not had_it:
        chosen.append(voice)
    event.tell(f"You took your voice back: {event.data}." if had_it else f"You chose {event.data}.")
    return state


@bot.action
def close(event: Context, state: State) -> State | None:
    """End the vote, with a last word. Only who has begun it may do so."""
    if event.person.id != state["by"]:
        event.tell("Only who has begun the vote ends it.")
        return None
    return state | {"closed": True, "word": event.values["word"].strip()}


@bot.view(text=summary)
def vote(state: State) -> ft.Control:
    """The question, a bar for each option, and a button for each."""
    names = list(state["votes"])
    bars = [
        charts.BarChartGroup(x=n, rods=[charts.BarChartRod(to_y=len(state["votes"][each]))])
        for n, each in enumerate(names)
    ]
    labels = [charts.ChartAxisLabel(value=n, label=each) for n, each in enumerate(names)]
    chart = charts.BarChart(
        groups=bars, bottom_axis=charts.ChartAxis(labels=labels), height=160, min_y=0
    )
    head = ft.Text(state["question"], size=18, weight=ft.FontWeight.W_600)
    if state["closed"]:
        return ft.Column([head, chart, ft.Text(f"Closed. {state['word']}".strip())])
    buttons: list[ft.Control] = [
        ft.OutlinedButton(each, data=each, on_click=choose) for each in names
    ]
    word = ft.TextField(key="word", label="A last word", expand=True)
    end = ft.TextButton("End the vote", on_click=close)
    return ft.Column([head, chart, ft.Row(buttons, wrap=True), ft.Row([word, end])])


@bot.command("vote", about="asks: !vote Lunch: soup, salad")
def begin(event: Context) -> None:
    """Post a vote."""
    question, _, rest = event.arguments.partition(":")
    names = list(dict.fromkeys(each.strip() for each in rest.split(",") if each.strip()))
    if not question.strip() or not 2 <= len(names) <= MOST_OPTIONS:
        event.reply(
            f"Write a question and two to {MOST_OPTIONS} answers: `!vote Lunch: soup, rice`"
        )
        return
    votes: dict[str, list[str]] = {each[:40]: [] for each in names}
    state = {"question": question.strip(), "votes": votes, "by": event.person.id, "closed": False}
    event.chat.post(event.room.slug, summary(state), bot.live(vote, state))
