"""The database of the site as its environment names it: SQLite with sane pragmas, or PostgreSQL with a pool."""

from django.core.exceptions import ImproperlyConfigured

from project.environment import BASE_DIR, boolean, env, whole

ENGINES = {"sqlite3": "sqlite", "postgresql": "postgres"}
KEEPING = "project.sqlite3"
"""Django's backend of SQLite, which can keep connections; a process that is told its parent's settings names it."""


def database() -> dict:
    """DATABASE_URL, or the DJANGO_DATABASE_ENGINE / DJANGO_DATABASE_NAME pair, or SQLite beside manage.py."""
    url = env.str("DATABASE_URL", default="")
    if url:
        try:
            config = env.db_url_config(url)
        except ValueError as error:
            raise ImproperlyConfigured(f"DATABASE_URL is not the address of a database: {error}") from error
    else:
        engine = env.str("DJANGO_DATABASE_ENGINE", default="django.db.backends.sqlite3")
        default = BASE_DIR / "lumisift.sqlite3" if engine.endswith("sqlite3") else "lumisift"
        config = {"ENGINE": engine, "NAME": env.str("DJANGO_DATABASE_NAME", default=str(default))}
        for key in ("USER", "PASSWORD", "HOST", "PORT"):
            config[key] = env.str(f"DJANGO_DATABASE_{key}", default="")
        if config["PORT"]:
            whole("DJANGO_DATABASE_PORT", 0, lowest=1)
    return _checked(config)


def _checked(config: dict) -> dict:
    kind = config.get("ENGINE", "").rpartition(".")[2]
    if kind not in ENGINES or config["ENGINE"] not in (f"django.db.backends.{kind}", KEEPING):
        raise ImproperlyConfigured(
            f"database engine {config.get('ENGINE')!r}: use django.db.backends.sqlite3 or django.db.backends.postgresql"
        )
    if kind == "sqlite3":
        config["ENGINE"] = KEEPING
        if config["NAME"] != ":memory:":
            config["NAME"] = str(BASE_DIR / config["NAME"])
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16384;"
            "PRAGMA mmap_size=67108864; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;",
        }
    else:
        # Under ASGI every request has a thread of its own, so connections are kept by the process, not by the thread.
        most = whole("DJANGO_DATABASE_CONNECTIONS", 20, lowest=2)
        options = config.setdefault("OPTIONS", {})
        options["pool"] = {"min_size": 1, "max_size": most, "max_idle": 120, "timeout": 30}
        # A statement that comes again is not planned again: half of what an API page costs the database.
        options["prepare_threshold"] = 3 if boolean("DJANGO_DATABASE_PREPARE", default=True) else None
        config["CONN_HEALTH_CHECKS"] = True
    return config
