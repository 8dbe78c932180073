"""
The twelve providers, and a dark row for each model of the venue specs.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22

Every row is dark: `active` is false, and `q_prior` and `m_allowed` are NULL, because a prior is never made up. Values are
literals, so that this revision gives the same rows for ever, whatever the specs say later. The audit log gets one entry
for the seed and one for its undoing.
"""

import hashlib
import json
from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# slug, name, base_url: what the production adapter appends its path to.
PROVIDERS = (
    ("groq", "Groq", "https://api.groq.com/openai"),
    ("deepinfra", "DeepInfra", "https://api.deepinfra.com"),
    ("together", "Together AI", "https://api.together.ai"),
    ("fireworks", "Fireworks AI", "https://api.fireworks.ai/inference"),
    ("novita", "Novita AI", "https://api.novita.ai/openai"),
    ("anthropic", "Anthropic", "https://api.anthropic.com"),
    ("openai", "OpenAI", "https://api.openai.com"),
    ("gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta/openai"),
    ("mistral", "Mistral AI", "https://api.mistral.ai"),
    ("xai", "xAI", "https://api.x.ai"),
    ("local", "Embedded llama.cpp, OpenAI dialect", "http://127.0.0.1:{port}"),
    ("local-anthropic", "Embedded llama.cpp, Anthropic dialect", "http://127.0.0.1:{port}"),
)

# provider, slug, upstream_model, brand, USD per million tokens in and out: composed from the venue specs.
MODELS = (
    ("groq", "gpt-oss-120b-groq", "openai/gpt-oss-120b", "openai", "0.15", "0.60"),
    ("groq", "gpt-oss-20b-groq", "openai/gpt-oss-20b", "openai", "0.075", "0.30"),
    ("groq", "qwen3.8-27b-groq", "qwen/qwen3.8-27b", "qwen", "0.80", "4.00"),
    ("deepinfra", "llama-3.3-70b-turbo-deepinfra", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta", "0.10", "0.32"),
    ("deepinfra", "gpt-oss-120b-deepinfra", "openai/gpt-oss-120b", "openai", "0.037", "0.17"),
    ("deepinfra", "deepseek-v3.2-deepinfra", "deepseek-ai/DeepSeek-V3.2", "deepseek", "0.26", "0.38"),
    (
        "deepinfra",
        "qwen3-235b-a22b-instruct-2507-deepinfra",
        "Qwen/Qwen3-235B-A22B-Instruct-2507",
        "qwen",
        "0.09",
        "0.55",
    ),
    ("together", "gpt-oss-120b-together", "openai/gpt-oss-120b", "openai", "0.15", "0.60"),
    ("together", "deepseek-v4.1-flash-together", "deepseek-ai/DeepSeek-V4.1-Flash", "deepseek", "0.30", "1.20"),
    ("together", "qwen3.5-9b-together", "Qwen/Qwen3.5-9B", "qwen", "0.17", "0.25"),
    ("fireworks", "gpt-oss-20b-fireworks", "accounts/fireworks/models/gpt-oss-20b", "openai", "0.07", "0.30"),
    (
        "fireworks",
        "deepseek-v4p1-flash-fireworks",
        "accounts/fireworks/models/deepseek-v4p1-flash",
        "deepseek",
        "0.30",
        "1.20",
    ),
    ("fireworks", "qwen3p7-plus-fireworks", "accounts/fireworks/models/qwen3p7-plus", "qwen", "0.40", "1.60"),
    ("novita", "llama-3.3-70b-novita", "meta-llama/llama-3.3-70b-instruct", "meta", "0.135", "0.40"),
    ("novita", "gpt-oss-120b-novita", "openai/gpt-oss-120b", "openai", "0.05", "0.25"),
    ("novita", "deepseek-v3.2-novita", "deepseek/deepseek-v3.2", "deepseek", "0.269", "0.40"),
    ("novita", "qwen3-235b-a22b-instruct-2507-novita", "qwen/qwen3-235b-a22b-instruct-2507", "qwen", "0.09", "0.58"),
    ("anthropic", "claude-haiku-5-5-anthropic", "claude-haiku-5-5", "anthropic", "0.10", "0.50"),
    ("anthropic", "claude-haiku-4-5-anthropic", "claude-haiku-4-5", "anthropic", "1.00", "5.00"),
    ("anthropic", "claude-sonnet-5-5-anthropic", "claude-sonnet-5-5", "anthropic", "2.00", "10.00"),
    ("openai", "gpt-4o-mini-openai", "gpt-4o-mini", "openai", "0.15", "0.60"),
    ("openai", "gpt-6-luna-openai", "gpt-6-luna", "openai", "0.10", "0.50"),
    ("gemini", "gemini-2.5-flash-gemini", "gemini-2.5-flash", "google", "0.30", "2.50"),
    ("gemini", "gemini-3.8-flash-gemini", "gemini-3.8-flash", "google", "0.75", "3.75"),
    ("mistral", "mistral-small-latest-mistral", "mistral-small-latest", "mistral", "0.15", "0.60"),
    ("mistral", "mistral-medium-latest-mistral", "mistral-medium-latest", "mistral", "1.50", "7.50"),
    ("xai", "grok-4.3-xai", "grok-4.3", "xai", "1.25", "2.50"),
    ("local", "smollm2-135m-local", "smollm2-135m-instruct", "huggingface", "0", "0"),
    ("local-anthropic", "smollm2-135m-local-anthropic", "smollm2-135m-instruct", "huggingface", "0", "0"),
)

AUDITED = ("at", "actor", "action", "subject", "payload")


def texts(*names: str) -> list[sa.ColumnClause[str]]:
    """Return columns of text."""
    return [sa.column(name, sa.String()) for name in names]


def numbers(*names: str) -> list[sa.ColumnClause[int]]:
    """Return columns of whole numbers."""
    return [sa.column(name, sa.Integer()) for name in names]


PRICES = [sa.column(f"price_{way}_per_mtok_usd", sa.Numeric()) for way in ("in", "out")]
providers = sa.table("providers", *numbers("id"), *texts("slug", "name", "base_url"))
models = sa.table(
    "models",
    *numbers("id", "provider_id"),
    *texts("slug", "upstream_model", "brand"),
    *PRICES,
    sa.column("active", sa.Boolean()),
)
outcomes = sa.table("routing_outcomes", *numbers("model_id"))
audit_log = sa.table("audit_log", *numbers("seq"), *texts(*AUDITED, "previous_hash", "hash"))
PROVIDER_SLUGS = [slug for slug, _, _ in PROVIDERS]
MODEL_SLUGS = [slug for _, slug, *_ in MODELS]


def upgrade() -> None:
    """Insert the providers and their dark models. A slug that is already there is an error: nothing is overwritten."""
    for slug, name, base_url in PROVIDERS:
        op.execute(providers.insert().values(slug=slug, name=name, base_url=base_url))
    for provider, slug, upstream_model, brand, price_in, price_out in MODELS:
        op.execute(
            models.insert().values(
                slug=slug,
                provider_id=sa.select(providers.c.id).where(providers.c.slug == provider).scalar_subquery(),
                upstream_model=upstream_model,
                brand=brand,
                price_in_per_mtok_usd=sa.literal_column(price_in),
                price_out_per_mtok_usd=sa.literal_column(price_out),
                active=False,
            )
        )
    append_to_audit_log("seed")


def downgrade() -> None:
    """Delete exactly the rows that the upgrade inserted. Raises `RuntimeError` if other rows refer to them."""
    if not op.get_context().as_sql:
        refuse_if_referred_to()
    for slug in MODEL_SLUGS:
        delete_one(models, slug)
    for slug in PROVIDER_SLUGS:
        delete_one(providers, slug)
    append_to_audit_log("unseed")


def refuse_if_referred_to() -> None:
    """Raise if traffic or a model of somebody else refers to a seeded row: SQLite does not enforce foreign keys."""
    seeded = sa.select(providers.c.id).where(providers.c.slug.in_(PROVIDER_SLUGS))
    others = sa.select(models.c.slug).where(models.c.provider_id.in_(seeded), models.c.slug.not_in(MODEL_SLUGS))
    served = sa.select(models.c.slug).where(
        models.c.slug.in_(MODEL_SLUGS), models.c.id.in_(sa.select(outcomes.c.model_id))
    )
    for what, query in {"models on seeded providers": others, "seeded models with routing outcomes": served}.items():
        found = op.get_bind().execute(query).scalars().all()
        if found:
            raise RuntimeError(f"there are {what} ({', '.join(sorted(found))}), expected none. The seed stays")


def delete_one(table: sa.TableClause, slug: str) -> None:
    """Delete the row of this slug. Raises `RuntimeError` if it is not there."""
    statement = table.delete().where(table.c.slug == slug)
    if op.get_context().as_sql:
        op.execute(statement)
    elif op.get_bind().execute(statement).rowcount != 1:
        raise RuntimeError(f"{table.name} has no row {slug!r}, expected the seeded one. Was it removed by hand?")


def append_to_audit_log(action: str) -> None:
    """Continue the hash chain by one entry, as revision 0001 describes it."""
    payload = json.dumps({"models": MODEL_SLUGS, "providers": PROVIDER_SLUGS}, separators=(",", ":"))
    at = datetime.now(timezone.utc).isoformat(timespec="microseconds")
    entry = dict(zip(AUDITED, (at, "alembic", action, "revision 0002", payload), strict=True))
    if not op.get_context().as_sql:
        query = sa.select(audit_log.c.seq, audit_log.c.hash).order_by(audit_log.c.seq.desc()).limit(1)
        seq, previous = op.get_bind().execute(query).first() or (0, "0" * 64)
        op.execute(audit_log.insert().values(**continued(entry, seq + 1, previous)))
    elif op.get_context().dialect.name == "postgresql":
        op.execute(sa.text(CONTINUED_BY_SERVER).bindparams(**entry, tail="".join(map(measured, entry.values()))))
    elif action == "seed":
        op.execute(audit_log.insert().values(**continued(entry, 1, "0" * 64)))
    else:
        raise NotImplementedError("this SQL cannot hash an audit entry, expected a database to connect to")


def continued(entry: dict[str, str], seq: int, previous_hash: str) -> dict[str, str | int]:
    """Return the entry with its place in the chain and its hash."""
    text = previous_hash + measured(str(seq)) + "".join(map(measured, entry.values()))
    return {**entry, "seq": seq, "previous_hash": previous_hash, "hash": hashlib.sha256(text.encode()).hexdigest()}


def measured(text: str) -> str:
    """Return a text behind its length, so that no two entries read the same."""
    return f"{len(text)}:{text}"


# For `--sql`, where the end of the chain is not known until the statement runs.
CONTINUED_BY_SERVER = f"""
INSERT INTO audit_log (seq, at, actor, action, subject, payload, previous_hash, hash)
SELECT next.seq, :at, :actor, :action, :subject, :payload, next.previous_hash, encode(sha256(convert_to(
    next.previous_hash || length(CAST(next.seq AS text)) || ':' || next.seq || :tail, 'UTF8')), 'hex')
FROM (SELECT coalesce(max(seq), 0) + 1 AS seq,
    coalesce((SELECT hash FROM audit_log ORDER BY seq DESC LIMIT 1), '{"0" * 64}') AS previous_hash
    FROM audit_log) AS next
"""
