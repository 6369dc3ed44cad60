# What the engine says of a judgement, in English. Numbers come formatted; `party` and `source` are
# names from the theatre's data. Counts select plurals; nothing is said that a number does not carry.

located = { $kind }: { $arrivals ->
    [one] one arrival
   *[other] { $arrivals } arrivals
} at { $stations ->
    [one] one sensor
   *[other] { $stations } sensors
}; its place is known to { $sd_m } m (largest standard deviation).
kind = By sound and place: { $kind }, probability { $p_kind }; that a weapon was used, { $p_weapon }.
held = It lies { $line_m } m from the line of contact, which is known to { $line_sd_m } m, on ground that the map gives to { $party } (probability { $p } over the uncertainty of place and map).
nobody_holds = It lies { $line_m } m from the line of contact, which is known to { $line_sd_m } m, on ground that the map gives to nobody.
round = A burst { $flight_s } s later, { $range_km } km away, fits the flight of its round ({ $kind }).
announced = A demolition was announced for this place and time.
moved = People or vehicles were seen at the firing point within twenty minutes ({ $count ->
    [one] one detection
   *[other] { $count } detections
}): another side may have fired from there ({ $log_odds } in log-odds).
reported = { $count ->
    [one] One report of observers fits
   *[other] { $count } reports of observers fit
} in time, direction and distance; worth { $log_odds } in log-odds for the answer.
burned = { $count ->
    [one] One hotspot
   *[other] { $count } hotspots at one place
} and no shot heard that explains it.
named = Named: { $party }, probability { $p }.
no_violation = No violation, probability { $p }.
undetermined = Undetermined: the likeliest party is { $party } with probability { $p }; naming a party asks for { $needed }.
for = Loudest for the answer: { $source } ({ $log_odds } in log-odds).
against = Loudest against the answer: { $source } ({ $log_odds } in log-odds).
without = Without { $source }: { $verdict }.
firm = The answer stays the same without any one of the sources.

verdict-none = no violation
verdict-undetermined = undetermined

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
