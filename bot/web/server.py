"""One HTTP server for health, metrics and whatever adapters mount: it runs inside our event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Generator, Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.errors import ConfigError, StoreError
from bot.ports import AsgiApp

GRACE = 3
"""Seconds that open requests are given when the server stops; event streams never end by themselves."""
BACKLOG = 2048
KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than the proxies in front keep it (mostly 60), or they would send a
request into a connection that is just being closed."""
MOST_FILES = 65_536
"""Open files that we ask the system for: a socket is one, and 1,024, a common default, is too few."""

ReadinessReport = Callable[[], Awaitable[tuple[bool, dict[str, str]]]]


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the service decides when it stops."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpServer:
    """Bind first, so that a taken port is found before anything else is started; then mount, then run."""

    def __init__(
        self, host: str, port: int, readiness: ReadinessReport, metrics: Callable[[], Awaitable[tuple[bytes, str]]]
    ) -> None:
        self._readiness, self._metrics = readiness, metrics
        self._mounts: list[tuple[str, AsgiApp]] = []
        _allow_many_sockets()
        self._socket = _bind(host, port)
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port listened on; tells which one it became if 0 was asked for."""
        return int(self._socket.getsockname()[1])

    def mount(self, path: str, app: AsgiApp) -> None:
        """Serve an application under a path. Only before `run`."""
        self._mounts.append((path.rstrip("/"), app))

    async def run(self) -> None:
        """Serve until cancelled; open requests are given `GRACE` seconds then."""
        config = uvicorn.Config(
            self.application(),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )
        self._server = _Server(config)
        # uvicorn closes what it is given, and a server that fell over must find the port again; and only the flag
        # makes it end orderly, being cancelled does not.
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket.dup()]), name="uvicorn")
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise

    def stop(self) -> None:
        """Take no further requests; `run` returns soon after."""
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Free the port."""
        self._socket.close()

    def application(self) -> Starlette:
        """The server's routes: its own, then the mounts, the deepest path first."""
        routes: list[BaseRoute] = []
        for path, answer in (("/healthz", self._healthz), ("/readyz", self._readyz), ("/metrics", self._metricsz)):
            # Without the second route, a mount at "/" would take the wrong methods and not find the path.
            routes += [Route(path, answer), Route(path, _wrong_method, methods=_OTHER_METHODS)]
        routes += [Route(path, _into) for path, _ in self._mounts if path]  # else a mount at "/" would take it
        routes += [Mount(path, app) for path, app in sorted(self._mounts, key=lambda mount: -len(mount[0]))]
        return Starlette(routes=routes, exception_handlers={HTTPException: _refusal, Exception: _bug})

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def _readyz(self, _: Request) -> Response:
        ready, parts = await self._readiness()
        return JSONResponse({"status": "ready" if ready else "not ready", "parts": parts}, 200 if ready else 503)

    async def _metricsz(self, _: Request) -> Response:
        try:
            body, content_type = await self._metrics()
        except StoreError as error:
            return _error(503, "store_unavailable", str(error))
        return Response(body, headers={"content-type": content_type})


async def _into(request: Request) -> Response:
    """A mount's own path without the slash; relative, so that what a proxy puts in front stays."""
    return RedirectResponse(request.url.path.rpartition("/")[2] + "/", 307)


_OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_REFUSALS = {
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "That method is not allowed here."),
}


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = _REFUSALS.get(error.status_code, ("error", error.detail))
    return _error(error.status_code, code, message, error.headers)


async def _bug(_: Request, __: Exception) -> Response:
    """Our own mistake: the log has the traceback, the caller does not."""
    return _error(500, "internal", "Something went wrong; please try again.")


async def _wrong_method(_: Request) -> Response:
    raise HTTPException(405, headers={"Allow": "GET, HEAD"})


def _allow_many_sockets() -> None:
    """Raise the process's own limit of open files as far as the system lets it."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket, or ConfigError with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: only then does asyncio turn Nagle's algorithm off, which costs 40 ms an answer.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        found.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"can't listen on {host}:{port} ({reason}). Is another Frontdesk running? "
            "Stop it, or set another http.port in the configuration"
        ) from error
    found.setblocking(False)
    return found
