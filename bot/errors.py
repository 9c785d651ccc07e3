"""The error tree. A class's docstring is its default message; it says what to do.

FrontdeskError
  ConfigError          the configuration can't be used
  KnowledgeError       the knowledge can't be used
  StoreError           the store failed
    StoreTooNew        the database was written by a later program
    StoreUnavailable   the store can't be reached or written now; try again
    Conflict           somebody else changed the row first; load again
  Refused              a message was not taken; nothing is stored
    EmptyMessage       there is nothing in it to read
    TooManyMessages    this person writes faster than anyone can answer; carries the wait
  DeliveryError        a message was not sent
    RetryLater         the platform asked to wait; carries the wait, is not counted as an attempt
    TemporaryFailure   it may work on another attempt
    Uncertain          it may have arrived: the answer was lost
    Undeliverable      it will never work for this message or address
    ChatMoved          the chat has another id now
    ThreadGone         the thread was deleted; another one is opened
  VectorsUnavailable   a model did not give the vectors of texts; answers are found by words alone
  ChannelDown          a channel can't run now; it is started again later
"""

from __future__ import annotations


class FrontdeskError(Exception):
    """Something went wrong in Frontdesk."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigError(FrontdeskError):
    """The configuration can't be used; every mistake is listed with its line."""


class KnowledgeError(FrontdeskError):
    """The knowledge can't be used; every mistake is listed with its line."""


class StoreError(FrontdeskError):
    """The store failed."""


class StoreTooNew(StoreError):
    """This database was written by a later version of Frontdesk; install that version or restore a backup."""


class StoreUnavailable(StoreError):
    """The store can't be reached or written at the moment; it is tried again."""


class Conflict(StoreError):
    """Somebody else changed this first; load it again."""


class Refused(FrontdeskError):
    """The message was not taken and nothing is stored."""


class EmptyMessage(Refused):
    """There is no text in this message."""


class TooManyMessages(Refused):
    """You are writing faster than we can answer; wait a moment."""

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class DeliveryError(FrontdeskError):
    """The message was not sent."""


class RetryLater(DeliveryError):
    """The platform asked to wait before the next message."""

    def __init__(self, wait: float, message: str = "") -> None:
        super().__init__(message)
        self.wait = wait


class TemporaryFailure(DeliveryError):
    """The platform did not take the message this time."""


class Uncertain(DeliveryError):
    """The platform's answer was lost; the message may have arrived."""


class Undeliverable(DeliveryError):
    """The platform will never take this message for this address."""


class ChatMoved(DeliveryError):
    """The chat has another id now; the message goes there."""

    def __init__(self, chat: str) -> None:
        super().__init__()
        self.chat = chat


class ThreadGone(DeliveryError):
    """The thread that it was for is not there any more; it goes to a new one."""


class VectorsUnavailable(FrontdeskError):
    """The model that makes sentence vectors can't be used at the moment; answers are found by words alone."""


class ChannelDown(FrontdeskError):
    """The channel can't run at the moment; it is started again later."""
