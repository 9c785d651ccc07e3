"""One HTTP server for health, metrics and whatever adapters mount: it runs inside our event loop."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, Generator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.errors import ConfigError, StoreError
from bot.ports import AsgiApp

GRACE = 3
"""Seconds that open requests are given when the server stops; event streams never end by themselves."""
BACKLOG = 2048

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
        """Serve until cancelled."""
        config = uvicorn.Config(
            self.application(),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GRACE,
        )
        self._server = _Server(config)
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Take no further requests; `run` returns soon after."""
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Free the port."""
        self._socket.close()

    def application(self) -> Starlette:
        """The server's routes: its own, then the mounts, the deepest path first."""
        routes: list[BaseRoute] = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metricsz),
        ]
        routes += [Mount(path, app) for path, app in sorted(self._mounts, key=lambda mount: -len(mount[0]))]
        return Starlette(routes=routes, exception_handlers={404: _not_found})

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def _readyz(self, _: Request) -> Response:
        ready, parts = await self._readiness()
        return JSONResponse({"status": "ready" if ready else "not ready", "parts": parts}, 200 if ready else 503)

    async def _metricsz(self, _: Request) -> Response:
        try:
            body, content_type = await self._metrics()
        except StoreError as error:
            return JSONResponse({"error": {"code": "store", "message": str(error)}}, 503)
        return Response(body, headers={"content-type": content_type})


async def _not_found(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": {"code": "not_found", "message": "There is nothing here."}}, 404)


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket, or ConfigError with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
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
