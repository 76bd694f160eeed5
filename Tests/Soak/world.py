"""What clients were promised. A value that an unanswered request may have changed is a set of both values."""

import dataclasses
import itertools
import threading

counter = itertools.count(1)


@dataclasses.dataclass
class Session:
    access: str
    refresh: str
    valid: bool | None = True  # None: unknown


@dataclasses.dataclass
class Key:
    id: str
    key: str
    name: str
    valid: bool | None = True


@dataclasses.dataclass
class Upload:
    photo: bytes
    name: str
    kind: str
    alt: str
    visibility: str
    fit: str
    damaged: bool
    key: str | None
    as_form: bool


@dataclasses.dataclass
class Image:
    id: str
    upload: Upload
    there: bool | None = True
    names: set = dataclasses.field(default_factory=set)
    alts: set = dataclasses.field(default_factory=set)
    visibilities: set = dataclasses.field(default_factory=set)
    # URLs that have worked: that of a variant without its signature, and that of the original.
    addresses: list = dataclasses.field(default_factory=list)
    looked_at: bool = False

    @classmethod
    def of(cls, id, upload):
        return cls(id, upload, names={upload.name}, alts={upload.alt}, visibilities={upload.visibility})


@dataclasses.dataclass
class Account:
    email: str
    passwords: set
    there: bool | None = True
    # Whether its deletion was answered. Otherwise a later sweep removes its files.
    erased: bool = False
    past_passwords: list = dataclasses.field(default_factory=list)
    sessions: list = dataclasses.field(default_factory=list)
    keys: list = dataclasses.field(default_factory=list)
    # Names of keys whose creation was not answered.
    open_keys: set = dataclasses.field(default_factory=set)
    images: dict = dataclasses.field(default_factory=dict)
    open_uploads: list = dataclasses.field(default_factory=list)
    # Names of refused uploads, which must not be stored.
    refused: set = dataclasses.field(default_factory=set)

    def valid_sessions(self):
        return [one for one in self.sessions if one.valid]

    def present(self):
        return [one for one in self.images.values() if one.there]


class World:
    """All accounts. Each is used by one client at a time, so that its changes have an order."""

    def __init__(self, accounts=6):
        self.wanted = accounts
        self.lock = threading.Lock()
        self.free = []
        self.gone = []
        # Accounts that no client changes.
        self.still = []

    def take(self, dice):
        with self.lock:
            self.free = [one for one in self.free if not self._is_over(one)]
            if (len(self.free) < self.wanted and dice.random() < 0.3) or not self.free:
                return None
            return self.free.pop(dice.randrange(len(self.free)))

    def give(self, account):
        with self.lock:
            self.free.append(account)

    def drop(self, account):
        """Removes a lost account, so that it is a violation only once and not in each round."""
        with self.lock:
            self.free = [one for one in self.free if one is not account]

    def _is_over(self, account):
        if account.there is False:
            self.gone.append(account)
        return account.there is False

    def accounts(self):
        with self.lock:
            return self.free + self.gone
