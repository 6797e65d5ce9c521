"""Users, organisations, and the roles that tie them together."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from fengqiao.portal.accounts.sent_code import MobileCode
from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind as Sealing


class Users(BaseUserManager["User"]):
    """How users are made."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> User:
        """A user; without a password nobody can log in as them until they have set one."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who can log in. What they may do comes from their roles alone."""

    username = models.CharField("登录名", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=64)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("可以登录", default=True)
    elder_mode = models.BooleanField("长辈模式", default=False)
    joined_at = models.DateTimeField("开户时间")
    closed_at = models.DateTimeField("注销时间", null=True, blank=True)
    sessions_end_before = models.DateTimeField("此前的登录都已结束", null=True, blank=True)

    objects = Users()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ("name", "joined_at")

    class Meta:
        verbose_name = "用户"

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name that stands beside every act."""
        return self.name


class Organisation(models.Model):
    """A body whose people work here."""

    class Kind(models.TextChoices):
        FIRM = "firm", "经营机构"
        LISTED_COMPANY = "listed_company", "上市公司"
        MEDIATION = "mediation", "调解组织"
        COURT = "court", "人民法院"
        LOCAL_OFFICE = "local_office", "派出机构"
        SERVICES_CENTRE = "services_centre", "投资者服务中心"
        EDUCATION_BASE = "education_base", "投资者教育基地"
        TASK_FORCE = "task_force", "工作专班"
        LAW_FIRM = "law_firm", "律师事务所"
        PLATFORM = "platform", "平台运营方"

    kind = models.CharField("类型", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=128, unique=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    region = models.CharField("地区", max_length=64, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    """For the public, as it is printed on letters."""
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "机构"
        indexes = (
            models.Index(fields=("name", "id"), name="active_organisation_by_name", condition=Q(is_active=True)),
            models.Index(
                fields=("kind", "name", "id"), name="active_organisation_by_kind", condition=Q(is_active=True)
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def dial(self) -> str:
        """The telephone as a link dials it; the extension after a pause."""
        number, _, extension = self.phone.partition("转")
        kept = "".join(sign for sign in number if sign.isdigit() or sign == "+")
        return f"{kept},{extension}" if extension else kept

    @property
    def contact(self) -> str:
        """Name and telephone, as people are told whom to ask."""
        return f"{self.name} {self.phone}" if self.phone else self.name


class Role(models.Model):
    """One hat of one person: what they are, and where. A person may have several and wears one at a time."""

    class Kind(models.TextChoices):
        INVESTOR = "investor", "投资者"
        AGENT = "agent", "代理人"
        COMPLAINT_HANDLER = "complaint_handler", "投诉处理岗"
        HOTLINE_AGENT = "hotline_agent", "12386坐席"
        MEDIATOR = "mediator", "调解员"
        MEDIATION_MANAGER = "mediation_manager", "调解管理员"
        JUDGE = "judge", "法官"
        CLERK = "clerk", "书记员"
        MEASURER = "measurer", "损失测算员"
        REGULATOR = "regulator", "监管人员"
        TASK_FORCE_OFFICER = "task_force_officer", "专班办公室"
        OUTREACH_WORKER = "outreach_worker", "投教与劝阻"
        ADMINISTRATOR = "administrator", "管理员"

    WITHOUT_ORGANISATION = (Kind.INVESTOR, Kind.AGENT)

    user = models.ForeignKey(User, models.PROTECT, related_name="roles", verbose_name="用户")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="roles", null=True, blank=True, verbose_name="机构"
    )
    kind = models.CharField("角色", max_length=20, choices=Kind)
    granted_at = models.DateTimeField("授予时间")
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)

    class Meta:
        verbose_name = "角色"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organisation", "kind"), condition=Q(ended_at=None), nulls_distinct=False,
                name="role_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind="investor", organisation=None) | Q(kind="agent")
                | (Q(organisation__isnull=False) & ~Q(kind="investor")),
                name="role_stands_in_an_organisation",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        place = f"{self.organisation.name} · " if self.organisation else ""
        return f"{place}{self.get_kind_display()}"

    @property
    def is_staff(self) -> bool:
        """True for people who work here for an organisation: they need a second factor."""
        return self.organisation_id is not None

    def holds_at(self, now: dt.datetime) -> bool:
        """True while the role has not been ended."""
        return self.ended_at is None or self.ended_at > now


class Identity(models.Model):
    """Who a person is by their papers, and the mobile they are reached at."""

    class Kind(models.TextChoices):
        ID_CARD = "id_card", "居民身份证"
        PASSPORT = "passport", "护照"
        HONG_KONG_MACAU = "hong_kong_macau", "港澳居民来往内地通行证"
        TAIWAN = "taiwan", "台湾居民来往大陆通行证"
        FOREIGN_RESIDENT = "foreign_resident", "外国人永久居留身份证"

    user = models.OneToOneField(User, models.PROTECT, related_name="identity", verbose_name="用户")
    kind = models.CharField("证件类型", max_length=20, choices=Kind, blank=True)
    number = SealedField("证件号码", purpose="identity.number", kind=Sealing.IDENTITY_NUMBER, index=True, blank=True)
    mobile = SealedField("手机号码", purpose="identity.mobile", kind=Sealing.MOBILE, index=True, blank=True)
    mobile_verified_at = models.DateTimeField("手机号码确认时间", null=True, blank=True)

    class Meta:
        verbose_name = "实名信息"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Invitation(models.Model):
    """An organisation asks a person in. Whoever holds the link may accept it once, until it runs out."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations", verbose_name="机构")
    name = models.CharField("姓名", max_length=64)
    kinds = models.JSONField("角色", default=list)
    mobile = SealedField("手机号码", purpose="invitation.mobile", kind=Sealing.MOBILE, index=True, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="邀请人")
    created_at = models.DateTimeField("邀请时间")
    expires_at = models.DateTimeField("有效期至")
    accepted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="接受人"
    )
    accepted_at = models.DateTimeField("接受时间", null=True, blank=True)
    revoked_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = "邀请"

    def __str__(self) -> str:
        return f"{self.organisation.name}：{self.name}"

    def open_at(self, now: dt.datetime) -> bool:
        """True while it can be accepted."""
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at

    def state_at(self, now: dt.datetime) -> str:
        """In words: what became of it."""
        if self.accepted_at:
            return "已接受"
        if self.revoked_at:
            return "已撤回"
        return "待接受" if now < self.expires_at else "已过期"

    @property
    def kind_labels(self) -> str:
        """The roles in words."""
        return "、".join(Role.Kind(kind).label for kind in self.kinds)


class LoginAttempt(models.Model):
    """A log-in that waits for a code sent to the mobile: codes belong to it and open no other."""

    user = models.ForeignKey(User, models.CASCADE, related_name="login_attempts", verbose_name="用户")
    began_at = models.DateTimeField("开始时间", db_index=True)
    identity_tries = models.PositiveSmallIntegerField("核对证件号码的次数", default=0)

    class Meta:
        verbose_name = "进行中的登录"

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at}"


class LoginCode(MobileCode):
    """A code for one log-in."""

    attempt = models.ForeignKey(LoginAttempt, models.CASCADE, related_name="codes", verbose_name="登录")

    class Meta:
        verbose_name = "登录验证码"
        indexes = (models.Index(fields=("attempt", "-id"), name="login_codes_newest"),)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.sent_at}"


class MobileToConfirm(models.Model):
    """A mobile that waits for the code sent to it, when somebody registers or changes it."""

    owner = models.PositiveBigIntegerField("用户编号")
    """0: of nobody, when it belongs to an account already."""
    mobile_digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "待确认的手机号码"
        constraints = (models.UniqueConstraint(fields=("owner", "mobile_digest"), name="one_mobile_to_confirm"),)

    def __str__(self) -> str:
        return f"{self.owner}"


class ConfirmingCode(MobileCode):
    """A code that confirms a mobile."""

    mobile = models.ForeignKey(MobileToConfirm, models.CASCADE, related_name="codes", verbose_name="手机号码")

    class Meta:
        verbose_name = "确认手机号码的验证码"
        indexes = (models.Index(fields=("mobile", "-id"), name="confirming_codes_newest"),)

    def __str__(self) -> str:
        return f"{self.mobile_id} {self.sent_at}"


class TrustedDevice(models.Model):
    """A browser whose owner asked not to be sent a code again for some days; the browser keeps the token, here is what
    is kept of it, bound to the password of that day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="trusted_devices", verbose_name="用户")
    digest = models.CharField(max_length=64, unique=True)
    device = models.CharField("浏览器", max_length=300, blank=True)
    trusted_at = models.DateTimeField("记住时间")
    expires_at = models.DateTimeField("有效期至")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    ended_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = "记住的设备"
        indexes = (models.Index(fields=("user", "-id"), name="trusted_devices_newest"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.trusted_at}"


class RateCount(models.Model):
    """How often something was done in the last slots of time; counted by one statement, see `rate_limits`."""

    key = models.CharField(max_length=64, primary_key=True)
    """The limit, and a keyed digest of who is counted."""
    ends_at = models.BigIntegerField(db_index=True)
    """When the last slot is over, in seconds since 1970."""
    slot = models.BigIntegerField(default=0)
    """The newest slot, counted from 1970."""
    counts = models.BigIntegerField(default=0)
    """How many fell into it and into each of those before, packed into one number: the newest lowest."""

    class Meta:
        verbose_name = "次数"

    def __str__(self) -> str:
        return self.key
