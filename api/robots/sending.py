"""The one sender of robots: a POST by `api.outbound`, a few seconds and a few kilobytes at most.

The address is the operator's own word (a setting), so it may lie anywhere. Raises `Undelivered` with a reason that holds
neither the address (it is a credential) nor what the other side wrote; `Unheard` where it may have been taken.
"""

from api.outbound import sending
from api.outbound.guard import ANYWHERE
from api.outbound.model import Ask
from api.robots.kinds import KINDS
from api.robots.model import Message, Robot, Undelivered, Unheard

TIMEOUT_S = 10.0
ANSWER_BYTES = 65_536
# A gateway says that it has not heard the answer.
UNHEARD = (502, 504)


def send(robot: Robot, message: Message, now: int, timeout: float = TIMEOUT_S) -> None:
    kind = KINDS[robot.kind]
    try:
        post = kind.build(robot, message, now)
        ask = Ask("POST", post.address, post.headers, post.body)
        status, _, body = sending.send(ask, ANYWHERE, timeout, ANSWER_BYTES)
    except sending.Unheard as error:
        raise Unheard(str(error)) from None
    except sending.Unsent as error:
        raise Undelivered(str(error)) from None
    except ValueError as error:
        # The type alone: some of these quote the address.
        raise Undelivered(type(error).__name__) from None
    if not 200 <= status < 300:
        raise (Unheard if status in UNHEARD else Undelivered)(f"status {status}")
    is_taken = kind.is_taken(body)
    if is_taken is None:
        raise Unheard("no answer of the platform")
    if not is_taken:
        raise Undelivered("refused by the platform")
