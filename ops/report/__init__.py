"""What a marketplace reports of its disputes: figures of a period, as JSON, CSV and a page. See docs/reports.md."""
