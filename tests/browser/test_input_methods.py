"""Input methods in Chromium: the first Enter confirms a composition, the next one sends."""

from typing import Any

from playwright.sync_api import expect

from tests.harness.browser import Tab

# The key code of every key that an input method handles.
INPUT_METHOD_KEY_CODE = 229


class InputMethod:
    """An input method: the events of a composition, as a browser sends them to a page."""

    def __init__(self, tab: Tab) -> None:
        self._devtools = tab.page.context.new_cdp_session(tab.page)

    def composes(self, *steps: str) -> None:
        """Show each text in turn as the current composition."""
        for text in steps:
            self.key("Process", "KeyN", INPUT_METHOD_KEY_CODE)
            cursor = {"selectionStart": len(text), "selectionEnd": len(text)}
            self._devtools.send("Input.imeSetComposition", {"text": text, **cursor})

    def confirms(self, text: str, key: str = "Enter") -> None:
        """Confirm the composition with a key that the input method handles."""
        self.key("Process", key, INPUT_METHOD_KEY_CODE, up=False)
        self._devtools.send("Input.insertText", {"text": text})
        self.key(key, key, INPUT_METHOD_KEY_CODE, down=False)

    def confirms_as_in_safari(self, text: str) -> None:
        """Confirm as in Safari: the composition ends before the key event."""
        self._devtools.send("Input.insertText", {"text": text})
        self.key("Enter", "Enter", INPUT_METHOD_KEY_CODE)

    def key(
        self, key: str, code: str, key_code: int, *, down: bool = True, up: bool = True
    ) -> None:
        """Press and release a key."""
        event: dict[str, Any] = {"key": key, "code": code, "windowsVirtualKeyCode": key_code}
        if down:
            self._devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **event})
        if up:
            self._devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})


def test_enter_confirms_a_composition_and_the_next_enter_sends(ann: Tab) -> None:
    input_method, keyboard = InputMethod(ann), ann.page.keyboard
    input_method.composes("n", "ni", "ni h", "ni hao")
    input_method.confirms("你好")
    expect(ann.composer).to_have_value("你好")
    ann.page.wait_for_timeout(500)
    expect(ann.composer).to_have_value("你好")
    assert "你好" not in ann.leaf_texts
    input_method.composes("p", "pengy")
    input_method.confirms_as_in_safari("朋友")
    expect(ann.composer).to_have_value("你好朋友")
    ann.page.wait_for_timeout(500)
    expect(ann.composer).to_have_value("你好朋友")
    keyboard.press("Enter")
    ann.until(lambda: "你好朋友" in ann.leaf_texts)
    expect(ann.composer).to_have_value("")
    # In Korean the confirming key is followed by an ordinary Enter event, which sends.
    input_method.composes("ㅎ", "하", "한")
    input_method.confirms("한")
    keyboard.press("Enter")
    ann.until(lambda: ann.leaf_texts.count("한") == 1)
    expect(ann.composer).to_have_value("")


def test_input_method_keys_do_not_reach_the_open_completion_list(ann: Tab) -> None:
    input_method = InputMethod(ann)
    ann.page.keyboard.type("@")
    input_method.composes("e", "ev")
    ann.page.get_by_text("everybody in this room").wait_for()
    # Browsers on Windows name the keys `Process`, browsers on macOS by their own names.
    for key in ("ArrowDown", "Tab", "Escape", "Enter"):
        input_method.key("Process", key, INPUT_METHOD_KEY_CODE)
        input_method.key(key, key, INPUT_METHOD_KEY_CODE)
    input_method.confirms("ev")
    ann.page.wait_for_timeout(300)
    expect(ann.composer).to_have_value("@ev")
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.press("Enter")
    expect(ann.composer).to_have_value("@everyone ")


def test_composition_survives_the_removal_of_a_sent_message(ann: Tab) -> None:
    input_method = InputMethod(ann)
    ann.page.keyboard.type("first")
    ann.page.keyboard.press("Enter")
    input_method.composes("n", "ni", "ni h", "ni hao")
    ann.until(lambda: "first" in ann.leaf_texts)
    input_method.confirms("你好")
    expect(ann.composer).to_have_value("你好")
    ann.page.keyboard.press("Enter")
    ann.until(lambda: "你好" in ann.leaf_texts)
    expect(ann.composer).to_have_value("")


def test_shortcode_is_replaced_by_an_emoji_while_typing(ann: Tab) -> None:
    keyboard = ann.page.keyboard
    keyboard.type("well :tada: done :he", delay=20)
    expect(ann.composer).to_have_value("well 🎉 done :he")
    keyboard.type("art", delay=20)
    ann.page.get_by_text(":heart:").first.wait_for(timeout=5000)
    keyboard.press("Enter")
    expect(ann.composer).to_have_value("well 🎉 done ❤️ ")
    keyboard.type("`:tada: ` :+1:")
    keyboard.press("Enter")
    ann.until(lambda: "well 🎉 done ❤️ :tada:  👍" in ann.leaf_texts)
    expect(ann.composer).to_have_value("")


def test_cursor_keeps_its_place_when_the_page_is_redrawn(ann: Tab) -> None:
    page = ann.page
    ann.posts("roses")
    ann.waits_for_text("roses")
    page.keyboard.press("ArrowUp")
    expect(ann.composer).to_have_value("roses")
    page.keyboard.press("Home")
    page.keyboard.type("my ")
    page.emulate_media(color_scheme="dark")
    ann.waits_until_stable()
    page.keyboard.type("own ")
    expect(ann.composer).to_have_value("my own roses")
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="light")


def test_pasted_lines_stay_one_message(ann: Tab) -> None:
    page = ann.page
    page.evaluate("navigator.clipboard.writeText('one\\ntwo\\n\\nfour')")
    page.keyboard.press("Control+v")
    expect(ann.composer).to_have_value("one\ntwo\n\nfour")
    ann.page.wait_for_timeout(300)
    assert "one" not in ann.leaf_texts
    page.keyboard.press("Enter")
    ann.until(lambda: any("one\ntwo\n\nfour" in leaf for leaf in ann.semantics_leaves))
    expect(ann.composer).to_have_value("")
