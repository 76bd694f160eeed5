"""An account for generated requests, with everything that a request can refer to."""

import collections
import functools
import itertools
import re
import time
import urllib.parse
import uuid

import photos
from contract import DOCUMENT
from stack import PASSWORD, eventually

ID = re.compile(DOCUMENT["components"]["schemas"]["Id"]["pattern"])

# When one of these succeeds, the token becomes invalid, so each such request gets its own account.
LAST = {"deleteAccount", "changePassword", "logoutAll"}

# Well below the limits: 100 sessions and 50 keys per account, and 15 minutes, after which an access token
# expires.
MOST_SESSIONS, MOST_KEYS, MOST_SECONDS = 50, 30, 600


def operation_id(of):
    """The operationId of a case or of an operation."""
    return getattr(of, "operation", of).definition.raw["operationId"]


class Account:
    def __init__(self, stack):
        self.stack = stack
        answer = stack.register()
        self.email, self._token, self._sessions = answer["email"], answer["accessToken"], 1
        self._signed_in = time.monotonic()

    def session(self):
        """Opens another session and returns the response of the sign-in."""
        self._sessions += 1
        return self.stack.request("POST", "/api/auth/login", {"email": self.email, "password": PASSWORD})

    @property
    def token(self):
        """The token of a session that no generated request can end, because none gets its id."""
        if self._sessions > MOST_SESSIONS or time.monotonic() - self._signed_in > MOST_SECONDS:
            self.sign_in()
        return self._token

    def sign_in(self):
        self._sessions, self._signed_in = 1, time.monotonic()
        self._token = self.session()["accessToken"]

    def key(self, *scopes):
        return self.stack.request(
            "POST", "/api/auth/keys", {"name": "generated", "scopes": list(scopes), "expiresAt": None}, self.token
        )


class Owner(Account):
    """An account with complete and failed images and with keys, all created when they are first needed."""

    def __init__(self, stack, jpeg):
        super().__init__(stack)
        self._whole = jpeg
        self._numbers = itertools.count()
        self._turns = collections.defaultdict(itertools.count)

    @functools.cached_property
    def complete(self):
        return [self.upload(), self.upload(visibility="public")]

    @functools.cached_property
    def failed(self):
        return [self.upload(whole=False)]

    @functools.cached_property
    def keys(self):
        """A key with all scopes, and a key with only the scope read."""
        self.revoke_spare_keys()
        return [self.key("upload", "read", "write"), self.key("read")]

    def turn(self, name, count):
        """0, 1 … count - 1, and then from 0 again: the same order in every run."""
        return next(self._turns[name]) % count

    def picture(self, whole=True):
        """The bytes of a JPEG that was never sent before. If it is not `whole`, its image fails."""
        bytes_ = photos.commented(self._whole, f"{uuid.uuid4()} {next(self._numbers)}")
        return bytes_ if whole else bytes_[: len(bytes_) * 2 // 3]

    def upload(self, whole=True, wait=True, visibility="private"):
        id = self.stack.request(
            "POST",
            f"/api/images/upload?visibility={visibility}",
            self.picture(whole),
            self.token,
            {"Content-Type": "image/jpeg"},
        )["imageId"]
        if wait:
            assert self.final(id) == ("complete" if whole else "failed")
        return id

    def status(self, id):
        return self.stack.request("GET", f"/api/images/{id}/status", token=self.token)["status"]

    def final(self, id):
        return eventually(lambda: (status := self.status(id)) in ("complete", "failed") and status, 60)

    def settled(self, id):
        """Waits for the final status of the image, if it exists."""
        if ID.fullmatch(id):

            def found():
                return self.stack.request("GET", f"/api/images/status?ids={id}", token=self.token)

            eventually(lambda: all(one["status"] in ("complete", "failed") for one in found()["images"]), 60)

    def image(self):
        """The id of an image, of each status in turn."""
        kind = self.turn("image", 4)
        if kind == 0:
            return self.upload(wait=False)
        return (self.complete[0], self.failed[0], self.complete[1])[kind - 1]

    def own_token(self, case):
        """A token for the request; from a new account if the request makes the token invalid."""
        return Account(self.stack).token if operation_id(case) in LAST else self.token

    def bearer(self, case):
        """A token or an API key: two of five requests are sent with an API key."""
        turn = self.turn("bearer of " + operation_id(case), 5)
        return self.keys[turn - 2]["key"] if turn in (2, 3) else self.own_token(case)

    def answered(self, case, response):
        """Notes what a response changes for the requests after it."""
        name = operation_id(case)
        if response.status_code >= 300:
            return
        if name == "login":
            self._sessions += 1
        elif name == "endSession":
            self.sign_in()
        elif name in ("revokeKey", "delete", "retry"):
            # Created again when they are next needed.
            for things in ("keys", "complete", "failed"):
                self.forget(things, case.path_parameters["id"])

    def forget(self, things, id):
        known = self.__dict__.get(things, ())
        if id in [thing["id"] if things == "keys" else thing for thing in known]:
            del self.__dict__[things]

    def spare_key(self):
        self.revoke_spare_keys()
        return self.key("read")

    def revoke_spare_keys(self):
        keys = self.stack.request("GET", "/api/auth/keys", token=self.token)["keys"]
        if len(keys) > MOST_KEYS:
            for key in {key["id"] for key in keys} - {key["id"] for key in self.__dict__.get("keys", ())}:
                self.stack.request("DELETE", f"/api/auth/keys/{key}", token=self.token)

    def link(self, size):
        """The path and query parameters of a signed URL."""
        id = self.complete[0]
        sizes = self.stack.request("GET", f"/api/images/{id}", token=self.token)["sizes"]
        address = urllib.parse.urlsplit(sizes[size]["url"])
        name, *revision, extension = address.path.split("/")[-1].split(".")
        path = {"id": id, "extension": extension}
        if revision:
            path |= {"size": name, "revision": revision[0]}
        return path, dict(urllib.parse.parse_qsl(address.query))
