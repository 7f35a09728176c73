"""The expressions that are compared with a real Prometheus: one on each line, `#` begins a heading."""

from __future__ import annotations

RANGED = (
    "rate", "increase", "delta", "irate", "idelta", "deriv", "resets", "changes", "avg_over_time", "min_over_time",
    "max_over_time", "sum_over_time", "count_over_time", "last_over_time", "stddev_over_time", "stdvar_over_time",
    "present_over_time",
)  # fmt: skip
MAPPED = ("abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "round", "timestamp", "absent", "sort")
GROUPED = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")

LINES = r"""
# selecting
loaves_total
loaves_total{code="500"}
loaves_total{code=~"5.."}
loaves_total{code!~"5..|2.."}
loaves_total{oven!="east", code="200"}
{__name__="queue_depth"}
{__name__=~"queue.*|capacity"}
loaves_total{oven=~"ea.*"} offset 5m
queue_depth offset -2m
nothing_of_the_kind
heat_celsius{room=""}
oven_info{maker=~".*&.*"}
queue_depth{oven=~""}
heat_celsius @ end()
up @ start() offset 3m

# of numbers
1 + 2 * 3
2 ^ 3 ^ 2
-2 ^ 2
7 % 3
-7 % 3
7 % 0
1 / 0
-1 / 0
0 / 0
1 > bool 2
2 >= bool 2
NaN == bool NaN
Inf
-Inf + 1
0x1F
1e-3
time() - 1767225600
pi()
0 ^ -1
(-8) ^ (1/3)
2 ^ 5000
vector(3)
scalar(vector(5)) + 1
scalar(queue_depth)
scalar(queue_depth{oven="east"})
5 - -3
+4
1 != bool 1
-0 * 5
scalar(nothing_of_the_kind)

# of vectors
queue_depth * 2
2 * queue_depth
queue_depth > 3
3 < queue_depth
queue_depth > bool 3
3 >= bool queue_depth
queue_depth == queue_depth
queue_depth != 3
-queue_depth
queue_depth % 2
queue_depth ^ 2
queue_depth / 0
capacity - queue_depth
queue_depth / on(oven) capacity
queue_depth / ignoring(room) capacity
queue_depth < on(oven) capacity
queue_depth < bool on(oven) capacity
heat_celsius / on(oven) queue_depth
heat_celsius - ignoring(room) queue_depth
loaves_total / on(oven) group_left capacity
capacity * on(oven) group_right loaves_total
loaves_total * on(oven) group_left(maker) oven_info
oven_info * on(oven) group_right(maker) loaves_total
loaves_total / on(oven) capacity
capacity / on(oven) loaves_total
loaves_total > on(oven) group_left capacity
capacity < on(oven) group_right loaves_total
capacity < bool on(oven) group_right loaves_total
loaves_total / ignoring(code) group_left capacity
loaves_total{code="500"} / ignoring(code) loaves_total{code="200"}
loaves_total{code="500"} and on(oven) queue_depth > 3
queue_depth and capacity
queue_depth or capacity
queue_depth unless on(oven) oven_info
loaves_total unless on(oven) queue_depth > 3
loaves_total and ignoring(code) capacity
queue_depth > 3 or capacity > 103 or vector(0)
absent(queue_depth) or vector(0)
nothing_of_the_kind or vector(0)
(queue_depth + capacity) > bool 100
queue_depth * on() vector(2)
{__name__=~"queue_depth|capacity"} >= queue_depth
{__name__=~"queue_depth|capacity"} > queue_depth
sum(queue_depth) / on() vector(2)
oven_info * on(oven) group_left queue_depth
heat_celsius > heat_celsius offset 5m
time() - timestamp(queue_depth) > 10

# grouping
topk(NaN, queue_depth)
topk(1.9, queue_depth)
quantile(NaN, queue_depth)
bottomk(-1, queue_depth)
sum without (code) (loaves_total)
sum(loaves_total) by (oven, code)
count by (__name__) ({__name__=~'queue_depth|capacity'})
avg by (nothing) (loaves_total)
topk(2, loaves_total)
bottomk(3, loaves_total)
topk by (oven) (1, loaves_total)
topk(0, loaves_total)
bottomk without (code) (1, loaves_total)
quantile(0.5, loaves_total)
quantile by (oven) (0.9, loaves_total)
quantile(-1, loaves_total)
quantile(2, loaves_total)
count_values("n", capacity)
count_values by (oven) ("n", round(queue_depth))
count_values without (code) ("oven", loaves_total > 500)
count_values("v", queue_depth / 0)
sum(nothing_of_the_kind)
count(loaves_total > 100)
sum by (oven) (rate(loaves_total[5m])) / sum by (oven) (capacity)
max without (oven, room) (heat_celsius)
stddev by (oven) (rate(loaves_total[5m]))
min by (room) (heat_celsius)
max by (room) (heat_celsius)

# with numbers
clamp(queue_depth, 2, 4)
clamp(queue_depth, 4, 2)
clamp_min(queue_depth, 3)
clamp_max(queue_depth, 3)
clamp_max(heat_celsius, NaN)
round(heat_celsius, 5)
round(queue_depth, 0.25)
round(queue_depth, 0)
round(-queue_depth)
quantile_over_time(0.9, heat_celsius[10m])
quantile_over_time(2, heat_celsius[10m])
predict_linear(queue_depth[10m], 3600)
predict_linear(queue_depth[10m] offset 5m, 60)
absent(loaves_total{code="777", oven=~"e.*"})
absent(nothing{a="1", a="2", b="3"})
absent(sum(nothing))
absent_over_time(nothing{a="1"}[5m])
absent_over_time(queue_depth[1m])
sort_desc(queue_depth)
label_replace(oven_info, "first", "$1", "maker", "(.).*")
label_replace(up, "oven", "", "job", "bakery")
label_replace(up, "x", "${oven}-$0-$$-$9", "oven", "(?P<oven>w.*)t")
label_replace(up, "x", "y", "oven", "nope")
label_replace(loaves_total, "code", "", "code", ".*")
label_replace(up, "9x", "y", "oven", ".*")
label_replace(up, "x", "$1y", "oven", "(.*)")
label_join(loaves_total, "both", "-", "oven", "code")
label_join(up, "oven", "")
hour()
minute(vector(1767225600 + 4000))
day_of_week()
month()
year()
day_of_month()
days_in_month(vector(1709200000))
timestamp(queue_depth offset 1m)
timestamp(-queue_depth)
timestamp((queue_depth))

# histograms
histogram_quantile(0.5, bake_seconds_bucket)
histogram_quantile(0.95, rate(bake_seconds_bucket[5m]))
histogram_quantile(0.99, sum by (le) (rate(bake_seconds_bucket[5m])))
histogram_quantile(0, bake_seconds_bucket)
histogram_quantile(1, bake_seconds_bucket)
histogram_quantile(1.1, bake_seconds_bucket)
histogram_quantile(-0.1, bake_seconds_bucket)
histogram_quantile(NaN, bake_seconds_bucket)
histogram_quantile(0.9, sum by (le, oven) (increase(bake_seconds_bucket[10m])))
histogram_quantile(0.9, bake_seconds_bucket{le!="+Inf"})
histogram_quantile(0.9, bake_seconds_bucket{le="+Inf"})
histogram_quantile(0.9, queue_depth)
histogram_quantile(0.2, bake_seconds_bucket{le=~"1|2.5|.Inf"})
histogram_quantile(0.9, sum by (le) (rate(bake_seconds_bucket[5m])) * 1000) * 1000
rate(bake_seconds_sum[5m]) / rate(bake_seconds_count[5m])
histogram_quantile(0.5, nothing_of_the_kind)
histogram_quantile(0.9, bake_seconds_bucket - 5)
histogram_quantile(0.1, frost_celsius_bucket)
histogram_quantile(0.5, frost_celsius_bucket)
histogram_quantile(0.9, frost_celsius_bucket)
histogram_quantile(0.9, rate(frost_celsius_bucket[10m]))
histogram_quantile(0.9, {__name__=~"frost_celsius_bucket|bake_seconds_bucket"})

# subqueries
max_over_time(rate(loaves_total[1m])[10m:1m])
avg_over_time(queue_depth[10m:])
rate(loaves_total[10m:30s])
min_over_time((queue_depth > 3)[15m:1m])
max_over_time(sum(rate(loaves_total[2m]))[10m:1m] offset 5m)
count_over_time(vector(1)[5m:7s])
max_over_time(max_over_time(queue_depth[2m])[4m:1m])
sum_over_time((queue_depth > bool 3)[30m:1m]) / 30
deriv(queue_depth[10m:13s])
increase(loaves_total[5m:15s])
last_over_time(time()[5m:1m])
max_over_time(queue_depth[10m:1m] @ end())
quantile_over_time(0.5, queue_depth[9m:45s])
max_over_time((queue_depth offset 2m)[5m:1m])
avg_over_time((queue_depth @ end())[5m:1m])

# ratios
sum(rate(loaves_total{code=~"5.."}[5m])) / sum(rate(loaves_total[5m]))
100 * sum by (oven) (rate(loaves_total{code=~"5.."}[5m])) / sum by (oven) (rate(loaves_total[5m]))
1 - sum(increase(loaves_total{code="200"}[30m])) / sum(increase(loaves_total[30m]))
sum(rate(loaves_total{code="500"}[1h])) > 0.1 and sum(rate(loaves_total{code="500"}[5m])) > 0.1
max(queue_depth) > 3 and on() avg(heat_celsius) < 240
avg_over_time(queue_depth[10m]) > queue_depth
count(up == 0) or vector(0)
sum(up) / count(up)
rate(loaves_total[15s])
rate(loaves_total[30s])
rate(loaves_total[1h] offset 10m)
rate(loaves_total[5m] offset -1m)
increase(loaves_total[17s])
rate({__name__=~"loaves_total|bake_seconds_count", oven="east"}[5m])
delta(heat_celsius[7m])
rate({__name__=~"loaves_total|bake_seconds_.*", code=""}[5m])
changes(heat_celsius[1h])
avg_over_time(heat_celsius[1h])
max_over_time(heat_celsius[10m] offset 50m)
last_over_time(queue_depth[1h])
"""

EXPRESSIONS = (
    *(line for line in LINES.splitlines() if line and not line.startswith("#")),
    *(f"{name}(loaves_total[5m])" for name in RANGED),
    *(f"{name}(heat_celsius[4m])" for name in RANGED),
    *(f"{name}(queue_depth)" for name in MAPPED),
    *(f"{name}(heat_celsius)" for name in MAPPED),
    *(f"{name}(heat_celsius)" for name in GROUPED),
    *(f"{name} by (oven) (loaves_total)" for name in GROUPED),
    *(f"{name} without (oven) (queue_depth)" for name in GROUPED),
)
