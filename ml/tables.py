"""The tables, each named once: what every source must bring, whatever its own format.

Times are without a zone: UTC, or local as the source logged them. An unknown category is
``unknown``, an unknown integer -1. Daily tables hold the events of one day, snapshots the state
of the world on a day.
"""

from ml.contract import Column, Contract

DAY_MS = 86_400_000

LISTENER = Column("listener", "id", listener=True)
AT_ON_DAY = Column("at", "time", on_day=True)
DEVICE = Column("device", "word", default="unknown")

LISTENS = Contract(
    "listens",
    (
        LISTENER,
        Column("track", "id"),
        AT_ON_DAY,
        Column("ms_played", "integer", low=0, high=DAY_MS),
        Column("track_ms", "integer", default=-1, low=-1, high=DAY_MS),
        DEVICE,
        Column("context", "word", default="unknown"),
    ),
    order=("listener", "at", "track"),
    daily=True,
)

IMPRESSIONS = Contract(
    "impressions",
    (
        Column("impression", "id", unique=True),
        LISTENER,
        Column("ad", "id"),
        Column("campaign", "id", default="unknown"),
        Column("advertiser", "id", default="unknown"),
        Column("format", "word", default="unknown"),
        Column("slot", "word", default="unknown"),
        Column("break_position", "integer", default=-1, low=-1),
        AT_ON_DAY,
        DEVICE,
        Column("mood", "word", default="unknown"),
        # What the ad server knew when it chose the ad, for honest offline answers.
        Column("propensity", "number", low=1e-9, high=1, optional=True),
        Column("explored", "integer", default=-1, low=-1, high=1, optional=True),
    ),
    order=("at", "listener", "impression"),
    daily=True,
    open_prefix="attr_",
)

LISTENED = ("listened_25", "listened_50", "listened_75", "listened_100")
KINDS = ("click", *LISTENED, "skip", "mute", "conversion")
"""What an impression may lead to: ``listened_<n>`` is reaching n % of an advert with sound."""

OUTCOMES = Contract(
    "outcomes",
    (
        Column("impression", "id"),
        LISTENER,
        Column("kind", "word", among=KINDS),
        AT_ON_DAY,
    ),
    order=("at", "listener", "impression", "kind"),
    daily=True,
)

TRACKS = Contract(
    "tracks",
    (
        Column("track", "id", unique=True),
        Column("artist", "id"),
        Column("genre", "word", default="unknown"),
        # A log that knows which track it was need not know how it sounds.
        Column("energy", "number", low=0, high=1, optional=True),
        Column("valence", "number", low=0, high=1, optional=True),
        Column("danceability", "number", low=0, high=1, optional=True),
        Column("acousticness", "number", low=0, high=1, optional=True),
        Column("tempo", "number", low=0, high=400, optional=True),
        Column("track_ms", "integer", default=-1, low=-1, high=DAY_MS),
    ),
    order=("track",),
)

CAMPAIGNS = Contract(
    "campaigns",
    (
        Column("ad", "id", unique=True),
        Column("campaign", "id"),
        Column("advertiser", "id"),
        Column("format", "word", default="unknown"),
        Column("starts", "time"),
        Column("ends", "time"),
        Column("bid_micros", "integer", default=-1, low=-1),
    ),
    order=("ad",),
)

LISTENERS = Contract(
    "listeners",
    (
        Column("listener", "id", unique=True, listener=True),
        Column("tier", "word", default="unknown", among=("free", "paid", "unknown")),
        Column("country", "word", default="unknown"),
        Column("joined", "time"),
        DEVICE,
        Column("age_band", "word", default="unknown", sensitive=True),
        Column("gender", "word", default="unknown", sensitive=True),
    ),
    order=("listener",),
)

CONSENT = Contract(
    "consent",
    (Column("listener", "id", unique=True, listener=True), Column("personalised_ads", "flag")),
    order=("listener",),
)

FORGOTTEN = Contract("forgotten", (LISTENER, Column("at", "time")), order=("listener", "at"))

# What is known where nobody kept the moments: how often a listener played an artist, ever.
PLAYCOUNTS = Contract(
    "playcounts",
    (LISTENER, Column("artist", "id"), Column("plays", "integer", low=1)),
    order=("listener", "artist"),
)

ARTISTS = Contract(
    "artists", (Column("artist", "id", unique=True), Column("name", "word")), order=("artist",)
)

FRIENDSHIPS = Contract(
    "friendships",
    (LISTENER, Column("friend", "id", listener=True)),
    order=("listener", "friend"),
)

TABLES: dict[str, Contract] = {
    table.name: table
    for table in (
        LISTENS,
        IMPRESSIONS,
        OUTCOMES,
        TRACKS,
        CAMPAIGNS,
        LISTENERS,
        CONSENT,
        FORGOTTEN,
        PLAYCOUNTS,
        ARTISTS,
        FRIENDSHIPS,
    )
}
