"""A real browser for tests: Chromium without a window, driven by its DevTools protocol."""

import asyncio
import base64
import contextlib
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--hide-scrollbars", "--remote-debugging-port=0",
          "--force-color-profile=srgb")  # fmt: skip


class Left(AssertionError):
    """The page was left while it was asked something."""


class Browser:
    """One tab: go somewhere, ask the page, look at it."""

    def __init__(self, socket, loop):
        self._socket, self._loop, self._last = socket, loop, 0
        for domain in ("Page", "Runtime"):
            self.command(f"{domain}.enable")

    def command(self, method, **parameters):
        """Send a command of the protocol and wait for its answer."""
        return self._loop.run_until_complete(
            asyncio.wait_for(self._command(method, parameters), 60))

    async def _command(self, method, parameters):
        self._last += 1
        await self._socket.write_message(
            json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            answer = json.loads(await self._socket.read_message())
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise Left(answer) if "navigated" in str(answer) else AssertionError(answer)
                return answer["result"]

    def size(self, width, height=900, dark=False):
        """Be a screen of this width; a narrow one is a phone's."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, address):
        """Go to an address, and wait until everything of it is there."""
        self.command("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete'"
                      f" && location.href.startsWith({json.dumps(address.split('#')[0])})")

    def ask(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True,
                              awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression, seconds=30):
        """Wait until an expression is true in the page."""
        until = time.monotonic() + seconds
        while not self._is_true(expression):
            assert time.monotonic() < until, f"not true within {seconds} s: {expression}"
            time.sleep(0.05)

    def _is_true(self, expression):
        with contextlib.suppress(Left):  # then it is asked again, where the page has gone
            return self.ask(expression)
        return False

    def text(self):
        """What a person reads on the page."""
        return self.ask("document.body.innerText")

    def click(self, words):
        """Click the first link with these words, and wait for where it leads."""
        before = self.ask("location.href")
        found = self.ask(
            "(() => { const one = [...document.querySelectorAll('a')]"
            f".find(a => a.innerText.includes({json.dumps(words)}));"
            " if (!one) return false; one.click(); return true; })()")
        assert found, f"no link says {words!r}"
        self.wait_for(f"location.href !== {json.dumps(before)}"
                      " && document.readyState === 'complete'")

    def overflow(self):
        """How many pixels the page is wider than the screen."""
        return self.ask("document.documentElement.scrollWidth"
                        " - document.documentElement.clientWidth")

    def picture(self, path, whole=True):
        """Save what is seen, or the whole page, as a PNG."""
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                            **({"clip": self._whole()} if whole else {}))
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def _whole(self):
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000),
                "scale": 1}  # fmt: skip


@contextlib.contextmanager
def browsing(folder):
    """A browser of one's own, with an empty profile in ``folder``; skips where there is none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is on the PATH")
    command = [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        loop = asyncio.new_event_loop()
        try:
            address = _tab(_port(Path(folder), process))
            socket = loop.run_until_complete(_connected(address))
            yield Browser(socket, loop)
        finally:
            process.kill()
            loop.close()


async def _connected(address):
    return await websocket_connect(address, max_message_size=1 << 28)


def _port(folder, process):
    said = folder / "DevToolsActivePort"
    for _ in range(600):
        assert process.poll() is None, "the browser ended while starting"
        if said.exists() and (lines := said.read_text().split()):
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError("the browser did not say its port within 30 s")


def _tab(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
        return next(one["webSocketDebuggerUrl"] for one in json.load(answer)
                    if one["type"] == "page")  # fmt: skip
