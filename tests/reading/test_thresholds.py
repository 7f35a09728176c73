"""Comparisons in a text: operators, units, windows, in the languages that runbooks are written in."""

from __future__ import annotations

import pytest

from tocsin.reading.limits import limits
from tocsin.reading.thresholds import alert_at, at_least, comparisons, query_condition

_FORMS: list[tuple[str, str, float, str | None, float | None]] = [
    ("late ferries > 5%", ">", 5, "%", None),
    ("late ferries >5 % for 10 minutes", ">", 5, "%", 10),
    ("late ferries>0.5%", ">", 0.5, "%", None),
    ("boarding takes more than 90 seconds", ">", 90, "s", None),
    ("queue at the pier exceeds 1,200 cars", ">", 1200, "count", None),
    ("cars waiting is at least 40", ">=", 40, None, None),
    ("fuel level drops below 15%", "<", 15, "%", None),
    ("p95 boarding time over 4 min", ">", 4, "min", None),
    ("ticket errors > 3% over a 5-minute window", ">", 3, "%", 5),
    ("ticket errors > 3% over 5 minutes", ">", 3, "%", 5),
    ("ticket errors > 3% in the last hour", ">", 3, "%", 60),
    ("ticket errors above 3% (5m)", ">", 3, "%", 5),
    ("refunds > $10k", ">", 10000, "USD", None),
    ("refunds > €500", ">", 500, "€", None),
    ("fuel price > 3€", ">", 3, "€", None),
    ("arrivals > 3x average in 1 hour", ">", 3, "x", 60),
    ("wave score 4.5 or higher", ">=", 4.5, None, None),
    ("crew of 3 or fewer", "<=", 3, None, None),
    ("failed logins > 5 attempts in 15 minutes", ">", 5, "count", 15),
    ("disk free < 10GB", "<", 10, "GB", None),
    ("engine load ≥ 80 %", ">=", 80, "%", None),
    ("verspätete Fähren über 5 % für 10 Minuten", ">", 5, "%", 10),
    ("Wartezeit mehr als 2,5 Sekunden", ">", 2.5, "s", None),
    ("Füllstand fällt unter 15 Prozent", "<", 15, "%", None),
    ("retards supérieurs à 5 % pendant 10 minutes", ">", 5, "%", 10),
    ("temps d'attente dépasse 3 secondes", ">", 3, "s", None),
    ("niveau inférieur à 15 %", "<", 15, "%", None),
    ("retrasos superiores a 5% durante 10 minutos", ">", 5, "%", 10),
    ("espera por encima de 3 segundos", ">", 3, "s", None),
    ("nivel menor que 15%", "<", 15, "%", None),
    ("atrasos acima de 5% por mais de 2 minutos", ">", 5, "%", 2),
    ("espera maior que 3 segundos", ">", 3, "s", None),
    ("nível abaixo de 15%", "<", 15, "%", None),
    ("опоздания более 5% в течение 10 минут", ">", 5, "%", 10),
    ("ожидание превышает 3 секунды", ">", 3, "s", None),
    ("уровень ниже 15%", "<", 15, "%", None),
    ("延误率超过5%持续10分钟", ">", 5, "%", 10),
    ("等待时间大于3秒", ">", 3, "s", None),
    ("油量低于15%", "<", 15, "%", None),
    ("错误率5%以上", ">=", 5, "%", None),
    ("遅延率が5%を超える", ">", 5, "%", None),
    ("待ち時間が3秒以上", ">=", 3, "s", None),
    ("燃料が15%未満", "<", 15, "%", None),
    ("지연율 5% 초과", ">", 5, "%", None),
    ("대기 시간이 3초 이상", ">=", 3, "s", None),
    ("연료 15% 미만", "<", 15, "%", None),
]


_FORMS += [
    ("mehr als 1.000 Gäste", ">", 1000, None, None),
    ("Fehlerquote über 0,5 % seit 10 Minuten", ">", 0.5, "%", 10),
    ("espera superior a 1.500 ms", ">", 1500, "ms", None),
    ("plus de 10 000 visiteurs en 5 minutes", ">", 10000, "count", 5),
    ("turnover > 1.234.567 cars", ">", 1234567, "count", None),
    ("load factor > 1.500", ">", 1.5, None, None),
    ("排队时间持续三分钟大于300秒", ">", 300, "s", 3),
    ("5分間の遅延率が10%を超える", ">", 10, "%", 5),
    ("等待时间大于500ms时", ">", 500, "ms", None),
    ("ferry logs late > 10 boats/hour", ">", 10, "count", 60),
    ("late ferries > 5% over any 15-minute window", ">", 5, "%", 15),
    ("`boats_late / boats_all` > 0.1", ">", 0.1, "ratio", None),
]


_FORMS += [
    ("Lieferung älter als 25 Minuten", ">", 25, "min", None),
    ("livraison plus ancienne que 26 heures", ">", 26, "h", None),
    ("доставка старше 26 часов", ">", 26, "h", None),
    ("5回以上の連続失敗", ">=", 5, "count", None),
    ("100件以上の注文/分", ">=", 100, "count", 1),
    ("분당 실패 100건 이상", ">=", 100, "count", 1),
    ("대기 시간이 3초를 초과", ">", 3, "s", None),
    ("オーブンが10台を下回る", "<", 10, "count", None),
    ("可用烤箱跌破5", "<", 5, None, None),
    ("剩余面粉不到10%", "<", 10, "%", None),
    ("Fehlerquote liegt 10 Minuten lang über 5 %", ">", 5, "%", 10),
    ("Auslastung ab 90 %", ">=", 90, "%", None),
    ("espera por encima del 90%", ">", 90, "%", None),
    ("taxa de erro acima dos 5%", ">", 5, "%", None),
    ("les retards dépassent les 5 %", ">", 5, "%", None),
    ("place libre inférieure à 10 Go", "<", 10, "GB", None),
    ("свободно менее 10 ГБ", "<", 10, "GB", None),
    ("more than five failed loaves in ten minutes", ">", 5, "count", 10),
    ("late loaves > 5% na janela de 5 min", ">", 5, "%", 5),
    ("late loaves > 5% sur une fenêtre de 5 minutes", ">", 5, "%", 5),
    ("late loaves > 5/min for 10 min", ">", 5, "count", 10),
    ("permit ends in < 30 days", "<", 30, "d", None),
    ("no orders for more than 15 minutes", ">", 15, "min", None),
    ("In the last 1 hour, late loaves are >2%", ">", 2, "%", 60),
    ("loaves waiting > 500 for > 2 minutes", ">", 500, None, 2),
    ("load is greater than or equal to 2s", ">=", 2, "s", None),
    ("oven 温度 > 260℃", ">", 260, "°C", None),
    ("late loaves > 5% — look within 2 hours", ">", 5, "%", None),
]


@pytest.mark.parametrize(("text", "op", "value", "unit", "minutes"), _FORMS, ids=[one[0] for one in _FORMS])
def test_a_comparison_is_read_in_its_form(
    text: str, op: str, value: float, unit: str | None, minutes: float | None
) -> None:
    """Operator, number, unit and window, whatever the language and the order."""
    (found,) = comparisons(text)
    assert (found.op, found.value, found.unit, found.for_minutes) == (op, value, unit, minutes)
    assert found.metric


_NONE = [
    "wait for 5 minutes",
    "boat 3 -> 5 minutes later",
    "between 5-20% of cars",
    "version 2.3 of the plan",
    "ferries 5xx and 4xx",
    "a failover 5 times",
    "every 5 minutes",
    "within 10 minutes",
    "BATCH_SIZE = 5",
    "a pace of 14x over 1 hour",
    "order flour before it reaches 10%",
    "wait for more than 5 minutes",
    "at least one oven",
]


@pytest.mark.parametrize("text", _NONE)
def test_a_number_without_a_comparison_is_none(text: str) -> None:
    """Waits, ranges, arrows, versions and status classes compare nothing."""
    assert comparisons(text) == ()


def test_the_window_is_not_a_second_threshold() -> None:
    """ "More than 5 minutes" behind a comparison says for how long it holds."""
    assert [(one.value, one.for_minutes) for one in comparisons("late ferries > 5% for more than 10 minutes")] == [
        (5, 10)
    ]
    assert [one.value for one in comparisons("late > 5% and cancelled > 2%")] == [5, 2]


@pytest.mark.parametrize(
    ("text", "op", "value", "unit"),
    [
        ("< 2 s (alert at 5 s)", ">=", 5, "s"),
        ("> 99% (alert at 95%)", "<=", 95, "%"),
        ("cars waiting (warning at 70%)", ">=", 70, "%"),
        ("cars waiting, alert: > 80%", ">", 80, "%"),
        ("Warnung bei 70%", ">=", 70, "%"),
        ("告警：> 80%", ">", 80, "%"),
    ],
)
def test_an_alert_beside_its_metric(text: str, op: str, value: float, unit: str) -> None:
    """ "(alert at 5 s)" is above what shall stay low and below what shall stay high."""
    assert [(one.op, one.value, one.unit) for one in alert_at(text, "boarding")] == [(op, value, unit)]


def test_an_alert_names_several_levels() -> None:
    """ "Warning at 80%/100%" is two."""
    assert [one.value for one in alert_at("seats taken, warning at 80%/100%", "seats")] == [80, 100]
    assert [one.value for one in alert_at("aviso al 70% y 90%", "seats")] == [70, 90]


@pytest.mark.parametrize(
    ("text", "op", "value", "unit", "minutes"),
    [
        ("boarding requests exceed the threshold (default 100 req/s)", ">", 100, "req/s", None),
        ("等船人数超过阈值（默认 250）", ">", 250, "count", None),
        ("checks the last hour, threshold MIN_BOATS_ON_TIME = 95%", ">=", 95, "%", 60),
        ("boats on time fell below the threshold of 95%", "<", 95, "%", None),
        ("umbral 15 minutos sin señal", ">=", 15, "min", None),
        ("burn rate of 14.4x over 1 hour", ">=", 14.4, "x", 60),
        ("10 分と 2 時間のウィンドウで 8 倍のバーンレート", ">=", 8, "x", 120),
    ],
)
def test_a_threshold_may_be_named_instead_of_compared(
    text: str, op: str, value: float, unit: str | None, minutes: float | None
) -> None:
    """The number behind the word, with its default and its window; a burn rate is one by itself."""
    (found,) = limits(text, "boats")
    assert (found.op, found.value, found.unit, found.for_minutes) == (op, value, unit, minutes)


def test_a_count_with_a_plus_is_at_least() -> None:
    """ "3+ times in the last hour" has its window too."""
    assert [
        (one.op, one.value, one.unit, one.for_minutes) for one in at_least("engine restarted 3+ times in the last hour")
    ] == [(">=", 3, "count", 60)]


def test_a_query_without_a_comparison_is_no_condition() -> None:
    """A query that only looks fires nothing."""
    assert query_condition(("sum(ferries_late_total) by (pier)",)) is None
