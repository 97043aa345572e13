"""Sheets as people have them: bytes of CSV or a workbook to rows by column name, one written value to one of ours.

Pure: no database, no network, no clock. Who takes rows in (a channel's orders, master data) reads them from here.
"""
