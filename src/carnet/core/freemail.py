"""Which e-mail domains belong to mail providers, and so say nothing about where a person works?"""

from __future__ import annotations

_FAMILIES = """
aol fastmail freemail gmail gmx googlemail hotmail live mailfence outlook proton protonmail rocketmail tuta tutanota
yahoo yandex ymail zoho
"""
FAMILIES = frozenset(_FAMILIES.split())
"""First labels under which one provider holds many domains: outlook.com, outlook.fr, outlook.com.br …"""

COMPANIES = frozenset({"proton.de", "proton.com", "proton.com.my"})
"""Domains of a family's name that belong to somebody else."""

_DOMAINS = """
msn.com icloud.com me.com mac.com mail.com email.com usa.com pm.me duck.com hey.com inbox.com
ya.ru mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru lenta.ru ukr.net i.ua meta.ua
web.de t-online.de freenet.de arcor.de online.de mail.de posteo.de posteo.net mailbox.org email.de unitybox.de
kabelmail.de vodafonemail.de 1und1.de mnet-online.de magenta.de ewetel.net
orange.fr wanadoo.fr free.fr sfr.fr neuf.fr cegetel.net laposte.net bbox.fr numericable.fr numericable.com noos.fr
club-internet.fr aliceadsl.fr 9online.fr 9business.fr libertysurf.fr voila.fr caramail.com caramail.fr tele2.fr
dbmail.com infonie.fr nordnet.fr netcourrier.com mailo.com cegetel.fr worldonline.fr
bluewin.ch hispeed.ch sunrise.ch green.ch vtxnet.ch romandie.com netplus.ch
aon.at chello.at utanet.at tele2.at kabsi.at inode.at liwest.at drei.at
skynet.be telenet.be proximus.be belgacom.net scarlet.be voo.be base.be
pt.lu internet.lu vo.lu
libero.it virgilio.it alice.it tin.it tiscali.it tim.it inwind.it iol.it fastwebnet.it email.it
telefonica.net terra.es movistar.es ono.com ya.com wanadoo.es
sapo.pt netcabo.pt clix.pt iol.pt telepac.pt
ziggo.nl kpnmail.nl kpnplanet.nl planet.nl xs4all.nl home.nl hetnet.nl upcmail.nl casema.nl quicknet.nl tele2.nl
btinternet.com btopenworld.com virginmedia.com ntlworld.com blueyonder.co.uk sky.com talktalk.net tiscali.co.uk
o2.co.uk plusnet.com eircom.net
telia.com comhem.se bredband.net spray.se passagen.se tele2.se online.no broadpark.no getmail.no mail.dk
webspeed.dk stofanet.dk kolumbus.fi elisanet.fi inet.fi saunalahti.fi luukku.com
wp.pl o2.pl onet.pl onet.eu op.pl interia.pl interia.eu poczta.fm gazeta.pl vp.pl tlen.pl
seznam.cz email.cz centrum.cz post.cz volny.cz atlas.cz centrum.sk azet.sk zoznam.sk
abv.bg mail.bg citromail.hu t-online.hu otenet.gr in.gr walla.com walla.co.il
comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com netzero.net
optonline.net roadrunner.com frontier.com frontiernet.net windstream.net centurylink.net aim.com
sympatico.ca videotron.ca rogers.com shaw.ca telus.net bell.net cogeco.ca
bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au xtra.co.nz
uol.com.br bol.com.br terra.com.br ig.com.br globo.com
qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com 21cn.com tom.com
naver.com hanmail.net daum.net nate.com rediffmail.com hanmir.com
docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com biglobe.ne.jp ocn.ne.jp
mweb.co.za telkomsa.net vodamail.co.za menara.ma
"""
DOMAINS = frozenset(_DOMAINS.split())
"""Single domains of providers, by country."""
