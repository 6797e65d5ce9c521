"""What the kernels read and write, by position: parameters, columns of the day table, results, flags.

The kernels see integers only. A quantity is counted in 1/L share of the benchmark date's basis, a unit price in
1/M of 1/10000 yuan, an amount in the product of both. L and M come from the corporate actions; without them both are 1.
"""

from __future__ import annotations

# parameters (int64)
(
    P_PURCHASES, P_T1, P_BENCHMARK, P_BASE, P_WIDTH, P_SERIES, P_AVERAGING, P_EACH_PART, P_HALF_UP,
    P_RISK, P_INDEX_EACH, P_L, P_M, P_PRICE_NUM, P_PRICE_DEN, P_KEEP_NUM, P_KEEP_DEN, P_ADD, P_OTHER_NUM, P_OTHER_DEN,
    P_RATIO_SCALE, P_COMMISSION_NUM, P_COMMISSION_DEN, P_DUTY_DEN, P_DUTY_UNIFORM, P_DUTY_BENCHMARK,
    P_INTEREST, P_INTEREST_DEN, P_HAS_TIME, P_HAS_SEQUENCE, P_HAS_KIND, P_HAS_ACCOUNT, P_DROP_DUPLICATES,
    P_RATIO_FIXED_MICRO, P_LARGEST_FACTOR, P_REPLAY_LIMIT, P_COUNTED, P_OWN_FIRST, P_OWN_LAST, P_KINDS,
) = range(40)  # fmt: skip
# P_KINDS, P_KINDS + 1, ...: what to do with each kind of row
KIND_PLAIN, KIND_OTHER, KIND_SKIP, KIND_EXACT, KIND_PRICED, KIND_OUT = range(6)
MAX_SERIES = 16
P_HELD = P_KINDS + 8  # then numerator and denominator of each series' held value
PARAMETERS = P_HELD + 2 * MAX_SERIES

AVERAGING_CODES = {"moving_weighted": 0, "fifo_weighted": 1, "weighted": 2, "actual_cost": 3}
RISK_RATIO, RISK_INDEX, RISK_PATH = 0, 1, 2

# day table (int64, one row a day): whose scope the day is in (bits), quantity factor, unit price = p * A + B, duty
# rate, what is known of the day, plausible price band: one cache line; then interest days accumulated and the series
D_SCOPE, D_FACTOR, D_A, D_B, D_DUTY, D_STATUS, D_LOW, D_HIGH, D_INTEREST, D_SERIES = range(10)
D_SHORT = 8  # columns when there is neither interest nor a series
OWN_SCOPE, ANY_SCOPE = 1, 2
UNCHECKED, TRADED, NOT_TRADING, SUSPENDED = range(4)

# walk state (int64): what one investor's rows add up to
(
    W_SCOPE, W_EXITED, W_EXIT_VALUE, W_ENTERED, W_ENTERED_VALUE, W_LEFT, W_LEFT_VALUE, W_FIFO_VALUE, W_COST, W_SHRINKS,
    W_DUTY, W_ENTRY_DUTY, W_FIRST, W_LAST, W_OVERSOLD, W_FLAGS, W_SERIES,
) = range(17)  # fmt: skip
# per series j: cost since the last shrink, entered, left, FIFO, exit
S_COST, S_ENTERED, S_LEFT, S_FIFO, S_EXIT, S_FIELDS = range(6)
WALK_STATE = W_SERIES + S_FIELDS * MAX_SERIES
# walk state (float64): base of the moving cost (hi, lo), the bound of its denominator, the bound of the relative error
# of it and of the bases of the series, then these
F_HI, F_LO, F_DENOMINATOR, F_ERROR, F_SERIES = range(5)
FLOAT_STATE = F_SERIES + 2 * MAX_SERIES
WORK_STATE = 2 * MAX_SERIES + 8

# results (int64, one column of investors each)
(
    R_SCOPE, R_ENTRY_AVERAGE, R_EXITED, R_EXIT_AVERAGE, R_HELD, R_DIFFERENCE, R_RATIO, R_AWARD, R_COMMISSION,
    R_STAMP_DUTY, R_INTEREST, R_TOTAL, R_BOUGHT, R_LEFT, R_OVERSOLD, R_STOCK_DROP, R_FLAGS, R_DROPS,
) = range(18)  # fmt: skip
NONE = -(1 << 62)

# flags
(
    G_OVERSOLD, G_DUPLICATE, G_PRICE_RANGE, G_NON_TRADING, G_SUSPENDED, G_SEQUENCE, G_BLOCK, G_NO_COST, G_INDEX,
    G_BONUS, G_OUTSIDE, G_LIMITS, G_EXACT,
) = (1 << bit for bit in range(13))  # fmt: skip
FLAG_CODES = {
    G_OVERSOLD: "oversold", G_DUPLICATE: "duplicate", G_PRICE_RANGE: "price_out_of_range",
    G_NON_TRADING: "non_trading_day", G_SUSPENDED: "suspended_day", G_SEQUENCE: "broken_sequence",
    G_BLOCK: "block_trade", G_NO_COST: "transfer_without_cost", G_INDEX: "index_not_comparable",
    G_BONUS: "bonus_mismatch", G_OUTSIDE: "outside_known_dates",
    G_LIMITS: "beyond_limits",
}  # fmt: skip

# return codes of the walk
WALKED, NOT_IN_ORDER, NEEDS_EXACT = range(3)

# recorded fees (see `kernel_fees`), parameters: the window, fen awarded per 1/10000 yuan, interest (0: none), columns
(
    FEE_OWN_FIRST, FEE_OWN_LAST, FEE_T1, FEE_BENCHMARK, FEE_BASE, FEE_KEEP_NUM, FEE_KEEP_DEN, FEE_HALF_UP,
    FEE_INTEREST_DEN, FEE_LARGEST_FACTOR, FEE_HAS_TIME, FEE_HAS_SEQUENCE, FEE_HAS_KIND, FEE_HAS_COMMISSION,
    FEE_HAS_STAMP_DUTY, FEE_PARAMETERS,
) = range(16)  # fmt: skip
FEE_DAYS = 2  # columns of their day table: quantity factor, interest accumulated
# what the fees of one investor add up to (int64), and the fractions of 1/10000 yuan that are left (float64)
X_COMMISSION, X_STAMP_DUTY, X_PARTS, X_SCOPE, X_GONE, X_EXITED, X_FIRST, X_LAST, FEE_STATE = range(9)
F_COMMISSION, F_STAMP_DUTY, FEE_FRACTIONS = range(3)

# pages of Parquet files (int64 each): kind, address, stored and unpacked length, values, encoding, length of the
# definition levels in front (second version of data pages), whether the rest is packed
(
    PAGE_KIND, PAGE_AT, PAGE_STORED, PAGE_SIZE, PAGE_VALUES, PAGE_ENCODING, PAGE_LEVELS, PAGE_PACKED, PAGE_FIELDS,
) = range(9)  # fmt: skip
DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 = range(4)
PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY = 0, 2, 8
CODEC_NONE, CODEC_LZ4 = 0, 7
# what to do with them: how many, how they are packed, whether cells may be empty, how long the dictionary is, bytes of
# a value that stands for itself (0: there are none), room for a page; then which page follows, and of the one unpacked:
# its values, its end, the bits of a position (-1: its values stand for themselves)
(
    T_PAGES, T_CODEC, T_OPTIONAL, T_DISTINCT, T_PLAIN, T_SCRATCH, T_PAGE, T_LEFT, T_END, T_WIDTH, T_FIELDS,
) = range(11)  # fmt: skip
PAGE_SLACK = 16  # bytes that may be read or written behind what is used of a buffer

# int64 words of a row on disk, without and with recorded fees (see `kernel_spill`)
SPILLED_WORDS, SPILLED_WORDS_WITH_FEES = 5, 7
