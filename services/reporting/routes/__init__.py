"""The report as a page, as a chart and as files."""

from services.reporting.routes.report import router

__all__ = ["router"]
