"""What credentials look like, whoever made them: tokens by their beginnings, and values by the names before them."""

from __future__ import annotations

import re

# Each is a start for RE2, which finds it in one reading of a long text, and the whole for the line in which it stands.
# The whole does not begin inside a word ("disk-usage" holds no key), and no text makes it slow.
_WORD = rb"(?<![A-Za-z0-9])"
TOKENS: tuple[tuple[str, bytes], ...] = (
    (r"A(?:KIA|SIA)[0-9A-Z]{16}", rb"A(?:KIA|SIA)[0-9A-Z]{16}"),  # AWS
    (r"gh[pousr]_[A-Za-z0-9]{16}", rb"gh[pousr]_[A-Za-z0-9]{16,}"),  # GitHub
    (r"github_pat_\w{20}", rb"github_pat_\w{20,}"),
    (r"gl(?:pat|dt|rt|soat|cbt|ptt)-[\w-]{16}", rb"gl(?:pat|dt|rt|soat|cbt|ptt)-[\w-]{16,}"),  # GitLab
    (r"x(?:ox[abeoprs]|app)-[A-Za-z0-9-]{10}", rb"x(?:ox[abeoprs]|app)-[A-Za-z0-9-]{10,}"),  # Slack
    (r"[sr]k[-_][A-Za-z0-9_-]{16}", rb"[sr]k[-_][A-Za-z0-9_-]{16,}"),  # Stripe, OpenAI, Anthropic
    (r"whsec_[A-Za-z0-9+/=]{16}", rb"whsec_[A-Za-z0-9+/=]{16,}"),  # Stripe, Svix
    (r"AIza[0-9A-Za-z_-]{35}", rb"AIza[0-9A-Za-z_-]{35}"),  # Google
    (r"ya29\.[0-9A-Za-z_-]{20}", rb"ya29\.[0-9A-Za-z_-]{20,}"),
    (r"GOCSPX-[0-9A-Za-z_-]{20}", rb"GOCSPX-[0-9A-Za-z_-]{20,}"),
    (r"npm_[A-Za-z0-9]{30}", rb"npm_[A-Za-z0-9]{30,}"),
    (r"pypi-A[A-Za-z0-9_-]{40}", rb"pypi-A[A-Za-z0-9_-]{40,}"),
    (r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16}", rb"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,}"),  # SendGrid
    (r"SK[0-9a-f]{32}", rb"SK[0-9a-f]{32}(?![0-9a-f])"),  # Twilio
    (r"hf_[A-Za-z0-9]{30}", rb"hf_[A-Za-z0-9]{30,}"),  # Hugging Face
    (r"d(?:op|oo|or)_v1_[0-9a-f]{40}", rb"d(?:op|oo|or)_v1_[0-9a-f]{40,}"),  # DigitalOcean
    (r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),  # Shopify
    (r"dckr_[a-z]{3}_[\w-]{20}", rb"dckr_[a-z]{3}_[\w-]{20,}"),  # Docker
    (r"sbp_[0-9a-f]{40}", rb"sbp_[0-9a-f]{40}"),  # Supabase
    (r"AGE-SECRET-KEY-1[0-9A-Z]{50}", rb"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    (r"hvs\.[A-Za-z0-9_-]{20}", rb"hvs\.[A-Za-z0-9_-]{20,}"),  # Vault
    (r"eyJ[\w-]{8}", rb"(?<![_-])eyJ[\w-]{8,4000}\.[\w.-]*"),  # JWT
)
_TOKENS = tuple(
    (re.compile(re.split(rb"[\[(\\{]", whole, maxsplit=1)[0]), re.compile(_WORD + whole)) for _, whole in TOKENS
)

# A secret that stands in an address: a password before the host, a webhook's path, a signature.
ADDRESSES: tuple[tuple[str, bytes], ...] = (
    (r"://[^\s/:@]{0,256}:[^\s/@]{1,1000}@", rb"://[^\s/:@]{0,256}:([^\s/@]{1,1024})@"),
    (r"hooks\.slack\.com/(?:services|workflows)/", rb"hooks\.slack\.com/(?:services|workflows)/([\w/-]{8,256})"),
    (r"discord(?:app)?\.com/api/webhooks/", rb"discord(?:app)?\.com/api/webhooks/([\w/-]{8,256})"),
    (r"[?&](?i:sig|signature|x-amz-signature|sv_sig)=", rb"[?&](?:sig|signature|x-amz-signature)=([\w%+/=-]{16,512})"),
)
_ADDRESSES = tuple(re.compile(whole, re.IGNORECASE) for _, whole in ADDRESSES)

# What stands behind these names is masked, unless it says only where the value is, or that there is none.
NAMES = (
    r"pass(?:word|wd|phrase|code)?", r"secret(?:[_-]?(?:access[_-]?)?key)?", r"token", r"api[_-]?key",
    r"access[_-]?key", r"account[_-]?key", r"private[_-]?key", r"anon[_-]?key", r"role[_-]?key", r"client[_-]?secret",
    r"master[_-]?key", r"encryption[_-]?key", r"signing[_-]?key", r"credential",
)  # fmt: skip
_ESCAPED_GAP = r"\\{0,3}[\"']?\s{0,2}[=:]\s{0,2}\\{0,3}[\"']?"
NAMED = (
    rf"(?i:{'|'.join(NAMES)}){_ESCAPED_GAP}\S",
    r"(?i:bearer)\s{1,2}[\w.\-/+=~]{8}",
    r"(?i:authorization|x-api-key|x-auth-token)" + _ESCAPED_GAP + r"\S",
    r"(?i:cookie):\s{0,2}\S",
    r"--(?i:password|passwd|token|secret|api-key|access-key)\s{1,2}[^\s-]",
    r"KEY=[\"']?[^\s\"',;&}]{4}",
)
_ANY_NAME = rb"(?:" + "|".join(NAMES).encode() + rb")"
_UNQUOTED_GAP = rb"[\"']?\s{0,2}[=:]\s{0,2}"
_GAP = _ESCAPED_GAP.encode()
_SCHEMES = rb"(?:basic|token|apikey|digest|negotiate)"
_NAMED = (
    re.compile(_ANY_NAME + _GAP + rb"((?:[^\s\"',;&}\\]|\\(?!\\{0,3}[\"'])){4,})"),
    re.compile(_ANY_NAME + _UNQUOTED_GAP + rb"\"((?:[^\"\\\r\n]|\\.){4,1024})\""),
    re.compile(_ANY_NAME + _UNQUOTED_GAP + rb"'([^'\r\n]{4,1024})'"),
    re.compile(rb"bearer\s{1,2}([\w.\-/+=~]{8,})"),
    re.compile(rb"authorization" + _GAP + _SCHEMES + rb"\s{1,2}([^\s\"',\\]{4,})"),
    re.compile(rb"authorization" + _GAP + rb"((?!bearer)(?!" + _SCHEMES + rb")[^\s\"',\\]{8,})"),
    re.compile(rb"x-a(?:pi-key|uth-token)" + _GAP + rb"([^\s\"',;&}\\]{4,})"),
    re.compile(rb"cookie:\s{0,2}([^\r\n\"']{4,4096})"),
    re.compile(rb"--(?:password|passwd|token|secret|api-key|access-key)\s{1,2}[\"']?([^\s\"'-][^\s\"']{3,})"),
)
# NAME_KEY=… of an environment; in lower case "key" alone says nothing (primary_key, cache_key).
_UPPER_KEY = re.compile(rb"KEY=[\"']?([^\s\"',;&}]{4,})")
_NO_VALUE = re.compile(
    rb"\$\{\w{1,200}[^}]{0,200}\}?|\$\(?[A-Z_][A-Z0-9_]*\)?|%[A-Z_]+%|<[\w -]{1,60}>|\{\{.*|\*+|x{3,}|\.{3,}"
    rb"|\[[\w -]{1,30}\]|(?:env|file):\S+|(?:true|false|null|none|nil|undefined|required|optional|string|text|missing"
    rb"|empty|invalid|expired|incorrect|unset|hidden|redacted|masked|unknown|changed|rotated|disabled|enabled"
    rb"|authentication|prompt|mismatch)[.):]?"
)

STARTS = (*(start for start, _ in TOKENS), *(start for start, _ in ADDRESSES), *NAMED)
"""For one reading by RE2: wherever none of these is found, there is nothing to mask."""


def mask_shapes(data: bytes, mark: bytes) -> bytes:
    """The text with everything that looks like a credential replaced."""
    for start, shape in _TOKENS:
        if start.search(data):
            data = shape.sub(mark, data)
    lower = data.lower()
    spans = [match.span(1) for named in _NAMED for match in named.finditer(lower)]
    spans += [match.span(1) for match in _UPPER_KEY.finditer(data)]
    spans += [match.span(1) for address in _ADDRESSES for match in address.finditer(data)]
    kept = [span for span in spans if not _NO_VALUE.fullmatch(data[span[0] : span[1]])]
    return _replace_spans(data, kept, mark) if kept else data


def _replace_spans(data: bytes, spans: list[tuple[int, int]], mark: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [data[at:start], mark]
        at = max(at, end)
    parts.append(data[at:])
    return b"".join(parts)
