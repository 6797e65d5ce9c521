"""Who is at a place in the document: a person of the portal, or somebody whom a code to their mobile has proved."""

from __future__ import annotations

from dataclasses import dataclass

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.signing.models import IdentityCheck, Signatory, SigningRound


@dataclass(frozen=True)
class Person:
    """The one who reads, signs or declines now."""

    acting: Acting | None
    check: IdentityCheck | None
    address: str = ""
    device: str = ""
    fresh: bool = False
    """True when the account's password or factor was asked for within the last minutes."""

    @property
    def is_agent(self) -> bool:
        """True for somebody who signs for another one."""
        return self.acting is not None and self.acting.behalf is not None

    def identity(self) -> str:
        """How it was made sure who this is."""
        if self.acting is not None:
            again = "，5 分钟内再次核对过密码或者第二道验证" if self.fresh else ""
            return f"登录账号“{self.acting.user.username}”{again}"
        if self.check is not None:
            return f"短信验证码，发送到登记的手机号码 {self.check.mobile_shown}"
        return ""

    def who(self, signatory: Signatory) -> str:
        """By name, and for whom."""
        if self.acting is None:
            return signatory.name
        return self.acting.behalf_line or self.acting.user.name

    def stamp(self, signatory: Signatory) -> Stamp:
        """For the audit. Who came by a link has no account: their place in the document stands for it."""
        if self.acting is not None:
            return self.acting.stamp
        return Stamp(None, signatory.name, "signatory", signatory.role_title, None, "", address=self.address)


@dataclass(frozen=True)
class Keeper(Acting):
    """Keeps the signed file in the name of the round's initiator, while the event names who signed."""

    stamped: Stamp | None = None

    @property
    def stamp(self) -> Stamp:
        """Of the one who signed."""
        return self.stamped or super().stamp


def keeper_of(round_: SigningRound, stamp: Stamp) -> Keeper:
    """Who the new version of the file is kept for."""
    role = next(
        (role for role in round_.created_by.roles.all() if role.organisation_id == round_.organisation_id), None
    )
    return Keeper(round_.created_by, role, stamped=stamp)
