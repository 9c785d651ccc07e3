"""The way in: links that work once, sessions in a cookie, and the plain pages around them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from html import escape
from typing import Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.desk.routing import Agent
from bot.desk.rules import DeskRules
from bot.ports import Clock, SessionStore
from bot.web.console.texts import Texts, language_of

COOKIE = "frontdesk_desk"
KEY_BYTES = 32
LINK_SECONDS = 600.0
"""How long a link is good for."""
SESSION_SECONDS = 12 * 3600.0
"""How long somebody stays signed in: a shift."""
LONGEST_FORM = 4096

PLAIN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;background:#f4f6f9;color:#1d2733;display:grid;place-items:center;"
    "min-height:90vh;margin:0}main{background:#fff;border:1px solid #dfe5ec;border-radius:12px;padding:2rem;"
    "max-width:26rem;margin:1rem}h1{font-size:1.25rem;margin:0 0 .75rem}p{margin:.5rem 0}"
    "code{display:block;background:#f4f6f9;border-radius:6px;padding:.6rem .8rem;margin:.75rem 0}"
    "button{font:inherit;font-weight:600;background:#1f5fbf;color:#fff;border:0;border-radius:8px;"
    "padding:.6rem 1.2rem;margin-top:.75rem;cursor:pointer}.hint{color:#5b6775;font-size:.9rem}"
)


class _Links(Protocol):
    """The part of `SessionStore` that makes links."""

    async def add_link(self, key_hash: str, agent: str, expires: float) -> None:
        """A way in for an agent, which works once."""


def hashed(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


async def make_link(store: _Links, agent: str, clock: Clock, url: str) -> str:
    """A link that lets an agent into the console once, within `LINK_SECONDS`. `url` is where the service is reached."""
    key = secrets.token_urlsafe(KEY_BYTES)
    await store.add_link(hashed(key), agent, clock.now() + LINK_SECONDS)
    return f"{url.rstrip('/')}/desk/enter?{urlencode({'name': agent, 'key': key})}"


class Entrance:
    """Lets agents in and out, and knows who they are; `url` is where the service is reached."""

    def __init__(self, rules: DeskRules, store: SessionStore, clock: Clock, url: str) -> None:
        self._store, self._clock = store, clock
        self._agents: Mapping[str, Agent] = {agent.name: agent for agent in rules.agents}
        self._lang = rules.lang
        self._secure = urlsplit(url).scheme == "https"
        self._path = urlsplit(url).path.rstrip("/") + "/desk"

    async def agent(self, session: str) -> Agent | None:
        """Whose session that is (by the hash of its key): None if it ended, or they are no agent any more."""
        name = await self._store.session(session, self._clock.now()) if session else None
        return self._agents.get(name) if name is not None else None

    def texts(self, request: Request) -> Texts:
        """The texts in the language of somebody's browser."""
        return Texts(language_of(request.headers.get("accept-language", ""), self._lang))

    async def door(self, request: Request) -> Response:
        """What a link shows: a button. Only pressing it uses the link up, so that previews of the link don't."""
        texts, key = self.texts(request), request.query_params.get("key", "")
        name = request.query_params.get("name", "")
        label = texts("enter_as", name=name) if name in self._agents else texts("enter")
        body = (
            f'<form method="post" action="enter"><input type="hidden" name="key" value="{escape(key)}">'
            f'<p class="hint">{escape(texts("enter_hint"))}</p><button>{escape(label)}</button></form>'
        )
        return page(texts, texts("enter_title"), body)

    async def enter(self, request: Request) -> Response:
        """Use a link: on to the console with a session, or how to get another link."""
        form = parse_qs((await _body(request)).decode("utf-8", "replace"))
        session = secrets.token_urlsafe(KEY_BYTES)
        now = self._clock.now()
        key = hashed(form.get("key", [""])[0])
        name = await self._store.enter(key, hashed(session), now, now + SESSION_SECONDS)
        if name not in self._agents:
            await self._store.leave(hashed(session))
            return self.refusal(request, used=True)
        answer = RedirectResponse("./", 303, PLAIN)
        self._set_cookie(answer, session, int(SESSION_SECONDS))
        return answer

    async def leave(self, request: Request) -> Response:
        """End a session."""
        if session := session_of(request.cookies):
            await self._store.leave(session)
        answer = RedirectResponse("./", 303, PLAIN)
        self._set_cookie(answer, "", 0)
        return answer

    def refusal(self, request: Request, *, used: bool = False) -> Response:
        """Nobody is signed in: how to get a link."""
        texts = self.texts(request)
        said = f"<p>{escape(texts('used_link'))}</p>" if used else ""
        body = f"{said}<p>{escape(texts('no_entry'))}</p><code>frontdesk agents link NAME</code>"
        return page(texts, texts("no_entry_title"), body, 403 if used else 401)

    def _set_cookie(self, answer: Response, value: str, seconds: int) -> None:
        answer.set_cookie(
            COOKIE, value, max_age=seconds, path=self._path, secure=self._secure, httponly=True, samesite="lax"
        )


def session_of(cookies: Mapping[str, str]) -> str:
    """The hash of the session's key in a browser's cookies; empty if there is none."""
    key = cookies.get(COOKIE, "")
    return hashed(key) if key else ""


def page(texts: Texts, title: str, body: str, status: int = 200) -> Response:
    """A plain page; `body` is HTML, the title is not."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    html = (
        f'<!doctype html><html lang="{texts.lang}">{head}<style>{_STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )
    return HTMLResponse(html, status, PLAIN)


async def _body(request: Request) -> bytes:
    """A small form; of a longer one the beginning."""
    found = b""
    async for piece in request.stream():
        found += piece
        if len(found) > LONGEST_FORM:
            break
    return found
