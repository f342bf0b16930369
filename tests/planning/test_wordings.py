"""Wordings of people who have not read the code: what is understood, what is asked, and what is left alone."""

import pytest
from tests.planning.world import propose

from doer.domain.goal import Abstention, Question
from doer.domain.plan import Plan
from doer.domain.template import to_json

# (words, expected): a plan's planner and some of its first step's arguments, `ask SLOT`, or `no`.
RIGHT: list[tuple[str, str, dict[str, object]]] = [
    ("book a meeting room for 6 people tomorrow at 3pm for 90 minutes", "book-room",
     {"start": "2026-02-26T15:00:00+01:00", "end": "2026-02-26T16:30:00+01:00", "room": "r1"}),
    ("Could you please reserve the boardroom for eight of us on Friday at 14:30?", "book-room",
     {"start": "2026-02-27T14:30:00+01:00"}),
    ("we need a room next Monday 10:00 for 4 people, half an hour", "book-room",
     {"start": "2026-03-02T10:00:00+01:00", "end": "2026-03-02T10:30:00+01:00"}),
    ("A meeting room should be booked for five people on 3 March at 9:30", "book-room", {"start": "2026-03-03T09:30:00+01:00"}),
    ("bok a meting room for 6 people tomorow at 3pm", "book-room", {"start": "2026-02-26T15:00:00+01:00"}),
    ("get us a conference room for 12 on Monday at 15:00 to talk about the budget", "book-room", {"title": "budget in Mercury"}),
    ("tomorrow at 3pm I'd like a room for 6", "book-room", {"start": "2026-02-26T15:00:00+01:00"}),
    ("book room for 5 on friday 10am pls", "book-room", {"start": "2026-02-27T10:00:00+01:00"}),
    ("Meeting room please, 6 people, tomorrow at 15:00, topic: quarterly numbers", "book-room", {"title": "quarterly numbers in Mercury"}),
    ("refund 25 euros to ada@acme.example for order 4812", "refund-customer", {"order": "4812", "amount": "25", "currency": "EUR"}),
    ("Please give ada@acme.example 1.234,56 € back for order #4812 because the box was broken", "refund-customer",
     {"amount": "1234.56", "note": "the box was broken"}),
    ("order 4812 of ada@acme.example must be refunded: EUR 30", "refund-customer", {"order": "4812", "amount": "30"}),
    ("ada@acme.example wants her money back for order 4812, it was 19.99 EUR", "refund-customer", {"amount": "19.99"}),
    ("return the money for order 991 (45 EUR) to ada@acme.example", "refund-customer", {"order": "991", "amount": "45"}),
    ("The customer ada@acme.example should get 45 EUR back, order 991", "refund-customer", {"order": "991", "amount": "45"}),
    ("invite Ada Lovelace, Bob Stone and Carol Jones to the summer party on 3 March, hosted by Grace Hopper", "invite-guests",
     {"text": "summer party on 2026-03-03, host grace@acme.example"}),
    ("invite ada lovelace and bob stone to the summer party on 3 march, hosted by grace hopper", "invite-guests",
     {"text": "summer party on 2026-03-03, host grace@acme.example"}),
    ("Invite Zoë O'Brien, José Núñez-García and 山田太郎 to dinner on 5 March; Alan Turing is the host", "invite-guests",
     {"text": "dinner on 2026-03-05, host alan@acme.example"}),
    ("invite Jan van der Berg to the launch on 2 April 2026, Grace Hopper will host", "invite-guests",
     {"text": "launch on 2026-04-02, host grace@acme.example"}),
    ("Grace Hopper is hosting the summer party on 3 March; please invite Ada Lovelace and Bob Stone", "invite-guests",
     {"text": "summer party on 2026-03-03, host grace@acme.example"}),
    ("set ticket 4812 to closed", "crm.set_status", {"ticket": "4812", "status": "closed"}),
    ("please mark ticket #77 as waiting", "crm.set_status", {"ticket": "77", "status": "waiting"}),
    ("please close the ticket 4812", "crm.set_status", {"ticket": "4812", "status": "closed"}),
    ("send a mail to bob@acme.example saying that the demo moved to 3pm", "mail.send",
     {"to": ["bob@acme.example"], "body": "the demo moved to 3pm"}),
    ("email bob@acme.example and eve@acme.example about lunch that I am late", "mail.send",
     {"to": ["bob@acme.example", "eve@acme.example"], "subject": "lunch", "body": "I am late"}),
    ("email bob@acme.example that I can't come", "mail.send", {"body": "I can't come"}),
    ("don't forget to send a mail to bob@acme.example saying hello", "mail.send", {"body": "hello"}),
    ("delete the file notes/a.txt", "files.delete", {"path": "notes/a.txt"}),
    ("get rid of report.pdf", "files.delete", {"path": "report.pdf"}),
    ("move a.txt to archive/a.txt", "files.move", {"path": "a.txt", "to": "archive/a.txt"}),
    ("who is Alan Turing", "directory.find_user", {"name": "Alan Turing"}),
    ("remind me tomorrow at 9am to call mom", "tasks.remind", {"text": "call mom", "at": "2026-02-26T09:00:00+01:00"}),
    ('put "Standup" on the calendar at 2026-03-02 09:00', "calendar.create_event", {"title": "Standup"}),
    ("cancel the event Standup", "calendar.cancel_event", {"title": "Standup"}),
    ("call off the standup", "calendar.cancel_event", {"title": "standup"}),
]  # fmt: skip
ASKED = [
    ("book a room for 6 people on Friday", "start"),
    ("book a room on 31 February at 3pm for 6 people", "start"),
    ("book a room for 6 people at 3 tomorrow", "start"),
    ("a room is needed for 6 people before Friday 3pm", "start"),
    ("Room for 10, 5 March 2026, 16:00-17:00", "start"),
    ("book a room for 6 people yesterday at 3pm", "start"),
    ("book a room for 6 people every Monday at 3pm", "leave_out"),
    ("It would be great if you could find us a room for seven people on Friday at 11 am", "meant"),
    ("I booked a room for 6 people tomorrow at 3pm", "meant"),
    ("reimburse ada@acme.example for order 4812, $20", "amount"),
    ("refund ada@acme.example about 20 euros for order 4812", "amount"),
    ("refund EUR 1.234 to ada@acme.example for order 77", "amount"),
    ("refund 20 to ada@acme.example for order 77", "amount"),
    ("refund 25 euros for order 4812", "customer"),
    ("refund 45 EUR and 10 EUR to ada@acme.example for order 991", "leave_out"),
    ("invite Ada Lovelace to lunch next Monday, the host is John Smith", "host"),
    ("invite Ada Lovelace to the summer party on Friday with Alan Turing", "host"),
    ("Ask Ada Lovelace and Bob Stone to come to the summer party next Friday; the host is Grace Hopper", "day"),
    ("invite Grace Hopper", "event"),
    ("set ticket 4812 to closed tomorrow", "leave_out"),
    ("remove a.txt and b.txt", "leave_out"),
    ("rename a.txt", "to"),
    ("who is Alan Turing's boss", "leave_out"),
]
LEFT_ALONE = [
    "don't book a room for 6 people tomorrow at 3pm",
    "how do I book a meeting room?",
    "book a room for 6 people tomorrow at 3pm and order pizza",
    "cancel the meeting room for 6 people tomorrow at 3pm",
    "I want to move the meeting room booking to Friday 3pm",
    "do not send a mail to bob@acme.example saying hello",
    "has ticket 4812 been closed?",
    "delete everything",
    "turn on the lights at 7pm every day",
    "book a flight from Berlin to Paris next Monday",
    "play some jazz",
]


@pytest.mark.parametrize(("words", "planner", "arguments"), RIGHT, ids=[each[0] for each in RIGHT])
async def test_what_is_plain_becomes_the_plan_that_was_meant(
    words: str, planner: str, arguments: dict[str, object]
) -> None:
    proposal = await propose(words)

    assert isinstance(proposal, Plan), proposal
    said = {name: to_json(each) for name, each in proposal.steps[0].arguments.items()}
    assert (proposal.planner, said) == (planner, said | arguments)


@pytest.mark.parametrize(("words", "slot"), ASKED)
async def test_what_is_missing_or_doubtful_is_asked(words: str, slot: str) -> None:
    proposal = await propose(words)

    assert isinstance(proposal, Question), proposal
    assert proposal.slot == slot


@pytest.mark.parametrize("words", LEFT_ALONE)
async def test_what_is_forbidden_asked_about_or_unknown_is_left_alone(words: str) -> None:
    assert isinstance(await propose(words), Abstention)


# Wordings that the planner need not understand; what it may never do is to understand them wrongly.
HARD = [
    "could the room booking for Friday be dropped",
    "book a room for 6 people on Friday at 3pm or 4pm",
    "book a room for 6 or 7 people tomorrow at 3pm",
    "book two rooms for 6 people tomorrow at 3pm",
    "book a room for 6 people tomorrow at 3pm, but only if Grace Hopper agrees",
    "book a room for 6 people tomorrow at 3pm unless it rains",
    "book a room for 6 people tomorrow at 3pm and another one on Friday at 4pm",
    "if Grace agrees, refund 25 euros to ada@acme.example for order 4812",
    "refund between 20 and 30 EUR to ada@acme.example for order 4812",
    "refund half of 50 EUR to ada@acme.example for order 4812",
    "refund up to 50 EUR to ada@acme.example for order 4812",
    "refund 50 EUR to everyone but ada@acme.example for order 4812",
    "refund order 4812 and order 4813 of ada@acme.example, 30 EUR",
    "refund 20 EUR to ada@acme.example or bob@acme.example for order 77",
    "refund 20 EUR to ada@acme.example for order 77 and charge bob@acme.example",
    "refund 20 EUR to ada@acme.example for order 77 twice",
    "never refund 20 EUR to ada@acme.example for order 77",
    "was the refund of 20 EUR to ada@acme.example for order 77 right?",
    "set ticket 4812 to open or closed",
    "set all tickets to closed",
    "set ticket 4812 and 4813 to closed",
    "send a mail to bob@acme.example and call eve@acme.example",
    "delete a.txt unless b.txt exists",
    "move a.txt from old/ to new/",
    "copy a.txt to b.txt",
    "undo the move of a.txt to b.txt",
    "invite everyone to the party on 3 March, hosted by Grace Hopper",
    "invite Ada Lovelace to the summer party on 3 March or 4 March, hosted by Grace Hopper",
    "invite Ada Lovelace but not Bob Stone to the party on 3 March, hosted by Grace Hopper",
    "uninvite Ada Lovelace from the party on 3 March, hosted by Grace Hopper",
    "remind Bob Stone tomorrow at 9am to call mom",
    "refund minus 25 euros to ada@acme.example for order 4812",
    "refund -25 EUR to ada@acme.example for order 4812",
    "refund 25 € 50 to ada@acme.example for order 4812",
    "refund 25 to 30 euros to ada@acme.example for order 4812",
    "refund ada@acme.example 20% of 50 EUR for order 12",
    "refund the 25 euros that bob@acme.example paid to ada@acme.example for order 4812",
    "refund 1 000,50 EUR to ada@acme.example for order 4812",
    "book a room for 6 people tomorrow at 3pm UTC",
    "book a room for 6 people on 3 March 2026 at 3pm New York time",
    "book a room for 6 people on Monday or Tuesday at 3pm",
    "book a room for six to eight people tomorrow at 3pm",
    "book a room for 6 people two days before 10 March at 3pm",
    "book a room for 6 people the Monday after next at 3pm",
    "book a room for 6 people on the first Monday of March at 3pm",
    "book a room for 6 people on March 3-5 at 3pm",
    "set ticket 4812 from open to closed",
    "invite Ada Lovelace and Bob Stone's wife to dinner on 5 March; Alan Turing is the host",
]


@pytest.mark.parametrize("words", HARD)
async def test_what_is_more_than_one_skill_can_say_is_never_half_done(words: str) -> None:
    proposal = await propose(words)

    assert not isinstance(proposal, Plan), {k: to_json(v) for k, v in proposal.steps[0].arguments.items()}
