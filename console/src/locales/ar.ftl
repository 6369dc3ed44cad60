# لوحة المركز بالعربية. أسماء الأطراف والأشخاص والمصادر تأتي من البيانات، والأوقات والأرقام تأتي منسّقة وبأرقام غربية كي تُقارن بالسجل.

# في كل مكان
skip = إلى المحتوى
home = truceline: إلى المراقبة
theatre = المسرح
exercise = تمرين
language = اللغة
sound = صوت التنبيهات
theme = ليل أو نهار
theme-day = التحويل إلى مظهر النهار
theme-night = التحويل إلى مظهر الليل
sign-out = تسجيل الخروج
close = إغلاق
cancel = إلغاء
next = التالي
print = طباعة
refresh = تحديث
none = لا شيء.
more = عرض { $n } أخرى
more-shown = معروض { $n } من { $all }
fewer = عرض أقل
clock-local = محلي ({ $zone })
clock-sources = ساعة المصادر
link-connecting = جارٍ الاتصال…
link-live = متصل
link-lost = لا اتصال منذ { $time }
state-loading = جارٍ التحميل…
state-empty = لا شيء بعد.
state-failed = لم ينجح ذلك
state-offline = المركز لا يجيب
state-offline-more = قد يكون المعروض قديماً. تعيد اللوحة المحاولة من تلقاء نفسها؛ ولا يضيع شيء مما أقررتم به.
state-again = إعادة المحاولة

nav = الصفحات
nav-watch = المراقبة
nav-findings = الاستنتاجات
nav-compliance = الالتزام
nav-handover = تسليم النوبة
nav-verify = فحص حزمة
nav-waiting = { $n } تنتظر توقيعاً
breadcrumb = أنتم هنا

# تسجيل الدخول
sign-in = تسجيل الدخول
sign-in-more = يعرفكم المركز المشترك بمفتاح المرور: مفتاح أمان أو قفل هذا الجهاز. لا أحد، بمن فيهم المسؤول عن الأجهزة، يستطيع الدخول أو توقيع استنتاج بدلاً منكم.
sign-in-passkey = الدخول بمفتاح المرور
sign-in-exercise = اختيار دور
sign-in-exercise-more = يجري في هذا المركز تمرين. اختاروا من تمثّلون؛ لم يحدث شيء مما ترونه، وهذه التوقيعات ليست كلمة أحد.
sign-in-verify = فحص حزمة أدلة دون تسجيل الدخول
passkey-refused = لم يُستخدم مفتاح المرور، أو ليس في هذا المتصفح مفتاح للمركز.
invitation = أهلاً بكم، { $name }
invitation-more = أنشئوا مفتاح المرور على الجهاز أو مفتاح الأمان الذي ستوقّعون به. لا يغادره أبداً. الدعوة صالحة حتى { $until } بالتوقيت العالمي ولمرة واحدة.
invitation-accept = إنشاء مفتاح مروري
role-duty-officer = ضابط مناوب
role-analyst = محلل
role-signing-officer = ضابط موقّع
role-observer = مراقب
role-host-official = مسؤول الدولة المضيفة
role-host-liaison = ضابط ارتباط الدولة المضيفة
role-auditor = مدقق
role-technician = فني
role-machine-administrator = مسؤول الأجهزة
role-administrator = مسؤول الأجهزة

# المراقبة
map = الخريطة
map-loading = جارٍ تحميل الخريطة…
map-failed = لا يمكن رسم الخريطة هنا: { $why }. القوائم بجانبها تقول الشيء نفسه.
map-label = خريطة المسرح. الأسهم تحرّكها، والزائد والناقص يغيّران المقياس. في القوائم بجانبها الأحداث نفسها.
map-label-finding = خريطة هذا الحدث مع إهليلج الخطأ واتجاهات ما سمعه ورآه
search = البحث عن مكان
search-hint = مكان أو إحداثيات
search-none = لا يوجد مكان كهذا على الخريطة الأساسية.
search-enter = ‏Enter: الانتقال إلى { $place }
layers = الطبقات
layer-relief = التضاريس
layer-places = أسماء الأماكن
layer-held = من يقف أين
layer-areas = المناطق والممرات
layer-coverage = ما روقب في الساعة الأخيرة؛ المخطط: غير مراقب
layer-sensors = المستشعرات
layer-posts = النقاط
layer-drones = المسيّرات وما يتحرك
layer-footprints = ما تراه الكاميرات
layer-events = الأحداث مع إهليلج 90 %
layer-hours = أحداث آخر
layer-hours-n = { $n ->
    [zero] { $n } ساعة
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
}
layer-hours-all = كل الوقت
basemap-sources = الارتفاعات: viewfinderpanoramas.org (Jonathan de Ferranti). الأسماء © GeoNames، ‏CC BY 4.0، كما هي هناك؛ والاسم ليس موقفاً. الأنهار والحدود: Natural Earth.
measure = قياس
measure-hint = أشيروا على الخريطة أو أضيفوا مركزها.
measure-centre = إضافة مركز الخريطة
measure-end = تم
measure-bearing = آخر ضلع باتجاه { $deg }°
zoom-in = تكبير
zoom-out = تصغير
zoom-home = عرض منطقة المراقبة كلها
notation = تغيير كتابة الإحداثيات
notation-mgrs = MGRS
notation-dms = درجات ودقائق وثوانٍ
notation-decimal = درجات عشرية
here = ما أُشير إليه
here-post = النقطة { $id }
here-many = { $n } في مكان واحد
here-sensor = المستشعر { $id }
here-site = موقع تفجير معروف { $id }
here-moves = { $speed } كم/س، الوجهة { $course }°
here-height = { $m } م فوق سطح البحر
here-seen = آخر موقع { $time } بالتوقيت العالمي
here-operator = يديره: { $who }
wall = جدار الفيديو
wall-empty = لا فيديو مباشر معدّ.
video-of = فيديو { $source }: { $state }
video-connecting = جارٍ الاتصال…
video-live = مباشر
video-replay = مسجّل
video-stalled = متوقف: لا يصل شيء
video-lost = انقطع. تُعاد المحاولة.
video-ended = هنا ينتهي التسجيل
video-unsupported = لا يعرض هذا المتصفح هذا الترميز
video-none = لا تسجيل في هذا الوقت
video-damaged = تالف: ضاعت بايتات
side = التنبيهات والأحداث والتدفقات
side-sum = الاستنتاجات في المدة المختارة: { $n }، الأنواع: { $kinds }
tab-alerts = التنبيهات
tab-events = الأحداث
tab-feeds = التدفقات
events-none = لا استنتاج في هذه المدة. ولا يقول ذلك شيئاً عمّا لم يُراقب.
open-finding = فتح
open-finding-id = فتح الاستنتاج { $id }
show-on-map = على الخريطة
timebar = الزمن
timebar-slider = اللحظة المعروضة. الأسهم تحرّكها، وEnd تعود إلى الآن.
timebar-length = طول شريط الزمن
timebar-direction = يجري الزمن من اليسار إلى اليمين.
now = الآن
shown-now = كما يصل
shown-past = قبل { $ago }
play = تشغيل الزمن
pause = إيقاف الزمن

# التنبيهات
severity-notice = إشعار
severity-warning = تحذير
severity-alarm = إنذار
alerts-none = لا شيء ينتظركم. التنبيهات الجديدة تُسمع وتُقرأ.
acknowledge = إقرار
alert-acknowledged = أُقرّ: { $text }
alert-kept = محفوظ على هذا الجهاز؛ يُرسل حين يجيب المركز
acknowledge-all = إقرار الكل ({ $n })
alert-times = { $n ->
    [two] مرتان منذ { $since }، آخرهما: { $text }
    [few] { $n } مرات منذ { $since }، آخرها: { $text }
   *[other] { $n } مرة منذ { $since }، آخرها: { $text }
  }
alert-each = كل واحد منها
acknowledged-by = اطّلع عليه { $name } في { $time }
not-acknowledged = لم يُقرّ
alert-finding-put = استنتاج جديد: { $kind }. { $verdict }.
alert-document-entered = دخلت السجل وثيقة: { $path }، النسخة { $version }.
alert-feed-stale = التدفق { $feed } صامت. { $why }
alert-feed-lost = التدفق { $feed } مفقود. { $why }
alert-feed-storage_full = القرص لا يقبل { $feed }؛ ويُحتجز ما دام هناك متسع. { $why }
alert-clock-fast = ساعة { $feed } متقدمة { $fast_by_ms } م.ث.
alert-disk-filling = القرص يمتلئ: المتاح { $free_share }.
alert-crossing-out = غادر { $subject }: { $areas }.
alert-crossing-in = عاد { $subject }: { $areas }.
alert-withdrawal-overdue = كان يجب إخلاء المنطقة { $area } قبل { $by }؛ وقد انقضى الموعد.
alert-patrol-overdue = { $what ->
    [begin] كان على الدورية { $patrol } ({ $shift }) أن تبدأ في { $by }، ولم يُرصد بدؤها.
    [sector] كان على الدورية { $patrol } ({ $shift }) أن تبقى في قطاعها حتى { $by }، ورُصدت فيه أقل من تسعة أعشار هذه المدة.
   *[other] كان على الدورية { $patrol } ({ $shift }) أن تبلغ نهاية مسارها قبل { $by }، ولم تُرصد هناك.
}
alert-post-not-observed = كان على النقطة { $post } ({ $shift }) أن تُشغَل حتى { $by }، ولم يرد منها أي تقرير.
alert-deadline-due = { $what ->
    [authorisation-ends] ينتهي التفويض { $of } في { $last_day }.
    [authorisation-renews] يتجدد التفويض { $of } تلقائيًا بعد { $last_day }.
    [authorisation-notice] آخر يوم لإنهاء التفويض { $of }: { $last_day }.
    [term-ends] تنتهي مدة { $of } في { $last_day }.
    [term-renews] تتجدد مدة { $of } تلقائيًا بعد { $last_day }.
    [term-notice] آخر يوم لإنهاء مدة { $of }: { $last_day }.
   *[other] تنتهي الإجراءات ({ $of }) في { $last_day }.
}
alert-kind-finding = استنتاج جديد
alert-kind-document = وثيقة
alert-kind-clock = ساعة
alert-kind-disk = قرص
alert-kind-feed = تدفق
alert-kind-crossing = مغادرة أو عودة
alert-kind-withdrawal = انسحاب
alert-kind-patrol = دورية
alert-kind-post = نقطة
alert-kind-deadline = موعد نهائي

# التدفقات
feeds-none = لا تدفق مباشر معدّ.
feed = التدفق
feed-up = يصل
feed-connecting = جارٍ الاتصال
feed-stale = صامت
feed-lost = مفقود
feed-storage-full = القرص ممتلئ
feed-ended = انتهى
feed-rate = { $mbps } ميغابت/ث
feed-clock = ساعته
since = منذ
missing = الناقص
feed-since = منذ { $time }
feed-missing = ناقص: { $n } { $what }

# الاستنتاجات
finding = الاستنتاج
findings-sum = المجموع { $n }: تنتظر مفتاحاً { $waiting }، ومثبتة { $determined }
findings-none = لا استنتاج يطابق هذه المرشحات.
findings-since = أحدث { $n }: كلها منذ { $time } UTC.
findings-older = الأقدم
filter-standing = الحالة
filter-all = الكل
filter-waiting = تنتظر مفتاحاً
filter-determined = مثبتة
filter-dissented = مع رأي مخالف
filter-superseded = مستبدلة
what = ماذا
when = متى
when-local = محلي ({ $zone })
where = أين
who = من
who-named = المسمّى
who-is = المسمّى: { $party }
who-undetermined = لا يُسمّى أحد: الأدلة لا تكفي لذلك
likeliest = الأرجح
standing = الحالة
standing-open = مفتوح
standing-signed = وقّعته { $states }؛ ينقص مفتاح واحد
standing-determined = مثبت
standing-dissented = رأي مخالف من { $states }
standing-superseded = مستبدل
verdict-none = لم ينتهك أحد
verdict-undetermined = غير محدّد
p-remote = مستبعد تماماً
p-very-unlikely = مستبعد جداً
p-unlikely = مستبعد
p-even = متساوٍ
p-likely = مرجّح
p-very-likely = مرجّح جداً
p-almost-certain = شبه مؤكد
chance-threshold = العلامة: يُسمّى طرف ابتداءً من { $p } كما تطلب الإجراءات.

# استنتاج واحد
one-sd = انحراف معياري واحد
where-ellipse = ‏90 % ضمن { $major } × { $minor } (نصفا المحورين)، المحور الطويل { $deg }°
impact = موضع السقوط
impact-away = على بعد { $m }
supersedes = يحل محل
superseded-by = حلّ محله
two-keys = مفتاحان
has-signed = وقّع
has-dissented = رأي مخالف
not-yet = لا قرار بعد
method-key = بمفتاح الضابط نفسه
method-webauthn = بمفتاح المرور
method-exercise = تمرين: كان المفتاح لدى المركز
sign = توقيع
dissent = رأي مخالف
decided-by-us = قررت { $state }. القرار الأول هو القائم.
may-not-sign = دوركم لا يوقّع هذا الاستنتاج.
sign-title = توقيع { $id }
sign-more = بالتوقيع تقولون إن هذا الاستنتاج، بهذه البايتات، هو ما تثبته دولتكم. ويصبح مثبتاً حين توقّع الدولة المرسلة الأخرى البايتات نفسها.
sign-now = التوقيع بمفتاحي
dissent-title = رأي مخالف في { $id }
dissent-more = يُحفظ الرأي المخالف بسببه إلى جانب الاستنتاج إلى الأبد. ولا يلغي مفتاح الدولة الأخرى.
dissent-now = إبداؤه بمفتاحي
reason = السبب
signed-text = تُوقَّع هذه الأسطر:
exercise-key = مفتاح هذا الدور لدى المركز: ما يلي ليس كلمة أحد.
signed = وقّعتم { $id }.
dissented = أبديتم رأياً مخالفاً في { $id }.
bundle = حزمة الأدلة
bundle-check = فحص حزمة في هذا المتصفح
clauses = بحسب البنود السارية
clause = البند
clauses-none = لا بند سارياً يتحدث عن هذا الحدث.
clauses-silent = البنود غير المنطبقة: { $n }
holding-violates = انتهاك
holding-complies = التزام
holding-undetermined = انتهاك إن أمكنت تسمية طرف
holding-not-applicable = لا ينطبق
holding-not-observed = لم يُراقب
version = الاتفاق { $agreement }…، الإجراءات { $procedures }…، { $engine }
evidence = الأدلة: عدد الرصدات { $n }
evidence-lanes = الأدلة بحسب النوع والزمن؛ الخط هو الحدث
observation-acoustic = صوت
observation-flash = وميض
observation-seismic = هزة أرضية
observation-video = فيديو
observation-report = تقرير
observation-thermal = نقطة حرارية
observation-notice = إخطار
observation-weather = طقس
is-excluded = مستبعد
bearing = الاتجاه { $deg }°
residual = المتبقي (انحرافات معيارية)
clip-of = فيديو { $source } حول الحدث
clip-original = البايتات الأصلية
clip-none = لم يُسجّل فيديو حول هذا الوقت.
attachments = ملفات وردت مع التقارير: { $n }
attachment-of = { $source }: { $name }
evidence-absent = لا دليل عليه من هذه الأنواع:
why = ما يمكن قوله وعلى أي أساس
without-source = بدون مصدر واحد
counterfactual = بدون { $source }: { $verdict }؛ ويكون للجواب المعطى { $p }.
counterfactual-moved = وينتقل موضعه { $m }.
weights = ما يؤيد وما يعارض
weights-more = لوغاريتم الأرجحية لصالح الجواب الأرجح ضد سواه؛ وكم ينتقل الموضع بدون الجزء.
piece = الجزء
piece-sound = صوت
piece-flash = وميض
piece-shock = هزة أرضية
piece-seen = شوهد في الفيديو
piece-hotspot = نقطة حرارية
piece-burst = انفجار القذيفة
piece-movers = حركة عند نقطة الإطلاق
piece-report = تقرير
piece-notice = إخطار
piece-ground = نقطة الإطلاق قياساً إلى الخط المرسوم
for = يؤيد
against = يعارض
log-odds = لوغ. الأرجحية
moves-it = ينقله
leave-out = استبعاد
leave-out-of = استبعاد: { $piece }
what-if-hint = استبعدوا جزءاً ويُعاد الحكم بدونه. لا يُسجّل شيء بذلك.
what-if = لو استُبعد { $n }
what-if-clear = إعادة الكل
what-if-judging = يُعاد الحكم…
what-if-nothing = بدونه لا يُحدَّد أي موقع.
what-if-now = بدونه: { $verdict }
what-if-moved = ينتقل موضعه { $m }.
before = كما حُكم
after = بدونه
exclude = استبعاد { $n } لهذا السبب
exclude-reason = سبب الاستبعاد من الحكم (يدخل السجل)
excluded = استُبعد. يُعاد الحكم.
back-to-map = على خريطة المراقبة
signed-hash = ‏SHA-256 لما يُوقَّع:

# الالتزام
compliance-more = كل يوم وكل بند وكل طرف يلزمه. لا يقال «التزام» إلا حيث روقب ما يكفي؛ وما لم يراقبه أحد فهو غير مراقب.
compliance-until = حتى يوم
compliance-days = الأيام
n-days = { $n ->
    [zero] { $n } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $n } أيام
    [many] { $n } يوماً
   *[other] { $n } يوم
}
compliance-loading = يُحسب ما روقب…
compliance-none = لم يسرِ في هذه الأيام بند يضع قاعدة للأحداث.
compliance-note = تأخذ الخلية اسم أسوأ مقاطعها: انتهاك، ثم غير محدّد، ثم لم يُراقب؛ والتزام فقط إن التزمت كل مقاطعها.
compliance-determined = من استنتاجات هذه الأيام ما أثبتته الدولتان: { $n }؛ والباقي كلمة البرنامج وحده.
printed = بتاريخ { $time }
legend = الرموز
kept = النتيجة
kept-violated = انتهاك
kept-undetermined = غير محدّد
kept-complied = التزام
kept-not-observed = لم يُراقب
party = الطرف
cell = { $party }، { $clause }، { $day }: { $kept }
cell-sum = المقاطع { $all }: انتهاك { $violated }، التزام { $complied }، مفتوح أو غير مرئي { $unseen }
cell-watched = روقب { $p } من الخط × الزمن
cell-unbound = غير ملزم
drill = مقطعاً مقطعاً
stretch = { $line }، كم { $from }–{ $to }
area-wide = بعيداً عن الخط
watched = ما روقب
longest-gap = أطول فجوة
p-missed = احتمال تفويت انتهاك واحد

# تسليم النوبة
handover-span = { $from } – { $to }
handover-length = طول النوبة
handover-by = يسلّمها { $name }، { $state }
handover-waiting = تنتظر مفتاحاً ({ $n })
handover-new = الجديد في هذه النوبة ({ $n })
handover-decisions = القرارات ({ $n })
handover-alerts = التنبيهات: مفتوحة { $open }، مُقرّ بها { $taken }
handover-feeds = التدفقات وفجواتها
handover-entries = في السجل { $n } قيداً
handover-remarks = ملاحظات
handover-gives = سلّم: الاسم، الوقت
handover-takes = استلم: الاسم، الوقت

# فحص حزمة
verify-more = يُقرأ الملف هنا في هذا المتصفح ولا يُرسل إلى أي مكان. ولا يشترك الفحص في أي شيفرة مع البرنامج الذي كتب الحزمة.
verify-bundle = الحزمة (ZIP)
verify-keys = المفاتيح التي تثقون بها، واحد في كل سطر
verify-keys-more = من الإجراءات، أو من كل دولة، أو من زيارة سابقة. وبدونها تُستخدم مفاتيح الحزمة: فتكون متفقة مع نفسها فقط.
verify-quorum = عدد الشهود الواجب توقيعهم المشترك
verify-now = فحص
verify-busy = جارٍ الفحص…
verify-passed = كل شيء متطابق
verify-failed = شيء لا يتطابق
verify-own-keys = فُحصت بالمفاتيح التي داخل الحزمة. قارنوا البصمات أدناه بما لديكم من مصدر آخر.
verify-determined = أثبتته { $states }
verify-not-determined = غير مثبت: ينقص مفتاح إحدى الدولتين المرسلتين
verify-vouched = ضمن مفتاح المرور { $by }
verify-log = السجل
verify-entries = القيود المثبت وجودها بين { $size }: { $n }
verify-witnesses = الشهود
verify-fingerprints = بصمات المفاتيح
verify-limits = ما لا يُظهره هذا: أن ساعة كانت صحيحة، أو أن كاميرا لم تُصرف، أو أن شيئاً لم يُسجّل قط، أو ما سُجّل بعد الحزمة.

# Pages of the mandate
nav-host = للقرار
nav-reports = التقارير
nav-mandate = التفويض
nav-procedures = الإجراءات
nav-talks = المحادثات
page-not-yours = ليس لدورك صفحة كهذه.
layer-withdrawals = مناطق يجب إخلاؤها
map-label-mandate = خريطة المناطق التي يجب إخلاؤها وحالات الخروج المثبتة. القوائم بجانبها تقول الشيء نفسه.
entry = القيد { $n }
everybody = الجميع
of-whom = لمن
last-day = آخر يوم
time-left = الوقت المتبقي
days-left = { $n ->
    [0] اليوم آخر يوم
    [one] بقي يوم واحد
    [two] بقي يومان
    [few] بقيت { $n } أيام
   *[other] بقي { $n } يومًا
}
days-over = { $n ->
    [one] انقضى منذ يوم
    [two] انقضى منذ يومين
    [few] انقضى منذ { $n } أيام
   *[other] انقضى منذ { $n } يومًا
}
remarks = ملاحظات
reference = رقم الوثيقة

# The mandate
mandate-more = ما يسمح به تفويض كل دولة، وما نُشر، وما ينقضي أجله. ما فوق السقف لا يُقيَّد إلا بالمفتاحين معًا.
mandate-day = كما في يوم
runs-out = ما ينقضي أجله
runs-out-nothing = لا ينقضي شيء خلال 90 يومًا.
deadline-authorisation-ends = ينتهي التفويض
deadline-authorisation-renews = يتجدد التفويض من تلقاء نفسه
deadline-authorisation-notice = آخر يوم لنقض التفويض
deadline-term-ends = تنتهي مدة الاتفاق
deadline-term-renews = تتجدد مدة الاتفاق من تلقاء نفسها
deadline-term-notice = آخر يوم لنقض الاتفاق
deadline-procedures-end = تنتهي الإجراءات
strength = القوام والسقوف
strength-none = لم يُنشر شيء ولا يُعرف تفويض.
sending-state = الدولة
category = الفئة
strength-of-ceiling = القوام / السقف
strength-above = فوق السقف
strength-by-both = فوقه، بالمفتاحين
strength-near = قرب السقف
strength-within = ضمن السقف
strength-none-in-force = لا تفويض نافذ
category-persons = أشخاص
category-vehicles = مركبات
category-aircraft = طائرات
category-sites = مواقع
deployments = { $n ->
    [one] انتشار واحد
    [two] انتشاران
    [few] { $n } انتشارات
   *[other] { $n } انتشارًا
}
no-end = بلا نهاية محددة
withdrawals = الانسحابات
withdrawals-none = لا يطلب أي اتفاق في السجل إخلاء منطقة.
withdrawal-not-begun = لم يبدأ
withdrawal-under-way = جارٍ
withdrawal-reported-not-verified = أُبلغ عنه ولم يُتحقق منه
withdrawal-left = أُخليت
withdrawal-verified = تم التحقق
withdrawal-overdue = متأخر
to-be-left-by = يجب الإخلاء قبل { $time }
deadline-moved = (أولًا { $from }؛ نُقل باتفاق { $agreed })
area-not-due = لم يحن الأجل ولم يُبلَّغ بشيء.
area-watched = شوهد { $p } من الأرض منذ ذلك الحين؛ يلزم { $needed } للقول إنها خالية.
says-begun = أُبلغ عن البدء
says-left = أُبلغ عن الإخلاء
says-present = أُبلغ عن وجودهم
seen-there = شوهد هناك: { $what }
mobility = التنقل
mobility-more = حالات خروج مثبتة لأعضاء أو مسيّرات أو دوريات من حدودها. لا يظهر مكان أحد إلا حيث ثبت خروج.
mobility-none = لم يخرج أحد من حدوده.
mobility-none-out = لا أحد في الخارج.
confined-to = الحدود
turn = الاتجاه
proof = الإثبات
confinement-premises = المقر
confinement-corridor = الممر
confinement-sector = القطاع
confinement-route = المسار
confinement-hours = الساعات
is-out = في الخارج
is-out-since = في الخارج منذ { $time }
went-out = خرج
came-back = عاد
at-gate = عند البوابة { $gate }
beyond = { $m } خارج الحد، ± { $sd }
told = أُبلغ: { $who }

# Procedures
procedures-more = يصوغها اثنان وتقررها الدولة المضيفة. النافذ هو ما وقّعه الثلاثة فقط.
procedures-none-in-force = لا إجراءات نافذة: لا يُسجَّل شيء من المسيّرات، ولا يُحكم على شيء، ولا يمكن توقيع شيء.
procedures-none = لا إجراءات في السجل.
version-n = النسخة { $n }
version-from = نافذة منذ { $time }
version-draft = مسودة
version-half-agreed = وافقت { $state } وحدها
version-agreed = وافقت الدولتان
version-submitted = أمام الدولة المضيفة
version-returned = أعادتها الدولة المضيفة
version-changed = غيّرتها الدولة المضيفة إلى النسخة { $n }
version-approved = معتمدة
version-suspended = معلّقة
in-force = نافذة
steps = الخطوات
steps-none = لم تُوقَّع أي خطوة.
step-taken = تم التوقيع. للنسخة { $n } خطوة جديدة.
step-agree = الموافقة
step-agree-title = الموافقة على النسخة { $n }
step-agree-more = بتوقيعك تقول إن دولتك توافق على هذا النص بعينه. يُرفع إلى الدولة المضيفة حين توافق عليه الدولة المرسلة الأخرى.
step-agree-now = الموافقة بمفتاحي
step-submit = الرفع إلى الدولة المضيفة
step-submit-title = رفع النسخة { $n } إلى الدولة المضيفة
step-submit-more = وافقت الدولتان على هذا النص. بتوقيعك يصبح أمام الدولة المضيفة.
step-submit-now = الرفع بمفتاحي
step-approve = الاعتماد
step-approve-title = اعتماد النسخة { $n }
step-approve-more = بالتوقيع تعتمد الدولة المضيفة هذا النص بعينه. ينفذ من التاريخ الوارد في النص أو من تاريخ لاحق تحدده.
step-approve-now = الاعتماد بمفتاحي
step-return = الإعادة مع ملاحظات
step-return-title = إعادة النسخة { $n }
step-return-more = تستعيد الدولتان المرسلتان النص مع ملاحظاتك. وهو غير نافذ.
step-return-now = الإعادة بمفتاحي
step-suspend = التعليق
step-suspend-title = تعليق النسخة { $n }
step-suspend-more = منذ لحظة القيد لا يُسجَّل شيء من المسيّرات ولا يُحكم عليه ولا يُوقَّع بموجب هذه الإجراءات. ما تقرر يبقى.
step-suspend-now = التعليق بمفتاحي
step-resume = الاستئناف
step-resume-title = استئناف النسخة { $n }
step-resume-more = تعود الإجراءات نافذة منذ لحظة القيد.
step-resume-now = الاستئناف بمفتاحي
approve-from = نافذة من (إن كان بعد ما في النص)
step-done-draft = طُرحت
step-done-agree = تمت الموافقة
step-done-submit = رُفعت إلى الدولة المضيفة
step-done-approve = اعتُمدت
step-done-approve-with-changes = اعتُمدت مع تغييرات
step-done-return = أُعيدت
step-done-suspend = عُلّقت
step-done-resume = استؤنفت
whole-text = النص كاملًا
text-hash = ‏SHA-256 للنص:
redline = ما يختلف عن النسخة { $n }
redline-none = لا اختلاف.
redline-added = أُضيف
redline-removed = حُذف
redline-changed = تغيّر

# Talks
talks-more = تُتفق النقطة حين يريد الطرفان الكلمات نفسها ويوقّعان عليها بالأحرف الأولى؛ لا أحد يضعها متفقًا عليها بنفسه.
talks-table = جدول المقارنة
points = النقاط
points-sum = { $open } مفتوحة، { $referendum } بشرط الاستشارة، { $agreed } متفق عليها، { $referred } متروكة للدولة المضيفة
points-none = لم تُفتح أي نقطة.
point-open = مفتوحة
point-ad-referendum = متفق عليها بشرط الاستشارة
point-agreed = متفق عليها
point-referred = متروكة للدولة المضيفة
position-none = لم يُعلن موقف.
position-no-clause = لا بند كهذا.
initialled = موقّعة بالأحرف الأولى
initialled-ad-referendum = موقّعة بالأحرف الأولى بشرط الاستشارة
not-initialled = غير موقّعة بالأحرف الأولى
drafts = المسودات
drafts-none = يوجد نص واحد حتى الآن ولا شيء للمقارنة.
drafted-by = طرحها: { $who }
delegations = الوفود
delegations-none = لم يُسمَّ أي وفد.
delegation-size = { $n ->
    [one] عضو واحد
    [two] عضوان
    [few] { $n } أعضاء
   *[other] { $n } عضوًا
}
rounds = الجولات
rounds-none = لم تُقيَّد أي جولة.
round-n = الجولة { $n }
no-minutes = لا محضر بعد.

# Reports
reports-more = ما يصدره المركز عن يوم. يصدر حين يوقّع ضابط من كل دولة مرسلة على البايتات نفسها.
report-date = اليوم
report-version = النسخة
report-loading = يُحسب اليوم…
report-none = لا تقرير مطلوب لهذا اليوم: لم تكن إجراءات نافذة عند موعد الإقفال.
report-of = التقرير اليومي { $date }
release = الإصدار
report-unsigned = لم يوقّعه أحد
report-half-released = ينقص مفتاح واحد
report-released = صدر
report-refused = رُفض
report-superseded = حلّ محله غيره
report-newer = يعطي السجل الآن تقريرًا غير الذي صدر.
report-nobody = لم يوقّعه أحد.
has-released = أصدرت
has-refused = رفضت
release-it = إصدار
refuse-it = رفض
release-title = إصدار تقرير { $date }
release-more = بتوقيعك تقول إن دولتك تصدر هذه البايتات بعينها. يصدر التقرير حين توقّع الدولة المرسلة الأخرى على البايتات نفسها.
release-now = الإصدار بمفتاحي
release-done = وقّعتَ تقرير { $date }.
refuse-title = رفض تقرير { $date }
refuse-more = يبقى رفضك وسببه في السجل ويظهران بجانب التقرير.
refuse-now = الرفض بمفتاحي
refuse-done = رفضتَ تقرير { $date }.
downloads = خذه معك
report-hash = ‏SHA-256 للتقرير؛ يرد في ملحق كل شكل وكل لغة:

# The host
host-more = ما ينتظر قرار الدولة المضيفة، وما قررته، وما تُبلَّغ به.
host-to-decide = ينتظر قرارك ({ $n })
host-nothing = لم يُرفع شيء.
host-referred = نقاط تركها الطرفان للدولة المضيفة
host-decided = ما تقرر
host-out = من في الخارج

# ما يقوله البرنامج عن الحكم، بالعربية. الأرقام غربية كي تُقارن بالسجل.
kind-small_arms = نيران أسلحة خفيفة
kind-hmg = نيران رشاش ثقيل
kind-mortar = نيران هاون
kind-artillery = نيران مدفعية
kind-mlrs = نيران راجمة صواريخ
kind-drone_strike = ضربة بطائرة مسيّرة
kind-demolition = تفجير هندسي
kind-blast_quarry = تفجير في محجر
kind-thunder = رعد
kind-fire = حريق بلا إطلاق نار
kind-movement = تحرّك
kind-overflight = تحليق
kind-works = أعمال تحصين
kind-incursion = اجتياز الخط
kind-unknown = حدث غير معروف

# The ground mission
nav-ground = الميدان
ground-more = الدوريات والنقاط: كما خُطط لها وكما رُصدت. ما لم يُرَ لا يقال إنه لم يتم.
ground-day = اليوم
map-label-ground = خريطة دوريات اليوم وقطاعاته ونقاطه. الجدول يضم الشيء نفسه.
shifts = النوبات
shifts-none = لا نوبة مخططة لهذا اليوم.
shift-unit = من
shift-planned = الخطة
shift-where = أين
shift-seen = ما رُصد
shift-signed-by = الموقعون
shift-patrol = الدورية { $name }
shift-post = النقطة { $name }
shift-members = الأفراد: { $n }
shift-announced-after = أُبلغ عنها بعد بدئها
shift-sector = القطاع { $name }
shift-line = مسار، ± { $m } م
shift-waypoints = { $n } نقاط بالترتيب، ± { $m } م
shift-began = بدأت { $time }
shift-ended = انتهت { $time }
shift-passed = مرّت على { $n } من { $of } نقاط
shift-away = خارجًا { $from } – { $until }
shift-observed = رُصد { $p } من وقتها، أطول صمت { $gap }، المواقع أو التقارير: { $n }
shift-is-proposed = اقترحتها دولة واحدة
shift-is-cancelled = أُلغيت
shift-is-not-begun = لم تبدأ
shift-is-under-way = جارية
shift-is-late = متأخرة
shift-is-left = خارج نطاقها
shift-is-done = تمّت
shift-is-unfinished = لم تكتمل
shift-is-partly-observed = رُصدت جزئيًا
shift-is-not-observed = لم تُرصد
shift-is-not-gone = لم تذهب
shift-sign-title = توقيع النوبة { $shift }
shift-sign-more = تكون النوبة المشتركة مخططة حين توقّع الدولتان الخطة نفسها.
shift-signed = وُقّعت: النوبة { $shift }
shift-cancel = إلغاء
shift-cancel-title = إلغاء النوبة { $shift }
shift-cancel-more = يُسجَّل أن النوبة لن تتم، ولماذا.
shift-cancelled-done = أُلغيت: النوبة { $shift }
liaison = سجل الاتصال
liaison-more = الاتصالات مع الأطراف. ليست دليلاً على ما حدث ولا يُحكم عليها.
liaison-add = تدوين اتصال
liaison-with = مع
liaison-person = المتحدث معه
liaison-means = الوسيلة
liaison-text = ما قيل
liaison-record = تسجيل
liaison-done = الاتصال في السجل
liaison-none = لا اتصال مسجلاً.
liaison-by = كتبه { $name }
means-call = مكالمة
means-radio = لاسلكي
means-meeting = اجتماع
means-letter = رسالة
notice = أعمال معلنة
notice-add = إدخال إشعار
notice-more = أعمال وتدمير وتفجيرات أُعلن عنها: ما يشمله الإشعار مكانًا وزمانًا يفسَّر به.
notice-from = من
notice-until = إلى
notice-radius = نصف القطر، أمتار
notice-party = أعلنها
notice-text = ماذا
notice-no-place = هذا ليس مكانًا: يُنتظر MGRS أو درجات.
notice-done = الإشعار في السجل
