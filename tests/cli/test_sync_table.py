"""The title over the sync table says at a glance what an assistant must listen to."""

from fractions import Fraction

from microfinish.cli.tables import sync_tables
from microfinish.core.sync import Match, Segment, SyncTable


def test_the_title_counts_and_names_what_is_unsure() -> None:
    (drawn,) = sync_tables(SyncTable((
        Match("media/A1.mov", "T1.wav", confidence=1.0),
        Match("media/A2.mov", "T1.wav", confidence=0.5),
        Match("media/A3.mov", "T1.wav", confidence=1.0,
              segments=(Segment(Fraction(0), Fraction(0)),)),
        Match("media/A4.mov", ""), Match("media/A5.mov", "", method="declared"))))
    assert drawn.title == ("3 of 5 camera files have a recorder file; no match: A4.mov; "
                           "listen to A2.mov (0.50), A3.mov (1.00)")


def test_where_all_is_well_the_title_says_only_that() -> None:
    (drawn,) = sync_tables(SyncTable((Match("media/A1.mov", "T1.wav", confidence=0.9),)))
    assert drawn.title == "1 of 1 camera files have a recorder file"
