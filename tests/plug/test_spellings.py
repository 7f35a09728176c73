"""A declared secret in every spelling, cut at every place; and credentials of every maker."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import shlex
import string
import textwrap
import uuid
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.plug.masking import MARK, Mask, mask_text

SECRET = 'Tr0ub4dor & 3\'s "pâss/wörd"+x=$1\\9'
PLAIN = "correct-horse-battery"


def b64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def wrapped(text: str, width: int) -> str:
    """Cut into lines."""
    return "\n".join(textwrap.wrap(text, width))


def printf_q(text: str) -> str:
    """As bash's ``printf %q``, for what is printable."""
    return re.sub(r"([^A-Za-z0-9_/.\-=+])", r"\\\1", text)


def lower_hex(text: str) -> str:
    """Percent signs with lower case digits."""
    return re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def around(before: str, secret: str, after: str) -> bytes:
    """The secret inside of a longer text."""
    return f"{before}{secret}{after}".encode()


def spelled(secret: str) -> dict[str, str]:
    """Name → the secret in that spelling."""
    data, long = secret.encode(), around("user-of-the-shop:" * 9, secret, "-and-so-it-goes-on" * 9)
    return {
        "plain": secret,
        "base64": b64(data),
        "base64 with a line end": b64(data + b"\n"),
        "base64 without padding": b64(data).rstrip("="),
        "base64 for URLs": base64.urlsafe_b64encode(data).decode(),
        "base64, one before": b64(b"x" + data + b"yz"),
        "base64, two before": b64(b"xy" + data + b"z"),
        "base64 in 64": wrapped(b64(long), 64),
        "base64 in 76": wrapped(b64(long), 76),
        "base64 in 64, CRLF": wrapped(b64(long), 64).replace("\n", "\r\n"),
        "base64 in JSON": json.dumps({"a": wrapped(b64(long), 64)}),
        "base64 in a URL": quote(b64(data), safe=""),
        "URL": quote(secret, safe=""),
        "URL, a little": quote(secret),
        "URL, lower case": lower_hex(quote(secret, safe="")),
        "URL, all of it": "".join(f"%{byte:02X}" for byte in data),
        "form": quote_plus(secret),
        "JSON": json.dumps(secret),
        "JSON as it is": json.dumps(secret, ensure_ascii=False),
        "JSON with slashes": json.dumps(secret).replace("/", "\\/"),
        "JSON of Go": json.dumps(secret).replace("&", "\\u0026"),
        "JSON in JSON": json.dumps(json.dumps(secret)),
        "shell": shlex.quote(secret),
        "shell's %q": printf_q(secret),
        "Python": repr(secret),
        "HTML": html.escape(secret),
        "hexadecimal": data.hex(),
        "HEXADECIMAL": data.hex().upper(),
        "bytes": data.hex(" "),
        "hexadecimal in 60": wrapped(long.hex(), 60),
        "\\x": "".join(f"\\x{byte:02x}" for byte in data),
    }


def traces(secret: str, out: str) -> list[str]:
    """In which way the secret can still be read from an output, undoing what an attentive reader would."""
    squeezed = re.sub(r"\\n|\s", "", out)
    found = [secret] if secret in html.unescape(out) else []
    for run in re.findall(r"[A-Za-z0-9+/_-]{8,}", squeezed):
        for start in range(4):
            piece = run[start:].replace("-", "+").replace("_", "/")
            data = base64.b64decode(piece[: len(piece) // 4 * 4])
            found += ["base64"] if secret.encode() in data else []
    hexadecimal = re.sub(r"[^0-9a-f]", "", squeezed.lower())
    return found + (["hexadecimal"] if secret.encode().hex() in hexadecimal else [])


@pytest.mark.parametrize("secret", [SECRET, PLAIN, "hunter2", "äöü-geheim"])
def test_a_secret_is_masked_in_every_spelling(secret: str) -> None:
    """Nothing of it can be read from the output, and what stands around it stays."""
    for name, text in spelled(secret).items():
        masked = mask_text(f"it is [{text}] here\n", [secret])
        assert MARK in masked, name
        assert text not in masked, name
        assert not traces(secret, masked), (name, masked)
        assert masked.startswith("it is [") and masked.endswith("] here\n"), (name, masked)


@pytest.mark.parametrize("name", spelled(SECRET))
def test_no_cut_lets_a_secret_through(name: str) -> None:
    """At every place where the stream can be cut, and cut into single bytes, the result is that of the whole."""
    text = f"before\nit is [{spelled(SECRET)[name]}] here\nafter\n".encode()
    whole = mask_text(text.decode(), [SECRET])
    for at in range(len(text) + 1):
        mask = Mask([SECRET])
        assert (mask.feed(text[:at]) + mask.feed(text[at:]) + mask.flush()).decode() == whole, at
    mask = Mask([SECRET])
    assert (b"".join(mask.feed(bytes([byte])) for byte in text) + mask.flush()).decode() == whole


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=6, max_size=30).filter(
        lambda text: len(text.strip()) >= 6 and text == text.strip() and len(set(text)) > 3
    ),
    st.data(),
)
def test_any_secret_in_any_spelling(secret: str, data: st.DataObject) -> None:
    """Whatever letters it has."""
    name = data.draw(st.sampled_from(sorted(spelled(secret))))
    text = spelled(secret)[name]
    masked = mask_text(f"it is [{text}] here\n", [secret])

    assert text not in masked
    assert not traces(secret, masked) or secret in "it is [] here", (name, masked)


@pytest.mark.parametrize("lines", [10, 2000, 6000])
def test_a_secret_in_a_long_file_of_base64_is_found_wherever_it_stands(lines: int) -> None:
    """The file is longer than any buffer, and the secret lies across two of its lines; memory stays bounded."""
    noise = random.Random(lines).randbytes(lines * 48)
    for at in (0, 40, len(noise) // 2 + 41, len(noise) - 5):
        text = wrapped_fast(b64(noise[:at] + PLAIN.encode() + noise[at:])).encode()
        mask, out, most = Mask([PLAIN]), b"", 0
        for start in range(0, len(text), 5000):
            out += mask.feed(text[start : start + 5000])
            most = max(most, len(mask._rest))
        out += mask.flush()
        assert out.count(MARK.encode()) == 1
        assert PLAIN.encode() not in base64.b64decode(out.decode().replace(MARK, "A" * 4).replace("\n", "") + "===")
        assert most < 300_000


def wrapped_fast(text: str) -> str:
    """Cut into lines of 64."""
    return "\n".join(text[at : at + 64] for at in range(0, len(text), 64)) + "\n"


def letters(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Made up, the same each time."""
    return "".join(random.Random(count).choices(alphabet, k=count))


TOKENS = {
    "Stripe, restricted": "rk_live_" + letters(24), "Stripe, webhook": "whsec_" + letters(32),
    "OpenAI": "sk-proj-" + letters(48), "Anthropic": "sk-ant-api03-" + letters(60),
    "Google API": "AIza" + letters(35), "Google OAuth": "ya29." + letters(60), "Google client": "GOCSPX-" + letters(28),
    "npm": "npm_" + letters(36), "PyPI": "pypi-AgEIcHlwaS5vcmc" + letters(60),
    "SendGrid": f"SG.{letters(22)}.{letters(43)}", "Twilio": "SK" + letters(32, "0123456789abcdef"),
    "GitLab": "glpat-" + letters(20), "Hugging Face": "hf_" + letters(34),
    "DigitalOcean": "dop_v1_" + letters(64, "0123456789abcdef"), "Shopify": "shpat_" + letters(32, "0123456789abcdef"),
    "Docker": "dckr_pat_" + letters(27), "Supabase": "sbp_" + letters(40, "0123456789abcdef"),
    "Vault": "hvs." + letters(24), "Slack app": "xapp-1-" + letters(30),
    "age": "AGE-SECRET-KEY-1" + letters(58, string.ascii_uppercase + string.digits),
}  # fmt: skip


@pytest.mark.parametrize("maker", TOKENS)
def test_tokens_of_every_maker_are_masked(maker: str) -> None:
    """In a sentence, in JSON, in an assignment, and cut anywhere."""
    token = TOKENS[maker]
    for text in (f"got {token} from it\n", f'{{"x":"{token}"}}\n', f"X={token}\n", f"{token}\n"):
        assert mask_text(text) == text.replace(token, MARK)
        for at in range(0, len(text), 3):
            mask = Mask()
            cut = mask.feed(text[:at].encode()) + mask.feed(text[at:].encode()) + mask.flush()
            assert cut.decode() == text.replace(token, MARK)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("https://hooks.slack.com/services/T0AB/B0CD/abcdefghijklmnop", "abcdefghijklmnop"),
        ("DefaultEndpointsProtocol=https;AccountKey=abcDEF123456+/==;EndpointSuffix=x", "abcDEF123456"),
        ("https://blob.test/c?sv=2024&sig=abcDEF1234567890%2Babc%3D&se=2026", "abcDEF1234567890"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz", "wJalrXUt"),
        ("Set-Cookie: session=abcdef0123456789; Path=/", "abcdef0123456789"),
        ("X-Api-Key: 0123456789abcdef", "0123456789abcdef"),
        ('"Authorization": "Basic dXNlcjpwYXNz"', "dXNlcjpwYXNz"),
        ("Authorization: 0123456789abcdef", "0123456789abcdef"),
        ("mysqldump --password hunter22 --host db", "hunter22"),
        ('{\\"password\\":\\"hunter22\\"}', "hunter22"),
        ('password="two words, and more"', "words"),
        ("password: 'two words'", "words"),
        ("password=back\\slash1", "slash1"),
        ('{"token": "a, b; c & d}"}', "c & d"),
        ("amqp://shop:hunter22@mq:5672", "hunter22"),
        ("client_secret=abcdefgh12345678&grant_type=x", "abcdefgh12345678"),
    ],
)
def test_credentials_by_their_place(text: str, hidden: str) -> None:
    """Addresses, headers, assignments."""
    masked = mask_text(f"{text}\n")

    assert hidden not in masked
    assert MARK in masked


ORDINARY = """
commit 9fceb02d0ae598e95dc970b74767f19372d61af8
HEAD is now at 9fceb02 Mend the gate
image: registry.test/shop@sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  notes.txt
request_id=6f1c9d3e-0b5e-4f0e-9a1c-2d3e4f5a6b7c
trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
x-amzn-trace-id: Root=1-67891233-abcdef012345678912345678
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
INC-12 was declared by ana
run_0005f3c2a1b4d_9f86d081a3 succeeded
2026-11-21T02:00:14.123456Z INFO ready
GET /api/items/7 200 31ms
pod/shop-7d4b9c6f5-x2x9k   1/1   Running   0   3d
deployment.apps/shop-web condition met
arn:aws:iam::123456789012:role/shop-task
i-0abcd1234ef567890 running
vpc-0a1b2c3d4e5f67890
ami-0abcdef1234567890
projects/shop/locations/eu/clusters/main
dpl_8mZkYq3mR3kS4tqv9Q2wXy1Z
https://shop.test/items?page=2&sort=name
https://example.org:8080/a@b
postgres://db.internal:5432/shop
mail to ana@example.org
git@github.com:shop/web.git
password authentication failed for user "shop"
password: required
password=${DB_PASSWORD}
password=$DB_PASSWORD
PGPASSWORD=<password>
token expired
token: null
the token is missing
max_tokens=4096
tokens used: 812
next token in line 7
secret not found
secrets: 3
secret: missing
no such key: user:7
primary_key=1234 cache_key: user:7
foreign key (item) references items
KEY (id)=(5) already exists
keyJustAnIdentifier.next
Bearer of bad news
the bearer came late
basic checks passed
disk-usage-is-now-at-ninety-per-cent
task-0123456789abcdef0123
risk-assessment-of-the-north-tower
sketch_of_the_new_lighthouse_lamp
AKIA is a prefix
data: 3 rows
kind: ConfigMap
base64 -d notes.txt
SKU SK-1234 was sold out
MemTotal:       16384256 kB
-rw-r--r-- 1 root root 4096 Nov 21 02:00 notes.txt
ERROR: deadlock detected, process 812 waits for ShareLock
""".strip().split("\n")


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    """People must still be able to read their logs and to compare their hashes."""
    assert len(ORDINARY) >= 60
    assert mask_text(text + "\n", ["a-declared-secret"]) == text + "\n"


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.uuids().map(str), st.binary(min_size=20, max_size=20).map(bytes.hex),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.binary(min_size=32, max_size=32).map(lambda data: f"sha256:{data.hex()}"),
        st.binary(min_size=16, max_size=16).map(lambda data: f"trace_id={data.hex()}"),
        st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), min_size=1, max_size=8).map(" ".join),
        st.integers().map(str), st.floats(allow_nan=False).map(str), st.datetimes().map(str),
        st.ip_addresses().map(str),
    )
)  # fmt: skip
def test_identifiers_and_words_stay(text: str) -> None:
    """Hashes, identifiers, numbers, moments, words."""
    assert mask_text(f"seen {text} there\n", ["a-declared-secret", str(uuid.UUID(int=7))]) == f"seen {text} there\n"
