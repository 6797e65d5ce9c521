"""Figures of a published event-study package reproduced.

They are the reference values of the test suite of the R package EventStudy (github.com/sipemu/eventstudy,
tests/testthat/test_golden_values.R and helper-golden-data.R, read in November 2026); inputs and figures are carried
over, not code. Where that package follows another convention, the comment says which and converts.
"""

from __future__ import annotations

import numpy as np
import pytest

from fengqiao.engine.loss.model.regression import Fit, least_squares
from fengqiao.engine.loss.model.significance import (
    buy_and_hold,
    centred_ranks,
    cross_section,
    patell,
    rank_test,
    sign_test,
)

SAME = {"rtol": 1e-10, "atol": 1e-13}
EVENTS = {
    "E1": (
        (-0.02, -0.01, 0.00, 0.01, 0.02, 0.03, -0.015, 0.005),
        (0.001, -0.001, 0.002, -0.002, 0.0015, -0.0015, 0.0005, -0.0005),
        (0.004, 1.2), (0.015, -0.005, 0.010), (0.040, 0.000, 0.030),
    ),
    "E2": (
        (-0.018, -0.008, 0.002, 0.012, 0.022, 0.028, -0.012, 0.008),
        (0.0012, -0.0008, 0.0018, -0.0016, 0.0010, -0.0012, 0.0006, -0.0010),
        (0.003, 1.0), (0.012, -0.004, 0.009), (0.030, -0.010, 0.020),
    ),
    "E3": (
        (-0.025, -0.012, 0.001, 0.010, 0.020, 0.030, -0.010, 0.006),
        (0.0008, -0.0012, 0.0016, -0.0014, 0.0012, -0.0010, 0.0004, -0.0004),
        (0.005, 1.4), (0.018, -0.006, 0.011), (0.050, -0.005, 0.035),
    ),
}  # fmt: skip


def fitted(y: np.ndarray, *columns: np.ndarray) -> Fit:
    return least_squares(y, np.column_stack([np.ones(len(y)), *columns]), [str(k) for k in range(len(columns) + 1)])


def abnormal(fit: Fit, y: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    return y - np.column_stack([np.ones(len(y)), *columns]) @ fit.coefficient


def test_market_model() -> None:
    index = np.array([-0.02, -0.01, 0.00, 0.01, 0.02, 0.03])
    firm = 0.005 + 1.5 * index + np.array([0.001, -0.001, 0.002, -0.002, 0.001, -0.001])
    fit = fitted(firm, index)
    assert fit.s == pytest.approx(0.00166476081508083, rel=1e-10)
    assert fit.freedom == 4
    found = abnormal(fit, np.array([0.040, 0.000, 0.030]), np.array([0.015, -0.005, 0.010]))
    np.testing.assert_allclose(found / fit.s, [7.64588601153099, 1.36441736906108, 6.07551885091351], **SAME)
    # the package's t of a CAR leaves the error of the estimates out: CAR / (s sqrt(L))
    days = np.arange(1, 4)
    np.testing.assert_allclose(np.cumsum(found) / (fit.s * np.sqrt(days)),
                               [7.64588601153099, 6.37124662096473, 8.70980352630659], **SAME)  # fmt: skip


def test_market_adjusted_and_constant_mean_models() -> None:
    adjusted = np.array([0.012, 0.008, 0.015, 0.006, 0.011, 0.009]) - 0.010
    nothing = least_squares(adjusted, np.empty((6, 0)), [])
    assert (nothing.s, nothing.freedom) == (pytest.approx(0.0031885210782848315, rel=1e-10), 5)
    returns = np.array([0.010, 0.014, 0.008, 0.012, 0.006, 0.010])
    mean = fitted(returns)
    assert mean.coefficient[0] == pytest.approx(0.01, abs=1e-12)
    assert (mean.s, mean.freedom) == (pytest.approx(0.0028284271247461901, rel=1e-10), 5)
    np.testing.assert_allclose(abnormal(mean, np.array([0.030, -0.005, 0.018])), [0.02, -0.015, 0.008], **SAME)


FACTORS = {
    "market": ((0.010, -0.005, 0.008, 0.002, -0.010, 0.006, 0.004, -0.003), (0.012, -0.004, 0.006)),
    "smb": ((0.002, 0.001, -0.003, 0.004, 0.000, 0.002, -0.001, 0.003), (0.001, -0.002, 0.003)),
    "hml": ((-0.001, 0.002, 0.001, -0.002, 0.003, 0.000, 0.002, -0.001), (0.002, 0.001, -0.001)),
    "mom": ((0.003, -0.002, 0.001, 0.002, -0.001, 0.004, 0.000, 0.001), (0.001, 0.002, 0.000)),
    "rmw": ((0.001, 0.000, 0.002, -0.001, 0.002, -0.001, 0.003, 0.000), (0.002, -0.001, 0.001)),
    "cma": ((-0.002, 0.001, 0.000, 0.002, -0.001, 0.001, -0.002, 0.003), (-0.001, 0.000, 0.002)),
}
LOADINGS = {"market": 1.1, "smb": 0.5, "hml": -0.3, "mom": 0.2, "rmw": 0.15, "cma": -0.1}
RESIDUALS = (0.0010, -0.0008, 0.0012, -0.0009, 0.0007, -0.0011, 0.0006, -0.0007)


@pytest.mark.parametrize(
    ("names", "s", "freedom", "expected"),
    [
        (("market", "smb", "hml"), 0.0011487290143446527, 4,
         (0.0052322898643110804, -0.0036006681996175191, 0.005127563518805207)),
        (("market", "smb", "hml", "rmw", "cma"), 0.00049531882326697056, 2,
         (0.0077819653514609628, -0.0052661577349010259, 0.0064095759008179626)),
        (("market", "smb", "hml", "mom"), 0.0013089355539710223, 3,
         (0.0055584815456853481, -0.0040944050121481806, 0.0055390294422756683)),
    ],
)  # fmt: skip
def test_fama_french_and_carhart_models(
    names: tuple[str, ...], s: float, freedom: int, expected: tuple[float, ...]
) -> None:
    excess = 0.0005 + np.array(RESIDUALS)
    excess = excess + sum(LOADINGS[name] * np.array(FACTORS[name][0]) for name in FACTORS)
    fit = fitted(excess, *(np.array(FACTORS[name][0]) for name in names))
    assert (fit.s, fit.freedom) == (pytest.approx(s, rel=1e-10), freedom)
    event = np.array([0.020, -0.008, 0.014])
    np.testing.assert_allclose(abnormal(fit, event, *(np.array(FACTORS[name][1]) for name in names)), expected,
                               rtol=1e-9, atol=1e-13)  # fmt: skip


def test_buy_and_hold_returns() -> None:
    firm, index = np.array([0.040, -0.010, 0.030]), np.array([0.015, -0.005, 0.010])
    found = buy_and_hold(firm, index, log=False)
    np.testing.assert_allclose(found, [0.025, 0.019675, 0.04046375], **SAME)
    difference = np.array([0.020, 0.010, 0.030, 0.005, 0.015, 0.025]) - np.array(
        [0.010, 0.012, 0.020, 0.008, 0.010, 0.015]
    )
    s = least_squares(difference, np.empty((6, 0)), []).s
    assert s == pytest.approx(0.0061318838867023568, rel=1e-10)
    np.testing.assert_allclose(found / (s * np.sqrt([1, 2, 3])),
                               [4.0770504565840353, 2.2688501897460513, 3.8098824743867570], **SAME)  # fmt: skip


def several() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(abnormal returns, over their prediction errors, over s, residuals) of the three events."""
    plain, standardised, scaled, residuals = [], [], [], []
    for index, noise, (alpha, beta), event_index, event_firm in EVENTS.values():
        x = np.array(index)
        fit = fitted(alpha + beta * x + np.array(noise), x)
        event = np.array(event_index)
        found = abnormal(fit, np.array(event_firm), event)
        rows = np.column_stack([np.ones(3), event])
        plain.append(found)
        standardised.append(found / [fit.variance(row, 1.0) ** 0.5 for row in rows])
        scaled.append(found / fit.s)
        residuals.append(fit.residual)
    return np.array(plain), np.array(standardised), np.array(scaled), np.array(residuals)


def test_cross_sectional_t() -> None:
    plain, *_ = several()
    np.testing.assert_allclose(plain.mean(axis=0),
                               [0.017858427448395411, -0.003055141803282022, 0.012352491200872388], **SAME)  # fmt: skip
    daily = [cross_section(plain[:, day]).statistic for day in range(3)]
    cumulated = [cross_section(plain[:, : day + 1].sum(axis=1)).statistic for day in range(3)]
    np.testing.assert_allclose(daily, [12.785674729349529, -0.93664440956979689, 5.8589693453114027], **SAME)
    np.testing.assert_allclose(cumulated, [12.785674729349529, 3.3332365393903789, 4.1627875088073241], **SAME)


def test_patell_z() -> None:
    _, standardised, *_ = several()
    daily, _ = patell(standardised, [6, 6, 6])
    np.testing.assert_allclose(daily, [17.404798533168357, -3.239085545200092, 12.231088522816789], **SAME)
    cumulated = [patell(standardised[:, : day + 1], [6, 6, 6])[1] for day in range(3)]
    np.testing.assert_allclose(cumulated, [17.404798533168361, 10.016671714134711, 15.240200457996872], **SAME)


def test_boehmer_musumeci_poulsen() -> None:
    *_, scaled, _ = several()  # the package standardises by s alone; the engine by the prediction error
    daily = [cross_section(scaled[:, day]).statistic for day in range(3)]
    cumulated = [cross_section(scaled[:, : day + 1].sum(axis=1)).statistic for day in range(3)]
    np.testing.assert_allclose(daily, [9.262881651878164, -0.99419205506945918, 5.6244379647718095], rtol=1e-9)
    np.testing.assert_allclose(cumulated, [9.262881651878164, 3.431336898228547, 4.2274213480688871], rtol=1e-9)


def test_corrado_rank() -> None:
    plain, *_, residuals = several()
    means = centred_ranks(residuals, plain).mean(axis=0)[-3:]
    np.testing.assert_allclose(means, [0.41666666666666663, -0.25, 0.33333333333333337], **SAME)
    # the package divides the squared ranks by T - 1 = 10, Corrado (1989) by T = 11
    found = rank_test(residuals, plain)[0] * np.sqrt(10 / 11)
    np.testing.assert_allclose(found, [1.586435792425881, -0.95186147545552868, 1.269148633940705], **SAME)


def test_sign_tests() -> None:
    plain, *_, residuals = several()
    share = float((residuals > 0).mean())
    found = [sign_test(int((plain[:, day] > 0).sum()), 3, share).statistic for day in range(3)]
    np.testing.assert_allclose(found, [1.7320508075688774, -0.57735026918962584, 1.7320508075688774], **SAME)
