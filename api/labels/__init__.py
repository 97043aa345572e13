"""Printed codes and what a scan opens: sheets of labels by `qr`, and `/s/{code}`."""
