"""Plausible trade records on real or made-up prices, for trying out, testing and measuring the loss engine.

The records are invented: no row belongs to a real person. `simulate_to_file` writes them,
`madeup.write_demo_case` writes an invented case with an invented market to go with them.
"""

from fengqiao.engine.loss.simulate.run import simulate_to_file
from fengqiao.engine.loss.simulate.spec import SimulationSpec, SimulationSummary

__all__ = ["SimulationSpec", "SimulationSummary", "simulate_to_file"]
