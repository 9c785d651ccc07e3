"""The bot itself: who it is, its commands and texts, its webhook."""

from __future__ import annotations

import re

from .account import Account
from .errors import bad, conflict
from .people import Json
from .registry import method
from .webhook import Hook, check
from .wire import Params

_COMMAND = re.compile(r"[a-z0-9_]{1,32}$")
_LANGUAGE = re.compile(r"[a-z]{2}$")


@method
def get_me(account: Account, params: Params) -> Json:
    return account.user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": account.hears_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method
def log_out(account: Account, params: Params) -> bool:
    return True


@method
def close(account: Account, params: Params) -> bool:
    return True


def _scope(params: Params) -> tuple[str, str]:
    """The key of a list of commands; scopes of one chat carry its number."""
    scope = params.object("scope") or {"type": "default"}
    parts = [scope["type"], *(str(scope[key]) for key in ("chat_id", "user_id") if key in scope)]
    language = params.text("language_code")
    if language and not _LANGUAGE.match(language):
        raise bad("invalid language code specified")
    if scope["type"].startswith("chat"):
        account_chat = str(scope.get("chat_id", ""))
        if not account_chat:
            raise bad("chat_id is empty")
    return ":".join(parts), language


@method
def set_my_commands(account: Account, params: Params) -> bool:
    commands = params.object("commands") or []
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.match(str(command.get("command", "")).removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    account.commands[_scope(params)] = [
        {"command": one["command"].removeprefix("/"), "description": one["description"]} for one in commands
    ]
    return True


@method
def get_my_commands(account: Account, params: Params) -> list[Json]:
    return account.commands.get(_scope(params), [])


@method
def delete_my_commands(account: Account, params: Params) -> bool:
    account.commands.pop(_scope(params), None)
    return True


def _set(account: Account, params: Params, field: str, most: int) -> bool:
    text = params.text(field)
    if len(text) > most:
        raise bad(f"BOT_{field.upper()}_INVALID")
    account.profile[field, params.text("language_code")] = text
    return True


def _get(account: Account, params: Params, field: str) -> Json:
    language = params.text("language_code")
    return {field: account.profile.get((field, language), account.profile.get((field, ""), ""))}


@method
def set_my_name(account: Account, params: Params) -> bool:
    return _set(account, params, "name", 64)


@method
def get_my_name(account: Account, params: Params) -> Json:
    return {"name": _get(account, params, "name")["name"] or account.person.first_name}


@method
def set_my_description(account: Account, params: Params) -> bool:
    return _set(account, params, "description", 512)


@method
def get_my_description(account: Account, params: Params) -> Json:
    return _get(account, params, "description")


@method
def set_my_short_description(account: Account, params: Params) -> bool:
    return _set(account, params, "short_description", 120)


@method
def get_my_short_description(account: Account, params: Params) -> Json:
    return _get(account, params, "short_description")


@method
def set_chat_menu_button(account: Account, params: Params) -> bool:
    return True


@method
def set_webhook(account: Account, params: Params) -> bool:
    url = params.text("url")
    if not url:
        return delete_webhook(account, params)  # type: ignore[no-any-return]
    check(url, params.text("secret_token"))
    account.end_poll(conflict("terminated by setWebhook request"))
    _drop(account, params)
    if account.webhook is not None:
        account.webhook.stop()
    account.allowed = params.object("allowed_updates") or (
        [] if "allowed_updates" in params.values else account.allowed
    )
    account.webhook = Hook(account, url, params.text("secret_token"))
    return True


@method
def delete_webhook(account: Account, params: Params) -> bool:
    if account.webhook is not None:
        account.webhook.stop()
        account.webhook = None
    _drop(account, params)
    return True


def _drop(account: Account, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        account.forget_all()


@method
def get_webhook_info(account: Account, params: Params) -> Json:
    hook = account.webhook
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(account.pending),
    }
    if hook:
        info["max_connections"] = 40
        if hook.last_error:
            info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error}
    if account.allowed:
        info["allowed_updates"] = account.allowed
    return info
