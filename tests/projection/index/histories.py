"""Random histories of several books, as a store gives them back: interleaved, with times that jump, titles that tie."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from desk.application.codec import event_registry
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.store import Recorded
from desk.domain.events import BookCreated, BookDetailsCorrected, BookEvent
from desk.domain.streams import book_stream
from tests.application.inspection.streams import random_history
from tests.projection.library import BEGIN, an_id, isbn_of

REGISTRY = event_registry()
TITLES = ("Emma", "emma", "Éloge de l’ombre", "The Waves", "Wave", "A", "")
AUTHORS = (("Jane Austen",), ("Woolf, Virginia",), ("Émile Zola", "Somebody"), ("somebody",))


def random_log(seed: int, books: int) -> list[Recorded]:
    """What happened to so many books, in one log: events of types that no Desk knows are among them."""
    dice = Random(seed)
    ids = [an_id(f"{seed} {number}") for number in range(books)]
    queues = [_of_book(dice, book_id) for book_id in ids]
    revisions = dict.fromkeys(ids, -1)
    log: list[Recorded] = []
    while any(queues):
        number = dice.choice([number for number, queue in enumerate(queues) if queue])
        revisions[ids[number]] += 1
        event = queues[number].pop(0)
        log.append(_recorded(dice, len(log), ids[number], revisions[ids[number]], event))
    return log


def _of_book(dice: Random, book_id: UUID) -> list[BookEvent | None]:
    """Events of one book; None is one of a newer Desk."""
    history: list[BookEvent | None] = []
    for event in random_history(dice.randrange(10**6))[: dice.choice((1, 3, 12, 60))]:
        own = replace(event, book_id=book_id)
        if isinstance(own, BookCreated):
            year = dice.choice((None, 1815, 1931, 2001))
            title, authors = dice.choice(TITLES[:-1]), dice.choice(AUTHORS)
            own = replace(own, isbn=isbn_of(book_id), title=title, authors=authors, published_year=year)
        elif isinstance(own, BookDetailsCorrected):
            own = replace(own, title=dice.choice(TITLES[:-1]))
        history += [own, None] if dice.random() < 0.03 else [own]
    return history


def _recorded(dice: Random, number: int, book_id: UUID, revision: int, event: BookEvent | None) -> Recorded:
    name, schema, data = ("BookAdmired", 1, b'{"by": "many"}') if event is None else REGISTRY.encode(event)
    moment = BEGIN + timedelta(minutes=number) + timedelta(days=dice.choice((0, 0, 0, -90, 400)))
    command = an_id(f"command {number}")
    user = dice.choice(("mia", "ben", None))
    meta = Metadata(correlation_id=command, causation_id=command, user=user, issued_at=moment, schema=schema)
    stream = book_stream(book_id)
    return Recorded(an_id(f"event {number}"), stream, revision, number * 100, name, data, encode_metadata(meta), BEGIN)
