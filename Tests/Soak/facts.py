"""Checks every acknowledged fact through the HTTP API after a fault."""

import concurrent.futures
import time

from api import OPEN
from photos import dimensions
from world import Image, Session

FINAL = ("complete", "failed")
# Seconds for rendering all waiting images, on a loaded machine.
RENDERED = 120
# Seconds from a public image's row to its link, also when the process that makes the link was killed.
LINKED = 20
# Seconds until an image whose deletion was interrupted no longer counts in the usage, on a loaded machine:
# its files are removed first.
DELETED = 60


class Facts:
    def __init__(self, campaign):
        self.campaign, self.api, self.world = campaign, campaign.api, campaign.world
        self.checked = 0

    def holds(self, fact, *words):
        """Counts a checked fact, and reports a violation if it is false."""
        self.checked += 1
        if not fact:
            self.campaign.violation(" ".join(map(str, words)))
        return fact

    def check(self, clients, with_still):
        """Checks all accounts. An open change becomes the state that is found."""
        accounts = self.world.accounts() + (self.world.still if with_still else [])
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for _ in pool.map(lambda one: self._check(one, clients), accounts):
                pass
        # Deleted accounts are checked a few more times.
        with self.world.lock:
            self.world.gone = self.world.gone[-20:]

    def _check(self, account, clients):
        token = self._sign_in(account)
        if token is None:
            if account.there is False:
                self._is_gone(account)
            else:
                self.world.drop(account)
            return
        try:
            self._passwords(account)
            self._sessions(account)
            self._keys(account, token)
            self._images(account, token, clients)
            self._usage(account, token)
        finally:
            last = account.sessions.pop()
        self.api.request("POST", "/api/auth/logout", {"refreshToken": last.refresh})

    # The account

    def _sign_in(self, account):
        """Finds out whether the account exists, and which of its possible passwords works. Adds a session for
        this check as the last one."""
        works = {}
        for password in account.passwords:
            answer = self.api.request("POST", "/api/auth/login", {"email": account.email, "password": password})
            if not self.holds(answer.status in (200, 401), "sign-in after the fault:", answer, answer.body):
                continue
            if answer.status == 200:
                works[password] = Session(answer.json["accessToken"], answer.json["refreshToken"])
        if account.there is None:
            account.there = bool(works)
        self.holds(
            len(works) == (1 if account.there else 0),
            f"{account.email}: exists: {account.there}, but {len(works)} of {len(account.passwords)} passwords work",
        )
        if not works:
            return None
        (password, session), *_ = works.items()
        account.past_passwords += account.passwords - {password}
        account.passwords = {password}
        account.sessions.append(session)
        return session.access

    def _passwords(self, account):
        for password in account.past_passwords[-2:]:
            answer = self.api.request("POST", "/api/auth/login", {"email": account.email, "password": password})
            self.holds(answer.status == 401, f"{account.email}: an old password:", answer)

    def _sessions(self, account):
        # The last one is the session of this check.
        account.sessions = account.sessions[-12:]
        for session in account.sessions:
            answer = self.api.get("/api/auth/me", session.access)
            if session.valid is None:
                session.valid = answer.status == 200
                # Its refresh token may be an old one.
                session.valid = session.valid and None
            else:
                self.holds(
                    answer.status == (200 if session.valid else 401),
                    f"{account.email}: a session with valid = {session.valid}:",
                    answer,
                )

    def _keys(self, account, token):
        answer = self.api.get("/api/auth/keys", token)
        if not self.holds(answer.status == 200, answer):
            return
        listed = {one["id"]: one["name"] for one in answer.json["keys"]}
        for key in account.keys:
            if key.valid is None:
                key.valid = key.id in listed
            self.holds((key.id in listed) == key.valid, f"key {key.name} listed:", key.id in listed)
            answer = self.api.get("/api/images?limit=1", key.key)
            self.holds(answer.status == (200 if key.valid else 401), f"a key with valid = {key.valid}:", answer)
            listed.pop(key.id, None)
        for name in listed.values():
            self.holds(name in account.open_keys, f"a key that no client made: {name}")
        ended = [one for one in account.keys if not one.valid]
        account.keys = [one for one in account.keys if one.valid] + ended[-5:]

    def _is_gone(self, account):
        """Checks that nothing of a deleted account is available."""
        for session in account.sessions[-3:]:
            answer = self.api.get("/api/auth/me", session.access)
            self.holds(answer.status == 401, f"a deleted account's session: {answer}")
        for image in account.images.values() if account.erased else ():
            for url in image.addresses:
                answer = self.api.fetch(url)
                self.holds(answer.status in (403, 404), f"a deleted account's image: {answer}")

    def _usage(self, account, token):
        sizes = [len(one.upload.photo) for one in account.present()]
        expected = {"images": len(sizes), "bytes": sum(sizes)}
        end = time.monotonic() + DELETED
        while True:
            answer = self.api.get("/api/auth/me", token)
            usage = answer.json["usage"] if answer.status == 200 else None
            if usage == expected or time.monotonic() > end:
                break
            time.sleep(0.1)
        self.holds(usage == expected, f"{account.email}: {answer}, usage {usage}, expected {expected}")

    # Its images

    def listed(self, account, token):
        """All images of an account by id, from all pages of the list."""
        found, cursor = {}, ""
        while True:
            answer = self.api.get(f"/api/images?limit=200{cursor}", token)
            if not self.holds(answer.status == 200, answer, answer.body[:200]):
                return found
            page = answer.json
            found |= {one["id"]: one for one in page["images"]}
            if page["nextCursor"] is None:
                total = page.get("total", len(found))
                self.holds(total == len(found), f"{account.email}: {len(found)}, total {total}")
                return found
            cursor = f"&cursor={page['nextCursor']}"

    def _images(self, account, token, clients):
        for image in account.images.values():
            if image.there is None:
                self._finish_deletion(account, image, token)
        listed = self.listed(account, token)
        self._adopt(account, listed)
        for upload in account.open_uploads:
            self._send_again(account, upload, token, clients)
        account.open_uploads.clear()
        for id in listed.keys() - account.images.keys():
            self.holds(False, f"an image that no client uploaded: {listed[id]}")
        for image in list(account.images.values()):
            if image.there:
                self._is_there(account, image, listed, token)
            else:
                self._is_deleted(image, listed, token)
        self._forget(account)

    def _finish_deletion(self, account, image, token):
        """Repeats a deletion that may have been interrupted, which must complete it."""
        answer = self.api.request("DELETE", f"/api/images/{image.id}", token=token)
        self.holds(answer.status in (200, 404), f"a repeated deletion: {answer} {answer.body!r}")
        image.there = False

    def _adopt(self, account, listed):
        """Adds images of unanswered uploads to the facts. An image of a refused upload is a violation."""
        names = {one["originalName"]: id for id, one in listed.items() if id not in account.images}
        for name in account.refused & names.keys():
            self.holds(False, f"refused, but stored: {listed[names[name]]}")
            account.refused.discard(name)
            listed.pop(names[name])
        for upload in account.open_uploads:
            if id := names.get(upload.name):
                account.images[id] = Image.of(id, upload)

    def _send_again(self, account, upload, token, clients):
        known = [one for one in account.images.values() if one.upload is upload]
        if upload.damaged and not upload.key:
            return
        answer = clients.send(upload, token)
        if not self.holds(answer.status in (200, 202), f"a repeated upload: {answer} {answer.body!r}"):
            return
        id = answer.json["imageId"]
        if known:
            self.holds(id == known[0].id, f"a repeated upload was added twice: {upload.name}")
        else:
            account.images[id] = Image.of(id, upload)

    def _is_there(self, account, image, listed, token):
        answer = self._final(image, token)
        if not self.holds(answer.status == 200, f"acknowledged, but lost: {answer} {image.names}"):
            return
        self.holds(
            image.id in listed or image.upload in account.open_uploads or self._listed_now(image, token),
            f"{image.id} is not in the list",
        )
        said = answer.json
        # A damaged file must fail, any other must complete.
        wanted = "failed" if image.upload.damaged else "complete"
        self.holds(said["status"] == wanted, f"{image.id} is {said['status']} {said['errorCode']} and not {wanted}")
        for values, member in ((image.names, "originalName"), (image.alts, "alt"), (image.visibilities, "visibility")):
            value = said[member] or ""
            self.holds(value in values, f"{image.id} {member}: {value!r} and not {values}")
            values.clear()
            values.add(value)
        if said["status"] == "complete":
            self._is_served(image, said)

    def _listed_now(self, image, token):
        answer = self.api.get("/api/images?limit=200", token)
        return answer.status == 200 and image.id in {one["id"] for one in answer.json["images"]}

    def _final(self, image, token):
        end = time.monotonic() + RENDERED
        while True:
            answer = self.api.get(f"/api/images/{image.id}", token)
            if answer.status != 200 or answer.json["status"] in FINAL:
                return answer
            if time.monotonic() > end:
                self.holds(False, f"{image.id} is {answer.json['status']} after {RENDERED} s")
                return answer
            self.api.get(f"/api/images/{image.id}/status?wait=1", token)

    def _is_served(self, image, said):
        sizes = said["sizes"]
        plain = sizes["thumbnail"]["url"].split("?")[0]
        if said["visibility"] == "public":
            self.holds("?" not in sizes["thumbnail"]["url"], f"{image.id} is public, but signed")
        answer = self._fetch_plain(plain, said["visibility"])
        wanted = 200 if said["visibility"] == "public" else 403
        self.holds(answer.status == wanted, f"{said['visibility']}, without a signature: {answer}")
        if answer.status != wanted:
            return
        self.look_at(image, "original", sizes)
        image.addresses = [plain, sizes["original"]["url"]]
        if not image.looked_at:
            for size in sizes:
                self.look_at(image, size, sizes)
            image.looked_at = True

    def _fetch_plain(self, url, visibility):
        """Fetches a variant without a signature. Waits for the link of a public image, which is made after
        its row."""
        end = time.monotonic() + LINKED
        while True:
            answer = self.api.fetch(url)
            if answer.status == 200 or visibility != "public" or time.monotonic() > end:
                return answer
            time.sleep(0.1)

    def look_at(self, image, size, sizes):
        """Checks a file of an image: an original must have the uploaded bytes; a variant must be complete and
        have the listed dimensions."""
        answer = self.api.fetch(sizes[size]["url"])
        if answer.status != 200:
            # During a fault nginx may be down. A public image's link is made after its row.
            is_public = "?" not in sizes[size]["url"]
            self.holds(
                answer.outcome == OPEN or answer.status == 503 or (is_public and answer.status == 403),
                f"listed, but: {answer}",
            )
        elif size == "original":
            self.holds(answer.body == image.upload.photo, f"{image.id}: the original's bytes differ")
        else:
            self.holds(
                dimensions(answer.body) == (sizes[size]["width"], sizes[size]["height"]),
                f"{image.id} {size}: {dimensions(answer.body)}, listed {sizes[size]}",
            )

    def _is_deleted(self, image, listed, token):
        self.holds(image.id not in listed, f"deleted, but listed: {image.id}")
        answer = self.api.get(f"/api/images/{image.id}", token)
        self.holds(answer.status == 404, f"deleted, but: {answer}")
        for url in image.addresses:
            answer = self.api.fetch(url)
            self.holds(answer.status in (403, 404), f"deleted, but served: {answer}")

    def _forget(self, account):
        """Drops old deleted images and refused uploads, which were checked several times."""
        deleted = [id for id, one in account.images.items() if one.there is False]
        for id in deleted[:-20]:
            del account.images[id]
        account.refused = set(sorted(account.refused)[-100:])
