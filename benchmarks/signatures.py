"""Signatures a second on one and two processes, against bare pyHanko in the same run.

    python -m benchmarks.signatures
    python -m tests.postgresql python -m benchmarks.signatures

Both put one visible PAdES signature with a time-stamp (B-T) on the same prepared agreement. Bare pyHanko has its key
and certificate at hand and draws a line of text; the portal issues a certificate for the signer, and draws name, time
and mark in Chinese. Both use the same time-stamper in memory: pyHanko's own reads its RSA key anew at every stamp,
which takes longer than all the rest, so that it stands in a line of its own. The last lines are whole acts of a round:
rights, file, evidence, audit event, notices.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import multiprocessing
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.portal_home import portal

HEAD = "| signatures | processes | a second | bare pyHanko | ratio |\n|---|---|---|---|---|"
ROUNDS, COUNT = 5, 30
Work = Callable[[], Any]


def rows(rounds: int = ROUNDS, count: int = COUNT) -> list[str]:
    """The lines of the table; the portal is set up."""
    data, place, now = prepared()
    ours, bare, own_stamps = signing(data, place, now), bare_signing(data, place, now), bare_signing(
        data, place, now, stamps_of_pyhanko=True
    )  # fmt: skip
    found: list[str] = []
    for processes in (1, 2):
        pairs = [(rate(ours, processes, count), rate(bare, processes, count)) for _ in range(rounds)]
        add(found, "made", processes, *(statistics.median(side) for side in zip(*pairs, strict=True)))
    add(found, "made, beside bare pyHanko with its own time-stamper", 1, rate(ours, 1, count), rate(own_stamps, 1, 5))
    plain = rate(bare, 1, count)
    for processes in (1, 2):
        add(found, "put into a round, with evidence and notices", processes, whole_acts(processes, count), plain)
    return found


def add(found: list[str], what: str, processes: int, own: float, bare: float) -> None:
    """A line."""
    found.append(f"| {what} | {processes} | {own:,.1f} | {bare:,.1f} | {own / bare:.2f} |")
    print(found[-1], flush=True)


def prepared() -> tuple[bytes, Any, dt.datetime]:
    """An agreement with its places, and one of them; nothing of it is in the database."""
    from django.utils import timezone

    from fengqiao.engine import forms
    from fengqiao.portal.accounts.models import Organisation
    from fengqiao.portal.signing import service
    from fengqiao.portal.signing.models import Signatory, SigningRound

    now = timezone.now()
    key = "mediation_agreement"
    text = forms.render_pdf(key, forms.sample(key), as_of=timezone.localtime(now).date())
    round_ = SigningRound(
        pk=1, title="调解协议书", created_at=now, due_at=now, code="A" * 12, pages=3, level="B-T", text_sha256="0" * 64,
        organisation=Organisation(name="示例调解组织"),
    )  # fmt: skip
    names = ("投资者甲", "投资者乙", "调解员甲", "示例调解组织")
    made = [
        Signatory(pk=number, round=round_, kind="party", role_title="申请人", name=name, field=f"Signature{number}",
                  position=number)
        for number, name in enumerate(names, 1)
    ]  # fmt: skip
    return service.prepare(text, round_, made), made[0], now


def signing(data: bytes, place: Any, now: dt.datetime) -> Work:
    """What the portal does."""
    from fengqiao.portal.signing import service

    return lambda: service.sign(data, place, now=now)


def bare_signing(data: bytes, place: Any, now: dt.datetime, *, stamps_of_pyhanko: bool = False) -> Work:
    """What a program with pyHanko alone does: everything that can be read once is read before."""
    from asn1crypto.keys import PrivateKeyInfo
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.pdf_cms import SimpleCertificateStore
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko.stamp import TextStampStyle

    from fengqiao.portal.signing.authority import authority, plain
    from fengqiao.portal.signing.stamping import TestTimeStamper

    def private(key: Any) -> Any:
        return PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))

    ours = authority(now)
    certificate, key = ours.issue(place.name, place.role_title, now)
    store = SimpleCertificateStore()
    store.register_multiple([plain(ours.root)])
    signer = SimpleSigner(plain(certificate), private(key), store)
    stamper = (
        DummyTimeStamper(plain(ours.stamp), private(ours.key("stamp")), store) if stamps_of_pyhanko
        else TestTimeStamper(ours, now)
    )  # fmt: skip
    meta = PdfSignatureMetadata(
        field_name=place.field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=place.name
    )
    pdf_signer = PdfSigner(meta, signer, timestamper=stamper, stamp_style=TextStampStyle(stamp_text="%(ts)s"))
    return lambda: pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data), strict=False)).getvalue()


def rate(work: Work, processes: int, count: int) -> float:
    """How many a second all together, once each has done one."""
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(processes + 1), context.Queue()

    def one() -> None:
        work()
        start.wait()
        for _ in range(count):
            work()
        answers.put(1)

    running = [context.Process(target=one) for _ in range(processes)]
    for each in running:
        each.start()
    start.wait()
    begun = time.perf_counter()
    for _ in running:
        answers.get()
    took = time.perf_counter() - begun
    for each in running:
        each.join()
    return processes * count / took


def whole_acts(processes: int, count: int) -> float:
    """Signatures of the mediator, each in a round of its own."""
    from django.db import connections
    from django.utils import timezone

    from fengqiao.portal.signing import acts

    now = timezone.now()
    places, mediator = rounds_to_sign(processes * (count + 1), now)
    person = acts.person_of(mediator)
    shared = multiprocessing.get_context("fork").Value("i", 0)

    def next_one() -> None:
        with shared.get_lock():
            number = shared.value
            shared.value += 1
        assert acts.sign(signatory=places[number], person=person, now=now)

    connections.close_all()  # each process opens its own
    return rate(next_one, processes, count)


def rounds_to_sign(count: int, now: dt.datetime) -> tuple[list[Any], Any]:
    """Rounds whose mediator has read them."""
    from fengqiao.engine import forms
    from fengqiao.portal.accounts.acting import acting_for
    from fengqiao.portal.accounts.models import Organisation, Role, User
    from fengqiao.portal.signing import actions, acts
    from fengqiao.portal.signing.models import Signatory

    body, _ = Organisation.objects.get_or_create(kind=Organisation.Kind.MEDIATION, name="示例调解组织")
    user, new = User.objects.get_or_create(username="bench-mediator", defaults={"name": "调解员A", "joined_at": now})
    if new:
        Role.objects.create(user=user, organisation=body, kind=Role.Kind.MEDIATOR, granted_at=now)
    mediator = acting_for(user)
    text = forms.render_pdf("mediation_agreement", forms.sample("mediation_agreement"), as_of=now.date())
    given = {"acting": mediator, "now": now}
    made, due = [], now + dt.timedelta(days=9)
    for _ in range(count):
        round_ = actions.create_round(
            title="调解协议书", data=text, name="协议.pdf", order="free", level="B-T", due_at=due, **given,
        )  # fmt: skip
        actions.add_signatory(round_=round_, kind="staff", role_title="调解员", user=user, **given)
        round_ = actions.open_round(round_=round_, **given)
        place = Signatory.objects.select_related("round").get(round=round_)
        for page in range(1, round_.pages + 1):
            acts.read_page(signatory=place, page=page, person=acts.person_of(mediator), now=now)
        made.append(place)
    return made, mediator


def main() -> None:
    """Set the portal up, measure, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signatures")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--count", type=int, default=COUNT)
    arguments = parser.parse_args()
    with portal():
        print(HEAD, flush=True)
        rows(arguments.rounds, arguments.count)


if __name__ == "__main__":
    main()
