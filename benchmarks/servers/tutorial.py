"""A Flet chat as in a tutorial: each session adds a row of its own and calls `page.update()`."""

import sys
from dataclasses import dataclass

import flet as ft
import flet_web.fastapi as ff
import uvicorn


@dataclass
class Message:
    """A message and the name of its author."""

    name: str
    text: str


class ChatMessage(ft.Row):
    """The row of a message: avatar, name and text."""

    def __init__(self, message: Message) -> None:
        super().__init__(
            vertical_alignment=ft.CrossAxisAlignment.START,
            controls=[
                ft.CircleAvatar(
                    content=ft.Text(message.name[:1]), color=ft.Colors.WHITE, bgcolor=ft.Colors.TEAL
                ),
                ft.Column(
                    [
                        ft.Text(message.name, weight=ft.FontWeight.BOLD),
                        ft.Text(message.text, selectable=True),
                    ],
                    tight=True,
                    spacing=5,
                ),
            ],
        )


def main(page: ft.Page) -> None:
    """The page of one session."""
    page.title = "Flet Chat"
    name = page.route.rpartition("=")[2]
    chat = ft.ListView(expand=True, spacing=10, auto_scroll=True)

    async def send(_: ft.Event[ft.TextField]) -> None:
        if field.value:
            page.pubsub.send_all(Message(name, field.value))
            field.value = ""
            await field.focus()
            page.update()

    def on_message(message: Message) -> None:
        chat.controls.append(ChatMessage(message))
        page.update()

    field = ft.TextField(hint_text="Write a message…", shift_enter=True, expand=True)
    field.on_submit = send
    page.pubsub.subscribe(on_message)
    page.add(chat, ft.Row([field, ft.IconButton(icon=ft.Icons.SEND_ROUNDED)]))


if __name__ == "__main__":
    uvicorn.run(
        ff.app(main, no_cdn=True),
        port=int(sys.argv[1]),
        loop=sys.argv[2],
        log_level="error",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
