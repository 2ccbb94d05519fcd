"""From what went wrong to what HTTP says: in this one place, as a problem document or as a page."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import structlog
from flask import Flask, Response, g, json, render_template, request
from werkzeug.exceptions import HTTPException

from aduan.portal.names import FIELD_LABELS
from aduan.portal.proof import ForeignForm, NotListed
from aduan.portal.reading import FORM, LARGEST_BODY, wants_json
from aduan.procedure.errors import NeverAllowed, NotNow, ProcedureError, WrongField
from aduan.service.errors import NotYet, RequestReused, Unknown, Unproven
from aduan.service.ports import Conflict

log = structlog.get_logger()

PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """What is told. `fields`: what is wrong with each; `version`: the complaint's, where it moved on."""

    status: int
    title: str
    detail: str
    fields: Mapping[str, str] | None = None
    version: int | None = None


_TRY_LATER = Problem(503, "Belum dapat diproses", "Sistem sedang sibuk. Tunggu sebentar, lalu ulangi.")
_BROKEN = Problem(
    500,
    "Ada gangguan di sistem",
    "Kesalahan ini sudah tercatat. Coba lagi sebentar lagi; bila masih terjadi, hubungi pengelola sistem.",
)

_KNOWN: Mapping[type[Exception], Problem] = MappingProxyType(
    {
        Unproven: Problem(401, "Anda belum masuk", "Buka halaman ini lagi dan masuk dengan akun Google kantor Anda."),
        NotListed: Problem(
            403,
            "Akun ini tidak terdaftar",
            "Akun Anda tidak ada dalam daftar petugas yang aktif. Hubungi atasan Anda.",
        ),
        ForeignForm: Problem(
            403,
            "Formulir sudah kedaluwarsa",
            "Belum ada yang disimpan. Periksa isian Anda, lalu kirim sekali lagi.",
        ),
        Unknown: Problem(404, "Tidak ditemukan", "Periksa nomor aduan atau alamat halaman ini."),
        WrongField: Problem(400, "Ada isian yang perlu diperbaiki", ""),
        NeverAllowed: Problem(403, "Tidak berwenang", ""),
        NotNow: Problem(409, "Belum dilakukan", ""),
        RequestReused: Problem(409, "Belum dilakukan", ""),
        NotYet: _TRY_LATER,
        Conflict: _TRY_LATER,
        ConnectionError: _TRY_LATER,
    }
)
"""By class; a subclass is what its nearest base is."""

_HTTP: Mapping[int, Problem] = MappingProxyType(
    {
        400: Problem(400, "Permintaan tidak terbaca", "Muat ulang halaman, lalu ulangi."),
        404: Problem(404, "Halaman tidak ditemukan", "Periksa alamat halaman ini."),
        405: Problem(405, "Cara ini tidak didukung", "Buka halaman ini dari menu, lalu ulangi."),
        413: Problem(413, "Isian terlalu besar", "Paling besar 4 MiB. Mohon persingkat, lalu ulangi."),
        416: Problem(416, "Bagian berkas ini tidak ada", "Muat ulang halaman, lalu ulangi."),
    }
)

_TYPED: Mapping[str, str] = MappingProxyType({"note": "Catatan Tindak Lanjut", **FIELD_LABELS})
"""What is written by hand, and would have to be written again."""

Explain = Callable[[Exception, Problem], Response | None]
"""Makes the page of a refusal that keeps what was typed; None where there is none to keep."""


def problem_of(error: Exception) -> Problem:
    """What an error is to the one who asked. What is not known here is a fault of ours, and is logged."""
    if isinstance(error, HTTPException):
        code = error.code or 500
        return _HTTP.get(code, _HTTP[400] if code < 500 else _BROKEN)  # noqa: PLR2004 - HTTP's own number
    known = next((_KNOWN[kind] for kind in type(error).__mro__ if kind in _KNOWN), _BROKEN)
    detail = error.detail if isinstance(error, ProcedureError) else known.detail or str(error)
    fields = error.fields if isinstance(error, WrongField) else None
    version = g.get("version") if known.status == 409 else None  # noqa: PLR2004 - HTTP's own number
    return Problem(known.status, known.title, detail, fields, version)


def register(app: Flask, explain: Mapping[str, Explain]) -> None:
    """Answer every error of `app`. `explain` has, by endpoint, pages that keep what was typed."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        problem = problem_of(error)
        if problem.status >= 500:  # noqa: PLR2004 - HTTP's own number
            log.error("portal_failed", endpoint=request.endpoint, exc_info=error)
        if wants_json(request):
            response = _document(problem)
        elif problem.status >= 500:  # noqa: PLR2004 - HTTP's own number
            response = error_page(problem, _unsaved())  # nothing is read for it: what failed may still fail
        else:
            explained = explain.get(request.endpoint or "")
            page = explained(error, problem) if explained and "member" in g else None
            response = page or error_page(problem)
        if isinstance(error, HTTPException):
            response.headers.extend(_allow(error))
        return response


def _allow(error: HTTPException) -> dict[str, str]:
    return {name: value for name, value in error.get_headers() if name == "Allow"}


def _document(problem: Problem) -> Response:
    fields: dict[str, Any] = {name: value for name, value in asdict(problem).items() if value is not None}
    return Response(json.dumps(fields), problem.status, content_type=PROBLEM_TYPE)


@dataclass(frozen=True)
class Unsaved:
    """A form that we could not take: the same again, with the same request id, is the same act."""

    path: str
    texts: tuple[tuple[str, str, str], ...]  # name, label, what was typed
    hidden: tuple[tuple[str, str], ...]


def _unsaved() -> Unsaved | None:
    """What somebody sent who was proven to be somebody; None if there is no form to send again."""
    fits = (request.content_length or 0) <= LARGEST_BODY
    if request.method != "POST" or request.mimetype != FORM or not fits or "email" not in g:
        return None
    fields = list(request.form.items(multi=True))
    return Unsaved(
        path=request.path,
        texts=tuple((name, _TYPED[name], value) for name, value in fields if name in _TYPED),
        hidden=tuple((name, value) for name, value in fields if name not in _TYPED),
    )


def error_page(problem: Problem, unsaved: Unsaved | None = None) -> Response:
    """A page that says what is wrong and what to do."""
    return Response(render_template("problem.html", problem=problem, unsaved=unsaved), problem.status)
