"""What a node logs that runs in a test's own process is no output of the command that the test runs."""

import structlog


def log_nowhere() -> None:
    """Undo ``configure_logs``. Without it structlog would print to the output, from whatever thread logs."""
    structlog.reset_defaults()
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
