"""What is announced when a feed has caught up."""

from desk.application.catalogue import Announcement
from desk.projection.announcing import AnnouncementThrottle
from desk.projection.batch import Written


def test_rows_that_changed_just_before_the_feed_was_live_are_announced_with_it() -> None:
    """After a short outage a change arrives in the catching-up; who shows its row must be told."""
    told: list[Announcement] = []
    news = AnnouncementThrottle(told.append, lambda: 0.0)
    news.add(Written(changed={1}), 5, live=True)
    news.add(Written(changed={2}, streams={"book-2"}), 7, live=False)
    news.turned_live(7)
    assert [announcement.live for announcement in told] == [True, False, True]
    assert told[-1].reordered
