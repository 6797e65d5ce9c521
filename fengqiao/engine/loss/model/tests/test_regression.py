"""The regression and its checks against statsmodels and linearmodels, which run on the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS
from statsmodels.api import OLS
from statsmodels.stats.api import breaks_cusumolsresid, durbin_watson
from statsmodels.stats.stattools import jarque_bera

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.model.regression import automatic_lags, least_squares
from fengqiao.engine.loss.model.stability import chow, cusum, stability

CLOSE = {"rtol": 1e-10, "atol": 1e-13}


def sample(seed: int, count: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns with autocorrelated noise and a constant among the regressors."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(count), rng.normal(0, 0.012, (count, width))])
    noise = rng.normal(0, 0.02, count)
    noise[1:] += 0.4 * noise[:-1]
    return x @ rng.normal(0, 1, width + 1) + noise, x


@profile(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 300), st.integers(0, 5))
def test_estimates_are_those_of_statsmodels(seed: int, count: int, width: int) -> None:
    y, x = sample(seed, count, width)
    ours, theirs = least_squares(y, x, [str(k) for k in range(width + 1)]), OLS(y, x).fit()
    np.testing.assert_allclose(ours.coefficient, theirs.params, **CLOSE)
    np.testing.assert_allclose(ours.error, theirs.bse, **CLOSE)
    np.testing.assert_allclose(ours.t(), theirs.tvalues, **CLOSE)
    np.testing.assert_allclose(ours.p(), theirs.pvalues, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose([ours.s**2, ours.r2, ours.adjusted_r2],
                               [theirs.scale, theirs.rsquared, theirs.rsquared_adj], rtol=1e-9, atol=1e-12)  # fmt: skip


@profile(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 300), st.integers(1, 4), st.integers(0, 12))
def test_robust_errors_are_those_of_statsmodels_and_linearmodels(seed: int, count: int, width: int, lags: int) -> None:
    y, x = sample(seed, count, width)
    ours = least_squares(y, x, [str(k) for k in range(width + 1)], lags=lags)
    theirs = OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(ours.error, theirs.bse, **CLOSE)
    np.testing.assert_allclose(ours.p(), theirs.pvalues, rtol=1e-8, atol=1e-13)
    again = IV2SLS(y, x, None, None).fit(cov_type="kernel", kernel="bartlett", bandwidth=lags, debiased=True)
    np.testing.assert_allclose(ours.error, again.std_errors.to_numpy(), rtol=1e-9, atol=1e-13)


def test_automatic_lags_are_those_of_statsmodels() -> None:
    y, x = sample(1, 187, 2)
    theirs = OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": None, "use_correction": True})
    ours = least_squares(y, x, "abc", lags=automatic_lags(187))
    assert ours.lags == 4
    np.testing.assert_allclose(ours.error, theirs.bse, **CLOSE)


@profile(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 200))
def test_prediction_errors_are_those_of_statsmodels(seed: int, count: int) -> None:
    y, x = sample(seed, count, 2)
    ours, theirs = least_squares(y, x, "abc"), OLS(y, x).fit()
    new = np.array([[1.0, 0.03, -0.02], [1.0, 0.0, 0.01]])
    expected = theirs.get_prediction(new).se_obs
    np.testing.assert_allclose([ours.variance(row, 1.0) ** 0.5 for row in new], expected, **CLOSE)
    both = new.sum(axis=0)  # the sum of two abnormal returns: Var = 2 s² + x'Vx
    variance = 2 * theirs.scale + both @ theirs.cov_params() @ both
    np.testing.assert_allclose(ours.variance(both, 2.0), variance, **CLOSE)


@profile(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 200), st.integers(1, 3))
def test_checks_of_the_residuals_are_those_of_statsmodels(seed: int, count: int, width: int) -> None:
    y, x = sample(seed, count, width)
    fit, theirs = least_squares(y, x, [str(k) for k in range(width + 1)]), OLS(y, x).fit()
    found = stability(y, x, fit)
    statistic, p, _ = breaks_cusumolsresid(theirs.resid, ddof=width + 1)
    np.testing.assert_allclose([found.cusum.statistic, found.cusum.p], [statistic, p], rtol=1e-9)
    value, p, skewness, kurtosis = jarque_bera(theirs.resid)
    np.testing.assert_allclose(
        [found.jarque_bera.statistic, found.jarque_bera.p, found.skewness, found.kurtosis],
        [value, p, skewness, kurtosis], rtol=1e-8,
    )  # fmt: skip
    np.testing.assert_allclose(found.durbin_watson, durbin_watson(theirs.resid), rtol=1e-9)


def test_chow_is_the_f_test_of_equal_coefficients() -> None:
    y, x = sample(9, 121, 2)
    half = 60
    second = (np.arange(121) >= half)[:, None]
    theirs = OLS(y, np.column_stack([x, x * second])).fit()
    restricted = theirs.f_test(np.column_stack([np.zeros((3, 3)), np.eye(3)]))
    found = chow(y, x)
    np.testing.assert_allclose([found.statistic, found.p], [restricted.fvalue, restricted.pvalue], rtol=1e-9)


def test_a_break_is_seen_by_both() -> None:
    y, x = sample(3, 240, 1)
    y[120:] += 2.0 * x[120:, 1] + 0.05
    assert (chow(y, x).p or 1) < 1e-6
    assert (cusum(OLS(y, x).fit().resid, 2).p or 1) < 1e-6


def test_collinear_factors_are_named() -> None:
    _, x = sample(1, 100, 3)
    x[:, 3] = 2 * x[:, 1] - x[:, 2]
    with pytest.raises(InputError, match=r"A, B, C are collinear") as caught:
        least_squares(x[:, 1], x, ["intercept", "A", "B", "C"])
    assert "intercept" not in str(caught.value)
    x[:, 3] = 0.5
    with pytest.raises(InputError, match=r"intercept, C are collinear"):
        least_squares(x[:, 1], x, ["intercept", "A", "B", "C"])
    x[:, 3] = 0.0
    with pytest.raises(InputError, match=r"factor C is zero"):
        least_squares(x[:, 1], x, ["intercept", "A", "B", "C"])
