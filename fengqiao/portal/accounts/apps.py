"""Accounts: who may come in, and in which role."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from fengqiao.portal.shell.navigation import Entry


def _runs_the_platform(acting: Any) -> bool:
    from fengqiao.portal.accounts.queries import runs_the_platform

    return runs_the_platform(acting)


class AccountsConfig(AppConfig):
    """Users, organisations, roles."""

    name = "fengqiao.portal.accounts"
    label = "accounts"
    verbose_name = "账号与机构"
    navigation = (
        Entry("人员与邀请", "accounts:my_people", "users", kinds=("administrator",), place=80),
        Entry(
            "机构管理",
            "accounts:organisations",
            "building",
            kinds=("administrator",),
            place=79,
            only=_runs_the_platform,
        ),
        Entry("查找账号", "accounts:find_person", "search", kinds=("administrator",), place=81),
        Entry("我的账号", "accounts:me", "user", place=95),
    )
    audit_verbs: ClassVar = {
        "registered": "投资者注册",
        "mobile_confirmed": "确认手机号码",
        "identity_corrected": "更正姓名、证件",
        "organisation_created": "登记机构",
        "organisation_changed": "更改机构的联系方式",
        "organisation_rested": "停用机构",
        "organisation_put_back": "恢复机构",
        "invited": "邀请人员",
        "invitation_accepted": "接受邀请",
        "invitation_revoked": "撤回邀请",
        "role_worn": "切换身份",
        "role_ended": "终止角色",
        "logged_in": "登录",
        "logged_out": "退出登录",
        "login_failed": "登录失败（一小时内只记一次）",
        "second_factor_changed": "更改第二道验证",
        "second_factor_failed": "第二道验证没有通过（一小时内只记一次）",
        "second_factor_reset": "核对身份后重置第二道验证",
        "login_code_sent": "发送登录验证码",
        "login_code_failed": "登录验证码没有通过（一小时内只记一次）",
        "papers_failed": "忘记密码时没有通过证件核对（一小时内只记一次）",
        "became_agent": "开通代理人身份",
        "password_set": "重新设置密码",
        "device_trusted": "记住设备，30 天内不再要验证码",
        "trusted_device_ended": "不再记住设备",
        "many_refused": "多次请求被拒绝（一小时内只记一次）",
        "session_ended": "让自己的一台设备退出",
        "sessions_ended": "结束全部设备上的登录",
        "registration_given_up": "没有完成的注册作废",
        "lock_lifted": "解除登录锁定",
        "closed": "本人注销账号",
        "suspended": "停用账号",
        "taken_up_again": "恢复账号",
    }

    def ready(self) -> None:
        """The secrets of second factors are sealed anew together with everything else; every app may say in its
        `closing.py` what closing an account means there."""
        from fengqiao.portal.accounts import factor_secrets, resting
        from fengqiao.portal.audit import actions as audit
        from fengqiao.portal.vault.rotation import ELSEWHERE, Elsewhere

        autodiscover_modules("closing")
        if resting.in_use not in audit.ADMITTED:
            audit.ADMITTED.append(resting.in_use)
        ELSEWHERE.append(Elsewhere("mfa.authenticator", factor_secrets.reseal, factor_secrets.usage))
