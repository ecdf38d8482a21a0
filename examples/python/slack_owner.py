"""A slash command for Slack: `/owner invoices` says who owns it, and why.

    SLACK_BOT_TOKEN=… SLACK_SIGNING_SECRET=… PORTAL_STORE=postgres://… python slack_owner.py

The answers come from memory; before each the store is asked for news, which takes a millisecond where there are none.
"""

from __future__ import annotations

import os
from typing import Any

from slack_bolt import Ack, App

import portal


def escape(text: str) -> str:
    """Names come from outside: Slack takes these three characters for its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def answer(cat: portal.Catalog, asked: str) -> str:
    """What the command says about a ref, an ARN or a name."""
    if not asked.strip():
        return "Say what: `/owner invoices`, `/owner service:payments/orders-api`, or an ARN."
    try:
        owner = cat.owner(asked)
    except portal.Ambiguous as error:
        return "Which one?\n" + "\n".join(f"• `{escape(ref)}`" for ref in error.candidates[:20])
    except (portal.NotFound, portal.InvalidInput) as error:
        return escape(str(error))
    verdict, *evidence = [line.strip() for line in str(owner).splitlines()[1:] if line.strip() != "evidence"]
    lines = [f"*{escape(owner.ref)}*: {escape(verdict)}", *(f"• {escape(line)}" for line in evidence[:5])]
    return "\n".join(lines)


def app(cat: portal.Catalog, **options: Any) -> App:
    """The application; `options` are those of slack_bolt."""
    made = App(**options)

    @made.command("/owner")
    def owner(ack: Ack, command: dict[str, Any]) -> None:
        try:
            cat.refresh()
        except portal.StoreError:
            pass  # what is in memory is better than no answer
        ack(answer(cat, command.get("text", "")))

    return made


if __name__ == "__main__":
    app(
        portal.connect(),
        token=os.environ["SLACK_BOT_TOKEN"],
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    ).start(port=int(os.environ.get("PORT", "3000")))
