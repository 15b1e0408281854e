from __future__ import annotations

import numpy as np

from server.services.scores.step_table import drop_since_learned

NAN = np.nan


def test_drop_is_the_first_value_less_the_present_one() -> None:
    iou = np.array([[0.9, NAN, NAN], [0.6, 0.8, NAN], [0.7, 0.2, 0.5]])

    drop = drop_since_learned(iou)

    expected = [[NAN, NAN, NAN], [0.3, NAN, NAN], [0.2, 0.6, NAN]]
    np.testing.assert_allclose(drop, expected)


def test_gain_is_a_negative_drop() -> None:
    np.testing.assert_allclose(drop_since_learned(np.array([[0.5], [0.75]])), [[NAN], [-0.25]])
