"""A shop with a page of its own that shows a case (docs/how-to/shop), served from another origin than the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import urlopen

from local.workspace import ROOT
from tests.e2e.world import World

FOLDER = ROOT / "docs" / "how-to" / "shop"
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css"}


def origin_of(site_url: str) -> str:
    """The shop's origin: a port that no stack takes."""
    host, _, port = site_url.rpartition(":")
    return f"{host}:{int(port) + 1_000}"


def origins_of(site_url: str) -> tuple[str, str]:
    """What a stack is given as origins of others: this shop's, and one more."""
    host, _, port = site_url.rpartition(":")
    # Between the two lie ports that a browser refuses.
    return origin_of(site_url), f"{host}:{int(port) + 3_000}"


@dataclass
class Shop:
    """The running shop. `customer` is signed in there, nobody where it is empty; `asked` are the questions for a token,
    `style` is the page's where it is not that of the folder."""

    world: World
    dispute_id: str
    customer: str = "buyer"
    style: str = ""
    asked: list[str] = field(default_factory=list)
    # Text of the page that is replaced before it is served.
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return origin_of(self.world.stack.site_url)

    def page(self) -> str:
        """The page with the addresses of this stack in it."""
        site = self.world.stack.site_url
        with urlopen(f"{site}/embed.json", timeout=30) as answer:
            values = json.load(answer) | {"site": site, "dispute": self.dispute_id}
        text = (FOLDER / "index.html").read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        for old, new in self.changes.items():
            assert old in text
            text = text.replace(old, new)
        return text

    def policy(self) -> str:
        """The strictest that the element works under."""
        site, files = self.world.stack.site_url, f"http://127.0.0.1:{self.world.workspace.port}"
        return (
            f"default-src 'none'; script-src 'self' {site}; style-src 'self'; connect-src 'self' {site} {files}; "
            f"img-src {files}; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
        )


@contextmanager
def opened(shop: Shop) -> Iterator[Shop]:
    """Serve it as long as it is used."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/") or "index.html"
            if not (FOLDER / name).is_file():
                self._answer(204, "", "text/plain")
                return
            body = (FOLDER / name).read_text(encoding="utf-8")
            body = {"index.html": shop.page(), "shop.css": shop.style or body}.get(name, body)
            self._answer(200, body, TYPES[name.rpartition(".")[2]])

        def do_POST(self) -> None:
            shop.asked.append(self.path)
            token = shop.world.client.token(shop.customer) if shop.customer else ""
            self._answer(200 if token else 401, token, "text/plain")

        def _answer(self, status: int, body: str, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-security-policy", shop.policy())
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", int(shop.url.rpartition(":")[2])), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
