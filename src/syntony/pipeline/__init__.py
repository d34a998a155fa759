"""The one way through: plan, work, run."""
