import pytest

from measures import Quantity, UnknownUnit, parse, units


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("90 min", Quantity(5400, "time")),
        ("1 h 30 min", Quantity(5400, "time")),
        ("1h30min", Quantity(5400, "time")),
        ("2.5 KiB", Quantity(2560, "data")),
        ("  3 m  ", Quantity(3000, "length")),
    ],
)
def test_parse(text, quantity):
    assert parse(text) == quantity


@pytest.mark.parametrize("text", ["", "min", "5", "1 h and 5 min", "-1 s"])
def test_parse_error(text):
    with pytest.raises(ValueError, match="not a quantity"):
        parse(text)


@pytest.mark.parametrize("text", ["3 parsec", "1 h 2 km"])
def test_unknown_unit_error(text):
    with pytest.raises(UnknownUnit):
        parse(text)


def test_convert():
    assert parse("1.5 km").to("m") == 1500


@pytest.mark.parametrize(
    ("text", "written"), [("90 min", "1 h 30 min"), ("0.5 d", "12 h"), ("1536 KiB", "1 MiB 512 KiB"), ("0 cm", "0 mm")]
)
def test_write(text, written):
    assert str(parse(text)) == written


def test_what_is_written_reads_back():
    for dimension, sizes in units().items():
        quantity = Quantity(sum(sizes.values()), dimension)
        assert parse(str(quantity)) == quantity
