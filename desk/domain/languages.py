"""The languages of ISO 639-1, with the other codes and names under which files know them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# ISO 639-1; ISO 639-2 (both forms where they differ); the English name, the own one, and the German one of some.
_TABLE: Final = """
aa aar afar
ab abk abkhazian
ae ave avestan
af afr afrikaans
ak aka akan
am amh amharic
an arg aragonese
ar ara arabic arabisch
as asm assamese
av ava avaric
ay aym aymara
az aze azerbaijani
ba bak bashkir
be bel belarusian
bg bul bulgarian bulgarisch
bi bis bislama
bm bam bambara
bn ben bangla bengali bengalisch
bo tib bod tibetan
br bre breton
bs bos bosnian
ca cat catalan català katalanisch
ce che chechen
ch cha chamorro
co cos corsican
cr cre cree
cs cze ces czech čeština tschechisch
cu chu
cv chv chuvash
cy wel cym welsh cymraeg
da dan danish dansk dänisch
de ger deu german deutsch
dv div divehi
dz dzo dzongkha
ee ewe
el gre ell greek griechisch
en eng english englisch
eo epo esperanto
es spa spanish español castellano castilian spanisch
et est estonian eesti estnisch
eu baq eus basque euskara baskisch
fa per fas persian farsi persisch
ff ful fula
fi fin finnish suomi finnisch
fj fij fijian
fo fao faroese
fr fre fra french français französisch
fy fry
ga gle irish gaeilge
gd gla gaelic
gl glg galician galego
gn grn guarani
gu guj gujarati
gv glv manx
ha hau hausa
he heb hebrew hebräisch
hi hin hindi
ho hmo
hr hrv croatian hrvatski kroatisch
ht hat
hu hun hungarian magyar ungarisch
hy arm hye armenian
hz her herero
ia ina interlingua
id ind indonesian
ie ile interlingue
ig ibo igbo
ii iii
ik ipk inupiaq
io ido
is ice isl icelandic íslenska isländisch
it ita italian italiano italienisch
iu iku inuktitut
ja jpn japanese japanisch
jv jav javanese
ka geo kat georgian
kg kon kongo
ki kik kikuyu
kj kua kuanyama
kk kaz kazakh
kl kal kalaallisut
km khm khmer
kn kan kannada
ko kor korean koreanisch
kr kau kanuri
ks kas kashmiri
ku kur kurdish
kv kom komi
kw cor cornish
ky kir kyrgyz
la lat latin latein lateinisch
lb ltz luxembourgish
lg lug ganda
li lim limburgish
ln lin lingala
lo lao
lt lit lithuanian lietuvių litauisch
lu lub luba-katanga
lv lav latvian latviešu lettisch
mg mlg malagasy
mh mah marshallese
mi mao mri māori
mk mac mkd macedonian
ml mal malayalam
mn mon mongolian
mr mar marathi
ms may msa malay
mt mlt maltese
my bur mya burmese
na nau nauru
nb nob bokmål
nd nde
ne nep nepali
ng ndo ndonga
nl dut nld dutch nederlands niederländisch flemish
nn nno nynorsk
no nor norwegian norsk norwegisch
nr nbl
nv nav navajo
ny nya nyanja
oc oci occitan
oj oji ojibwa
om orm oromo
or ori odia
os oss ossetic
pa pan punjabi
pi pli pali
pl pol polish polski polnisch
ps pus pashto
pt por portuguese português portugiesisch
qu que quechua
rm roh romansh
rn run rundi
ro rum ron romanian română rumänisch moldavian
ru rus russian русский russisch
rw kin kinyarwanda
sa san sanskrit
sc srd sardinian
sd snd sindhi
se sme
sg sag sango
si sin sinhala
sk slo slk slovak slovenčina slowakisch
sl slv slovenian slovenščina slovene slowenisch
sm smo samoan
sn sna shona
so som somali
sq alb sqi albanian shqip albanisch
sr srp serbian serbisch
ss ssw swati
st sot
su sun sundanese
sv swe swedish svenska schwedisch
sw swa swahili kiswahili
ta tam tamil
te tel telugu
tg tgk tajik
th tha thai
ti tir tigrinya
tk tuk turkmen
tl tgl tagalog filipino
tn tsn tswana
to ton tongan
tr tur turkish türkçe türkisch
ts tso tsonga
tt tat tatar
tw twi
ty tah tahitian
ug uig uyghur
uk ukr ukrainian ukrainisch
ur urd urdu
uz uzb uzbek
ve ven venda
vi vie vietnamese vietnamesisch
vo vol volapük
wa wln walloon
wo wol wolof
xh xho xhosa
yi yid yiddish jiddisch
yo yor yoruba
za zha zhuang
zh chi zho chinese chinesisch
zu zul zulu
"""
LANGUAGE_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {name: line.split()[0] for line in _TABLE.strip().splitlines() for name in line.split()}
)
"""The code of two letters for each code and name, all in lower case; a code of two letters leads to itself."""
