"""Grammar: the wordings that requests are put together from. Written from the training data and from common English."""

from __future__ import annotations

OPENERS = (
    "", "", "", "", "Please ", "Can you ", "Could you ", "I want to ", "I need to ", "I'd like to ", "Help me ",
    "Could you please ", "I would like you to ", "Hey, ", "Quickly ", "Would you mind helping me ",
)  # fmt: skip
JOINTS = (
    " Then, ", " Also, ", " After that, ", " Additionally, ", " Next, ", " Finally, ", " And ", " Lastly, please ",
    " I also need you to ",
)  # fmt: skip
ASKS = (
    "Sure. What is the {}?", "Could you tell me the {}?", "Which {}?", "I need the {} for that.",
    "Please give me the {}.", "What {} should I use?",
)  # fmt: skip
TELLS = (
    "{}", "{}.", "It's {}.", "The {name} is {}.", "Use {}.", "{}, please.", "Let's take {}.", "Make it {}.",
    "I think {}.",
)  # fmt: skip
VERBS = {
    "retrieve": ("get", "find", "show me", "look up", "fetch", "give me", "tell me", "retrieve", "pull up", "provide"),
    "calculate": ("calculate", "compute", "work out", "figure out", "determine"),
    "create": ("create", "make", "set up", "add"), "returns": ("get", "show me", "list"), "gets": ("get", "show me"),
    "add": ("add", "put in"), "check": ("check", "see", "verify"), "update": ("update", "change"), "send": ("send",),
    "delete": ("delete", "remove", "get rid of"), "get": ("get", "show me", "give me"), "find": ("find", "look for"),
}  # fmt: skip
CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^limit$|^max_results$|^count$|^top", ("up to {} results", "only the first {}", "limited to {}", "at most {}", "no more than {}")),
    (r"^radius$|^distance$", ("within {}", "within a radius of {}", "no further than {}")),
    (r"quantity|^number_of|^num_", ("for {}", "{} of them", "with {}", "{}")),
    (r"^(min|minimum)_", ("at least {}", "from {}", "no less than {}", "above {}")),
    (r"^(max|maximum)_", ("at most {}", "up to {}", "under {}", "not over {}")),
    (r"frequency|interval", ("{}", "on a {} basis", "every {}")),
    (r"^(location|city|country|region|area|place|venue|state)$", ("in {}", "for {}", "in {}", "at {}", "around {}")),
    (r"destination|^to$", ("to {}", "going to {}", "in {}")),
    (r"origin|departure_(city|location)|^from$", ("from {}", "leaving {}")),
    (r"start_date|start_time|^start$|from_date", ("from {}", "starting {}", "starting on {}", "beginning {}")),
    (r"end_date|end_time|^end$|to_date", ("to {}", "until {}", "ending on {}", "through {}")),
    (r"date$|day$|deadline", ("on {}", "for {}", "on {}", "dated {}")),
    (r"time$", ("at {}", "for {}", "at {}")), (r"year$", ("in {}", "for {}", "for the year {}", "in the year {}")),
    (r"duration|period", ("for {}", "over {}", "lasting {}", "for a period of {}")),
    (r"language", ("in {}", "into {}", "in {}")), (r"unit|currency|format", ("in {}", "using {}", "as {}")),
    (r"recipient|email|attendee", ("to {}", "for {}", "with {}")), (r"author|artist", ("by {}", "from {}")),
    (r"title|(^|_)name$", ("called {}", "named {}", "{}", "for {}", "titled {}")),
    (r"topic|subject|theme", ("about {}", "on {}", "on the topic of {}")),
    (r"message|content|text|body", ("saying {}", "that says {}", "with the text {}", "{}")),
    (r"(^|_)ids?$|Id$", ("with ID {}", "with the {name} {}", "{}", "for {name} {}", "({name}: {})", "whose {name} is {}")),
    (r"^age$", ("aged {}", "who is {} years old", "with age {}", "for a {}-year-old")),
)  # fmt: skip
PLAIN = (
    "with {name} {}", "with a {name} of {}", "where the {name} is {}", "using {} as the {name}", "for {}",
    "for the {name} {}", "with the {name} set to {}", "and {name} {}", "{name}: {}", "for {name} {}", "({name} {})",
    "using {}",
)  # fmt: skip
SAID = (
    "The {name} is {}.", "The {name} should be {}.", "Use {} as the {name}.", "{name}: {}.", "Set the {name} to {}.",
    "My {name} is {}.", "{} is the {name}.",
)  # fmt: skip
ON = (
    "with {}", "and include {}", "including {}", "and {}", "with {} on", "with {} turned on", "I do want {}", "and make sure there is {}",
    "{name}: true", "{name}: yes", "set {name} to true", "{} should be on",
)  # fmt: skip
OFF = (
    "without {}", "no {}", "and don't include {}", "with {} off", "with {} turned off", "I don't need {}", "leave out {}", "{name}: false",
    "{name}: no", "set {name} to false", "{} is not needed", "but not {}",
)  # fmt: skip
DO = ("and {}", "please {}", "make sure to {}", "and {} as well", "be sure to {}", "and also {}")
DONT = (
    "but don't {}",
    "and do not {}",
    "no need to {}",
    "without having to {}",
    "you don't have to {}",
    "but please don't {}",
)
AGAIN = (
    ", and also {}", ", and the same {}", ". Do the same {}", ". Then the same {}", ", then again {}", "; another one {}", " as well as {}",
    ", and once more {}", ". Also {}", ", plus one {}",
)  # fmt: skip
ADJUST = (
    "Actually, make the {name} {}.", "Sorry, the {name} should be {}.", "Change the {name} to {}, please.", "Wait, {} for the {name} instead.",
    "No, I meant {}.", "Use {} instead as the {name}.", "The {name} has to be {} instead.",
)  # fmt: skip
DONE = (
    "Here is what I have so far. Is that right?", "Alright, anything to change?", "I have noted that. Shall I go on?", "Okay. Does that look right?",
    "All set. Would you like me to proceed?",
)  # fmt: skip
BEFORE = (
    "I'm planning a trip to {city} with {number} friends.", "My colleague {person} asked me about this on {day}.", "Sorry to bother you again.",
    "We have been working on {matter} since {year}.", "{person} from {firm} told me that this is the fastest way.", "I hope you're doing well.",
    "There are {number} of us in the team.", "It's {time} already and I haven't got round to it.", "Thanks for your help yesterday!", "Hi there!",
    "Last {month} we spent about {money} on {matter}.", "I just moved to {city} and everything is still in boxes.", "Good morning.", "Hello.",
    "As a {role}, I have to do this kind of thing quite often.", "I'm writing a report about {matter} and my deadline is {date}.",
    "My boss wants to see {number} versions by {day}.", "I'm not very good with computers.", "This is for my {relation}, who turns {number} next week.",
    "I've got {money} left in total.", "The last time I tried, it took {number} minutes.", "My {relation} is visiting from {city} and we are quite excited.",
    "I've been reading a lot about {matter} lately.", "We are a small company with {number} employees.", "There was a problem with this in {year}.",
    "I work as a {role} at {firm}.", "It's been a busy week.", "I have a few minutes before my {time} meeting.", "Our office in {city} is moving.",
    "I'm preparing a workshop on {matter}.", "I had a talk with {person} this morning.", "My {relation} and I have been arguing about this for {number} days.",
    "I need this for a presentation.", "We had {number} complaints about it in {month}.", "I couldn't find it on the website.",
    "As a {role} who cares about {matter}, I want to get this right.", "I'm currently working on a project about {matter}.", "I'd be grateful for some help.",
    "Since {year} we have tried {number} different ways.", "Today I have several things to do.",
)  # fmt: skip
AFTER = (
    "Thanks!", "Thank you so much.", "Let me know what you find.", "I'd appreciate it.", "I need it as soon as possible.", "That would be great.",
    "{person} will be happy about it.", "Thank you for your assistance.", "I want to show it to my {relation}.", "We don't have much time left.",
    "It's for our meeting at {time}.", "The others in {city} are waiting for it.", "I've already spent {number} hours on it.", "No rush.",
    "Otherwise {person} will ask me again.", "This will help me with my work on {matter}.",
)  # fmt: skip
ROLES = (
    "teacher",
    "nurse",
    "researcher",
    "project manager",
    "student",
    "developer",
    "journalist",
    "farmer",
    "designer",
    "consultant",
    "parent",
)
RELATIONS = (
    "sister",
    "brother",
    "daughter",
    "son",
    "grandmother",
    "partner",
    "best friend",
    "neighbor",
    "boss",
    "uncle",
)
CLASHES = {
    "city": r"location|city|place|destination|origin|country|region|area|venue|address|state", "person": r"name|person|user|author|who|people|customer|employee|patient|owner|recipient|sender|contact",
    "number": r"number|count|age|limit|size|quantity|duration|time|hour|day|people|amount|id", "day": r"date|day|deadline|time|when|period", "year": r"year|date|period|time",
    "time": r"time|hour|date|when|start|end", "money": r"amount|price|cost|budget|salary|value|income|money|limit", "month": r"month|date|period|time", "firm": r"company|organi|brand|name|vendor|firm",
    "date": r"date|day|deadline|time|when|period", "matter": r"topic|subject|query|keyword|category|field|theme|text|content|interest|title|issue|type", "role": r"role|job|occupation|profession|position|type",
    "relation": r"name|person|recipient|who|relation",
}  # fmt: skip
"""What stands in the background must not be what a parameter that nobody filled is looking for."""
TYPED = {
    "ascending": ("in ascending order", "lowest first"), "descending": ("in descending order", "highest first"), "daily": ("every day", "each day"),
    "weekly": ("every week", "once a week"), "monthly": ("every month", "once a month"), "yearly": ("every year", "annually"), "male": ("man", "male"),
    "female": ("woman", "female"), "urgent": ("as urgent", "urgently"), "public": ("publicly", "for everybody to see"), "private": ("privately", "only for me"),
}  # fmt: skip
"""How some choices are said otherwise."""
SHORT = {
    "number": "num", "maximum": "max", "minimum": "min", "quantity": "qty", "location": "loc", "address": "addr", "description": "desc", "amount": "amt",
    "message": "msg", "language": "lang", "category": "cat", "temperature": "temp", "reference": "ref", "parameter": "param", "average": "avg",
    "identifier": "id", "configuration": "config", "information": "info", "destination": "dest", "department": "dept", "telephone": "tel", "password": "pwd",
    "source": "src", "text": "txt", "image": "img", "index": "idx", "duration": "dur", "frequency": "freq", "document": "doc", "customer": "cust",
}  # fmt: skip
CARRIED: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"location|city|place|destination|country|region|area|venue|state", (
        "I'm planning a trip to {}.", "I'm going to {} next week.", "I live in {}.", "I'm in {} at the moment.", "We're moving to {} soon.",
        "My family is visiting {}.", "We're having a reunion in {}.", "I'll be in {} for a while.")),
    (r"(^|_)(ids?|code|number|key|token)$|Id$", (
        "My {name} is {}.", "I have the {name} {}.", "The {name} I was given is {}.", "This is about {name} {}.", "I've got {} here as the {name}.")),
    (r"date|day|time|year|month", (
        "It has to be ready by {}.", "I'm free on {}.", "{} would suit me.", "We are thinking of {}.", "It's all planned for {}.")),
    (r"person|user|author|artist|employee|customer|patient|(^|_)name$|owner|contact", (
        "I'm {}.", "My name is {}.", "It's about {}.", "I was talking to {} about it.", "I keep hearing of {}.", "I've just met {}.")),
    (r"amount|price|budget|cost|weight|height|size|age|distance|quantity|count|temperature", (
        "My {name} is {}.", "The {name} is {} in our case.", "We have a {name} of {}.", "I measured a {name} of {}.", "It comes to {}.")),
    (r"", (
        "I'm interested in {}.", "I'm looking into {}.", "I've been hearing about {} lately.", "I'm working on {}.", "It's for {}.",
        "I'm preparing a talk on {}.", "I really like {}.", "I've got {} here.", "I can't stop thinking about {}.", "My {name} is {}.",
        "Everyone here talks about {}.", "I'm trying to get on with {}.")),
)  # fmt: skip
"""Sentences before the request that say what it needs: their words are values too."""
