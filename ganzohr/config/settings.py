"""Settings of the desk, read from the environment and checked at start. docs/operating.md explains each."""

from __future__ import annotations

import logging
import secrets
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from ganzohr.config import database, files, static_files
from ganzohr.config.datafolder import ensure_folder, home, made_once
from ganzohr.config.environment import Environment
from ganzohr.core import reach

env = Environment()
PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()
DEBUG = env.switch("GANZOHR_DEBUG")
GANZOHR_DEMO = env.switch("GANZOHR_DEMO")  # the demo and the proofs: sign-in by one click

# Addresses
PORT = env.port("GANZOHR_PORT", 8000)
INSIDE_URL = env.address("GANZOHR_URL", f"http://127.0.0.1:{PORT}")
OUTSIDE_URL = env.address("GANZOHR_PUBLIC_URL", INSIDE_URL)
OUTSIDE_PORT = env.port("GANZOHR_PUBLIC_PORT", 0)
HOOKS_PORT = env.port("GANZOHR_HOOKS_PORT", 0)
PATH_PREFIX = urlsplit(INSIDE_URL).path
if urlsplit(OUTSIDE_URL).path != PATH_PREFIX:
    env.complaints.append("GANZOHR_URL and GANZOHR_PUBLIC_URL must have the same path.")
FORCE_SCRIPT_NAME = PATH_PREFIX or None
_hosts = {host for host in (urlsplit(INSIDE_URL).hostname, urlsplit(OUTSIDE_URL).hostname) if host}
ALLOWED_HOSTS = sorted({*_hosts, "127.0.0.1", "localhost", "[::1]", *env.names("GANZOHR_HOSTS")})
CSRF_TRUSTED_ORIGINS = sorted({f"{p.scheme}://{p.netloc}" for p in (urlsplit(INSIDE_URL), urlsplit(OUTSIDE_URL))})
PROXIES = env.names("GANZOHR_PROXIES") or ["127.0.0.1", "::1"]
SECURE = INSIDE_URL.startswith("https://")
REACH = env.reachable("GANZOHR_REACH", reach.LOOPBACK if GANZOHR_DEMO else ())  # of our own network
ROOT_URLCONF = "ganzohr.config.urls"
ASGI_APPLICATION = "ganzohr.config.asgi.application"

# Database
DATABASE_URL = env.text("DATABASE_URL")
DATABASE_POOL = env.number("GANZOHR_DATABASE_POOL", 0)
if DATABASE_URL and database.named(DATABASE_URL) is None:
    env.complaints.append("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rooms, top to bottom
ROOMS = [
    "config",
    "proofs",
    "desk",
    "privacy",
    "insights",
    "website",
    "inquiries",
    "inbox",
    "knowledge",
    "contacts",
    "topics",
    "notifications",
    "channels",
    "language",
    "directory",
    "audit",
    "accounts",
    "ui",
    "core",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    *[f"ganzohr.{room}" for room in ROOMS],
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "allauth.mfa",
    "allauth.socialaccount",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ganzohr.config.middleware.CompressPages",
    "ganzohr.config.middleware.FewPowers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ganzohr.config.middleware.LanguageOfTheUser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ganzohr.accounts.middleware.LastSeen",
    "ganzohr.accounts.middleware.SecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ganzohr.ui.context.shell",
            ],
            "libraries": {"words": "ganzohr.core.templatetags.words"},
        },
    }
]
FORM_RENDERER = "ganzohr.ui.rendering.Renderer"
INSTALLED_APPS.append("django.forms")

# Signing in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/" if not PATH_PREFIX else f"{PATH_PREFIX}/"
ACCOUNT_ADAPTER = "ganzohr.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "ganzohr.accounts.forms.SignIn",
    "change_password": "ganzohr.accounts.forms.ChangePassword",
    "reset_password": "ganzohr.accounts.forms.ForgotPassword",
    "reset_password_from_key": "ganzohr.accounts.forms.NewPassword",
    "set_password": "ganzohr.accounts.forms.FirstPassword",
    "reauthenticate": "ganzohr.accounts.forms.Reauthenticate",
}
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/5m/key"}
CACHES = {
    "default": {"BACKEND": "ganzohr.accounts.limits.InPostgres"},  # limits hold in every process
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# Second factors
MFA_ADAPTER = "ganzohr.accounts.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are verified by the invitation
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "ganzohr.accounts.factor_forms.SecondStep",
    "reauthenticate": "ganzohr.accounts.factor_forms.CodeAgain",
    "activate_totp": "ganzohr.accounts.factor_forms.NewApp",
    "add_webauthn": "ganzohr.accounts.factor_forms.NewPasskey",
    "edit_webauthn": "ganzohr.accounts.factor_forms.PasskeyName",
}

# The employer's own sign-in, by OpenID Connect
OIDC_URL = env.address("GANZOHR_OIDC_URL", "") if env.text("GANZOHR_OIDC_URL") else ""
OIDC_NAME = env.text("GANZOHR_OIDC_NAME", "OpenID Connect")
OIDC_CLIENT_ID = env.text("GANZOHR_OIDC_CLIENT_ID")
OIDC_SECRET = env.text("GANZOHR_OIDC_SECRET")
OIDC_DOMAINS = [domain.lower() for domain in env.names("GANZOHR_OIDC_DOMAINS")]
OIDC_NEWCOMERS = env.text("GANZOHR_OIDC_NEWCOMERS", "invited", choices=("invited", "domains"))
OIDC_TRUST_MAIL = env.switch("GANZOHR_OIDC_TRUST_MAIL")
if OIDC_URL and not OIDC_CLIENT_ID:
    env.complaints.append("GANZOHR_OIDC_URL needs GANZOHR_OIDC_CLIENT_ID too.")
if OIDC_NEWCOMERS == "domains" and not OIDC_DOMAINS:
    env.complaints.append("GANZOHR_OIDC_NEWCOMERS=domains needs GANZOHR_OIDC_DOMAINS.")
SOCIALACCOUNT_ADAPTER = "ganzohr.accounts.oidc.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may only go to ourselves, also by redirect (form-action)
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "house",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_SECRET,
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_NAME = "ganzohr_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{PATH_PREFIX}/"
CSRF_COOKIE_NAME = "ganzohr_csrf"

# Safe pages
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# Subdomains are not ours to decide about (W005, W021); http is turned into https by whoever does the TLS (W008)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# Words and time
LANGUAGES = [("de", "Deutsch"), ("en", "English"), ("nl", "Nederlands")]
LANGUAGE_CODE = env.text("GANZOHR_LANGUAGE", "de", choices=("de", "en", "nl"))
USE_I18N = USE_TZ = True
TIME_ZONE = env.zone("GANZOHR_TIME_ZONE", "Europe/Berlin")

# Files
STATIC_URL = f"static/{'dev' if DEBUG else static_files.mark(PACKAGE)}/"
WHITENOISE_STATIC_PREFIX = f"/{STATIC_URL}"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000
MEDIA_ROOT = HOME / "files"
ERASURES = Path(env.text("GANZOHR_ERASURES") or HOME / "erasures")  # beside the database, so that it outlives one
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
STORAGES = {
    "default": files.storage(env),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# What operators see
METRICS_TOKEN = env.text("GANZOHR_METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    env.complaints.append("GANZOHR_METRICS_TOKEN must have at least 16 characters.")
LOG_FORMAT = env.text("GANZOHR_LOG_FORMAT", "text", choices=("text", "json"))
LOG_LEVEL = env.text("GANZOHR_LOG_LEVEL", "WARNING").upper()
if LOG_LEVEL not in logging.getLevelNamesMapping():
    env.complaints.append(f"GANZOHR_LOG_LEVEL is {LOG_LEVEL!r}; it must be one of DEBUG, INFO, WARNING, ERROR.")

# Mail leaves as everything else does: through the outbox of the room `channels`
EMAIL_BACKEND = "ganzohr.channels.mail_backend.OutboxBackend"
DEFAULT_FROM_EMAIL = env.text("GANZOHR_MAIL_FROM", "ganzohr@localhost")
MAIL_URL = env.text("GANZOHR_MAIL_URL")  # smtp://user:password@host:587 or smtps://…; empty: the first mail channel
COLLEAGUE_ADDRESS = env.text("GANZOHR_COLLEAGUE_ADDRESS", "informal", choices=("informal", "formal"))  # of new ones
EMPLOYER = env.text("GANZOHR_EMPLOYER")  # the name of the employer in mails to colleagues and on private pages

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_ON_APP_READY = "ganzohr.config.worker.add_tasks"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "ganzohr.config.logs.Line", "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": "ganzohr.config.logs.JsonLine"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json" if LOG_FORMAT == "json" else "line"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # no line per request, whatever somebody outside asks for
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "procrastinate": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # logs whole addresses, with ids of people and of what they sent
        "httpcore": {"level": "WARNING"},
    },
}

# Keys from the environment are looked at with the rest; only then something is written into the data folder
_secret_keys = env.names("GANZOHR_SECRET_KEY")
if _secret_keys and len(_secret_keys[0]) < 32:
    env.complaints.append("GANZOHR_SECRET_KEY must have at least 32 characters.")
ENCRYPTION_KEYS = env.encryption_keys("GANZOHR_ENCRYPTION_KEYS", env.names("GANZOHR_ENCRYPTION_KEYS"))
env.check()
ensure_folder(HOME)
_made = partial(secrets.token_urlsafe, 48)
_secret_keys = _secret_keys or made_once(HOME / "keys" / "secret", _made).split()
SECRET_KEY, SECRET_KEY_FALLBACKS = _secret_keys[0], _secret_keys[1:]
ENCRYPTION_KEYS = ENCRYPTION_KEYS or env.encryption_keys(
    f"{HOME / 'keys' / 'encryption'}",
    made_once(HOME / "keys" / "encryption", lambda: Fernet.generate_key().decode()).split(),
)
DATABASES = {"default": database.settings(DATABASE_URL, HOME, pool=DATABASE_POOL) or {}}
env.check()
