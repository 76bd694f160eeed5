"""A seeded mix of what clients do. An answered change becomes a fact; otherwise both states count."""

import json
import random
import threading
import urllib.parse
import uuid

from api import DONE, OPEN, REFUSED, multipart
from world import Account, Image, Key, Session, Upload, counter


class Clients:
    """Runs `count` clients until `end`."""

    def __init__(self, campaign, count=6):
        self.campaign, self.count = campaign, count
        self.api, self.world = campaign.api, campaign.world
        self.stopping = threading.Event()
        self.threads = []

    def start(self):
        for _ in range(self.count):
            dice = random.Random(self.campaign.dice.random())
            thread = threading.Thread(target=self._run, args=(dice,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def end(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _run(self, dice):
        try:
            while not self.stopping.is_set():
                self.step(dice)
        except Exception as error:  # A client that crashes is reported
            self.campaign.violation(f"a client crashed: {type(error).__name__}: {error}")

    def step(self, dice):
        account = self.world.take(dice)
        if account is None:
            account = self.register(dice)
        try:
            if account.there and account.passwords:
                self.act(dice, account)
        finally:
            self.world.give(account)
        # No busy loop while the service does not answer.
        if not account.there or not account.valid_sessions():
            self.stopping.wait(0.02)

    def act(self, dice, account):
        if len(account.passwords) > 1:
            return None
        if not account.valid_sessions():
            return self.login(account)
        images = len(account.present())
        ways = [
            (self.upload, 40 if images < 12 else 3),
            (self.change, 16 if images else 0),
            (self.delete, (8 if images < 8 else 30) if images else 0),
            (self.look, 20 if images else 0),
            (self.upload_again, 4 if images else 0),
            (self.retry, 3 if images else 0),
            (self.login, 3),
            (self.refresh, 4),
            (self.logout, 3 if len(account.valid_sessions()) > 1 else 0),
            (self.add_key, 3),
            (self.remove_key, 3 if account.keys else 0),
            (self.change_password, 2),
            (self.delete_account, 1),
        ]
        (way,) = dice.choices([way for way, _ in ways], [weight for _, weight in ways])
        way(account) if way == self.login else way(dice, account)

    def record(self, answer, *expected, account=None):
        """Counts a response and returns its outcome. A refusal with a status that is not expected is a
        violation. After a 401 the account's sessions count as unknown, so that it is reported once."""
        outcome = answer.outcome
        if outcome == REFUSED and answer.status < 500 and answer.status not in expected:
            self.campaign.violation(f"refused: {answer} {answer.body[:200]!r}")
            if answer.status == 401 and account:
                for session in account.sessions:
                    session.valid = session.valid and None
        if outcome == REFUSED and answer.status >= 500:
            self.campaign.refusal(answer)
        if outcome == DONE:
            self.campaign.acknowledged += 1
        return outcome

    # Accounts

    def register(self, dice):
        account = Account(f"{uuid.uuid4().hex[:12]}@example.org", {f"{dice.getrandbits(64):x} pw"})
        (password,) = account.passwords
        answer = self.api.request("POST", "/api/auth/register", {"email": account.email, "password": password})
        outcome = self.record(answer, account=account)
        account.there = {DONE: True, OPEN: None, REFUSED: False}[outcome]
        if outcome == DONE:
            self.remember(account, answer)
        return account

    def remember(self, account, answer):
        said = answer.json
        account.sessions.append(Session(said["accessToken"], said["refreshToken"]))

    def login(self, account):
        (password,) = account.passwords
        answer = self.api.request("POST", "/api/auth/login", {"email": account.email, "password": password})
        if self.record(answer, account=account) == DONE:
            self.remember(account, answer)
        elif answer.status == 401:
            account.there = None

    def refresh(self, dice, account):
        session = dice.choice(account.valid_sessions())
        answer = self.api.request("POST", "/api/auth/refresh", {"refreshToken": session.refresh})
        outcome = self.record(answer, account=account)
        if outcome == DONE:
            said = answer.json
            session.access, session.refresh = said["accessToken"], said["refreshToken"]
        elif outcome == OPEN:
            session.valid = None

    def logout(self, dice, account):
        session = dice.choice(account.valid_sessions())
        answer = self.api.request("POST", "/api/auth/logout", {"refreshToken": session.refresh})
        outcome = self.record(answer, account=account)
        if outcome != REFUSED:
            session.valid = False if outcome == DONE else None

    def change_password(self, dice, account):
        session, (old,) = dice.choice(account.valid_sessions()), account.passwords
        new = f"{dice.getrandbits(64):x} pw"
        answer = self.api.request(
            "POST", "/api/auth/password", {"currentPassword": old, "newPassword": new}, session.access
        )
        outcome = self.record(answer, account=account)
        if outcome == DONE:
            account.passwords = {new}
            account.past_passwords.append(old)
            for one in account.sessions:
                one.valid = False
            self.remember(account, answer)
        elif outcome == OPEN:
            account.passwords = {old, new}
            for one in account.sessions:
                one.valid = None if one.valid else one.valid

    def delete_account(self, dice, account):
        session, (password,) = dice.choice(account.valid_sessions()), account.passwords
        answer = self.api.request("DELETE", "/api/auth/me", {"password": password}, session.access)
        self.record(answer, account=account)
        # A deletion that failed may have hidden the account already, so its outcome is unknown.
        account.erased = answer.outcome == DONE
        account.there = False if account.erased else None

    def add_key(self, dice, account):
        if len(account.keys) + len(account.open_keys) > 20:
            return
        name = f"key {next(counter)}"
        answer = self.api.request(
            "POST",
            "/api/auth/keys",
            {"name": name, "scopes": ["read", "upload", "write"], "expiresAt": None},
            dice.choice(account.valid_sessions()).access,
        )
        outcome = self.record(answer, account=account)
        if outcome == DONE:
            account.keys.append(Key(answer.json["id"], answer.json["key"], name))
        elif outcome == OPEN:
            account.open_keys.add(name)

    def remove_key(self, dice, account):
        key = dice.choice(account.keys)
        if not key.valid:
            return
        answer = self.api.request(
            "DELETE", f"/api/auth/keys/{key.id}", token=dice.choice(account.valid_sessions()).access
        )
        outcome = self.record(answer, account=account)
        if outcome != REFUSED:
            key.valid = False if outcome == DONE else None

    # Images

    def token(self, dice, account):
        """An access token, or an API key."""
        keys = [one.key for one in account.keys if one.valid]
        if keys and dice.random() < 0.3:
            return dice.choice(keys)
        return dice.choice(account.valid_sessions()).access

    def upload(self, dice, account):
        number = next(counter)
        damaged = dice.random() < 0.05
        photo, ending, kind = self.campaign.photos.make(
            dice, f"{self.campaign.name} {self.campaign.seed} {number}", damaged
        )
        # The same bytes as those of a failed image make a new image, so a damaged one needs a key.
        key = str(uuid.UUID(int=dice.getrandbits(128))) if damaged or dice.random() < 0.5 else None
        upload = Upload(
            photo,
            f"photo {number}.{ending}",
            kind,
            dice.choice(("", f"alt of {number}")),
            dice.choice(("private", "public")),
            dice.choice(("cover", "inside")),
            damaged,
            key,
            dice.random() < 0.5,
        )
        answer = self.send(upload, self.token(dice, account))
        outcome = self.record(answer, account=account)
        if outcome == DONE:
            if answer.json.get("duplicate") is not False or answer.status != 202:
                self.campaign.violation(f"new bytes are treated as a duplicate: {answer}")
            account.images[answer.json["imageId"]] = Image.of(answer.json["imageId"], upload)
        elif outcome == OPEN:
            account.open_uploads.append(upload)
        else:
            account.refused.add(upload.name)

    def send(self, upload, token):
        headers = {"Idempotency-Key": upload.key} if upload.key else {}
        fields = {"visibility": upload.visibility, "fit": upload.fit, "alt": upload.alt}
        if upload.as_form:
            body, headers["Content-Type"] = multipart(upload.photo, upload.name, upload.kind, **fields)
            return self.api.request("POST", "/api/images/upload", body, token, headers)
        headers["Content-Type"] = upload.kind
        query = urllib.parse.urlencode({"filename": upload.name, **fields})
        return self.api.request("POST", f"/api/images/upload?{query}", upload.photo, token, headers)

    def upload_again(self, dice, account):
        """Uploads an image again, with its Idempotency-Key if it has one. The response must have its id."""
        image = dice.choice(account.present())
        if image.upload.damaged:
            return
        answer = self.send(image.upload, self.token(dice, account))
        if self.record(answer, account=account) == DONE and answer.json["imageId"] != image.id:
            self.campaign.violation(f"{image.upload.name} was added twice: {image.id}, {answer.json}")

    def change(self, dice, account):
        image = dice.choice(account.present())
        number = next(counter)
        wanted = {
            "originalName": f"name {number}.{image.upload.name[-3:]}",
            "alt": f"words {number}",
            "visibility": dice.choice(("private", "public")),
        }
        wanted = {key: wanted[key] for key in dice.sample(sorted(wanted), dice.randint(1, 3))}
        answer = self.api.request("PATCH", f"/api/images/{image.id}", wanted, self.token(dice, account))
        outcome = self.record(answer, account=account)
        for key, value in wanted.items():
            values = {"originalName": image.names, "alt": image.alts, "visibility": image.visibilities}[key]
            if outcome == DONE:
                values.clear()
            if outcome != REFUSED:
                values.add(value)

    def delete(self, dice, account):
        image = dice.choice(account.present())
        answer = self.api.request("DELETE", f"/api/images/{image.id}", token=self.token(dice, account))
        outcome = self.record(answer, account=account)
        if outcome == DONE:
            image.there = False
        elif outcome == OPEN or answer.status >= 500:
            # It may be hidden or not. The check repeats the deletion, which completes it (facts.py).
            image.there = None

    def retry(self, dice, account):
        image = dice.choice(account.present())
        # Only failed images can be retried.
        self.record(
            self.api.request("POST", f"/api/images/{image.id}/retry", token=self.token(dice, account)),
            400,
            409,
            account=account,
        )

    def look(self, dice, account):
        """Reads an image while others write. One that is reported as complete must have all its files."""
        image = dice.choice(account.present())
        answer = self.api.get(f"/api/images/{image.id}", self.token(dice, account))
        if answer.status == 200 and (sizes := json.loads(answer.body)["sizes"]):
            image.addresses = [sizes["thumbnail"]["url"].split("?")[0], sizes["original"]["url"]]
            self.campaign.facts.look_at(image, dice.choice(sorted(sizes)), sizes)
        elif answer.status is not None and 400 <= answer.status < 500:
            self.record(answer, account=account)
