"""Vocabulary: a small general list of English words that carry structure, of business verbs and of like-meaning words.

It knows no scenario and no connection; what a particular tool or skill is called comes from its own examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from doer.intent.text import IRREGULAR, stem, word_set

FUNCTION_WORDS = word_set("""
    a an the this that these those my your his her hers its our ours their theirs i me we us you he him she it
    they them is are am be been being was were will would shall should can could may might must do does did
    have has had having to of in on at by for from with into onto over under as about and or but so then also
    too just please kindly who whom whose which what when where why how there here if than up out off down let
    let's i'd i'll i'm i've we'd we'll we're we've you'd you'll it's that's need needs needed want wants
    wanted like wish oh ah hi hello hey dear thanks thank cheers ok okay yes now asap urgently quickly soon ahead go
    going some any all both new able possible would've could've via per using use sure really very bit myself
    against versus ourselves himself herself one someone somebody something thing things way ready team's today's person's
    u ur r pls plz thx goes gone went got gotten still it'll that'll there's here's what's who's they're they'll they've he's she's
    """)
CLOSED_CLASS = word_set("""
    while although though because since whereas once after before during until whether meanwhile effective starting
    beginning following regarding concerning fyi besides despite given assuming provided between among within
    throughout across along around behind below beneath beside beyond inside near outside past through toward towards
    underneath upon plus both either each few many most several such today tomorrow yesterday tonight currently
    unfortunately luckily finally first firstly second secondly last lastly later next further furthermore however
    therefore thus hence otherwise still yet
    """)
"""Conjunctions, prepositions and adverbs that may open a sentence with a capital and are nobody's first name."""
CONNECTIVES = word_set("""
    while although though whereas meanwhile regarding concerning fyi besides currently unfortunately luckily finally first
    firstly second secondly furthermore however therefore thus hence either both
    """)
"""Those that only join or comment: they bound nothing and change nothing of what is asked for."""
VALID = word_set("""
    valid effective applicable commencing onward onwards inclusive
    """)
"""Words beside a day that say that something holds from it or with it."""
PROCESSING = word_set("""
    file submit lodge enter register record log process input signup
    """)
"""Verbs that say only that a request is to be put in; what it is stands beside them."""
TELLING = word_set("""
    send mail email e-mail message write notify tell inform alert ping contact word line notification confirmation confirm
    hear know
    """)
"""Words for letting somebody know."""
LIGHT_VERBS = word_set("""
    get make do have take give put help handle process sort arrange organise organize care see let go need
    want get getting making doing having taking giving putting helping handling processing sorting got gets makes does gives takes lets
    """)
POLITE = word_set("""
    please kindly thanks thank cheers hi hello hey dear ok okay asap
    mr mrs ms miss dr prof
    great nice good lovely wonderful awesome perfect happy glad grateful appreciate appreciated favour favor kind
    """)
NEGATIONS = word_set("""
    not don't dont doesn't doesnt didn't won't wont shouldn't shouldnt mustn't can't cant cannot never without
    stop avoid refrain nobody nothing no neither nor isn't aren't wasn't weren't hasn't haven't wouldn't
    couldn't unless except excluding
    """)
# Words that change what a sentence asks for; dropping one silently would do something else.
TURNING = word_set("""
    every each daily weekly monthly yearly annually hourly recurring repeat repeatedly always whenever until
    till unless except instead only if otherwise otherwise, half double twice again already undo maybe perhaps
    old former formerly previous wrong other another different usual partial dated net gross
    average median highest lowest biggest smallest largest cheapest
    minus negative percent utc gmt cet cest est edt cst cdt mst mdt pst pdt bst jst aest
    """)

# Each line: words that may stand for each other when somebody asks for something to be done.
_VERBS = """
create add make setup register insert generate build establish enter record log put
book reserve schedule block arrange secure hold
remove delete erase drop discard wipe purge clear
cancel calloff abort scrap withdraw
send mail email message forward dispatch transmit deliver write
notify tell inform alert ping let-know
remind
invite
update change edit modify set alter adjust correct amend revise mark
rename
move shift relocate transfer
reschedule postpone delay defer
find search look show list fetch lookup display view read retrieve locate check see get
refund reimburse repay payback giveback compensate return
pay settle transfer remit wire payment
charge debit
invoice
bill
ship send dispatch courier deliver bring
send return
collect pickup fetch
buy purchase order acquire procure
sell
start begin join commence kickoff
stop end finish terminate halt
close resolve complete
open reopen
grant give allow permit provide
revoke deny withhold
approve accept confirm authorise authorize
reject decline refuse
assign allocate delegate
copy clone replicate
upload import
download export
print
call phone ring dial
hire recruit employ takeon welcome
fire dismiss layoff
enable activate turnon switchon
disable deactivate turnoff switchoff
lock
unlock
subscribe enroll enrol signup
unsubscribe
translate
summarize summarise
attach
share publish post
archive
restore recover
merge
split
compare
calculate compute count
addup
verify validate test
freeze block suspend
unfreeze unblock
ship
pack
fly travel
drive
play
cook bake
paint
clean
fix repair mend
draw
sing
walk
feed
water
rent lease
hack
deploy release
install
uninstall
escalate
promote
demote
extend prolong
shorten
increase raise hike bump
decrease reduce lower cut
convert
bring
contact
prepare
run execute
save store
sync
migrate
scan
track monitor watch
reply respond answer
request
sign
swap exchange
donate
trade
vote
pick choose
kick
throw
introduce
train teach
tag label
block ban mute
follow
upgrade downgrade
rotate
reset restart reboot
""".strip().splitlines()

_NOUNS = """
manager boss supervisor superior manage supervise
customer client buyer shopper
employee staffer hire starter joiner
guest attendee participant invitee visitor
file document
folder directory
ticket issue case
amount sum price cost value total money
meeting appointment session
room boardroom
role position job
title subject heading
name called named titled
note memo
message text body
reason because since
location place venue
people persons attendees guests heads seats
start begin starts starting joins joining from
recipient to
order purchase
bill invoice
shipment delivery consignment parcel package
folder dir
""".strip().splitlines()

PHRASES: Mapping[str, str] = {
    "set up": "setup",
    "pick up": "pickup",
    "picked up": "pickup",
    "picks up": "pickup",
    "pick ups": "pickup",
    "sets up": "setup",
    "setting up": "setup",
    "call off": "calloff",
    "take on": "takeon",
    "give back": "giveback",
    "pay back": "payback",
    "paid back": "payback",
    "look up": "lookup",
    "sign up": "signup",
    "kick off": "kickoff",
    "add up": "addup",
    "adds up": "addup",
    "turn on": "turnon",
    "turn off": "turnoff",
    "switch on": "switchon",
    "switch off": "switchoff",
    "lay off": "layoff",
    "get rid": "remove",
    "money back": "giveback",
}


@cache
def likes() -> Mapping[str, frozenset[str]]:
    """Stem -> stems that may stand for it, itself included."""
    found: dict[str, set[str]] = {}
    for line in (*_VERBS, *_NOUNS):
        stems = {stem(each) for each in line.split()}
        for each in stems:
            found.setdefault(each, set()).update(stems)
    return {each: frozenset(others) for each, others in found.items()}


@cache
def _nouns() -> Mapping[str, frozenset[str]]:
    groups = [frozenset(stem(each) for each in line.split()) for line in _NOUNS]
    return {
        each: frozenset().union(*(group for group in groups if each in group)) for group in groups for each in group
    }


def like_nouns(stem_: str) -> frozenset[str]:
    """Return the stems that may name the same thing; what is alike only as a verb does not."""
    return _nouns().get(stem_, frozenset())


def alike_nouns(one: str, other: str) -> bool:
    """Tell whether two stems may name the same thing."""
    return one == other or other in like_nouns(one)


@cache
def verbs() -> frozenset[str]:
    """Stems of words that ask for something to be done."""
    return frozenset(stem(each) for line in _VERBS for each in line.split())


def alike(one: str, other: str) -> bool:
    """Tell whether two stems may stand for each other."""
    return one == other or other in likes().get(one, ())


def near(stems: Iterable[str]) -> frozenset[str]:
    """Return the stems, and all that may stand for one of them: `alike` is mutual."""
    of = likes()
    return frozenset(each for one in stems for each in (one, *of.get(one, ())))


@cache
def plain_words() -> frozenset[str]:
    """Lower-case words that are never a person's name by themselves."""
    listed: set[str] = {each for line in (*_VERBS, *_NOUNS) for each in line.split()}
    listed |= IRREGULAR.keys()
    return frozenset(listed | FUNCTION_WORDS | CLOSED_CLASS | LIGHT_VERBS | NEGATIONS | TURNING | POLITE)
