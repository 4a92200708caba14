"""A real .xls file (BIFF8, as xlwt 1.3 writes it) with what such files hold: a blank first sheet, a hidden one, numbers as
numbers, a date, a number whose country code only its format shows, names in several scripts."""

from __future__ import annotations

import base64
import io
import zlib

import pytest

from jackfield.core.contacts.files import ContactRow, RefusedRow, UnreadableFile, parse_contacts
from jackfield.core.contacts.files.preview import preview

FILE = zlib.decompress(base64.b85decode(
    'c-rk)O-NKx6h8O8JAdZS_!np*!$4N*fTO8djFW?9C=RBJeh6x81{t(528(QAmdz@HLI{c$2^O@m+GJ6SS_CZuBNsssIJImQl(bN%bI!am$26QU'
    'LwVoho_p`P=bU@y+;i`J^WIKmPmMe(jKU(+g9>vo3m6yh1Qtu8V+9<K#i*I6%~)bO))g#fTu7q<o@Kl-(HhcvM?ryy@+DG$Pgst@Y4G-j0=6}T'
    'hkft~^1&sHn0pFl<ZYyxP{5w$Fg?jMm+1qRe$I3+bFMOVq3o163KMQ`=`Jmk4=Z*a%S0+*oOM1h#|ioHnlkyqH4&FJKtnj_>)9v+#WEd60av>z'
    '5DJ8;p9Oaz4d4jE(c0>0Y$TC;Bw{bCbK2|`Q;>(5F$&*fHh^!5BjANi=dUea0P=q%^G(a}&A6yb@h!Nri}}Nf1Q>+a2|>Fd0vRwNX~Y1Y9$%<C'
    'g4;wj#*c@VGa-K<M4T=&C6y5l1pUaFfdNQI2`Z@T^_>csK-guq+=Hc2)=QT(0Ce>E{Czmy5eQP%JRR=Bs%5$-BtckF#w9Bx9!X`jwmN5x%~@IH'
    '*jeqUsl^kZ2yHaT-LeuTP^aB@Hi$lXdpmpm{g~nB(&&2P<II|LoMrG9Pe<y9EN*A>Mz>;!X6}D|*V@_UKF*v$zQW?zN+E$5TqF%t&Rldsma;|}'
    '(@Si13%3iI=3(ftE@{ix8vBP><}#0#;5=1~N%yt|?d{l(d^z}}IP%%O1KVRw(ers@@7*I{$7S=QK0QNFF3QENn}nzCL@l%f@gviM-wwxmB?lf;'
    '1CPdESiP8uWn*SwD%WAm%!*a>J*K?@Wx*`R3@{#qc#onZ=6i}3t9Vbvo~qdrOV|=@i=v}qyad~VqUrJB=ygwgoa|8y2Nde5=<|(N3foiIezHA<'
    '?HRTC<11&H?~yID=8ej}CTpv#ZPC0@Q9BpgcP6hiD<0C3{A-hSB<rLlat!`Qj){4?UUN(=nPZ#&7*!oQbm-8b<1ZojB>?#1m)gr3UCt)$yUr|@'
    'IsG%qhDAH{;?sx!2lqh;>oD}Els}unAQHC33Uw0S3kipC_AqoqC;QQza{l7Wm00+DR;*}Uy)BgL{Bx=J`H$!S2`#Eu4F'
))  # fmt: skip


def test_it_is_read_like_any_other_workbook() -> None:
    rows = list(parse_contacts(io.BytesIO(FILE), default_country="DE"))
    people = [(row.name, row.phones, row.attributes) for row in rows if isinstance(row, ContactRow)]
    assert people == [
        ("Jörg", ["4915135905159"], {"Stadt": "Köln", "Seit": "2024-05-01"}),
        ("Анна", ["79161234567"], {"Stadt": "Москва"}),
        ("Ravi", ["919820011124"], {}),
    ]
    assert [(row.line, row.code) for row in rows if isinstance(row, RefusedRow)] == [(5, "missing_phone")]


@pytest.mark.parametrize("sheet", ["Kunden", 2])
def test_a_sheet_is_chosen_by_name_or_number(sheet: str | int) -> None:
    rows = parse_contacts(io.BytesIO(FILE), default_country="DE", sheet=sheet)
    assert [row.line for row in rows] == [2, 3, 4, 5]


def test_a_preview_tells_its_visible_sheets() -> None:
    assert preview(io.BytesIO(FILE)).sheets == ["Blank", "Kunden"]


@pytest.mark.parametrize("length", [512, 700, 2000, 4000, len(FILE) - 600])
def test_one_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(UnreadableFile) as refused:
        list(parse_contacts(io.BytesIO(FILE[:length]), default_country="DE"))
    assert refused.value.code == "old_excel"
