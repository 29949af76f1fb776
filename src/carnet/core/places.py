"""Which words of a company's name say where it is, and which two mean one place: Deutschland and Germany?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_NAMES = """
france frankreich francia francaise frankrijk french; deutschland germany allemagne alemania germania duitsland german
united_kingdom uk great_britain britain royaume_uni grande_bretagne gb british england
ireland irlande irland irlanda; spain espana espagne spanien spagna iberia iberica iberique; italia italy italie italien
portugal; belgium belgique belgien belgie belgio belgica benelux; nederland netherlands pays_bas niederlande holland holanda
luxembourg luxemburg; schweiz switzerland suisse svizzera swiss suiza; austria osterreich autriche
sweden sverige suede schweden; norway norge norvege norwegen; denmark danmark danemark danemark; finland suomi finlande finnland
nordic nordics scandinavia; iceland island islande; poland polska pologne polen polonia; czech czechia ceska cesko tcheque
slovakia slovensko slovaquie; hungary magyarorszag hongrie ungarn; romania roumanie rumanien; bulgaria bulgarie bulgarien
croatia hrvatska croatie kroatien; slovenia slovenija slovenie; serbia srbija serbie; greece hellas grece griechenland
turkey turkiye turquie turkei; russia russie russland rossiya россия; ukraine ukraina україна; belarus; estonia eesti estonie
latvia latvija lettonie; lithuania lietuva lituanie; baltic baltics; usa united_states etats_unis america amerika american
canada kanada; mexico mexique mexiko; brazil brasil bresil brasilien; argentina argentine; chile chili; colombia colombie
peru perou; venezuela; china chine chinese; japan japon japan 日本 japanese; korea coree corea korean
hong_kong hongkong; taiwan; singapore singapour singapur; india inde indien indian; pakistan; bangladesh; indonesia indonesie
malaysia malaisie; thailand thailande; vietnam viet_nam; philippines; australia australie australien australian
new_zealand nouvelle_zelande; south_africa afrique_du_sud sudafrika; maroc morocco marokko; tunisie tunisia; algerie algeria
egypt egypte; nigeria; kenya; ghana; senegal; cote_divoire ivory_coast; cameroun cameroon; ethiopia ethiopie; chad tchad
israel; saudi_arabia arabie_saoudite saudi; uae united_arab_emirates emirates emirats; qatar; kuwait koweit; bahrain; oman; iran
iraq irak; syria syrie; lebanon liban; jordan jordanie; kazakhstan; uzbekistan; georgia georgie; armenia armenie; azerbaijan
cyprus chypre zypern; malta malte; monaco; liechtenstein; andorra; north nord norte; south sud sur; east est ost; west ouest
london londres; munchen munich; koln cologne; wien vienna; geneve geneva genf; basel bale; bruxelles brussels brussel;
antwerpen anvers
gent gand; lisboa lisbon; milano milan mailand; roma rome; torino turin; napoli naples; firenze florence; venezia venice;
genova genoa
goteborg gothenburg; kobenhavn copenhagen; warszawa warsaw; praha prague prag; bucuresti bucharest; moscow moskva moscou;
kyiv kiev
bavaria bayern baviere
"""
_CITIES = """
paris lyon marseille toulouse bordeaux lille nantes strasbourg rennes grenoble montpellier dijon nancy metz rouen reims
manchester birmingham leeds liverpool bristol glasgow edinburgh cardiff belfast dublin oxford cambridge berlin hamburg
frankfurt stuttgart dusseldorf dortmund essen leipzig bremen dresden hannover nurnberg mannheim karlsruhe bonn graz linz
salzburg innsbruck zurich bern lausanne lugano liege amsterdam rotterdam utrecht eindhoven madrid barcelona valencia sevilla
bilbao malaga bologna verona stockholm malmo oslo bergen aarhus helsinki krakow brno budapest sofia athens istanbul ankara
petersburg boston chicago dallas houston phoenix seattle atlanta denver detroit philadelphia miami austin cleveland
pittsburgh minneapolis portland toronto montreal quebec vancouver ottawa calgary tokyo osaka kyoto nagoya seoul busan beijing
shanghai shenzhen guangzhou tianjin mumbai delhi bangalore chennai kolkata sydney melbourne brisbane perth auckland
johannesburg casablanca tunis cairo lagos nairobi dubai doha riyadh california texas florida ohio virginia bretagne normandie
alsace provence catalunya andalucia lombardia scotland wales
"""
_LONGEST = 3


def _table() -> dict[tuple[str, ...], str]:
    lines = _NAMES.strip().replace("\n", ";").split(";")
    table = {form: words[0] for words in map(str.split, lines) for form in words} | {city: city for city in _CITIES.split()}
    return {tuple(form.split("_")): place for form, place in table.items()}


_PLACES = _table()


def with_places(words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The words of a folded name; those that name a place as one word for each place, with True."""
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            if place := _PLACES.get(tuple(words[at : at + size])):
                yield place, True
                at += size
                break
        else:
            yield words[at], False
            at += 1
