"""Which given names are one person's: Bill and William, Nath and Nathalie, Sepp and Josef?"""

from __future__ import annotations

from functools import lru_cache

_SHORT_FORMS = """
abby: abigail; adi: adolf, adrian; al: alan, albert, alfred, alexander; alex: alexandre, alexander, alexandra, alexis, alexia
andi: andreas, andrea; andy: andrew, andreas; angie: angela, angelique; annie: anne, anna, ann; antho: anthony
anto: antoine, antonio; arno: arnaud, arnold; art: arthur; arthi: arthur; babs: barbara; babette: elisabeth; barb: barbara
basti: sebastian; bea: beatrice, beatrix; becky: rebecca; ben: benjamin, benedict, benoit; benji: benjamin; benno: benjamin
bernie: bernard, bernhard; bert: albert, robert, herbert, bertrand; bertie: albert, herbert; beth: elizabeth, bethany
betty: elizabeth; bill: william; billy: william; bine: sabine; birgit: brigitte; bob: robert; bobby: robert; brad: bradley
caro: caroline, carolina, carole; cath: catherine; cathy: catherine; charlie: charles, charlotte; chris: christophe, christopher
chris: christian, christine, christina, christelle, christina; chrissie: christine, christina; christi: christian, christina
chuck: charles; cindy: cynthia, lucinda; clem: clement, clementine; connie: constance, cornelia; conny: cornelia, constanze
curt: curtis, konrad; cyn: cynthia; dan: daniel; dani: daniel, daniela; danny: daniel; dave: david; davy: david; deb: deborah
debbie: deborah; didi: dieter, didier; dirk: dietrich; dick: richard; dom: dominique, dominic; don: donald; dora: dorothea
dot: dorothy; drew: andrew; ed: edward, edmond, edgar, eduard; eddie: edward, edouard; eddy: edouard, edward; edo: edoardo
ella: elisabeth, eleonore; elli: elisabeth, elke; elsa: elisabeth; emmi: emma; eli: elias, elijah; eliza: elizabeth
ern: ernest; ernie: ernest; estie: estelle; fab: fabrice, fabien, fabienne; fanny: stephanie, francoise; fatou: fatoumata
ferdi: ferdinand; flo: florence, florent, florian; floh: florian; fran: francoise, frances, francis; franck: francois
fred: frederic, frederick, frederique, alfred, friedrich; freddy: frederic, frederick; fredi: alfred, fred
fritz: friedrich; franzi: franziska; gab: gabriel, gabrielle; gabi: gabriele, gabriela; gaby: gabrielle, gabriel, gabriele
geo: georges, geoffrey, geoffroy; geoff: geoffrey; georgie: georges, george; gerd: gerhard, gerard; gerry: gerald, gerard
gigi: ghislaine; gil: gilbert, gilles; gina: regina, georgina; ginette: genevieve; ginny: virginia; greg: gregoire, gregory
greg: gregor; gus: auguste, augustus, gustave; gust: auguste, gustave; guigui: guillaume; guillem: guillaume; hal: henry, harold
hank: henry; hanne: johanna; hanni: johanna; hannes: johannes; hans: johannes; hansi: johannes, hans; harry: henry, harold
heidi: adelheid; heinz: heinrich; heiner: heinrich; hein: heinrich; heini: heinrich; henk: hendrik; herb: herbert; horst: horst
ilse: elisabeth; inge: ingeborg, ingrid; isa: isabelle, isabel, isabella; izzy: isabelle, isabella; jack: john; jackie: jacqueline
jake: jacob; jan: johannes, johan; janine: jeannine; jeannot: jean; jeff: jeffrey, geoffrey, jean-francois; jen: jennifer
jenny: jennifer; jens: johannes; jerry: gerald, jerome, jeremy; jess: jessica; jessie: jessica; jim: james; jimmy: james
jo: joseph, joelle, joel, johanna, josephine, joanna; joe: joseph; joey: joseph; jon: jonathan, john; johnny: john
jonny: jonathan
jochen: joachim; jojo: joseph, georges; jorg: georg; jupp: josef; josh: joshua; josi: josephine; juju: julien, julie, justine
jule: julia; jules: julien; kat: katherine, katharina; kate: katherine, catherine; kathi: katharina; kathy: katherine, kathleen
katie: katherine; kati: katharina; katja: katharina; katrin: katharina; kay: katherine; ken: kenneth; kenny: kenneth
kim: kimberly; kit: christopher; klaus: nikolaus; konni: konrad; kurt: konrad; larry: lawrence, laurence; lea: leah
leni: helene, magdalena; lena: helena, magdalena; len: leonard; lenny: leonard; leo: leonard, leopold, leonie, leonardo
lex: alexander; lexi: alexandra, alexis; libby: elizabeth; lili: elisabeth, liliane; lilo: liselotte; lina: carolina
linda: sieglinde; lise: elisabeth; lisa: elisabeth, elizabeth; liz: elizabeth; lizzie: elizabeth; lola: dolores
lou: louis, louise
loulou: louis, louise; lothar: lothar; lorie: laurence, lorraine; lotte: charlotte; luc: lucas; luki: lukas; lulu: lucie, lucien
maddie: madeleine, madeline; mado: madeleine; mag: magali, margaux; maggie: margaret, marguerite; magda: magdalena
manfred: manfred; manni: manfred; manu: emmanuel, emmanuelle, manuel, manuela; marcus: markus; marge: margaret, marjorie
margo: margaux, marguerite; margot: marguerite; marine: marine; matt: matthew, matthieu, matthias; matti: matthias
mathi: mathias, mathilde; matze: matthias; max: maxime, maximilien, maximilian, maxwell, maxence; meg: margaret
mehdi: mahdi; mel: melanie, melissa, melvin; mia: maria; michi: michael, michaela; micha: michael; mick: michael; micky: michel
mike: michael; mich: michel, micheline; mimi: michele, mireille; mike: mickael; mika: mickael; minna: wilhelmina
mitch: mitchell; moe: maurice, mohamed; mo: mohamed, maurice, moritz; mohammed: mohamed; mollie: mary; molly: mary
momo: mohamed, maurice; nadja: nadia; nan: nancy, anne; nancy: anne; nat: nathalie, nathan, nathaniel, natalie, natacha
nath: nathalie, nathan, nathanael; nata: natacha, natalia; ned: edward; nell: eleanor, helen; nelly: eleonore, helene
nic: nicolas, nicole; nick: nicholas, nicolas, dominic; nico: nicolas, nicole, nikolaus; nicky: nicole, nicolas; nik: nikolaus
niklas: nikolaus; nina: antonina, christina; noe: noemie; oli: olivier, oliver; olli: oliver; olive: olivier; ollie: oliver
pat: patrick, patricia, patrice; patty: patricia; pats: patrick; paulo: paul; peggy: margaret; penny: penelope; pepe: jose
pete: peter; phil: philippe, philip, phillip; philou: philippe; pierrot: pierre; pitt: peter; polly: mary, paula, apolline
rafa: rafael, raphael; raph: raphael, raphaelle; ralf: radolf; ray: raymond; reggie: reginald; reni: renate; resi: theresia
ric: eric, richard; rich: richard; rick: richard, frederick, eric; ricky: richard; rita: margarita; rob: robert; robbie: robert
robin: robert; rodi: rodolphe; roger: roger; rolf: rudolf; rolli: roland; ron: ronald; ronnie: ronald, veronica; rosi: rosemarie
rose: rosemary; rosie: rose, rosemary; rudi: rudolf, rudiger; russ: russell; sabi: sabine; sacha: alexandre, alexander
sasha: alexander, alexandra; sally: sarah; sam: samuel, samantha, samir; sammy: samuel; sandi: sandra; sandie: sandrine, sandra
sandra: alexandra; sandy: sandrine, sandra, alexander; sascha: alexander; seb: sebastien, sebastian; sepp: josef
serge: sergei; sigi: siegfried, sigrid; sophie: sofie; stan: stanislas, stanley; steffi: stefanie; steph: stephane, stephanie
steph: stephen; stefan: stephan; steve: stephen, steven, stephane; stevie: stephen, steven; sue: susan, suzanne, susanne
susi: susanne; susie: susan, suzanne; suzie: suzanne, susan; suzy: suzanne; sylvie: silvia; tania: tatiana; tanja: tatjana
ted: edward, theodore; teddy: edward, theodore; terry: terence, theresa; tess: theresa; tessa: theresa; thea: dorothea
theo: theodore, theophile, theodor; tiff: tiffany; tim: timothy; timmy: timothy; timo: timotheus; tina: christina, martina
titi: thierry; tobi: tobias; toby: tobias; tom: thomas; tommy: thomas; toni: anton, antonia; tony: anthony, antoine, antonio
toto: thomas, antoine; tracy: theresa; trudi: gertrud; trudy: gertrude; uli: ulrich, ulrike; uschi: ursula; val: valerie
val: valentin, valentine, valery; vero: veronique, veronika; vic: victor, victoria, victoire; vicki: victoria; vicky: victoria
vince: vincent; vinz: vincent; viv: vivian, viviane, vivienne; vroni: veronika; walli: walter, walburga; walt: walter
wally: walter, wallace; wes: wesley; wilfi: wilfried; will: william, wilfried; willi: wilhelm; willy: william, wilhelm, wilfried
wim: willem, wilhelm; winni: winfried; wolf: wolfgang; wolfi: wolfgang; xav: xavier; xavi: xavier; yoann: johann; yo: yohan
yves: yvon; yvo: yvonne; zach: zachary; zack: zachary; zoe: zoe
jean-phi: jean-philippe; jean-fi: jean-philippe; jeanphi: jean-philippe; jean-seb: jean-sebastien; jeff: jean-francois
jean-ba: jean-baptiste; jb: jean-baptiste; jc: jean-claude, jean-charles; jf: jean-francois; jl: jean-luc, jean-louis
jm: jean-marc, jean-michel, jean-marie; jp: jean-paul, jean-pierre, jean-philippe; js: jean-sebastien; jj: jean-jacques
jy: jean-yves; pe: pierre-emmanuel, pierre-etienne; pa: pierre-alain, pierre-antoine; mc: marie-claude, marie-christine
catherine: katherine, katharina; remy: remi; mickael: michael; michel: michael; torsten: thorsten; gunther: gunter; swen: sven
juergen: jurgen; joerg: jorg; ralph: ralf; stephan: stefan, stephane; stephen: stephan, steven; eric: erik, erich
philip: philippe, phillip; nicholas: nicolas; frederick: frederic; alexander: alexandre; sofie: sophie; theresa: teresa, theresia
elizabeth: elisabeth; emily: emilie; helen: helene; ann: anne, anna; carl: karl; marc: mark, marcus; luc: lukas; sara: sarah
jeffrey: geoffrey; gabriela: gabriele; natalie: nathalie; christopher: christophe; matthew: matthieu; mathieu: matthieu
marie-jo: marie-josephe, marie-josee, marie-joelle; marijo: marie-josephe; marie-lou: marie-louise; anne-so: anne-sophie
""".replace("\n", ";")
"""A short form and what it may stand for, folded."""

_GIVEN = """
adele agnes aicha alain alice aline amelie amina andre anita anouk arlette armand astrid aude audrey aurelie aurelien axel
bastien bernadette boris brice brigitte bruno camille carla catherine cecile celine chantal chloe claire claude claudine colette
coralie corinne cyril damien danielle delphine denis denise diane didier dorothee edith eliane elise elodie emilie eric erwan
etienne eugene eva evelyne fabiola felix fernand franck gael gaelle genevieve gerald germaine gerard gilles gisele guy gwenaelle
helene herve hugo ines irene jacques jeanne jeremie jerome joel joelle josiane julie juliette karim karine kevin laetitia laura
laure laurent leila lionel loic lucas lucie ludovic lydie marc marcel marie marielle marina marion marius martin martine mathieu
maud melanie michele monique morgane muriel mylene myriam nadege nadine nicole noel noemie odette odile pascal pascale
patricia paul paule pauline philippine pierrick quentin raoul regis remi remy rene renee romain roland sabrina samira sarah
severine simon simone solange sonia stephane suzanne sylvain sylvie tanguy theo thibault thierry valentine vanessa
virginie yann yannick yves yvette alan amanda amy anna ashley barry brandon brenda brian carl carol cheryl craig cynthia
dennis diana donna doris dorothy douglas eleanor emily emma eugene eve evelyn frank gary george gladys glenn gloria grace hannah
heather helen howard irene ivan janet janice jason jean jill joan joyce juan juanita judith judy justin karen keith kelly kevin
kyle laura lauren leslie lillian lois lori louise lucy marcia maria marie marilyn mark martha mary megan nancy neil nicole
norma oscar pamela paula phyllis rachel ralph roger rosa roy ruth ryan sara scott sean sharon shirley stacy stanley tara teresa
tina todd travis tyler vera vernon victor vincent virginia walter wanda wayne wendy anke anja annette bernd bettina birgit
bjorn carsten christa claudia cornelia detlef dieter doris eckhard edith elke erich ernst erwin eva frank gabriele gisela gunter
gunther hannelore harald heike helga helmut herbert hermann hildegard holger ina ingo irmgard jana jens joerg jorg jutta
jurgen juergen karin karl kerstin kirsten lars lutz maik maja marco marlene marion meike monika nadine nils norbert olaf
otto petra rainer ralf regina reiner renate rolf ruth sabine sandra silke simone sonja stefanie steffen susanne sven swen
thorsten torsten udo ulla ulrike ursula ute uwe volker waltraud werner wiebke wolfgang yvonne jose carmen pilar luis
carlos jorge javier pablo ana elena lucia rosa teresa giulia luca marco matteo paolo giovanni giuseppe antonella chiara
"""


def _table() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in filter(None, map(str.strip, _SHORT_FORMS.split(";"))):
        short, _, names = entry.partition(":")
        found.setdefault(short.replace("-", " "), {short.replace("-", " ")}).update(
            name.strip().replace("-", " ") for name in names.split(",")
        )
    return {short: frozenset(names) for short, names in found.items()}


_FORMAL = _table()
_KNOWN = frozenset(_GIVEN.split()) | {name for names in _FORMAL.values() for name in names}


@lru_cache(maxsize=1 << 14)
def formal_names(given: str) -> frozenset[str]:
    """The given names that a folded one may stand for, itself among them; parts of a double name stand apart: "jean philippe"."""
    return _FORMAL.get(given) or frozenset({given})


def one_given_name(one: str, other: str) -> bool:
    """Whether two folded given names are equal, or a short and a full form, or two short forms of one."""
    return one == other or not formal_names(one).isdisjoint(formal_names(other))


def is_given_name(word: str) -> bool:
    """Whether the folded word is a known given name, so that another known one is not its misspelling."""
    return word in _KNOWN
