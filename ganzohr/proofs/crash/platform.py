"""The platform our answers go to, a process that nobody kills. Writes down what it accepted before it answers.

What goes wrong with a call follows from the seed, the key of the sending and how often it came.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from ganzohr.proofs.crash import files
from ganzohr.proofs.crash.bodies import FILE

# how often in a hundred; `after` means that it was accepted all the same
FAULTS = {
    "silence_before": 1, "drop_before": 1, "429": 3, "500": 3, "nonsense_before": 1,
    "silence_after": 1, "drop_after": 1, "nonsense_after": 1, "error_before": 0.5, "error_after": 0.5,
}  # fmt: skip
ACCEPTED = ("", "silence_after", "drop_after", "nonsense_after", "error_after")
REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests", 500: "Server Error", 502: "Bad Gateway"}
UNKNOWN = (1, 2, 99)  # of which nobody knows whether they are a no
SLOW = 0.5


class Answer(NamedTuple):
    """What is said; of a `is_cut` one only half arrives."""

    status: int
    content: bytes
    is_cut: bool = False


class Graph:
    """Takes messages to people, and hands out the files they sent."""

    def __init__(self, seed: int, silence: float, file: IO[str], address: str) -> None:
        self.seed, self.silence, self.file, self.address = seed, silence, file, address
        self.tries: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                lengths = [line.partition(":")[2] for line in head if line.lower().startswith("content-length:")]
                content = await reader.readexactly(int(lengths[0])) if lengths else b""
                method, path, _ = head[0].split(" ", 2)
                found = await self._answer(method, path.partition("?")[0], content)
                if found is None:
                    break
                status, said, is_cut = found
                line = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Length: {len(said)}\r\n"
                sent = said[: len(said) // 2] if is_cut else said
                writer.write(f"{line}Content-Type: application/json\r\n\r\n".encode() + sent)
                await writer.drain()
                if is_cut:
                    break
        writer.close()

    async def _answer(self, method: str, path: str, content: bytes) -> Answer | None:
        id_ = path.rpartition("/")[2]
        if method == "GET" and id_.startswith(FILE):
            return await self._hand_out(path, id_)
        if method != "POST" or not path.endswith("/messages"):
            return Answer(200, b'{"data": [], "status": "CONNECTED", "id": "1"}')
        said: dict[str, Any] = json.loads(content)
        key = str(said.get("biz_opaque_callback_data") or "")
        if not key:
            return Answer(200, b'{"success": true}')  # read marks
        self.tries[key] += 1
        fault = self._fault(key)
        id_ = f"wamid.out.{key}.{self.tries[key]}"
        if fault in ACCEPTED:
            self._accept(path, key, said, id_, fault)
        return await self._reply(fault, id_)

    async def _hand_out(self, path: str, id_: str) -> Answer | None:
        """Where a file lies, or its bytes."""
        self.tries[path] += 1
        are_bytes = path.startswith("/bytes/")
        fault = files.befalls(id_, self.tries[path], are_bytes)
        if fault == "gone":
            return Answer(404, _error(100, "Unsupported get request"))
        if fault not in ("", "slow", "cut", "damaged"):
            return await self._reply(fault, id_)
        if fault == "slow":
            await asyncio.sleep(SLOW)
        held = files.content(id_)
        if are_bytes:
            return Answer(200, held[::-1] if fault == "damaged" else held, is_cut=fault == "cut")
        told = {"id": id_, "url": f"{self.address}/bytes/{id_}", "sha256": hashlib.sha256(held).hexdigest()}
        return Answer(200, json.dumps(told).encode())

    def _fault(self, key: str) -> str:
        thrown = random.Random(f"{self.seed}:{key}:{self.tries[key]}").uniform(0, 100)
        for name, share in FAULTS.items():
            thrown -= share
            if thrown < 0:
                return name
        return ""

    def _accept(self, path: str, key: str, said: dict[str, Any], id_: str, fault: str) -> None:
        number = int(path.rstrip("/").split("/")[-2][-2:])
        words = str((said.get("text") or {}).get("body", ""))
        row = {"key": key, "to": str(said.get("to", "")), "text": words, "id": id_, "number": number, "fault": fault}
        self.file.write(json.dumps(row) + "\n")

    async def _reply(self, fault: str, id_: str) -> Answer | None:
        if fault.startswith(("silence", "drop")):
            await asyncio.sleep(self.silence if fault.startswith("silence") else 0)
            return None
        if fault.startswith("nonsense"):
            return Answer(502, b"<html><body>Sorry, something went wrong.</body></html>")
        if fault == "429":
            return Answer(429, _error(130429, "(#130429) Rate limit hit"))
        if fault.startswith("error"):
            return Answer(500, _error(random.Random(id_).choice(UNKNOWN), "An unexpected error has occurred."))
        if fault == "500":
            return Answer(500, _error(131000, "(#131000) Something went wrong"))
        return Answer(200, json.dumps({"messaging_product": "whatsapp", "messages": [{"id": id_}]}).encode())


def _error(code: int, words: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": words, "type": "OAuthException"}}).encode()


async def _run(told: dict[str, Any]) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    with (Path(told["folder"]) / "accepted.jsonl").open("a", buffering=1) as file:
        graph = Graph(told["seed"], told["silence"], file, f"http://127.0.0.1:{told['port']}")
        server = await asyncio.start_server(graph.serve, "127.0.0.1", told["port"])
        await ended.wait()
        server.close()


def main() -> None:
    """Told by the environment where to listen and where to write."""
    told = json.loads(os.environ["GANZOHR_PROOF_PLATFORM"])
    asyncio.run(_run(told))


if __name__ == "__main__":
    main()
