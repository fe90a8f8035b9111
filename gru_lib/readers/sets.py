"""The data sets: what each one is, where it comes from, and the formats it is found in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gru_lib.readers import matrix, minutes, reviews, table
from gru_lib.readers.cells import Column, day, grouped, number, percent, short, word
from gru_lib.readers.table import Format


@dataclass(frozen=True)
class Entry:
    """One data set. Paths of real files lie under the folder of real files."""

    title: str
    about: str  # origin and terms
    read: Callable  # (raw bytes, file for messages) -> table.Table
    file: str  # of the published file; with `package`, under that package's parent
    rows: int | None = None  # of the published file
    row: str = "day"  # what a row is
    hash: str | None = None  # of the published file, "sha256:..." or "md5:..."
    url: str | None = None
    member: str | None = None  # the file's name in the zip archive at `url`
    others: tuple = ()  # patterns of files that will do where the published file is not there
    excerpts: bool = False  # another content under the published name is accepted, and noted
    package: str | None = None  # an installed package that brings the file
    sample: str | None = None  # under data/samples/
    made: str = ""  # what the sample is


def _dated(*formats):
    return partial(table.read, formats=formats)


_ISO = day("(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})", "1981-01-31")

_SEATTLE = Format(
    name="vega_datasets",
    header=("date", "precipitation", "temp_max", "temp_min", "wind", "weather"),
    columns=(
        Column("precipitation", number, "mm"),
        Column("temp_max", number, "°C"),
        Column("temp_min", number, "°C"),
        Column("wind", number, "m/s"),
        Column("weather", word("drizzle", "fog", "rain", "snow", "sun")),
    ),
    day=day("(?P<y>[0-9]{4})/(?P<m>[0-9]{2})/(?P<d>[0-9]{2})", "2012/01/31"),
)
_MELBOURNE = tuple(
    Format(name, ("Date", value), (Column("Temp", number, "°C"),), _ISO)
    for name, value in (("Time Series Data Library", "Temp"), ("DataMarket", "Value"))
)


def _prices(names, read, missing=()):
    return tuple(Column(name, read, "USD", missing) for name in names)


_BITCOIN = (
    Format(
        name="CoinMarketCap",
        header=("Date", "Open", "High", "Low", "Close", "Volume", "Market Cap"),
        columns=(
            *_prices(("Open", "High", "Low", "Close"), grouped),
            *_prices(("Volume", "Market Cap"), grouped, missing=("-",)),
        ),
        day=day("(?P<b>[A-Z][a-z]{2}) (?P<d>[0-9]{2}), (?P<y>[0-9]{4})", "Sep 05, 2017"),
    ),
    Format(
        name="Yahoo Finance",
        header=("Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"),
        columns=_prices(("Open", "High", "Low", "Close", "Adj Close", "Volume"), number, missing=("null",)),
        day=_ISO,
    ),
    Format(
        name="Investing.com",
        header=("Date", "Price", "Open", "High", "Low", "Vol.", "Change %"),
        columns=(
            *_prices(("Close", "Open", "High", "Low"), grouped),
            Column("Volume", short, "BTC", missing=("-", "")),
            Column("Change", percent, "%"),
        ),
        day=day("(?P<d>[0-9]{2})-(?P<m>[0-9]{2})-(?P<y>[0-9]{4})", "31-01-2024 (day-month-year)"),
    ),
    Format(
        name="CoinDesk",
        header=("Date", "Close"),
        columns=_prices(("Close",), number),
        day=_ISO,
        footer="This data was produced from the CoinDesk Bitcoin Price Index",
    ),
)

_POWER = Format(
    name="UCI",
    header=(
        "Date",
        "Time",
        "Global_active_power",
        "Global_reactive_power",
        "Voltage",
        "Global_intensity",
        "Sub_metering_1",
        "Sub_metering_2",
        "Sub_metering_3",
    ),
    columns=(
        Column("Global_active_power", number, "kW", ("?",)),
        Column("Global_reactive_power", number, "kW", ("?",)),
        Column("Voltage", number, "V", ("?",)),
        Column("Global_intensity", number, "A", ("?",)),
        Column("Sub_metering_1", number, "Wh", ("?",)),
        Column("Sub_metering_2", number, "Wh", ("?",)),
        Column("Sub_metering_3", number, "Wh", ("?", "")),
    ),
    day=day("(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})", "31/1/2007 (day/month/year)"),
    sep=";",
    step="min",
)

_NOISE = Format("one column", ("Date", "Temperature"), (Column("Temperature", number, "°C"),), _ISO)

_BANKS = (
    "Velarde, Brañez, Bueno, Heredia and Lopez, Eng. Proc. 2022, 18(1), 30 (MIT licence, https://github.com/"
    "Alebuenoaz/LSTM-and-GRU-Time-Series-Forecasting)"
)
_BANKS_AT = (
    "https://raw.githubusercontent.com/Alebuenoaz/LSTM-and-GRU-Time-Series-Forecasting/"
    "79d094f5fe185b27f5cde758b50d9f5306c6247e/"
)

SETS = {
    "seattle": Entry(
        title="Daily weather of Seattle",
        about=(
            "Daily weather of Seattle, 2012 to 2015, drawn from public-domain data of the National Oceanic and "
            "Atmospheric Administration (NOAA); the file comes with the Python package vega_datasets."
        ),
        read=_dated(_SEATTLE),
        file="vega_datasets/_data/seattle-weather.csv",
        rows=1461,
        package="vega_datasets",
    ),
    "melbourne": Entry(
        title="Daily minimum temperature of Melbourne",
        about=(
            "Daily minimum temperature of Melbourne, 1981 to 1990: Time Series Data Library, citing the Australian "
            "Bureau of Meteorology. The address it is fetched from states no licence."
        ),
        read=_dated(*_MELBOURNE),
        file="melbourne/daily-min-temperatures.csv",
        rows=3650,
        url="https://raw.githubusercontent.com/jbrownlee/Datasets/master/daily-min-temperatures.csv",
        hash="sha256:8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da",
        sample="melbourne.csv",
        made="a season, noise and a gap like the real series",
    ),
    "bitcoin": Entry(
        title="Bitcoin, daily price in US dollars",
        about=(
            "Bitcoin, daily price in US dollars, as Yahoo Finance, Investing.com, CoinMarketCap and CoinDesk export "
            "or exported it. There is no public address without a key, and their terms restrict passing the file on."
        ),
        read=_dated(*_BITCOIN),
        file="bitcoin/BTC-USD.csv",
        others=("bitcoin/*.csv",),
        sample="bitcoin.csv",
        made="a random walk, so that no model can know more about tomorrow than today's price",
    ),
    "power": Entry(
        title="Electric power of one household, minute by minute",
        about=(
            "Electric power of one household near Paris, December 2006 to November 2010, one row a minute: G. Hebrail "
            "and A. Berard, UCI Machine Learning Repository, https://doi.org/10.24432/C58K54 (CC BY 4.0)."
        ),
        read=partial(table.read, formats=(_POWER,), quick=minutes.quick),
        file="household/household_power_consumption.txt",
        rows=2_075_259,
        row="minute",
        url="https://archive.ics.uci.edu/static/public/235/individual+household+electric+power+consumption.zip",
        member="household_power_consumption.txt",
        hash="sha256:4259c9d7ece5dbee9ab8d53682baac68d791c864f0f64a52b4043cb3b90894b7",
        excerpts=True,
        sample="power.txt",
        made="a week of appliances that switch on and off by the time of day, with two outages",
    ),
    "reviews": Entry(
        title="Film reviews, positive or negative",
        about=(
            "Film reviews of IMDB users, half positive, half negative: A. Maas and others, Learning Word Vectors for "
            "Sentiment Analysis, ACL 2011. No licence is stated; the reviews belong to their writers."
        ),
        read=reviews.read,
        file="imdb/aclImdb_v1.tar.gz",
        rows=50_000,
        row="review",
        url="https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        hash="md5:7c2ac02c03563afcf9b574c7e56c153a",
        others=("imdb/*.csv",),
        sample="reviews.csv",
        made="sentences put together by chance about films that do not exist; the last ones carry the verdict",
    ),
    "bankex": Entry(
        title="Ten bank shares of the BANKEX index, daily close",
        about=f"Daily close in rupees of ten banks of the S&P BSE BANKEX index, 2005 to 2017, without dates: {_BANKS}.",
        read=partial(matrix.read, series=10, unit="INR"),
        file="bankex/BANKEX.csv",
        rows=3032,
        row="trading day",
        url=_BANKS_AT + "BANKEX.csv",
        hash="sha256:30be25a3309907e4420767801c200426a67aad81c6d84aefb7c925df23d2fc64",
        sample="bankex.csv",
        made="ten random walks with a market that moves them together",
    ),
    "activities": Entry(
        title="Activities: ten synthetic weekly patterns",
        about=f"Ten series made by their authors, five high days and two low ones each week, with noise: {_BANKS}.",
        read=partial(matrix.read, series=10, unit=""),
        file="bankex/activities.csv",
        rows=3584,
        url=_BANKS_AT + "activities.csv",
        hash="sha256:5776fe42333a974694983ad6d325fa8069a53e79c4dc2b55230d309cfe0a40ad",
        sample="activities.csv",
        made="five high days and two low ones each week, with noise",
    ),
    "noise": Entry(
        title="Tutorial temperature, which is white noise",
        about=(
            "A series of 8,000 days that a widely read tutorial forecasts as daily temperature. It was not measured: "
            "it is numpy.random.seed(42); 25 + 5 * numpy.random.randn(8000), on days from 2010-01-01 into 2031."
        ),
        read=_dated(_NOISE),
        file="gfg_temperature/data.csv",
        rows=8000,
        hash="sha256:444480a96e7ef5b3d490801f8c0a954c0222f0638c74b09d4cd789c361c5c9f3",
        excerpts=True,
        others=("noise/*.csv",),
        sample="noise.csv",
        made="25 + 5 * randn(8000) after numpy.random.seed(42), digit for digit the series of the tutorial",
    ),
}
