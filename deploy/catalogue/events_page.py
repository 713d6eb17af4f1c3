"""`docs/events.md`: who tells what, who hears it, and what is in it, for people."""

from collections.abc import Iterable, Iterator, Sequence
from inspect import cleandoc

from deploy.catalogue.fields import fields_of
from deploy.catalogue.released import Released, as_text
from deploy.catalogue.services import Party, hearers
from shared.contracts.ask import Ask
from shared.contracts.catalogue import ASKS, FACTS
from shared.contracts.fact import Fact
from shared.contracts.frozen import Frozen

INTRODUCTION = """\
# What the services tell and ask each other

Written by `make docs` from the code: change the classes in `shared/contracts/`, not this page.

A **fact** is told once, kept for ever and holds nobody: coded words, whole numbers, dates, times
and opaque ids. It travels as the body of a message whose headers are the CloudEvents envelope
(`asyncapi.json`, beside this page, has them). A released fact only ever gains optional fields;
anything else is a new fact under the next version, told beside the old one until its readers have
moved. An **ask** is a question answered while the asker waits; it may hold personal data and is
never stored.
"""


def events_page(parties: Sequence[Party], released: Released) -> str:
    blocks: list[str] = [INTRODUCTION, _picture(parties), _list_of_facts(parties)]
    for party in parties:
        facts = [fact for fact in FACTS if fact.teller() == party.name]
        if facts:
            blocks.append(f"## Facts that {party.name} tells\n")
            blocks += [_fact(fact, parties, released) for fact in facts]
    blocks.append("## Asks\n")
    blocks += [_ask(ask, parties) for ask in ASKS]
    return "\n".join(blocks)


def _picture(parties: Sequence[Party]) -> str:
    lines = ["```mermaid", "flowchart LR"]
    lines += [f"    {party.name}([{party.name}])" for party in parties]
    for party in parties:
        for teller in parties:
            told = [fact for fact in FACTS if fact in party.hears and fact.teller() == teller.name]
            if told:
                words = "<br/>".join(fact.__name__ for fact in told)
                lines.append(f'    {teller.name} -- "{words}" --> {party.name}')
        for ask in party.asks:
            lines.append(f'    {party.name} -. "{ask.__name__}?" .-> {ask.owner()}')
    lines += ["```", "", "Solid: facts, told to all who hear them. Dotted: asks.", ""]
    return "\n".join(lines)


def _list_of_facts(parties: Sequence[Party]) -> str:
    rows = [
        (f"[{fact.__name__}](#{fact.__name__.lower()})", fact.teller(), _heard_by(fact, parties))
        for fact in FACTS
    ]
    return "## All facts\n\n" + _table(("Fact", "Told by", "Heard by"), rows)


def _heard_by(fact: type[Fact], parties: Sequence[Party]) -> str:
    names = ", ".join(party.name for party in hearers(fact, parties))
    if fact.reserved:
        return f"{names or 'nobody yet'} (agreed, told by nobody yet)"
    return names or "nobody"


def _fact(fact: type[Fact], parties: Sequence[Party], released: Released) -> str:
    revisions = released.revisions(fact.subject)
    sample = released.sample(fact.subject, revisions[-1])
    return "\n".join(
        [
            f"### {fact.__name__}\n",
            f"{_words(fact)}\n",
            f"`{fact.subject}` revision {revisions[-1]}, about its `{fact.about}`. "
            f"Told by {fact.teller()}, heard by: {_heard_by(fact, parties)}.\n",
            _fields(fact),
            "```json",
            f"{as_text(sample)}```\n",
        ]
    )


def _ask(ask: type[Ask], parties: Sequence[Party]) -> str:
    askers = ", ".join(party.name for party in parties if ask in party.asks) or "nobody yet"
    answers = any(ask in party.answers for party in parties)
    return "\n".join(
        [
            f"### {ask.__name__}\n",
            f"{_words(ask)}\n",
            f"`{ask.subject}`. Asked by: {askers}. "
            f"Answered by: {ask.owner() if answers else 'nobody yet'}.\n",
            _fields(ask),
            f"The answer, `{ask.answered_by.__name__}`: {_words(ask.answered_by)}\n",
            _fields(ask.answered_by),
        ]
    )


def _fields(contract: type[Frozen]) -> str:
    return _table(
        ("Field", "Kind", "Meaning"),
        (
            (f"`{field.name}`", field.kind + ", optional" * field.optional, field.meaning)
            for field in fields_of(contract)
        ),
    )


def _words(contract: type[Frozen]) -> str:
    return cleandoc(contract.__doc__ or "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        yield _row(heads)
        yield _row(["---"] * len(heads))
        yield from (_row([" ".join(cell.split()) for cell in row]) for row in rows)

    return "\n".join(lines()) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
