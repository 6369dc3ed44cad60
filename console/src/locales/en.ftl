# The console, in English. Names of parties, persons and sources come from data. Times and numbers come formatted.

# Everywhere
skip = Skip to the content
home = truceline: to the watch
theatre = Theatre
exercise = EXERCISE
language = Language
sound = Sound of alerts
theme = Night or day
theme-day = Change to the day theme
theme-night = Change to the night theme
sign-out = Sign out
close = Close
cancel = Cancel
next = Next
print = Print
refresh = Refresh
none = None.
more = Show { $n } more
fewer = Show fewer
clock-local = local ({ $zone })
clock-sources = sources’ clock
link-connecting = Connecting…
link-live = Live
link-lost = No connection for { $time }
state-loading = Loading…
state-empty = Nothing here yet.
state-failed = That did not work
state-offline = The centre does not answer
state-offline-more = What is shown may be old. The console tries again by itself; nothing that you acknowledged is lost.
state-again = Try again

nav = Pages
nav-watch = Watch
nav-findings = Findings
nav-compliance = Compliance
nav-handover = Handover
nav-verify = Check a bundle
nav-waiting = { $n } wait for a signature
breadcrumb = You are here

# Signing in
sign-in = Sign in
sign-in-more = The joint centre knows you by your passkey: a security key, or this device’s own lock. Nobody, the administrator included, can sign in or sign a finding as you.
sign-in-passkey = Sign in with a passkey
sign-in-exercise = Play a part
sign-in-exercise-more = This centre runs an exercise. Choose whom you play; none of what you see happened, and these signatures are nobody’s word.
sign-in-verify = Check an evidence bundle without signing in
passkey-refused = The passkey was not used, or this browser has none for the centre.
invitation = Welcome, { $name }
invitation-more = Make your passkey on the device or security key that you will sign with. It never leaves it. The invitation holds until { $until } UTC and works once.
invitation-accept = Make my passkey
role-duty-officer = duty officer
role-analyst = analyst
role-signing-officer = signing officer
role-observer = observer
role-host-official = host official
role-host-liaison = host liaison
role-auditor = auditor
role-technician = technician
role-machine-administrator = administrator of machines
role-administrator = administrator of machines

# The watch
map = Map
map-loading = Loading the map…
map-failed = The map cannot be drawn here: { $why }. The lists beside it say the same.
map-label = Map of the theatre. Arrow keys move it, plus and minus zoom. The lists beside it hold the same events.
map-label-finding = Map of this event with its error ellipse and the bearings of what heard and saw it
search = Search a place
search-hint = Place or coordinates
search-none = No such place on the basemap.
search-enter = Enter: go to { $place }
layers = Layers
layer-relief = Relief
layer-places = Places
layer-held = Who stands where
layer-areas = Areas and corridors
layer-coverage = Watched in the last hour; bars: not watched
layer-sensors = Sensors
layer-posts = Posts
layer-drones = Drones and what moves
layer-footprints = What cameras see
layer-events = Events with 90 % ellipse
layer-hours = Events of the last
layer-hours-n = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
layer-hours-all = all time
basemap-sources = Elevation: viewfinderpanoramas.org (Jonathan de Ferranti). Places © GeoNames, CC BY 4.0, as they stand there; a name is no position. Rivers and borders: Natural Earth.
measure = Measure
measure-hint = Point on the map, or add the map’s centre.
measure-centre = Add the map’s centre
measure-end = Done
measure-bearing = last leg towards { $deg }°
zoom-in = Zoom in
zoom-out = Zoom out
zoom-home = Show the whole watch area
notation = Change the notation of places
notation-mgrs = MGRS
notation-dms = Degrees, minutes, seconds
notation-decimal = Decimal degrees
here = What was pointed at
here-post = Post { $id }
here-sensor = Sensor { $id }
here-site = Known place of blasting { $id }
here-moves = { $speed } km/h, course { $course }°
here-height = { $m } m above sea level
here-seen = last fix { $time } UTC
here-operator = Run by: { $who }
wall = Video wall
wall-empty = No live video is configured.
video-of = Video of { $source }: { $state }
video-connecting = Connecting…
video-live = Live
video-replay = Recorded
video-stalled = Stands still: nothing comes
video-lost = Lost. Trying again.
video-ended = The recording ends here
video-unsupported = This browser cannot show this coding
video-none = Nothing recorded at this time
video-damaged = Damaged: bytes were lost
side = Alerts, events and feeds
side-sum = { $n } findings of { $kinds } kinds within the hours chosen
tab-alerts = Alerts
tab-events = Events
tab-feeds = Feeds
events-none = No finding in this span of time. That says nothing about what was not watched.
open-finding = Open
open-finding-id = Open finding { $id }
show-on-map = Show on map
timebar = Time
timebar-slider = Instant shown. Arrow keys move it, End goes back to now.
timebar-length = Length of the time bar
timebar-direction = Time runs from left to right.
now = Now
shown-now = as it comes
shown-past = { $ago } ago
play = Let time run
pause = Hold time

# Alerts
severity-notice = Notice
severity-warning = Warning
severity-alarm = Alarm
alerts-none = Nothing waits for you. New alerts sound and are read out.
acknowledge = Acknowledge
alert-acknowledged = Acknowledged: { $text }
alert-kept = Kept on this machine; sent when the centre answers
acknowledge-all = Acknowledge all { $n }
alert-times = { $n } since { $since }, the last: { $text }
alert-each = Each of them
acknowledged-by = seen by { $name } at { $time }
not-acknowledged = not acknowledged
alert-finding-put = New finding: { $kind }. { $verdict }.
alert-document-entered = A document entered the record: { $path }, version { $version }.
alert-feed-stale = Feed { $feed } is silent. { $why }
alert-feed-lost = Feed { $feed } is lost. { $why }
alert-feed-storage_full = The disk refuses what { $feed } sends; it is held back while there is room. { $why }
alert-clock-fast = The clock of { $feed } is fast by { $fast_by_ms } ms.
alert-disk-filling = The disk is filling: { $free_share } free.
alert-crossing-out = { $subject } left: { $areas }.
alert-crossing-in = { $subject } came back: { $areas }.
alert-withdrawal-overdue = The area { $area } was to be left by { $by }; that time has passed.
alert-patrol-overdue = { $what ->
    [begin] The patrol { $patrol } ({ $shift }) was to begin at { $by } and was not seen to.
   *[other] The patrol { $patrol } ({ $shift }) was to be at the end of its way by { $by } and was not seen there.
}
alert-deadline-due = { $what ->
    [authorisation-ends] The authorisation { $of } ends on { $last_day }.
    [authorisation-renews] The authorisation { $of } renews itself after { $last_day }.
    [authorisation-notice] Last day to denounce the authorisation { $of }: { $last_day }.
    [term-ends] The term of { $of } ends on { $last_day }.
    [term-renews] The term of { $of } renews itself after { $last_day }.
    [term-notice] Last day to denounce the term of { $of }: { $last_day }.
   *[other] The procedures ({ $of }) end on { $last_day }.
}
alert-kind-finding = New finding
alert-kind-document = Document
alert-kind-clock = Clock
alert-kind-disk = Disk
alert-kind-feed = Feed
alert-kind-crossing = Left or came back
alert-kind-withdrawal = Withdrawal
alert-kind-patrol = Patrol
alert-kind-deadline = Deadline

# Feeds
feeds-none = No live feed is configured.
feed = Feed
feed-up = Up
feed-connecting = Connecting
feed-stale = Stale
feed-lost = Lost
feed-storage-full = Disk full
feed-ended = Ended
feed-rate = { $mbps } Mb/s
feed-clock = its clock
since = Since
missing = Missing
feed-since = Since { $time }
feed-missing = Missing: { $n } { $what }

# Findings
finding = Finding
findings-sum = { $n } in all: { $waiting } wait for a key, { $determined } determined
findings-none = No finding fits these filters.
findings-since = The newest { $n }: all since { $time } UTC.
findings-older = Older ones
filter-standing = Standing
filter-all = All
filter-waiting = Waiting for a key
filter-determined = Determined
filter-dissented = Dissented
filter-superseded = Superseded
what = What
when = When
when-local = Local ({ $zone })
where = Where
who = Who
who-named = Named
who-is = Named: { $party }
who-undetermined = Nobody is named: the evidence does not carry it
likeliest = Likeliest
standing = Standing
standing-open = open
standing-signed = signed by { $states }; one key is missing
standing-determined = determined
standing-dissented = dissent of { $states }
standing-superseded = superseded
verdict-none = nobody violated
verdict-undetermined = undetermined
p-remote = remote
p-very-unlikely = very unlikely
p-unlikely = unlikely
p-even = even
p-likely = likely
p-very-likely = very likely
p-almost-certain = almost certain
chance-threshold = The mark: a party is named from { $p } on, as the procedures ask.

# One finding
one-sd = one standard deviation
where-ellipse = 90 % within { $major } × { $minor } (half axes), long axis { $deg }°
impact = Came down
impact-away = { $m } away
supersedes = takes the place of
superseded-by = superseded by
two-keys = Two keys
has-signed = signed
has-dissented = dissented
not-yet = No decision yet
method-key = by the officer’s own key
method-webauthn = by passkey
method-exercise = exercise: the centre held the key
sign = Sign
dissent = Dissent
decided-by-us = { $state } has decided. A first decision stands.
may-not-sign = Your part does not sign this finding.
sign-title = Sign { $id }
sign-more = By signing you say that this finding, with these bytes, is what your state determines. It is determined when the other sending state signs the same bytes.
sign-now = Sign with my key
dissent-title = Dissent from { $id }
dissent-more = A dissent is kept beside the finding for ever, with its reason. It does not undo the other state’s key.
dissent-now = Dissent with my key
reason = Reason
signed-text = These lines are signed:
exercise-key = The centre holds this part’s key: what follows is nobody’s word.
signed = You signed { $id }.
dissented = You dissented from { $id }.
bundle = Evidence bundle
bundle-check = Check a bundle in this browser
clauses = Against the clauses in force
clause = Clause
clauses-none = No clause in force speaks of this event.
clauses-silent = { $n } clauses do not apply
holding-violates = violates
holding-complies = complies
holding-undetermined = violates if a party can be named
holding-not-applicable = does not apply
holding-not-observed = not observed
version = Agreement { $agreement }…, procedures { $procedures }…, { $engine }
evidence = Evidence: { $n } observations
evidence-lanes = Evidence by kind and time; the line is the event
observation-acoustic = Sound
observation-flash = Flash
observation-seismic = Ground shock
observation-video = Video
observation-report = Report
observation-thermal = Hotspot
observation-notice = Notice
observation-weather = Weather
is-excluded = excluded
bearing = bearing { $deg }°
residual = residual (standard deviations)
clip-of = Video of { $source } around the event
clip-original = original bytes
clip-none = No video was recorded around this time.
attachments = Files that came with reports: { $n }
attachment-of = { $source }: { $name }
evidence-absent = Nothing of these kinds speaks of it:
why = What may be said, and from what
without-source = Without one source
counterfactual = Without { $source }: { $verdict }; the answer given would have { $p }.
counterfactual-moved = Its place would move by { $m }.
weights = What spoke for and against
weights-more = Log-odds for the likeliest answer against all others; what the place would move by without the piece.
piece = Piece
piece-sound = Sound
piece-flash = Flash
piece-shock = Ground shock
piece-seen = Seen in video
piece-hotspot = Hotspot
piece-burst = Burst of the round
piece-movers = Movement at the firing point
piece-report = Report
piece-notice = Notice
piece-ground = Firing point against the line as drawn
for = for
against = against
log-odds = Log-odds
moves-it = Moves it
leave-out = Leave out
leave-out-of = Leave out: { $piece }
what-if-hint = Leave a piece out, and the judgement is made again without it. Nothing is recorded by that.
what-if = What if { $n } were left out
what-if-clear = Take all back
what-if-judging = Judging again…
what-if-nothing = Without it nothing would be located.
what-if-now = Without it: { $verdict }
what-if-moved = Its place moves by { $m }.
before = As judged
after = Without
exclude = Exclude { $n } with this reason
exclude-reason = Reason for leaving it out of the judgement (goes into the record)
excluded = Excluded. The judgement is made again.
back-to-map = Show on the watch map
signed-hash = SHA-256 of what is signed:

# Compliance
compliance-more = Each day, each clause, each party it binds. Complied is said only where enough was watched; what nobody watched is not observed.
compliance-until = Up to
compliance-days = Days
n-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
compliance-loading = Reckoning what was watched…
compliance-none = No clause with a rule for events was in force on these days.
compliance-note = A cell takes the name of its worst stretch: violated, then undetermined, then not observed; complied only when all its stretches are.
compliance-determined = Of the findings of these days { $n } are determined by both states; the rest is the engine’s word alone.
printed = as of { $time }
legend = Signs
kept = Kept
kept-violated = violated
kept-undetermined = undetermined
kept-complied = complied
kept-not-observed = not observed
party = Party
cell = { $party }, { $clause }, { $day }: { $kept }
cell-sum = of { $all } stretches: { $violated } violated, { $complied } complied, { $unseen } open or unseen
cell-watched = { $p } of line × time watched
cell-unbound = not bound
drill = Stretch by stretch
stretch = { $line }, km { $from }–{ $to }
area-wide = Away from the line
watched = Watched
longest-gap = Longest gap
p-missed = Chance that one violation was missed

# Handover
handover-span = { $from } to { $to }
handover-length = Length of the shift
handover-by = handed over by { $name }, { $state }
handover-waiting = Waits for a key ({ $n })
handover-new = New in this shift ({ $n })
handover-decisions = Decided ({ $n })
handover-alerts = Alerts: { $open } open, { $taken } acknowledged
handover-feeds = Feeds and their gaps
handover-entries = the record has { $n } entries
handover-remarks = Remarks
handover-gives = handed over: name, time
handover-takes = taken over: name, time

# Checking a bundle
verify-more = The file is read here, in this browser, and is sent nowhere. The check shares no code with the program that wrote it.
verify-bundle = Bundle (ZIP)
verify-keys = Keys that you trust, one a line
verify-keys-more = From the procedures, from each state, or from an earlier visit. Without any, the bundle’s own are used: then it only agrees with itself.
verify-quorum = Witnesses that must have cosigned
verify-now = Check
verify-busy = Checking…
verify-passed = Everything fits
verify-failed = Something does not fit
verify-own-keys = Checked against the keys inside the bundle. Compare the fingerprints below with ones that you have from elsewhere.
verify-determined = determined by { $states }
verify-not-determined = not determined: a key of a sending state is missing
verify-vouched = passkey vouched for by { $by }
verify-log = Log
verify-entries = { $n } entries proven to be among { $size }
verify-witnesses = Witnesses
verify-fingerprints = Fingerprints of the keys
verify-limits = What this cannot show: that a clock was right, that a camera was not aimed away, that something was never recorded, or what was recorded after the bundle was made.

# Pages of the mandate
nav-host = To decide
nav-reports = Reports
nav-mandate = Mandate
nav-procedures = Procedures
nav-talks = Talks
page-not-yours = Your part has no such page.
layer-withdrawals = Areas that are to be left
map-label-mandate = Map of the areas that are to be left and of proven departures. The lists beside it hold the same.
entry = entry { $n }
everybody = everybody
of-whom = Whose
last-day = Last day
time-left = Time left
days-left = { $n ->
    [0] today is the last day
    [one] { $n } day left
   *[other] { $n } days left
}
days-over = { $n ->
    [one] over for { $n } day
   *[other] over for { $n } days
}
remarks = Remarks
reference = Reference

# The mandate
mandate-more = What each state’s authority allows, what is deployed, and what runs out. Above a ceiling nothing can be recorded but by both keys.
mandate-day = As of the day
runs-out = What runs out
runs-out-nothing = Nothing runs out within 90 days.
deadline-authorisation-ends = Authorisation ends
deadline-authorisation-renews = Authorisation renews itself
deadline-authorisation-notice = Last day to denounce the authorisation
deadline-term-ends = Term of the agreement ends
deadline-term-renews = Term of the agreement renews itself
deadline-term-notice = Last day to denounce the agreement
deadline-procedures-end = Procedures end
strength = Strength against ceilings
strength-none = Nothing is deployed, and no authorisation is known.
sending-state = State
category = Category
strength-of-ceiling = Strength / ceiling
strength-above = above the ceiling
strength-by-both = above, by both keys
strength-near = near the ceiling
strength-within = within
strength-none-in-force = no authorisation in force
category-persons = persons
category-vehicles = vehicles
category-aircraft = aircraft
category-sites = sites
deployments = { $n ->
    [one] { $n } deployment
   *[other] { $n } deployments
}
no-end = no end stated
withdrawals = Withdrawals
withdrawals-none = No agreement in the record asks for an area to be left.
withdrawal-not-begun = not begun
withdrawal-under-way = under way
withdrawal-reported-not-verified = reported, not verified
withdrawal-left = left
withdrawal-verified = verified
withdrawal-overdue = overdue
to-be-left-by = To be left by { $time }
deadline-moved = (first { $from }; moved by agreement of { $agreed })
area-not-due = Not yet due, and nothing was reported.
area-watched = { $p } of the ground was seen since; { $needed } is needed to say that it is empty.
says-begun = reported as begun
says-left = reported as left
says-present = reported as present
seen-there = seen there: { $what }
mobility = Mobility
mobility-more = Proven departures of members, drones and patrols from what they are confined to. Nobody’s whereabouts are shown but where a departure was proved.
mobility-none = Nobody has left what they are confined to.
mobility-none-out = Nobody is out.
confined-to = Confined to
turn = Turn
proof = Proof
confinement-premises = premises
confinement-corridor = corridor
confinement-sector = sector
confinement-route = route
confinement-hours = hours
is-out = is out
is-out-since = out since { $time }
went-out = went out
came-back = came back
at-gate = at gate { $gate }
beyond = { $m } beyond the edge, ± { $sd }
told = told: { $who }

# Procedures
procedures-more = Drafted by two, decided by the host. In force is only what all three have signed.
procedures-none-in-force = No procedures are in force: nothing of a drone is recorded, nothing is judged, nothing can be signed.
procedures-none = The record holds no procedures.
version-n = Version { $n }
version-from = In force from { $time }
version-draft = draft
version-half-agreed = agreed by { $state } alone
version-agreed = agreed by both
version-submitted = before the host
version-returned = returned by the host
version-changed = changed by the host into version { $n }
version-approved = approved
version-suspended = suspended
in-force = in force
steps = Steps
steps-none = No step has been signed.
step-taken = Signed. Version { $n } has a new step.
step-agree = Agree
step-agree-title = Agree to version { $n }
step-agree-more = By signing you say that your state agrees to exactly this text. It goes to the host when the other sending state agrees to the same.
step-agree-now = Agree with my key
step-submit = Submit to the host
step-submit-title = Submit version { $n } to the host
step-submit-more = Both states have agreed to this text. With your signature it lies before the host.
step-submit-now = Submit with my key
step-approve = Approve
step-approve-title = Approve version { $n }
step-approve-more = By signing the host approves exactly this text. It is in force from the date in the text, or from the later one that you give.
step-approve-now = Approve with my key
step-return = Return with remarks
step-return-title = Return version { $n }
step-return-more = The two sending states receive the text back with your remarks. It is not in force.
step-return-now = Return with my key
step-suspend = Suspend
step-suspend-title = Suspend version { $n }
step-suspend-more = From the moment this is recorded nothing of a drone is recorded, judged or signed under these procedures. What was determined stays.
step-suspend-now = Suspend with my key
step-resume = Resume
step-resume-title = Resume version { $n }
step-resume-more = The procedures are in force again from the moment this is recorded.
step-resume-now = Resume with my key
approve-from = In force from (when later than the text says)
step-done-draft = put forward
step-done-agree = agreed
step-done-submit = submitted to the host
step-done-approve = approved
step-done-approve-with-changes = approved with changes
step-done-return = returned
step-done-suspend = suspended
step-done-resume = resumed
whole-text = The whole text
text-hash = SHA-256 of the text:
redline = What differs from version { $n }
redline-none = Nothing differs.
redline-added = added
redline-removed = removed
redline-changed = changed

# Talks
talks-more = A point is agreed when both sides want the same words and both have initialled them; nobody sets it to agreed.
talks-table = Side-by-side table
points = Points
points-sum = { $open } open, { $referendum } ad referendum, { $agreed } agreed, { $referred } left to the host
points-none = No point has been opened.
point-open = open
point-ad-referendum = agreed ad referendum
point-agreed = agreed
point-referred = left to the host
position-none = No position stated.
position-no-clause = No such clause.
initialled = initialled
initialled-ad-referendum = initialled ad referendum
not-initialled = not initialled
drafts = Drafts
drafts-none = There is one text so far, and nothing to compare it with.
drafted-by = put forward by { $who }
delegations = Delegations
delegations-none = No delegation has been named.
delegation-size = { $n ->
    [one] { $n } member
   *[other] { $n } members
}
rounds = Rounds
rounds-none = No round has been entered.
round-n = Round { $n }
no-minutes = No minutes yet.

# Reports
reports-more = What the centre issues of a day. It is released when an officer of each sending state has signed the same bytes.
report-date = Day
report-version = Version
report-loading = Reckoning the day…
report-none = No report is ordered for this day: no procedures were in force at its cut-off.
report-of = Daily report of { $date }
release = Release
report-unsigned = not signed by anybody
report-half-released = one key is missing
report-released = released
report-refused = refused
report-superseded = superseded
report-newer = The record gives another report by now than the one released.
report-nobody = Nobody has signed it.
has-released = released
has-refused = refused
release-it = Release
refuse-it = Refuse
release-title = Release the report of { $date }
release-more = By signing you say that your state issues exactly these bytes. The report is released when the other sending state signs the same.
release-now = Release with my key
release-done = You signed the report of { $date }.
refuse-title = Refuse the report of { $date }
refuse-more = Your refusal and its reason are kept in the record and shown beside the report.
refuse-now = Refuse with my key
refuse-done = You refused the report of { $date }.
downloads = Take it along
report-hash = SHA-256 of the report; it stands in the annex of every form and language:

# The host
host-more = What waits for the host’s decision, what the host decided, and what the host is told of.
host-to-decide = Waits for your decision ({ $n })
host-nothing = Nothing was submitted.
host-referred = Points that both sides left to the host
host-decided = Decided
host-out = Who is out

# Kinds of events, as the engine says them
kind-small_arms = small-arms fire
kind-hmg = heavy machine-gun fire
kind-mortar = mortar fire
kind-artillery = artillery fire
kind-mlrs = rocket artillery fire
kind-drone_strike = drone strike
kind-demolition = demolition
kind-blast_quarry = quarry blast
kind-thunder = thunder
kind-fire = fire without shots
kind-movement = movement
kind-overflight = overflight
kind-works = fortification works
kind-incursion = incursion
kind-unknown = unknown event
