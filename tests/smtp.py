"""A real mail server for the tests. It writes down what it accepted, and it fails in the way a test asks for."""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Collection
from email import message_from_bytes
from enum import StrEnum
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells each line that was said
YES = "250 OK"
FOREVER = 3600  # seconds


class Mode(StrEnum):
    """How the server answers."""

    OK = "ok"
    SLOW = "slow"  # yes, after a while
    HANGS = "hangs"  # takes the connection and never says a word
    REFUSES = "refuses"  # nobody listens
    BUSY = "busy"  # 421 instead of a greeting
    NO_SENDERS = "no senders"  # 451 to MAIL FROM
    LATER = "later"  # 450 to RCPT TO
    UNKNOWN = "unknown"  # 550 to RCPT TO
    DATA_LATER = "data later"  # 451 after DATA
    DATA_NO = "data no"  # 554 after DATA
    DROPS = "drops"  # the line breaks after DATA; nothing was accepted
    DROPS_ACCEPTED = "drops accepted"  # the line breaks after DATA; the mail was accepted


AT_RECIPIENT = {Mode.LATER: "450 4.2.1 Mailbox busy, try later", Mode.UNKNOWN: "550 5.1.1 No such user here"}
AT_DATA = {Mode.DATA_LATER: "451 4.3.0 Try later", Mode.DATA_NO: "554 5.6.0 Message not acceptable"}


class Accepted(NamedTuple):
    message_id: str
    recipient: str
    at: float  # time.monotonic(), which all processes of a machine share


class _Talk(SMTP):
    """One connection. aiosmtpd has no hook for the greeting, so that is changed where it is said."""

    def __init__(self, server: "MailServer") -> None:
        super().__init__(server, loop=server.loop, timeout=FOREVER)
        self.is_greeted, self.unanswered = False, set[str]()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.event_handler.lines.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.unanswered |= self.unanswered
        self.event_handler.lines.discard(self.transport)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        mode, self.is_greeted, was_greeted = self.event_handler.mode, True, self.is_greeted
        if mode == Mode.HANGS:
            self.event_handler.troubled[mode] += 1
            self.event_handler.unanswered |= self.unanswered
            await asyncio.sleep(FOREVER)
        if mode == Mode.BUSY and not was_greeted:
            self.event_handler.troubled[mode] += 1
            await super().push("421 4.3.2 Too busy")
            self.transport.close()
            return
        await super().push(status)
        self.unanswered.clear()


class MailServer:
    """Runs in a thread of the test. `mode` may be changed at any moment; `only` limits it to some addresses."""

    def __init__(self) -> None:
        self.port, self.loop = free_port(), asyncio.new_event_loop()
        self.mode, self.only = Mode.OK, frozenset[str]()
        self.pause = 0.0  # seconds before each yes when SLOW
        self.accepted: list[Accepted] = []
        self.unanswered: set[str] = set()  # Message-IDs that were accepted and of which the sender never heard the yes
        self.troubled: Counter[str] = Counter()  # how often each way of failing was met
        self.lines: set[Any] = set()
        self._listener: asyncio.Server | None = None
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self._do(self._listen())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def behave(self, mode: Mode, only: Collection[str] = ()) -> None:
        """From now on, on open lines as well."""
        self.mode, self.only = mode, frozenset(only)
        if mode == Mode.REFUSES:
            self._do(self._hang_up())
        else:
            self._do(self._listen())

    def copies(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(mail.message_id for mail in list(self.accepted))

    def reached(self) -> set[str]:
        return {mail.recipient for mail in list(self.accepted)}

    def stop(self) -> None:
        self._do(self._hang_up())
        self.loop.call_soon_threadsafe(self.loop.stop)

    # --- what aiosmtpd asks ---

    async def handle_MAIL(  # noqa: N802  the name is aiosmtpd's
        self, _talk: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mode == Mode.NO_SENDERS:
            return self._trouble("451 4.3.0 Not now")
        if self.mode == Mode.BUSY:  # a line that was open already
            return self._trouble("421 4.3.2 Too busy")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return YES

    async def handle_RCPT(  # noqa: N802
        self, _talk: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.mode in AT_RECIPIENT and self._is_meant(address):
            return self._trouble(AT_RECIPIENT[self.mode])
        envelope.rcpt_tos.append(address)
        return YES

    async def handle_DATA(self, talk: "_Talk", _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mode = self.mode if any(map(self._is_meant, envelope.rcpt_tos)) else Mode.OK
        if mode in AT_DATA:
            return self._trouble(AT_DATA[mode])
        if mode == Mode.SLOW:
            await asyncio.sleep(self.pause)
        if mode != Mode.DROPS:
            talk.unanswered |= self._accept(envelope)
        if mode in {Mode.DROPS, Mode.DROPS_ACCEPTED}:
            self._trouble("dropped")
            talk.transport.abort()
        return YES

    # --- inside ---

    def _is_meant(self, address: str) -> bool:
        return not self.only or address in self.only

    def _trouble(self, answer: str) -> str:
        self.troubled[self.mode] += 1
        return answer

    def _accept(self, envelope: Envelope) -> set[str]:
        name = str(message_from_bytes(envelope.original_content or b"")["Message-ID"])
        self.accepted += [Accepted(name, address, time.monotonic()) for address in envelope.rcpt_tos]
        return {name}

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await self.loop.create_server(lambda: _Talk(self), "127.0.0.1", self.port)

    async def _hang_up(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self.troubled[Mode.REFUSES] += 2  # nobody is there to count
        for line in list(self.lines):
            line.abort()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=10)
