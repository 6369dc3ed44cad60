# Proqramın nəticə haqqında dedikləri, Azərbaycan dilində.

located = { $kind }: { $stations } sensorda { $arrivals } qeydiyyat; yeri { $sd_m } m dəqiqliklə məlumdur (ən böyük standart sapma).
kind = Səsə və yerə görə: { $kind }, ehtimal { $p_kind }; silah işlədilməsinin ehtimalı: { $p_weapon }.
held = Təmas xəttindən məsafə: { $line_m } m, xəttin özü { $line_sd_m } m dəqiqliklə məlumdur; xəritədə bu ərazini saxlayan tərəf: { $party } (yerin və xəritənin qeyri-müəyyənliyi nəzərə alınmaqla ehtimal { $p }).
nobody_holds = Təmas xəttindən məsafə: { $line_m } m, xəttin özü { $line_sd_m } m dəqiqliklə məlumdur; xəritədə bu ərazi heç bir tərəfə aid deyil.
round = { $flight_s } s sonra, { $range_km } km məsafədə baş verən partlayış mərminin uçuş vaxtına uyğundur ({ $kind }).
announced = Bu yer və vaxt üçün partlatma işi elan edilmişdi.
moved = Atəş nöqtəsində iyirmi dəqiqə ərzində adamlar və ya texnika görünüb (aşkarlama: { $count }): oradan başqa tərəf də atəş açmış ola bilər (şansların loqarifmi: { $log_odds }).
reported = Vaxt, istiqamət və məsafəyə görə uyğun gələn müşahidəçi məruzələri: { $count }; cavabın xeyrinə payı: { $log_odds } (şansların loqarifmi).
burned = Bir yerdə istilik nöqtələri: { $count }; bunu izah edən atəş eşidilməyib.
named = Adı çəkilən tərəf: { $party }, ehtimal { $p }.
no_violation = Pozuntu yoxdur, ehtimal { $p }.
undetermined = Müəyyən edilməyib: ən ehtimallı tərəf { $party }, ehtimal { $p }; tərəfin adını çəkmək üçün { $needed } tələb olunur.
for = Cavabın xeyrinə ən güclüsü: { $source } (şansların loqarifmi: { $log_odds }).
against = Cavabın əleyhinə ən güclüsü: { $source } (şansların loqarifmi: { $log_odds }).
without = { $source } olmadan: { $verdict }.
firm = Mənbələrin hər hansı biri olmadan da cavab dəyişmir.

verdict-none = pozuntu yoxdur
verdict-undetermined = müəyyən edilməyib

kind-small_arms = atıcı silahdan atəş
kind-hmg = iriçaplı pulemyotdan atəş
kind-mortar = minaatandan atəş
kind-artillery = artilleriya atəşi
kind-mlrs = reaktiv artilleriya atəşi
kind-drone_strike = dron zərbəsi
kind-demolition = partlatma işi
kind-blast_quarry = karxanada partlayış
kind-thunder = göy gurultusu
kind-fire = atışsız yanğın
kind-movement = hərəkət
kind-overflight = ərazi üzərində uçuş
kind-works = istehkam işləri
kind-incursion = xəttin keçilməsi
kind-unknown = naməlum hadisə
