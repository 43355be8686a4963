"""The form of a bot with a chart, a slider and a button in Chromium."""

from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, expect

from tests.harness.browser import Tab
from tests.harness.process import ForkedServer

BOT = """
import flet as ft
import flet_charts as charts

from flet_chat import Bot

bot = Bot("deploy")


@bot.action
def add(event, state):
    entry = f"{event.person.name} {event.values['share']:.0f} {event.values['note']}".strip()
    return {"entries": [*state["entries"], entry]}


@bot.view
def deploy(state):
    count = len(state["entries"])
    rods = [charts.BarChartRod(to_y=count + 1)]
    return ft.Column([
        ft.Text(f"Entries: {count}"),
        *[ft.Text(each) for each in state["entries"]],
        charts.BarChart(groups=[charts.BarChartGroup(x=0, rods=rods)], height=120),
        ft.TextField(key="note", label="Note"),
        ft.Slider(key="share", min=0, max=100, divisions=10, value=20),
        ft.FilledButton("Add", on_click=add),
    ])


@bot.command("deploy")
def begin(event):
    event.chat.post(event.room.slug, "Deploy?", bot.live(deploy, {"entries": []}))
"""


def click_add(tab: Tab) -> None:
    """Click the button where it is: a row that has just grown moves for a while."""
    tab.waits_until_stable()
    tab.page.get_by_role("button", name="Add", exact=True).click(force=True)


# High enough for the whole form.
VIEWPORT = ViewportSize(width=1200, height=1100)


def test_form_is_used_by_two_people_before_and_after_a_restart(
    browser: Browser, tmp_path: Path
) -> None:
    folder = tmp_path / "bots"
    folder.mkdir(mode=0o755)
    (folder / "deploy.py").write_text(BOT, "utf-8")
    flags = ("--web", "--no-browser", f"--bots={folder}")
    server = ForkedServer(tmp_path / "data", *flags).start()
    try:
        ann = Tab(browser.new_context(viewport=VIEWPORT), server.address).opens_as("Ann")
        ben = Tab(browser.new_context(viewport=VIEWPORT), server.address).opens_as("Ben")
        for tab in (ann, ben):
            tab.composer.wait_for()
        ann.until(lambda: any("deploy" in each for each in ann.leaf_texts), 30)
        ann.posts("!deploy")
        for tab in (ann, ben):
            tab.waits_for_text("Entries: 0")
        ann.page.get_by_role("slider").focus()
        ann.page.keyboard.press("ArrowRight")
        # Meanwhile Ben adds an entry: the row is drawn anew, and Ann goes on where she was.
        click_add(ben)
        for tab in (ann, ben):
            tab.waits_for_text("Ben 20")
        click_add(ann)
        for tab in (ann, ben):
            tab.waits_for_text("Ann 30")
        # Ann writes while Ben adds entries: no letter is lost, and she sees them when she pauses.
        field = ann.page.get_by_label("Note")
        field.click(force=True)
        expect(field).to_be_focused()
        for word, count in (("half ", 3), ("a ", 4), ("sentence", 5)):
            ann.page.keyboard.type(word)
            click_add(ben)
            ben.waits_for_text(f"Entries: {count}")
        expect(field).to_have_value("half a sentence")
        expect(field).to_be_focused()
        assert "Entries: 2" in ann.leaf_texts
        ann.page.keyboard.press("Tab")
        ann.waits_for_text("Entries: 5")
        click_add(ann)
        for tab in (ann, ben):
            tab.waits_for_text("Ann 20 half a sentence")
        server.stop()
        server.start()
        for tab in (ann, ben):
            tab.page.goto(server.address)
            tab.waits_until_ready().waits_for_text("Entries: 6")
        for tab in (ann, ben):
            tab.waits_for_text("Ann 30")
        # The buttons of the old message are those of the bot that was started anew.
        for person, tab in (("Ann", ann), ("Ben", ben)):
            click_add(tab)
            for each in (ann, ben):
                each.waits_for_text("Entries: 7" if person == "Ann" else "Entries: 8")
        assert ann.page_errors == ben.page_errors == []
    finally:
        server.kill_if_running()
