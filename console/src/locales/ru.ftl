# Консоль по-русски. Имена сторон, лиц и источников берутся из данных. Время и числа приходят готовыми.

# Везде
skip = К содержанию
home = truceline: к наблюдению
theatre = Район
exercise = УЧЕНИЕ
language = Язык
sound = Звук оповещений
theme = Ночь или день
theme-day = Перейти к дневному виду
theme-night = Перейти к ночному виду
sign-out = Выйти
close = Закрыть
cancel = Отмена
next = Далее
print = Печать
refresh = Обновить
none = Нет.
more = Показать ещё { $n }
more-shown = Показано { $n } из { $all }
fewer = Показать меньше
clock-local = местное ({ $zone })
clock-sources = часы источников
link-connecting = Соединение…
link-live = На связи
link-lost = Нет связи { $time }
state-loading = Загрузка…
state-empty = Пока ничего нет.
state-failed = Не получилось
state-offline = Центр не отвечает
state-offline-more = Показанное могло устареть. Консоль пробует снова сама; ничто из подтверждённого вами не потеряно.
state-again = Повторить

nav = Страницы
nav-watch = Наблюдение
nav-findings = Заключения
nav-compliance = Соблюдение
nav-handover = Сдача смены
nav-verify = Проверка пакета
nav-waiting = { $n } ждут подписи
breadcrumb = Вы здесь

# Вход
sign-in = Вход
sign-in-more = Совместный центр узнаёт вас по ключу доступа: аппаратному ключу или блокировке этого устройства. Никто, включая администратора, не может войти или подписать заключение за вас.
sign-in-passkey = Войти с ключом доступа
sign-in-exercise = Выберите роль
sign-in-exercise-more = В этом центре идёт учение. Выберите, кого вы играете; ничего из показанного не было, и эти подписи ничьё не слово.
sign-in-verify = Проверить пакет доказательств без входа
passkey-refused = Ключ доступа не был использован, или в этом браузере нет ключа для центра.
invitation = Здравствуйте, { $name }
invitation-more = Создайте ключ доступа на устройстве или аппаратном ключе, которым будете подписывать. Он никогда его не покидает. Приглашение действует до { $until } UTC и один раз.
invitation-accept = Создать мой ключ доступа
role-duty-officer = дежурный офицер
role-analyst = аналитик
role-signing-officer = подписывающий офицер
role-observer = наблюдатель
role-host-official = представитель принимающего государства
role-host-liaison = офицер связи принимающего государства
role-auditor = аудитор
role-technician = техник
role-machine-administrator = администратор машин
role-administrator = администратор машин

# Наблюдение
map = Карта
map-loading = Загрузка карты…
map-failed = Карту здесь нельзя нарисовать: { $why }. Списки рядом говорят то же.
map-label = Карта района. Стрелки двигают её, плюс и минус меняют масштаб. В списках рядом те же события.
map-label-finding = Карта события: эллипс ошибки и пеленги того, что слышало и видело
search = Найти место
search-hint = Место или координаты
search-none = Такого места на карте-основе нет.
search-enter = Enter: перейти к { $place }
layers = Слои
layer-relief = Рельеф
layer-places = Названия
layer-held = Кто где стоит
layer-areas = Районы и коридоры
layer-coverage = Наблюдалось за последний час; штрих: не наблюдалось
layer-sensors = Датчики
layer-posts = Посты
layer-drones = БПЛА и движущееся
layer-footprints = Что видят камеры
layer-events = События с эллипсом 90 %
layer-hours = События за
layer-hours-n = { $n ->
    [one] { $n } час
    [few] { $n } часа
   *[other] { $n } часов
}
layer-hours-all = всё время
basemap-sources = Высоты: viewfinderpanoramas.org (Jonathan de Ferranti). Названия © GeoNames, CC BY 4.0, как там стоят; название не есть позиция. Реки и границы: Natural Earth.
measure = Измерить
measure-hint = Укажите на карте или добавьте центр карты.
measure-centre = Добавить центр карты
measure-end = Готово
measure-bearing = последний отрезок в направлении { $deg }°
zoom-in = Приблизить
zoom-out = Отдалить
zoom-home = Показать весь район наблюдения
notation = Сменить запись координат
notation-mgrs = MGRS
notation-dms = Градусы, минуты, секунды
notation-decimal = Десятичные градусы
here = На что указано
here-post = Пост { $id }
here-many = В одном месте: { $n }
here-sensor = Датчик { $id }
here-site = Известное место взрывных работ { $id }
here-moves = { $speed } км/ч, курс { $course }°
here-height = { $m } м над уровнем моря
here-seen = последнее место { $time } UTC
here-operator = Содержит: { $who }
wall = Видеостена
wall-empty = Живое видео не настроено.
video-of = Видео { $source }: { $state }
video-connecting = Соединение…
video-live = Вживую
video-replay = Запись
video-stalled = Стоит: ничего не приходит
video-lost = Потеряно. Пробуем снова.
video-ended = Здесь запись кончается
video-unsupported = Этот браузер не показывает такое кодирование
video-none = На это время записи нет
video-damaged = Повреждено: байты потеряны
side = Оповещения, события и потоки
side-sum = Заключений за выбранное время: { $n }, видов: { $kinds }
tab-alerts = Оповещения
tab-events = События
tab-feeds = Потоки
events-none = За это время заключений нет. О том, за чем не наблюдали, это ничего не говорит.
open-finding = Открыть
open-finding-id = Открыть заключение { $id }
show-on-map = На карте
timebar = Время
timebar-slider = Показанный момент. Стрелки двигают его, End возвращает к настоящему.
timebar-length = Длина шкалы времени
timebar-direction = Время идёт слева направо.
now = Сейчас
shown-now = как приходит
shown-past = { $ago } назад
play = Пустить время
pause = Остановить время

# Оповещения
severity-notice = Сведение
severity-warning = Внимание
severity-alarm = Тревога
alerts-none = Ничто вас не ждёт. Новые оповещения звучат и зачитываются.
acknowledge = Подтвердить
alert-acknowledged = Подтверждено: { $text }
alert-kept = Сохранено на этой машине; будет отправлено, когда центр ответит
acknowledge-all = Подтвердить все { $n }
alert-times = { $n ->
    [one] { $n } раз с { $since }, последнее: { $text }
    [few] { $n } раза с { $since }, последнее: { $text }
   *[many] { $n } раз с { $since }, последнее: { $text }
  }
alert-each = Каждое из них
acknowledged-by = видел(а) { $name } в { $time }
not-acknowledged = не подтверждено
alert-finding-put = Новое заключение: { $kind }. { $verdict }.
alert-document-entered = В запись внесён документ: { $path }, версия { $version }.
alert-feed-stale = Поток { $feed } молчит. { $why }
alert-feed-lost = Поток { $feed } потерян. { $why }
alert-feed-storage_full = Диск не принимает { $feed }; данные удерживаются, пока есть место. { $why }
alert-clock-fast = Часы { $feed } спешат на { $fast_by_ms } мс.
alert-disk-filling = Диск заполняется: свободно { $free_share }.
alert-crossing-out = { $subject }: выход за пределы { $areas }.
alert-crossing-in = { $subject }: возвращение в { $areas }.
alert-withdrawal-overdue = Район { $area } должен был быть оставлен до { $by }; срок прошёл.
alert-patrol-overdue = { $what ->
    [begin] Патруль { $patrol } ({ $shift }) должен был начать в { $by }; начало не наблюдалось.
    [sector] Патруль { $patrol } ({ $shift }) должен был находиться в своём секторе до { $by }; там он наблюдался менее девяти десятых этого времени.
   *[other] Патруль { $patrol } ({ $shift }) должен был пройти маршрут до { $by }; в конце маршрута не наблюдался.
}
alert-post-not-observed = Пост { $post } ({ $shift }) должен был нести дежурство до { $by }; донесений с него не было.
alert-deadline-due = { $what ->
    [authorisation-ends] Разрешение { $of } истекает { $last_day }.
    [authorisation-renews] Разрешение { $of } продлевается после { $last_day }.
    [authorisation-notice] Последний день для отказа от разрешения { $of }: { $last_day }.
    [term-ends] Срок { $of } истекает { $last_day }.
    [term-renews] Срок { $of } продлевается после { $last_day }.
    [term-notice] Последний день для денонсации { $of }: { $last_day }.
   *[other] Процедуры ({ $of }) заканчиваются { $last_day }.
}
alert-kind-finding = Новое заключение
alert-kind-document = Документ
alert-kind-clock = Часы
alert-kind-disk = Диск
alert-kind-feed = Поток
alert-kind-crossing = Выход или возвращение
alert-kind-withdrawal = Отвод
alert-kind-patrol = Патруль
alert-kind-post = Пост
alert-kind-deadline = Срок

# Потоки
feeds-none = Живые потоки не настроены.
feed = Поток
feed-up = Идёт
feed-connecting = Соединение
feed-stale = Молчит
feed-lost = Потерян
feed-storage-full = Диск полон
feed-ended = Окончен
feed-rate = { $mbps } Мбит/с
feed-clock = его часы
since = С какого времени
missing = Не дошло
feed-since = Уже { $time }
feed-missing = Не дошло: { $n } { $what }

# Заключения
finding = Заключение
findings-sum = Всего { $n }: ждут ключа { $waiting }, установлено { $determined }
findings-none = Под эти условия ничего не подходит.
findings-since = Последние { $n }: все начиная с { $time } UTC.
findings-older = Более ранние
filter-standing = Состояние
filter-all = Все
filter-waiting = Ждут ключа
filter-determined = Установленные
filter-dissented = С особым мнением
filter-superseded = Заменённые
what = Что
when = Когда
when-local = Местное ({ $zone })
where = Где
who = Кто
who-named = Назван
who-is = Назван: { $party }
who-undetermined = Никто не назван: доказательств на это не хватает
likeliest = Вероятнее всего
standing = Состояние
standing-open = открыто
standing-signed = подписано: { $states }; не хватает одного ключа
standing-determined = установлено
standing-dissented = особое мнение: { $states }
standing-superseded = заменено
verdict-none = никто не нарушил
verdict-undetermined = не определено
p-remote = ничтожно мало
p-very-unlikely = весьма маловероятно
p-unlikely = маловероятно
p-even = поровну
p-likely = вероятно
p-very-likely = весьма вероятно
p-almost-certain = почти наверняка
chance-threshold = Метка: сторону называют начиная с { $p }, как требует порядок работы.

# Одно заключение
one-sd = одно стандартное отклонение
where-ellipse = 90 % в пределах { $major } × { $minor } (полуоси), длинная ось { $deg }°
impact = Упало
impact-away = в { $m }
supersedes = заменяет
superseded-by = заменено на
two-keys = Два ключа
has-signed = подписал(а)
has-dissented = особое мнение
not-yet = Решения ещё нет
method-key = собственным ключом офицера
method-webauthn = ключом доступа
method-exercise = учение: ключ был у центра
sign = Подписать
dissent = Особое мнение
decided-by-us = { $state }: решение принято. Действует первое решение.
may-not-sign = Ваша роль это заключение не подписывает.
sign-title = Подписать { $id }
sign-more = Подписывая, вы говорите, что это заключение, с этими байтами, устанавливает ваше государство. Оно установлено, когда второе направляющее государство подпишет те же байты.
sign-now = Подписать моим ключом
dissent-title = Особое мнение о { $id }
dissent-more = Особое мнение с причиной навсегда хранится рядом с заключением. Ключ другого государства оно не отменяет.
dissent-now = Заявить моим ключом
reason = Причина
signed-text = Подписываются эти строки:
exercise-key = Ключ этой роли у центра: дальнейшее ничьё не слово.
signed = Вы подписали { $id }.
dissented = Вы заявили особое мнение о { $id }.
bundle = Пакет доказательств
bundle-check = Проверить пакет в этом браузере
clauses = По действующим положениям
clause = Положение
clauses-none = Ни одно действующее положение об этом событии не говорит.
clauses-silent = Не применимо положений: { $n }
holding-violates = нарушает
holding-complies = соблюдает
holding-undetermined = нарушает, если сторону можно назвать
holding-not-applicable = не применимо
holding-not-observed = не наблюдалось
version = Соглашение { $agreement }…, порядок { $procedures }…, { $engine }
evidence = Доказательства: наблюдений { $n }
evidence-lanes = Доказательства по виду и времени; черта — само событие
observation-acoustic = Звук
observation-flash = Вспышка
observation-seismic = Толчок
observation-video = Видео
observation-report = Донесение
observation-thermal = Теплоточка
observation-notice = Уведомление
observation-weather = Погода
is-excluded = исключено
bearing = пеленг { $deg }°
residual = невязка (стандартных отклонений)
clip-of = Видео { $source } вокруг события
clip-original = исходные байты
clip-none = Видео около этого времени не записано.
attachments = Файлы, приложенные к донесениям: { $n }
attachment-of = { $source }: { $name }
evidence-absent = Об этом не говорит ничего из этих видов:
why = Что можно сказать и на каком основании
without-source = Без одного источника
counterfactual = Без { $source }: { $verdict }; данный ответ имел бы { $p }.
counterfactual-moved = Место сместилось бы на { $m }.
weights = Что за и что против
weights-more = Логарифм шансов в пользу вероятнейшего ответа против всех прочих; насколько сместилось бы место без этой части.
piece = Часть
piece-sound = Звук
piece-flash = Вспышка
piece-shock = Толчок
piece-seen = Видно на видео
piece-hotspot = Теплоточка
piece-burst = Разрыв снаряда
piece-movers = Движение у огневой точки
piece-report = Донесение
piece-notice = Уведомление
piece-ground = Огневая точка относительно линии на карте
for = за
against = против
log-odds = Лог. шансов
moves-it = Смещает
leave-out = Убрать
leave-out-of = Убрать: { $piece }
what-if-hint = Уберите часть, и оценка будет сделана заново без неё. Этим ничего не записывается.
what-if = Если убрать { $n }
what-if-clear = Вернуть всё
what-if-judging = Оцениваем заново…
what-if-nothing = Без этого ничего не было бы найдено.
what-if-now = Без этого: { $verdict }
what-if-moved = Место смещается на { $m }.
before = Как оценено
after = Без этого
exclude = Исключить { $n } по этой причине
exclude-reason = Причина исключения из оценки (идёт в запись)
excluded = Исключено. Оценка делается заново.
back-to-map = На карте наблюдения
signed-hash = SHA-256 подписываемого:

# Соблюдение
compliance-more = Каждый день, каждое положение, каждая связанная им сторона. «Соблюдено» говорится лишь там, где наблюдали достаточно; за чем никто не смотрел, то не наблюдалось.
compliance-until = По день
compliance-days = Дней
n-days = { $n ->
    [one] { $n } день
    [few] { $n } дня
   *[other] { $n } дней
}
compliance-loading = Подсчитываем, что наблюдалось…
compliance-none = В эти дни не действовало положений с правилом для событий.
compliance-note = Ячейка называется по худшему участку: нарушено, затем не определено, затем не наблюдалось; соблюдено, только если соблюдено на всех.
compliance-determined = Из заключений этих дней обоими государствами установлено { $n }; остальное — лишь слово программы.
printed = на { $time }
legend = Знаки
kept = Итог
kept-violated = нарушено
kept-undetermined = не определено
kept-complied = соблюдено
kept-not-observed = не наблюдалось
party = Сторона
cell = { $party }, { $clause }, { $day }: { $kept }
cell-sum = из { $all } участков: нарушено { $violated }, соблюдено { $complied }, открыто или не видно { $unseen }
cell-watched = наблюдалось { $p } линии × времени
cell-unbound = не связана
drill = По участкам
stretch = { $line }, км { $from }–{ $to }
area-wide = Вдали от линии
watched = Наблюдалось
longest-gap = Длиннейший пробел
p-missed = Вероятность пропустить одно нарушение

# Сдача смены
handover-span = { $from } — { $to }
handover-length = Длина смены
handover-by = сдаёт { $name }, { $state }
handover-waiting = Ждут ключа ({ $n })
handover-new = Новое за смену ({ $n })
handover-decisions = Решения ({ $n })
handover-alerts = Оповещения: открыто { $open }, подтверждено { $taken }
handover-feeds = Потоки и их пробелы
handover-entries = в записи { $n } строк
handover-remarks = Замечания
handover-gives = сдал: имя, время
handover-takes = принял: имя, время

# Проверка пакета
verify-more = Файл читается здесь, в этом браузере, и никуда не отправляется. У проверки нет общего кода с программой, написавшей пакет.
verify-bundle = Пакет (ZIP)
verify-keys = Ключи, которым вы доверяете, по одному в строке
verify-keys-more = Из порядка работы, от каждого государства или с прошлого посещения. Без них берутся ключи пакета: тогда он лишь согласен сам с собой.
verify-quorum = Сколько свидетелей должны были подписать
verify-now = Проверить
verify-busy = Проверяем…
verify-passed = Всё сходится
verify-failed = Что-то не сходится
verify-own-keys = Проверено по ключам из самого пакета. Сравните отпечатки ниже с теми, что у вас из другого места.
verify-determined = установлено: { $states }
verify-not-determined = не установлено: нет ключа одного из направляющих государств
verify-vouched = за ключ доступа ручается { $by }
verify-log = Журнал
verify-entries = Записей, доказанных среди { $size }: { $n }
verify-witnesses = Свидетели
verify-fingerprints = Отпечатки ключей
verify-limits = Чего это не показывает: что часы шли верно, что камеру не отвели, что нечто вовсе не было записано, или что записано после пакета.

# Pages of the mandate
nav-host = На решение
nav-reports = Отчёты
nav-mandate = Мандат
nav-procedures = Порядок работы
nav-talks = Переговоры
page-not-yours = Для вашей роли такой страницы нет.
layer-withdrawals = Оставляемые районы
map-label-mandate = Карта оставляемых районов и доказанных выходов. В списках рядом то же самое.
entry = запись { $n }
everybody = все
of-whom = Чьё
last-day = Последний день
time-left = Осталось
days-left = { $n ->
    [0] сегодня последний день
    [one] остался { $n } день
    [few] осталось { $n } дня
   *[other] осталось { $n } дней
}
days-over = { $n ->
    [one] истекло { $n } день назад
    [few] истекло { $n } дня назад
   *[other] истекло { $n } дней назад
}
remarks = Замечания
reference = Номер документа

# The mandate
mandate-more = Что разрешает полномочие каждого государства, что развёрнуто и что истекает. Сверх предела записать можно только двумя ключами.
mandate-day = По состоянию на
runs-out = Что истекает
runs-out-nothing = В ближайшие 90 дней ничего не истекает.
deadline-authorisation-ends = Полномочие истекает
deadline-authorisation-renews = Полномочие продлевается само
deadline-authorisation-notice = Последний день для отказа от полномочия
deadline-term-ends = Срок соглашения истекает
deadline-term-renews = Срок соглашения продлевается сам
deadline-term-notice = Последний день для денонсации соглашения
deadline-procedures-end = Порядок работы истекает
strength = Численность и пределы
strength-none = Ничего не развёрнуто, и полномочие не известно.
sending-state = Государство
category = Категория
strength-of-ceiling = Численность / предел
strength-above = выше предела
strength-by-both = выше, двумя ключами
strength-near = близко к пределу
strength-within = в пределах
strength-none-in-force = нет действующего полномочия
category-persons = люди
category-vehicles = машины
category-aircraft = летательные аппараты
category-sites = места
deployments = { $n ->
    [one] { $n } развёртывание
    [few] { $n } развёртывания
   *[other] { $n } развёртываний
}
no-end = без срока
withdrawals = Вывод
withdrawals-none = Ни одно соглашение не требует оставить район.
withdrawal-not-begun = не начат
withdrawal-under-way = идёт
withdrawal-reported-not-verified = сообщён, не проверен
withdrawal-left = оставлен
withdrawal-verified = проверен
withdrawal-overdue = просрочен
to-be-left-by = Оставить до { $time }
deadline-moved = (сначала { $from }; перенесён по договорённости от { $agreed })
area-not-due = Срок не наступил, сообщений нет.
area-watched = С тех пор осмотрено { $p } местности; чтобы сказать, что она пуста, нужно { $needed }.
says-begun = сообщено о начале
says-left = сообщено об оставлении
says-present = сообщено о присутствии
seen-there = замечено: { $what }
mobility = Перемещения
mobility-more = Доказанные выходы членов, беспилотников и патрулей за отведённые пределы. Ничьё местонахождение не показано, кроме места доказанного выхода.
mobility-none = Никто не выходил за отведённые пределы.
mobility-none-out = Все на месте.
confined-to = Предел
turn = Куда
proof = Доказательство
confinement-premises = помещения
confinement-corridor = коридор
confinement-sector = сектор
confinement-route = маршрут
confinement-hours = часы
is-out = вне предела
is-out-since = вне предела с { $time }
went-out = выход
came-back = возвращение
at-gate = у ворот { $gate }
beyond = { $m } за границей, ± { $sd }
told = извещены: { $who }

# Procedures
procedures-more = Составляют двое, решает принимающая сторона. Действует только то, что подписали все трое.
procedures-none-in-force = Порядок работы не действует: ничего с беспилотников не записывается, ничего не оценивается, ничего нельзя подписать.
procedures-none = В записи нет порядка работы.
version-n = Версия { $n }
version-from = Действует с { $time }
version-draft = проект
version-half-agreed = согласен только { $state }
version-agreed = согласована обоими
version-submitted = у принимающей стороны
version-returned = возвращена принимающей стороной
version-changed = изменена принимающей стороной, версия { $n }
version-approved = утверждена
version-suspended = приостановлена
in-force = действует
steps = Шаги
steps-none = Ни один шаг не подписан.
step-taken = Подписано. У версии { $n } новый шаг.
step-agree = Согласиться
step-agree-title = Согласиться с версией { $n }
step-agree-more = Подписью вы говорите, что ваше государство согласно именно с этим текстом. Он пойдёт принимающей стороне, когда с ним согласится и другое направляющее государство.
step-agree-now = Согласиться моим ключом
step-submit = Передать принимающей стороне
step-submit-title = Передать версию { $n } принимающей стороне
step-submit-more = Оба государства согласны с этим текстом. С вашей подписью он ляжет перед принимающей стороной.
step-submit-now = Передать моим ключом
step-approve = Утвердить
step-approve-title = Утвердить версию { $n }
step-approve-more = Подписью принимающая сторона утверждает именно этот текст. Он действует с даты в тексте или с более поздней, которую вы укажете.
step-approve-now = Утвердить моим ключом
step-return = Вернуть с замечаниями
step-return-title = Вернуть версию { $n }
step-return-more = Оба направляющих государства получат текст обратно с вашими замечаниями. Он не действует.
step-return-now = Вернуть моим ключом
step-suspend = Приостановить
step-suspend-title = Приостановить версию { $n }
step-suspend-more = С момента записи ничего с беспилотников по этому порядку не записывается, не оценивается и не подписывается. Установленное остаётся.
step-suspend-now = Приостановить моим ключом
step-resume = Возобновить
step-resume-title = Возобновить версию { $n }
step-resume-more = Порядок работы снова действует с момента записи.
step-resume-now = Возобновить моим ключом
approve-from = Действует с (если позже, чем в тексте)
step-done-draft = предложена
step-done-agree = согласована
step-done-submit = передана принимающей стороне
step-done-approve = утверждена
step-done-approve-with-changes = утверждена с изменениями
step-done-return = возвращена
step-done-suspend = приостановлена
step-done-resume = возобновлена
whole-text = Весь текст
text-hash = SHA-256 текста:
redline = Отличия от версии { $n }
redline-none = Отличий нет.
redline-added = добавлено
redline-removed = убрано
redline-changed = изменено

# Talks
talks-more = Пункт согласован, когда обе стороны хотят одних и тех же слов и обе их парафировали; никто не ставит «согласовано» сам.
talks-table = Сравнительная таблица
points = Пункты
points-sum = открыто { $open }, ad referendum { $referendum }, согласовано { $agreed }, оставлено принимающей стороне { $referred }
points-none = Пунктов нет.
point-open = открыт
point-ad-referendum = согласован ad referendum
point-agreed = согласован
point-referred = оставлен принимающей стороне
position-none = Позиция не заявлена.
position-no-clause = Такого пункта не должно быть.
initialled = парафировано
initialled-ad-referendum = парафировано ad referendum
not-initialled = не парафировано
drafts = Проекты
drafts-none = Пока один текст, сравнивать не с чем.
drafted-by = предложен: { $who }
delegations = Делегации
delegations-none = Делегации не названы.
delegation-size = { $n ->
    [one] { $n } член
    [few] { $n } члена
   *[other] { $n } членов
}
rounds = Раунды
rounds-none = Раундов нет.
round-n = Раунд { $n }
no-minutes = Протокола ещё нет.

# Reports
reports-more = То, что центр выпускает за день. Отчёт выпущен, когда офицер каждого направляющего государства подписал одни и те же байты.
report-date = День
report-version = Версия
report-loading = День подсчитывается…
report-none = Отчёт за этот день не положен: к его рубежу порядок работы не действовал.
report-of = Ежедневный отчёт за { $date }
release = Выпуск
report-unsigned = никем не подписан
report-half-released = не хватает одного ключа
report-released = выпущен
report-refused = отклонён
report-superseded = заменён
report-newer = Теперь запись даёт другой отчёт, чем выпущенный.
report-nobody = Никто не подписал.
has-released = выпускает
has-refused = отклоняет
release-it = Выпустить
refuse-it = Отклонить
release-title = Выпустить отчёт за { $date }
release-more = Подписью вы говорите, что ваше государство выпускает именно эти байты. Отчёт выпущен, когда другое направляющее государство подпишет те же.
release-now = Выпустить моим ключом
release-done = Вы подписали отчёт за { $date }.
refuse-title = Отклонить отчёт за { $date }
refuse-more = Отказ и его причина остаются в записи и показаны рядом с отчётом.
refuse-now = Отклонить моим ключом
refuse-done = Вы отклонили отчёт за { $date }.
downloads = Взять с собой
report-hash = SHA-256 отчёта; он стоит в приложении каждой формы и на каждом языке:

# The host
host-more = Что ждёт решения принимающей стороны, что она решила и о чём её извещают.
host-to-decide = Ждёт вашего решения ({ $n })
host-nothing = Ничего не передано.
host-referred = Пункты, оставленные принимающей стороне
host-decided = Решено
host-out = Кто вне предела

# То, что программа говорит о выводе, по-русски.
kind-small_arms = огонь из стрелкового оружия
kind-hmg = огонь из крупнокалиберного пулемёта
kind-mortar = миномётный огонь
kind-artillery = артиллерийский огонь
kind-mlrs = огонь реактивной артиллерии
kind-drone_strike = удар беспилотника
kind-demolition = подрыв
kind-blast_quarry = взрыв в карьере
kind-thunder = гром
kind-fire = пожар без выстрелов
kind-movement = передвижение
kind-overflight = пролёт
kind-works = фортификационные работы
kind-incursion = пересечение линии
kind-unknown = неизвестное событие

# The ground mission
nav-ground = На местности
ground-more = Патрули и посты: как запланировано и что видно. О том, чего не видели, не говорится, что этого не было.
ground-day = День
map-label-ground = Карта патрулей, секторов и постов этого дня. В таблице то же самое.
shifts = Смены
shifts-none = На этот день смен не запланировано.
shift-unit = Кто
shift-planned = План
shift-where = Где
shift-seen = Видно
shift-signed-by = Подписали
shift-patrol = Патруль { $name }
shift-post = Пост { $name }
shift-members = человек: { $n }
shift-announced-after = сообщено после начала
shift-sector = сектор { $name }
shift-line = маршрут, ± { $m } м
shift-waypoints = точек по порядку: { $n }, ± { $m } м
shift-began = начало { $time }
shift-ended = конец { $time }
shift-passed = пройдено точек: { $n } из { $of }
shift-away = в стороне { $from } – { $until }
shift-observed = видно { $p } времени, дольше всего молчал { $gap }, отметок или донесений: { $n }
shift-is-proposed = предложено одним государством
shift-is-cancelled = отменена
shift-is-not-begun = не началась
shift-is-under-way = идёт
shift-is-late = опаздывает
shift-is-left = вне своего участка
shift-is-done = выполнена
shift-is-unfinished = не завершена
shift-is-partly-observed = видно частично
shift-is-not-observed = не наблюдалось
shift-is-not-gone = не вышел
shift-sign-title = Подписать смену { $shift }
shift-sign-more = Совместная смена запланирована, когда оба государства подписали один и тот же план.
shift-signed = Подписано: смена { $shift }
shift-cancel = Отменить
shift-cancel-title = Отменить смену { $shift }
shift-cancel-more = Будет записано, что смена не состоится и почему.
shift-cancelled-done = Отменена смена { $shift }
liaison = Журнал связи
liaison-more = Контакты со сторонами. Это не свидетельства о событиях и не оценивается.
liaison-add = Записать контакт
liaison-with = С кем
liaison-person = Собеседник
liaison-means = Способ
liaison-text = Что сказано
liaison-record = Записать
liaison-done = Контакт записан
liaison-none = Контактов не записано.
liaison-by = записал(а) { $name }
means-call = звонок
means-radio = радио
means-meeting = встреча
means-letter = письмо
notice = Объявленные работы
notice-add = Внести уведомление
notice-more = Объявленные работы, подрывы и взрывы: что уведомление охватывает по месту и времени, то им объясняется.
notice-from = С
notice-until = До
notice-radius = Радиус, метров
notice-party = Кто объявил
notice-text = Что
notice-no-place = Это не место: ожидается MGRS или градусы.
notice-done = Уведомление записано
