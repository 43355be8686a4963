"""The error of the client: a code for the program, and a sentence for the person who runs it."""


class ChatError(Exception):
    """The chat refused a request, or could not be reached.

    `code` is a word of the contract, as `no_such_room`; `docs/api.md` lists those of the chat. The
    client itself has `no_chat` (none is found), `no_connection` (it does not answer) and
    `bad_answer` (something else answers).
    """

    def __init__(self, code: str, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status
