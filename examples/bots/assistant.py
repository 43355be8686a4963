"""An assistant: answers with a language model, word by word, in the thread of the question.

It works with whatever speaks the API of OpenAI: Mistral, vLLM, Ollama, llama.cpp, LM Studio.

    ASSISTANT_URL      the address, by default that of Ollama on this computer
    ASSISTANT_MODEL    the name of the model
    ASSISTANT_KEY      the key, if it needs one

Write to it directly, or with its name in a room: the thread, or the conversation, is its memory.
"""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx

from flet_chat import AsyncContext, Bot, Message

URL = os.environ.get("ASSISTANT_URL", "http://127.0.0.1:11434/v1").rstrip("/")
MODEL = os.environ.get("ASSISTANT_MODEL", "llama3.2")
KEY = os.environ.get("ASSISTANT_KEY", "")
INSTRUCTIONS = os.environ.get(
    "ASSISTANT_INSTRUCTIONS", "You are a helpful member of a chat. Answer briefly, in Markdown."
)

# What it remembers, how often it asks again, and how long it waits for the next word, in seconds.
MOST_MESSAGES, MOST_CHARACTERS = 30, 20_000
ATTEMPTS, LONGEST_PAUSE, SILENCE = 4, 30.0, 120.0

# Certificates take a moment to load: once, and not on the loop.
CERTIFICATES = ssl.create_default_context()

bot = Bot("assistant", about="Answers questions. Write to me, or write my name before a question.")


class NoAnswer(Exception):
    """The model does not answer; the sentence is for who asked."""


@bot.mentioned
async def answer(event: AsyncContext) -> None:
    """Answer what was written to the bot."""
    question = await conversation(event)
    words = ask(question)
    try:
        # The first word is waited for: without one there is no empty message.
        first = await anext(words)
    except StopAsyncIteration:
        await event.thread("The model said nothing.")
        return
    except NoAnswer as error:
        await event.thread(str(error))
        return
    note = ""
    async with event.stream() as stream:
        await stream.write(first)
        try:
            async for word in words:
                await stream.write(word)
        except NoAnswer as error:
            note = f"\n\n*{error}*"
        await stream.write(note)


async def conversation(event: AsyncContext) -> list[dict[str, str]]:
    """What was said before in the thread or the conversation, for the model; the oldest first."""
    me = (await event.chat.me()).bot.id
    said = list[Message]()
    if event.room.is_direct or event.room.thread_of is not None:
        async for message in event.chat.messages(event.room.slug, before=event.message.number):
            said.append(message)
            length = sum(len(each.text) for each in said)
            if len(said) >= MOST_MESSAGES or length > MOST_CHARACTERS:
                break
    turns = [{"role": "system", "content": INSTRUCTIONS}]
    for message in reversed(said):
        if message.text and message.kind == "text":
            role = "assistant" if message.author.id == me else "user"
            turns.append({"role": role, "content": message.text})
    turns.append({"role": "user", "content": event.text[:MOST_CHARACTERS]})
    return turns


async def ask(turns: list[dict[str, str]]) -> AsyncIterator[str]:
    """The words of the answer as they come. Raises NoAnswer."""
    headers = {"authorization": f"Bearer {KEY}"} if KEY else {}
    body = {"model": MODEL, "messages": turns, "stream": True}
    timeout = httpx.Timeout(SILENCE, connect=10.0)
    async with httpx.AsyncClient(timeout=timeout, headers=headers, verify=CERTIFICATES) as http:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with http.stream("POST", f"{URL}/chat/completions", json=body) as response:
                    if response.is_error:
                        await response.aread()
                        wait = pause_after(response, attempt)
                    else:
                        async for word in words_of(response):
                            yield word
                        return
            except httpx.TransportError as error:
                raise NoAnswer(f"The model at {URL} does not answer: {error}.") from None
            await asyncio.sleep(wait)


def pause_after(response: httpx.Response, attempt: int) -> float:
    """The seconds until the next attempt. Raises NoAnswer where none would help."""
    status = response.status_code
    if status in {401, 403}:
        hint = "Its key is wrong." if KEY else "It needs a key: ASSISTANT_KEY."
        raise NoAnswer(f"The model refuses to answer ({status}). {hint}")
    if status == 404:
        raise NoAnswer(f"There is no model {MODEL} at {URL}. Choose one with ASSISTANT_MODEL.")
    if status not in {408, 429, 500, 502, 503, 504} or attempt == ATTEMPTS:
        reason = "It is too busy." if status == 429 else message_of(response)
        raise NoAnswer(f"The model does not answer ({status}). {reason} Ask again later.")
    asked = response.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(asked) if asked.isdecimal() else 2.0**attempt / 2)


def message_of(response: httpx.Response) -> str:
    """What an error says."""
    try:
        return str(response.json()["error"]["message"])[:300]
    except (ValueError, TypeError, KeyError):
        return ""


async def words_of(response: httpx.Response) -> AsyncIterator[str]:
    """The pieces of an answer that comes as server-sent events. Raises NoAnswer."""
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            data = line.strip().removeprefix(b"data:").strip()
            if not line.startswith(b"data:") or data == b"[DONE]":
                continue
            try:
                values: dict[str, Any] = json.loads(data)
            except ValueError:
                raise NoAnswer("The answer breaks off: it is no JSON.") from None
            if "error" in values:
                raise NoAnswer(f"The answer breaks off: {str(values['error'])[:300]}")
            for choice in values.get("choices", ())[:1]:
                if word := choice.get("delta", {}).get("content"):
                    yield word
