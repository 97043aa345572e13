"""A pull says, with its counts, which of a device's ops lie in them: each op is in both or in neither."""

from tests.support.company import draft
from tests.support.floor import Device


def test_the_numbers_named_are_those_that_the_counts_hold(company):
    device, other = Device(company), Device(company)
    order = company.supervisor.post("/api/orders", draft()).json()["order_no"]
    ops = [device.pick(order, 1, 1) for _ in range(5)]
    for sent, ranges in (([], []), ([1, 2], [[1, 2]]), ([5], [[1, 2], [5, 5]]), ([3, 4], [[1, 5]])):
        if sent:
            device.push(*(ops[n - 1] for n in sent))
        found = device.pull()
        assert found["reach"] == {device.id: ranges}
        come = sum(last - first + 1 for first, last in ranges)
        assert (
            next(task for task in found["tasks"] if task["order_no"] == order)["lines"][0]["picked"] == come
        )
    device.push(device.pick("HD000101-00001", 1, 1))
    assert device.pull()["reach"] == {device.id: [[1, 6]]}  # a refused one has come too
    answer = company.client.get(f"/sync/pull?devices={device.id},{other.id}", headers=other.head)
    assert answer.json()["reach"] == {device.id: [[1, 6]], other.id: []}


def test_only_device_ids_and_not_too_many_may_be_asked_for(company):
    device = Device(company)
    for asked in ("hello", "A" * 8 + ",x", ",".join(["A" * 8] * 9)):
        answer = company.client.get(f"/sync/pull?devices={asked}", headers=device.head)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "query.devices")
    found = company.supervisor.get("/sync/pull?warehouse=SH").json()
    assert found["reach"] == {}
