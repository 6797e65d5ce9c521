"""What the kernels of a grid read, by position: a description of groups, branches and settlements in integers.

A group is walked once up to the latest T1 of its branches. A branch has one T1 and one benchmark date, and goes on from
where the group's walk stands at its T1. A settlement is what one scenario makes of the state of a branch: averaging,
benchmark price, deduction, fees, rounding. Investors are taken one after the other, so that their rows stay in the
nearest cache while all groups pass over them.
"""

from __future__ import annotations

# the head of the description
H_GROUPS, H_HAS_KIND, H_INTEREST, H_BASE, H_FIRST = range(5)

# a group: TRUNK is walked by counters with branches, LOTS by `kernel_walk.walk` with one branch
(
    G_MODE, G_TABLE, G_WIDTH, G_SERIES, G_OWN_FIRST, G_OWN_LAST, G_PLAIN, G_BRANCHES, G_BRANCH, G_PARAMETERS, G_LIMITS,
    G_MOVING, GROUP_FIELDS,
) = range(13)  # fmt: skip
TRUNK, LOTS = 0, 1

# the table of a trunk: one row a day, then the series
T_FACTOR, T_A, T_B, T_SERIES = range(4)

# a branch; B_HELD is where the held values of the series stand among the floats
B_T1, B_BENCHMARK, B_DUTY, B_FIFO, B_SETTLEMENTS, B_SETTLEMENT, B_HELD, B_PURCHASES, BRANCH_FIELDS = range(9)

# a settlement: row of the totals, averaging, whether costs have to be taken anew, parameters of the plan, its series
N_OUT, N_AVERAGING, N_ANEW, N_PARAMETERS, N_SERIES, N_MAP, SETTLEMENT_FIELDS = range(7)

# floats of a group: bounds that ordinary records stay far below
L_FACTOR, L_A, L_B, L_LOW_A, L_LOW_B, L_VALUE, L_DUTY, L_M, LIMIT_FIELDS = range(9)

LEFT_OPEN = -1  # a total that the kernel could not prove

# what is said about an investor over all scenarios, and about two scenarios over all investors
LOWEST, LOWEST_AT, HIGHEST, HIGHEST_AT, MEDIAN, ZEROS, RANGE_FIELDS = range(7)
GAIN, LOSE, GAINED, LOST, PAIR_FIELDS = range(5)
