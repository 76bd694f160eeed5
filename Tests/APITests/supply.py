"""Puts existing ids, tokens and passwords into generated requests, by operation."""

import base64
import json
import uuid

from owner import ID, Owner, operation_id
from stack import PASSWORD


def supply(owner, case, positive, always=()):
    """Replaces generated values with existing ones in every second request of an operation."""
    name = operation_id(case)
    if owner.turn(name, 2) and name not in always:
        return
    if name in IDS and (positive or ID.fullmatch(case.path_parameters.get("id", ""))):
        case.path_parameters["id"] = IDS[name](owner)
    if name in REST and positive:
        REST[name](owner, case)


def session_of(token):
    """The session's id: the claim sid of an access token."""
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"]


def members(case, **given):
    case.body = {**(case.body if isinstance(case.body, dict) else {}), **given}
    case.media_type = "application/json"


def pictures(owner, case):
    picture = owner.picture(whole=owner.turn("picture", 3) != 2)
    if case.media_type == "multipart/form-data":
        count = owner.turn("pictures", 2)
        case.body = {
            **(case.body if isinstance(case.body, dict) else {}),
            "image": [picture, *(owner.picture() for _ in range(count))],
        }
    else:
        case.body = picture


def signed(owner, case, size):
    case.path_parameters, case.query = owner.link(size)


IDS = {
    "endSession": lambda owner: session_of(owner.session()["accessToken"]),
    "revokeKey": lambda owner: owner.spare_key()["id"],
    "detail": Owner.image,
    "status": Owner.image,
    "change": Owner.image,
    "retry": lambda owner: owner.upload(whole=False),
    "delete": lambda owner: owner.upload(wait=owner.turn("deleted", 2) == 0),
}

REST = {
    "register": lambda owner, case: members(case, email=f"{uuid.uuid4().hex}@example.org", password=PASSWORD),
    "login": lambda owner, case: members(case, email=owner.email, password=PASSWORD),
    "refresh": lambda owner, case: members(case, refreshToken=owner.session()["refreshToken"]),
    "logout": lambda owner, case: members(case, refreshToken=owner.session()["refreshToken"]),
    "verify": lambda owner, case: members(case, token=owner.token),
    "deleteAccount": lambda owner, case: members(case, password=PASSWORD),
    "changePassword": lambda owner, case: members(case, currentPassword=PASSWORD, newPassword="purple staple donkey"),
    "makeKey": lambda owner, case: (owner.spare_key(), members(case, expiresAt=None)),
    "upload": pictures,
    "statuses": lambda owner, case: case.query.update(ids=",".join([owner.image(), *owner.complete, *owner.failed])),
    "variant": lambda owner, case: signed(
        owner, case, ("thumbnail", "small", "medium", "large")[owner.turn("size", 4)]
    ),
    "original": lambda owner, case: signed(owner, case, "original"),
}
