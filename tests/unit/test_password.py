"""Passwords: right, wrong, and of nobody, at the same cost."""

from api.people import service


def test_nobody_costs_what_somebody_costs_and_is_never_right():
    assert not service._hasher.check_needs_rehash(service._NOBODY)
    assert not service.is_right("", "nobody has this password")
    assert not service.is_right("", "")
    stored = service.hash_password("long enough")
    assert service.is_right(stored, "long enough")
    assert not service.is_right(stored, "long enough ")
    assert not service.is_right("no hash at all", "long enough")
