# Programın bir yargı hakkında söyledikleri, Türkçe.

located = { $kind }: { $stations } algılayıcıda { $arrivals } kayıt; yeri { $sd_m } m doğrulukla biliniyor (en büyük standart sapma).
kind = Sese ve yere göre: { $kind }, olasılık { $p_kind }; silah kullanılmış olma olasılığı: { $p_weapon }.
held = Temas hattına uzaklık: { $line_m } m, hattın kendisi { $line_sd_m } m doğrulukla biliniyor; haritada bu araziyi elinde tutan taraf: { $party } (yer ve harita belirsizliğiyle birlikte olasılık { $p }).
nobody_holds = Temas hattına uzaklık: { $line_m } m, hattın kendisi { $line_sd_m } m doğrulukla biliniyor; haritada bu arazi kimseye ait görünmüyor.
round = { $flight_s } s sonra { $range_km } km uzaktaki patlama, merminin uçuş süresine uyuyor ({ $kind }).
announced = Bu yer ve zaman için bir patlatma duyurulmuştu.
moved = Atış noktasında yirmi dakika içinde insan veya araç görüldü (tespit: { $count }): oradan başka bir taraf da ateş etmiş olabilir (log-olasılık oranı { $log_odds }).
reported = Zaman, yön ve uzaklık bakımından uyan gözlemci bildirimleri: { $count }; yanıt lehine payı: { $log_odds } (log-olasılık oranı).
burned = Aynı yerde sıcak noktalar: { $count }; bunu açıklayan bir atış duyulmadı.
named = Adı verilen taraf: { $party }, olasılık { $p }.
no_violation = İhlal yok, olasılık { $p }.
undetermined = Belirlenemedi: en olası taraf { $party }, olasılık { $p }; bir tarafın adını vermek için { $needed } gerekir.
for = Yanıt lehine en güçlüsü: { $source } (log-olasılık oranı { $log_odds }).
against = Yanıt aleyhine en güçlüsü: { $source } (log-olasılık oranı { $log_odds }).
without = { $source } olmadan: { $verdict }.
firm = Kaynaklardan herhangi biri olmadan da yanıt aynı kalıyor.

verdict-none = ihlal yok
verdict-undetermined = belirlenemedi

kind-small_arms = hafif silah ateşi
kind-hmg = ağır makineli tüfek ateşi
kind-mortar = havan ateşi
kind-artillery = topçu ateşi
kind-mlrs = çok namlulu roketatar ateşi
kind-drone_strike = insansız hava aracı saldırısı
kind-demolition = patlatma
kind-blast_quarry = taş ocağında patlatma
kind-thunder = gök gürültüsü
kind-fire = atışsız yangın
kind-movement = hareket
kind-overflight = üzerinden uçuş
kind-works = tahkimat çalışması
kind-incursion = hattın geçilmesi
kind-unknown = bilinmeyen olay
