"""Asking a server: a client that keeps its connection and does as little as it can between two looks at the clock."""

import socket
from dataclasses import dataclass, field
from statistics import median, quantiles
from threading import Barrier, Thread
from time import perf_counter

CSRF = "b" * 32
"""Known to whoever asks, as a browser would have been told."""


@dataclass
class Ask:
    """One page of one server, as one person asks for it; a tick is put on and taken off in turn."""

    port: int
    path: str
    cookies: dict[str, str]
    is_post: bool = False
    times: list[float] = field(default_factory=list)
    """Seconds, of each request that was timed."""

    def lines(self, done: bool, encoding: str = "") -> bytes:
        body = f"done={'yes' if done else 'no'}" if self.is_post else ""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = [f"{'POST' if body else 'GET'} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        head += [f"Cookie: {cookies}", "X-Forwarded-Proto: https"]
        if encoding:
            head.append(f"Accept-Encoding: {encoding}")
        if body:
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
            head += ["HX-Request: true", f"X-CSRFToken: {CSRF}", f"Origin: https://127.0.0.1:{self.port}"]
        return ("\r\n".join(head) + f"\r\n\r\n{body}").encode()


class Client:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def connection(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def answer(self, request: bytes) -> bytes:
        """The whole answer, head and body; RuntimeError unless it is a 200."""
        line = self.connection()
        line.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.more(line)
        head, _blank, body = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{request[:200]!r} was answered {head[:300]!r}")
        fields = dict(part.lower().split(b": ", 1) for part in head.split(b"\r\n")[1:])
        parts, missing = [body], int(fields[b"content-length"]) - len(body)
        while missing > 0:
            parts.append(self.more(line))
            missing -= len(parts[-1])
        if fields.get(b"connection") == b"close":
            line.close()
            self.socket = None
        return head + b"\r\n\r\n" + b"".join(parts)

    @staticmethod
    def more(line: socket.socket) -> bytes:
        some = line.recv(1 << 17)
        if not some:
            raise RuntimeError("the server hung up")
        return some


def in_turn(asks: list[Ask], rounds: int, warm: int) -> None:
    """Times every page once in each round, after some rounds that are not timed; one connection to each server."""
    clients = {ask.port: Client(ask.port) for ask in asks}
    for number in range(-warm, rounds):
        start = number % len(asks)
        for ask in asks[start:] + asks[:start]:
            request = ask.lines(done=number % 2 == 0)
            client = clients[ask.port]
            client.connection()
            begun = perf_counter()
            client.answer(request)
            if number >= 0:
                ask.times.append(perf_counter() - begun)


def at_once(asks: list[Ask], seconds: float, warm: int = 8) -> float:
    """Requests per second of so many clients, one for each `Ask`."""
    gate, counts = Barrier(len(asks)), [0] * len(asks)
    failures: list[Exception] = []

    def work(place: int, ask: Ask) -> None:
        client = Client(ask.port)
        try:
            for number in range(warm):
                client.answer(ask.lines(done=number % 2 == 0))
            gate.wait()
            end = perf_counter() + seconds
            while perf_counter() < end:
                client.answer(ask.lines(done=counts[place] % 2 == 0))
                counts[place] += 1
        except Exception as error:
            failures.append(error)
            gate.abort()

    threads = [Thread(target=work, args=pair) for pair in enumerate(asks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / seconds


def middle(ask: Ask) -> float:
    """The median, in milliseconds."""
    return 1000 * median(ask.times)


def slow(ask: Ask) -> float:
    """The 95th percentile, in milliseconds."""
    return 1000 * quantiles(ask.times, n=20)[-1]


def weight(ask: Ask) -> int:
    """Bytes of the answer to a browser that takes gzip, head included."""
    return len(Client(ask.port).answer(ask.lines(done=True, encoding="gzip")))
