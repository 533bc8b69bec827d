"""What is made of the times at which a terminal says how far it has read."""

from clonebox_tui.tui.line import MODE, STATUS, Line


class Far:
    """A terminal at the end of a line with a rate (bytes a second) and a latency (seconds)."""

    def __init__(self, rate: float, latency: float = 0.05, forced: str = "", kind: str = STATUS) -> None:
        self.now = 100.0
        self.rate, self.latency, self.kind = rate, latency, kind
        self.line = Line(forced, clock=lambda: self.now)
        self.line.begun(60)
        self.pass_on(60)

    def pass_on(self, count: int) -> None:
        """Time passes until so many bytes are read, and the answer is here."""
        self.now += self.latency + count / self.rate
        self.line.answered(self.kind, self.now)

    def draw(self, count: int, times: int = 1) -> None:
        """Pictures of this size, each read before the next, a second apart."""
        for _ in range(times):
            self.line.sent(count)
            assert self.line.question() == self.kind
            self.pass_on(count)
            self.now += 1.0


def test_a_line_of_9600_bits_is_found_slow_by_its_first_picture() -> None:
    far = Far(rate=960)
    assert not far.line.slow
    far.draw(3_000)
    assert far.line.slow
    assert 800 < far.line.rate < 1_200


def test_a_line_of_64000_bits_is_not_slow() -> None:
    far = Far(rate=8_000)
    far.draw(7_000)
    far.draw(900, times=20)
    assert not far.line.slow


def test_small_pictures_need_to_be_late_twice() -> None:
    far = Far(rate=900)
    far.draw(900)
    assert not far.line.slow
    far.draw(900)
    assert far.line.slow


def test_a_long_way_alone_is_not_slow() -> None:
    far = Far(rate=500_000, latency=0.8)
    far.draw(7_000)
    far.draw(400, times=20)
    assert not far.line.slow
    assert not far.line.busy


def test_one_hiccup_is_not_a_slow_line() -> None:
    far = Far(rate=500_000)
    far.draw(400, times=3)
    far.line.sent(400)
    far.line.question()
    far.now += 2.0
    far.pass_on(400)
    assert not far.line.slow


def test_it_is_good_again_once_it_was_good_several_times() -> None:
    far = Far(rate=960)
    far.draw(3_000)
    far.rate = 100_000
    far.draw(300, times=2)
    assert far.line.slow
    far.draw(300)
    assert not far.line.slow


def test_nothing_is_written_behind_what_is_still_under_way() -> None:
    far = Far(rate=960)
    far.draw(3_000)
    assert not far.line.busy
    far.line.sent(2_000)
    far.line.question()
    # Two seconds of the line: known before they have passed.
    assert far.line.busy
    far.pass_on(2_000)
    assert not far.line.busy


def test_a_fast_line_is_never_waited_for_before_its_latency() -> None:
    far = Far(rate=500_000, latency=0.8)
    far.draw(400)
    far.line.sent(400)
    far.line.question()
    far.now += 0.7
    assert not far.line.busy


def test_one_question_at_a_time() -> None:
    far = Far(rate=960)
    far.line.sent(100)
    assert far.line.question() == STATUS
    far.line.sent(100)
    assert far.line.question() == ""


def test_a_terminal_that_knows_only_the_other_question_is_asked_that() -> None:
    far = Far(rate=960, kind=MODE)
    far.draw(3_000)
    assert far.line.slow


def test_a_terminal_that_never_answers_is_not_waited_for() -> None:
    now = 100.0
    line = Line(clock=lambda: now)
    line.begun(60)
    for _ in range(20):
        now += 1.0
        line.sent(3_000)
        line.question()
        assert not line.busy
    assert not line.slow


def test_a_lost_answer_holds_nothing_up_for_ever_and_another_terminal_is_asked() -> None:
    far = Far(rate=960)
    far.draw(3_000)
    far.line.sent(500)
    far.line.question()
    far.now += 5.0
    assert far.line.busy
    far.now += 15.0
    assert not far.line.busy
    far.line.sent(500)
    assert far.line.question() == STATUS
    far.rate = 500_000
    far.pass_on(500)
    assert far.line.waiting is False
    far.draw(500, times=3)
    assert not far.line.slow


def test_what_is_forced_stays() -> None:
    slow, fast = Far(rate=500_000, forced="slow"), Far(rate=960, forced="fast")
    for far in (slow, fast):
        far.draw(3_000, times=5)
    assert slow.line.slow
    assert not fast.line.slow
    # Nothing queues up, whatever is drawn.
    fast.line.sent(2_000)
    fast.line.question()
    assert fast.line.busy
