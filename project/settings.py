"""All settings, from the environment or a ``.env`` file beside manage.py. A wrong value refuses to start."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from project.databases import database
from project.environment import BASE_DIR, address, boolean, env, readable_file, secret, web_address, whole


def secret_key() -> str:
    """DJANGO_SECRET_KEY, or one made once and kept in an ignored file that only its owner can read."""
    given = env.str("DJANGO_SECRET_KEY", default="")
    if given:
        return given
    path = BASE_DIR / ".secret_key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=BASE_DIR, prefix=".secret_key.", delete=False) as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(file.name, path)
        except FileExistsError:
            pass  # another process made one first; its key is the key
        finally:
            Path(file.name).unlink()
    return path.read_text().strip()


DEBUG = boolean("DJANGO_DEBUG", default=False)
SECRET_KEY = secret_key()
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "project",  # before the admin and django_extensions, of which it changes a template and shell_plus
    "project.admin_config.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_extensions",
    "django_tasks",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "js_lib_bootstrap5",
    "django_htmx",
    "runs",
    "lightcurves",
    "histos",
    "detections",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "project.middleware.Policies",
    "project.middleware.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
WSGI_APPLICATION = "project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.access.rights",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]
AUTHENTICATION_BACKENDS = ["project.sessions.Accounts"]
SESSION_ENGINE = "project.sessions"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# A test run or a first `runserver` must not need `collectstatic`.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "project.staticfiles.VersionedFiles"},
}
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]

# Site and production doors. Cookies and redirects follow DJANGO_HTTPS, since a laptop serves plain HTTP.
HTTPS = boolean("DJANGO_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_AGE = 3600 * whole("DJANGO_SESSION_HOURS", 168, lowest=1)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
LUMISIFT_PUBLIC_READ = boolean("LUMISIFT_PUBLIC_READ", default=False)

# Proxies in front of the site: how many, and the header in which one of them says that it was asked by HTTPS. Anybody
# can send such headers, so they are believed only when told.
LUMISIFT_PROXIES = whole("LUMISIFT_PROXIES", 0)
proxy_https_header = env.str("DJANGO_PROXY_HTTPS_HEADER", default="")
if proxy_https_header:
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{proxy_https_header.upper().replace('-', '_')}", "https")

# Of any request, in bytes and fields; an uploaded file goes to disk beyond the first, and has its own limits below.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_PERMISSIONS = 0o600

# Of each process of the site; the others wait in line.
LUMISIFT_REQUESTS_AT_ONCE = whole("LUMISIFT_REQUESTS_AT_ONCE", 4, lowest=1)

# A download that takes longer ends there: while it lasts, the database keeps what was deleted or replaced since.
LUMISIFT_EXPORT_SECONDS = whole("LUMISIFT_EXPORT_SECONDS", 3600, lowest=1)

TASKS = {"default": {"BACKEND": "project.jobs.backend.JobBackend"}}
LUMISIFT_LEASE_SECONDS = whole("LUMISIFT_LEASE_SECONDS", 30, lowest=2)
LUMISIFT_MAX_ATTEMPTS = whole("LUMISIFT_MAX_ATTEMPTS", 3, lowest=1)

# Uploads: where they wait for their load, how large, and for how long they may come and be read.
LUMISIFT_UPLOAD_DIR = Path(BASE_DIR / env.str("LUMISIFT_UPLOAD_DIR", default="uploads"))
LUMISIFT_MAX_UPLOAD_MB = whole("LUMISIFT_MAX_UPLOAD_MB", 256, lowest=1)
LUMISIFT_MAX_UNPACKED_MB = whole("LUMISIFT_MAX_UNPACKED_MB", 4096, lowest=1)
LUMISIFT_MAX_UPLOAD_SECONDS = whole("LUMISIFT_MAX_UPLOAD_SECONDS", 1800, lowest=1)
if LUMISIFT_UPLOAD_DIR.is_relative_to(STATIC_ROOT):
    raise ImproperlyConfigured(
        f"LUMISIFT_UPLOAD_DIR={LUMISIFT_UPLOAD_DIR} is served to everybody: take another folder"
    )

# Where pages of CMS runs lead for more; empty: no link.
LUMISIFT_OMS_PAGES = web_address("LUMISIFT_OMS_PAGES", "https://cmsoms.cern.ch")
LUMISIFT_RUNREGISTRY_PAGES = web_address("LUMISIFT_RUNREGISTRY_PAGES", "https://cmsrunregistry.web.cern.ch")
LUMISIFT_DQMGUI_PAGES = web_address("LUMISIFT_DQMGUI_PAGES", "https://cmsweb.cern.ch/dqm/offline")

# Services that are asked for runs and certifications. Who needs to sign in there gives a token, or the id and secret of
# a client, which the sign-on exchanges for one.
LUMISIFT_SSO_CLIENT_ID = secret("LUMISIFT_SSO_CLIENT_ID")
LUMISIFT_SSO_CLIENT_SECRET = secret("LUMISIFT_SSO_CLIENT_SECRET", of="LUMISIFT_SSO_CLIENT_ID")
LUMISIFT_SSO_URL = address(
    "LUMISIFT_SSO_URL", "https://auth.cern.ch/auth/realms/cern/api-access/token", LUMISIFT_SSO_CLIENT_ID
)
LUMISIFT_OMS_TOKEN = secret("LUMISIFT_OMS_TOKEN")
LUMISIFT_OMS_AUDIENCE = env.str("LUMISIFT_OMS_AUDIENCE", default="cmsoms-prod")
LUMISIFT_OMS_URL = address(
    "LUMISIFT_OMS_URL", "https://cmsoms.cern.ch/agg/api/v1", LUMISIFT_OMS_TOKEN or LUMISIFT_SSO_CLIENT_ID
)
LUMISIFT_RUNREGISTRY_TOKEN = secret("LUMISIFT_RUNREGISTRY_TOKEN")
LUMISIFT_RUNREGISTRY_AUDIENCE = env.str("LUMISIFT_RUNREGISTRY_AUDIENCE", default="cmsrunregistry-sso-proxy")
LUMISIFT_RUNREGISTRY_URL = address(
    "LUMISIFT_RUNREGISTRY_URL",
    "https://cmsrunregistry.web.cern.ch/api",
    LUMISIFT_RUNREGISTRY_TOKEN or LUMISIFT_SSO_CLIENT_ID,
)
LUMISIFT_FETCH_SECONDS = whole("LUMISIFT_FETCH_SECONDS", 60, lowest=1)
LUMISIFT_FETCH_TRIES = whole("LUMISIFT_FETCH_TRIES", 5, lowest=1)
LUMISIFT_FETCH_PER_SECOND = whole("LUMISIFT_FETCH_PER_SECOND", 4, lowest=1)
LUMISIFT_FETCH_MAX_MB = whole("LUMISIFT_FETCH_MAX_MB", 64, lowest=1)
LUMISIFT_FETCH_CA_FILE = readable_file("LUMISIFT_FETCH_CA_FILE")

LUMISIFT_DASK_SCHEDULER = env.str("LUMISIFT_DASK_SCHEDULER", default="")
LUMISIFT_WORKERS = whole("LUMISIFT_WORKERS", 0)

# Dotted paths of what this site adds to the registries without a fork.
LUMISIFT_EXTRA_READERS = env.list("LUMISIFT_EXTRA_READERS", default=[])
LUMISIFT_EXTRA_SURVEYS = env.list("LUMISIFT_EXTRA_SURVEYS", default=[])
LUMISIFT_EXTRA_FEATURES = env.list("LUMISIFT_EXTRA_FEATURES", default=[])
LUMISIFT_EXTRA_INJECTIONS = env.list("LUMISIFT_EXTRA_INJECTIONS", default=[])
LUMISIFT_EXTRA_DETECTORS = env.list("LUMISIFT_EXTRA_DETECTORS", default=[])
LUMISIFT_EXTRA_METRICS = env.list("LUMISIFT_EXTRA_METRICS", default=[])

# Reason codes of certifications beside those there are: pairs, as ``gas-leak=a leak in the gas system``.
LUMISIFT_EXTRA_REASON_CODES = env.dict("LUMISIFT_EXTRA_REASON_CODES", default={})

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["project.access.ReadOnlyForMembers"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "project.tokens.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["project.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["project.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": "project.metadata.Methods",
    "EXCEPTION_HANDLER": "project.problems.problem_response",
    # ``format=`` is read with the other parameters, so that a wrong one is a 400.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lumisift",
    "DESCRIPTION": "Observations, detectors and what they found. A list takes only the parameters it names here.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Choices stay in the field that has them, instead of under names made up for them.
    "POSTPROCESSING_HOOKS": [],
    "SERVE_PERMISSIONS": ["project.access.ReadOnlyForMembers"],
}

SHELL_PLUS = "ipython"
NOTEBOOK_ARGUMENTS = ["--notebook-dir", str(BASE_DIR / "docs" / "notebooks")]
GRAPH_MODELS = {
    "app_labels": ["runs", "lightcurves", "histos", "detections", "project"],
    "group_models": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("DJANGO_LOG_LEVEL", default="WARNING")},
}
