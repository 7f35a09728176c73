"""Sends notices by whatever Apprise speaks."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.kinds import NO_SECRET, Address, Example, Receipt, Secret
from tocsin.plug.outgoing import cut, parts, titled

EXAMPLES = (
    Example(),
    Example(settings={"target": "matrixs://user:not-a-real-one@matrix.example.org/#ferries"}),
    Example(settings={"target": "mmosts://chat.example.org/not-a-real-one", "reaches": "chat"}),
)

_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Apprise:
    """Sends each notice by an Apprise URL: Matrix, Mattermost, Telegram, Discord, Pushover and a hundred others.

    A person's or channel's ``url`` is their Apprise URL; it holds secrets, so write ``url = "env:…"``. It needs the
    package ``tocsin[apprise]``. Apprise makes its requests itself: our rule which networks may be reached and our time
    limit do not hold there, and what it answers is yes or no.
    """

    bundles: ClassVar[bool] = True
    uses: ClassVar[tuple[str, ...]] = ("url",)

    target: Annotated[Secret, "The Apprise URL of receivers that have no url of their own"] = NO_SECRET
    reaches: Annotated[Literal["", "chat", "email", "phone", "pager"], "What a runbook calls such a channel"] = ""

    def __post_init__(self) -> None:
        if self.target.value and "://" not in self.target.value:
            raise ValueError("target is no Apprise URL; it looks like mmosts://chat.example.org/token.")

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:  # noqa: ARG002  Apprise has its own
        """Send once; raises `Undelivered`, permanent where the package is missing or the URL is none."""
        if importlib.util.find_spec("apprise") is None:
            hint = "Install tocsin[apprise] where Tocsin runs."
            raise Undelivered(f"{to.name} can't be told: the package apprise is missing.", hint, permanent=True)
        sender = self._sender(to)
        try:
            taken = bool(sender.notify(title=titled(notice), body=self._text(notice), body_format="text"))
        except Exception as error:  # noqa: BLE001  a hundred services, each with faults of its own
            raise Undelivered(f"Apprise could not tell {to.name}: {type(error).__name__}.") from None
        if not taken:
            raise Undelivered(f"Apprise could not tell {to.name}; its own log says why.")
        return Receipt(reference="sent")

    def _sender(self, to: Address) -> Any:
        import apprise

        sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Tocsin", interpret_escapes=False))
        url = to.fields.get("url") or self.target.value
        if not url:
            raise Undelivered(f"{to.name} has no Apprise URL.", "Set url, or the notifier's target.", permanent=True)
        if not sender.add(url):
            raise Undelivered(
                f"The URL for {to.name} is none that Apprise knows.", "Mend url or target.", permanent=True
            )
        return sender

    def _text(self, notice: Notice) -> str:
        return cut("\n\n".join(part for part in (parts(notice), notice.url) if part), _LONGEST)
