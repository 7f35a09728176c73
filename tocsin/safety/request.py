"""A request over HTTP: its method, its address and its headers by the rules that hold for curl's."""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.httprequest import HttpRequest, Piece, Unreadable, covered, parse
from tocsin.core.run import Proof
from tocsin.safety.finding import READ, Finding, unknown, worst
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.rules import judge_value
from tocsin.safety.shield import Covered

_NO_ADDRESS = "it has no address of its own, so nobody can tell from its text who is asked"
_KNOWN = {
    "method": "a method that only reads",
    "address": "an address that is only looked at",
    "version": "a version of the protocol; the target chooses it",
    "header": "a header that changes nothing",
    "body": "goes with the request",
}


def judge_request(text: Covered, written: str) -> tuple[Finding, tuple[Proof, ...]]:
    """The finding about one request, and its proof part by part, each where it stands in what was ``written``."""
    try:
        request = parse(text.text, gaps=True)
    except Unreadable as error:
        finding = unknown(_clause(error.message), fix=_clause(error.hint))
        return finding, (_proof("request", finding, text, written, (error.at, error.end)),)
    found = [(piece, _judge(piece, request)) for piece in request.pieces]
    finding = worst(judged for _, judged in found)
    finding = replace(finding, traits=tuple(dict.fromkeys(("network", *finding.traits))))
    if finding.word == "read":
        finding = replace(finding, why=f"`{request.method}` asks a server, and its address is one that only looks")
    return finding, tuple(_proof(each.role, judged, text, written, (each.at, each.end)) for each, judged in found)


def _judge(piece: Piece, request: HttpRequest) -> Finding:
    if piece.role == "method":
        return judge_value("method", piece.text)
    if piece.role == "address":
        if not request.scheme:
            return unknown(_NO_ADDRESS, fix="write it in full, or name `base_url` for a target of the kind http")
        return judge_value("url", piece.text)
    if piece.role == "header" and piece.name != "host":
        name, value = piece.text.split(":", 1)
        return judge_value("header", f"{name}:{covered(value, VARIABLE)}")
    if piece.role == "body" and request.method in ("GET", "HEAD"):
        return unknown(f"servers differ in what they do with a body behind `{request.method}`", fix="leave it out")
    return READ


def _proof(role: str, finding: Finding, text: Covered, written: str, span: tuple[int, int]) -> Proof:
    at, end = (text.origin(each) for each in span)
    known = (finding.why or _KNOWN[role]).replace(GAP, "<…>").replace(VARIABLE, "$…")
    return Proof(text=written[at:end], role=role, known=known, word=finding.word, at=at, end=end, fix=finding.fix)


def _clause(sentence: str) -> str:
    """A sentence as a part of another one."""
    plain = sentence.rstrip(".")
    return plain if plain[:1] == "`" or plain[1:2].isupper() else plain[:1].lower() + plain[1:]
