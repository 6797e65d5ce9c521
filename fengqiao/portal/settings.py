"""Django's settings. What the operator may change comes through `environment.py`; all of it is in docs/deploy.md."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from fengqiao.engine.errors import InputError
from fengqiao.portal.environment import read_environment
from fengqiao.portal.operations import logs

try:
    ENVIRONMENT = read_environment(os.environ)
    _DATABASE = dj_database_url.parse(ENVIRONMENT.database_url, conn_max_age=60, conn_health_checks=True)
except (InputError, ValueError) as error:
    raise ImproperlyConfigured(str(error)) from error

HERE = Path(__file__).parent
SECRET_KEY = ENVIRONMENT.secret_key
KEY_FOLDER = ENVIRONMENT.keys
SEAL_CIPHER = ENVIRONMENT.cipher
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url]
ROOT_URLCONF = "fengqiao.portal.urls"
WSGI_APPLICATION = "fengqiao.portal.wsgi.application"

OUR_APPS = [  # in the order in which they may know each other; tests/guards hold it
    "audit", "vault", "shell", "jobs", "accounts", "deadlines", "documents", "parties", "drafting",
    "notices", "tokens", "service", "signing", "claims", "workbench", "api", "operations",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "axes",
    *(f"fengqiao.portal.{name}" for name in OUR_APPS),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "fengqiao.portal.operations.watching.WatchingMiddleware",
    "fengqiao.portal.accounts.security_events.SecurityEventsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "fengqiao.portal.shell.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "fengqiao.portal.api.gatekeeper.GatekeeperMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fengqiao.portal.accounts.acting.ActingMiddleware",
    "fengqiao.portal.accounts.session_limits.SessionLimitsMiddleware",
    "fengqiao.portal.parties.acting.BehalfMiddleware",
    "fengqiao.portal.shell.errors.RefusalMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "fengqiao.portal.accounts.renewed_key.RenewedKeyMiddleware",
    "fengqiao.portal.accounts.seen.SeenMiddleware",
    "fengqiao.portal.accounts.login_required.LoginRequiredMiddleware",
    "fengqiao.portal.accounts.second_factor.SecondFactorMiddleware",
    "fengqiao.portal.accounts.rate_limits.RateLimitMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "fengqiao.portal.shell.context.shell",
            ],
        },
    },
]

FORM_RENDERER = "fengqiao.portal.shell.rendering.Renderer"
CSRF_FAILURE_VIEW = "fengqiao.portal.shell.errors.csrf_failure"

DATABASES = {"default": {**_DATABASE, "ATOMIC_REQUESTS": False}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # One writer at a time, readers never wait. A writer asks for the lock at its start: then it waits, and never fails.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(ENVIRONMENT.home / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "fengqiao.portal.accounts.password_words.UnlikeNamesValidator",
     "OPTIONS": {"user_attributes": ("username", "name", "email")}},
    {"NAME": "fengqiao.portal.accounts.password_words.LongEnoughValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "fengqiao.portal.accounts.known_passwords.KnownPasswordValidator"},
    {"NAME": "fengqiao.portal.accounts.password_words.HouseWordsValidator"},
]  # fmt: skip

ACCOUNT_ADAPTER = "fengqiao.portal.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = ACCOUNT_LOGIN_TIMEOUT  # the code itself ends earlier: accounts/mobile_codes.py
ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 1000  # counted there as well, whichever session they come from
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = 10
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Not by a code to the mobile: whoever took the phone has the code, and allauth would compare it with one of its own.
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
# Ours count both (accounts/lockout.py, mobile_confirming.py): allauth's would lock an account for everybody, wherever
# somebody else mistypes, and end a registration in the middle where several people register from one place.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "verify_phone": None}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "signup": "fengqiao.portal.accounts.forms.SignupForm",
    "login": "fengqiao.portal.accounts.forms.LoginForm",
    "verify_phone": "fengqiao.portal.accounts.mobile_confirming.ConfirmMobileForm",
}
MFA_FORMS = {
    "add_webauthn": "fengqiao.portal.accounts.factor_forms.AddWebAuthnForm",
    "authenticate": "fengqiao.portal.accounts.factor_forms.AuthenticateForm",
    "authenticate_webauthn": "fengqiao.portal.accounts.factor_forms.AuthenticateWebAuthnForm",
    "reauthenticate": "fengqiao.portal.accounts.factor_forms.ReauthenticateForm",
    "reauthenticate_webauthn": "fengqiao.portal.accounts.factor_forms.ReauthenticateWebAuthnForm",
}
MFA_ADAPTER = "fengqiao.portal.accounts.mfa_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "枫桥"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.secure
USERSESSIONS_TRACK_ACTIVITY = True
SMS_GATEWAY = ENVIRONMENT.sms_gateway
VOICE_GATEWAY = ENVIRONMENT.voice_gateway
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from
EMAIL_FILE_PATH = str(ENVIRONMENT.home / "outbox" / "mail")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_TIMEOUT = 20
if ENVIRONMENT.smtp_url:
    _MAIL = urlsplit(ENVIRONMENT.smtp_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
        _MAIL.hostname,
        unquote(_MAIL.username or ""),
        unquote(_MAIL.password or ""),
    )
    EMAIL_USE_SSL = _MAIL.scheme == "smtps"
    EMAIL_USE_TLS = not EMAIL_USE_SSL
    EMAIL_PORT = _MAIL.port or (465 if EMAIL_USE_SSL else 587)

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["username", "password", "login", "phone"]
AXES_USERNAME_CALLABLE = "fengqiao.portal.accounts.lockout.login_of"
AXES_CLIENT_IP_CALLABLE = "fengqiao.portal.accounts.acting.address_of"
AXES_LOCKOUT_CALLABLE = "fengqiao.portal.accounts.lockout.locked_out"

# Counters of attempts are shared by all processes; the table is made with the others.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": str(ENVIRONMENT.home / "files")}},
    "staticfiles": {"BACKEND": (
        # `fengqiao serve` gathers them with digests in their names, so that browsers may keep them for ever
        "whitenoise.storage.CompressedManifestStaticFilesStorage" if (STATIC_ROOT / "staticfiles.json").exists()
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    )},
}  # fmt: skip
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# With https a cookie's name says that it belongs to this host alone; browsers take it from nobody else then.
_HOST = "__Host-" if ENVIRONMENT.secure else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}fengqiao_session", f"{_HOST}fengqiao_csrf"
ELDER_COOKIE, DEVICE_COOKIE = f"{_HOST}fengqiao_elder", f"{_HOST}fengqiao_device"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False  # the proxy in front does it; see docs/deploy.md
SECURE_HSTS_SECONDS = 63_072_000 if ENVIRONMENT.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.proxies else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}
DRAFT_DAYS = 30
WORKING_HOURS = (dt.time(9, 0), dt.time(17, 30))
"""In which people are reminded of deadlines: Beijing time, on statutory working days."""
CALENDAR_OVERRIDES = Path(_years) if (_years := os.environ.get("FENGQIAO_CALENDAR_OVERRIDES")) else None
"""Newly announced years, see docs/recipes/new_calendar_year.md."""
DEMO = (ENVIRONMENT.home / "demo.txt").is_file()
"""An installation made by `fengqiao demo`: every page says that all in it is invented."""
LOGGING = logs.settings("INFO" if DEBUG else "WARNING", ENVIRONMENT.log_url, ENVIRONMENT.log_roots)
CASE_FILE_LARGEST = 1 << 20
TABLE_LARGEST = 8 << 30
PEOPLE_FILE_LARGEST = 200 << 20
"""Bytes of one uploaded file: a case file, a table of records. Files are streamed to the disk, never held in memory."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
SILENCED_SYSTEM_CHECKS: list[str] = []
