"""The words by which a heading or a line says that it's about alerts, in nine languages."""

from __future__ import annotations

import re

_HANDLING = (
    r"(?:\w+ing|respond|handle|silence|check|review|acknowledge|acknowledged|verify|test|manage|no|false|fake|contact"
    r"|on-?call|prevent|escalate|how|after|before|about|these|which|why|when|if|page[rd]?)\b"
)
ABOUT = re.compile(
    r"\balert(?:s|ing)? (?:thresholds?|rules?|conditions?|criteria|definitions?|configuration"
    r"|triggers?|inventory|catalog(?:ue)?|reference|list|overview|table|matrix)|\b(?:thresholds?|alerting)$|^alerts?$"
    r"|schwellenwert|schwellwert|alarmregel|alarmierung|alarmbedingung|^alarme$|umbral|reglas de alerta|alertas?$"
    r"|regras de alerta|limiares|seuils?|règles d['’]alerte|conditions? d['’]alerte|alertes?$"
    r"|告警(?:规则|阈值|条件|列表|项|清单|策略)|报警(?:规则|阈值|条件)|監控告警|阈值|閾值|アラート(?:条件|ルール|一覧"
    r"|設定|定義)"
    r"|監視項目|閾値|しきい値|알림 (?:조건|규칙|목록|기준)|경보 (?:조건|기준)|임계|порог|правила алерт|услови\w+ алерт"
    r"|^алерты$|список алертов",
    re.IGNORECASE,
)
ALERTS = re.compile(  # a heading over alerts; not over how they're handled
    rf"^alerts(?=\s*(?:we\b|that\b|you\b|[(:–—-]))|^(?!{_HANDLING})(?:[\w-]+\s+){{1,3}}alerts(?!\s+(?:to|in|from|with"
    rf"|for|by)\b)(?=\s*(?:[(:→–—-]|$))"
    r"|^(?:when|what) (?:do )?we (?:get )?(?:alert|page)|^what (?:fires|pages|triggers)\b|^paging (?:rules|conditions)",
    re.IGNORECASE,
)
_ALERT_NOUN = r"alert(?:ing|s|a|as|e|es)?|alarm\w*"
SAYS_ALERT = re.compile(
    rf"\b(?:{_ALERT_NOUN})\s*[<>≥≤]|\balert(?:ed|ing)? (?:if|when|on)\b|\balert thresholds?\b"
    rf"|^\W*(?:{_ALERT_NOUN})\b(?:[^.]|\.(?=\w)){{0,80}}?[<>≥≤]"
    r"|\balert(?:s|as|es)?\b[^.]{0,40}[:(].*[<>]|\b(?:page|ticket|warn)(?:s|d|ed)? (?:\w+ )?(?:if|when)\b"
    r"|\bfires? (?:if|when|at|on)\b"
    r"|\bpages (?:at|on|above|below)\b"
    r"|\balarm\w* (?:wenn|bei|si|se|if|ab)\b|\b(?:alert|avis|notific|dispar)\w*\b[^.]{0,20}\b(?:si|se|quand|quando"
    r"|cuando"
    r"|lorsque|если|при)\b|\bse déclenche\b|\b(?:schlägt|löst) \w{0,10}\s?(?:alarm|an|aus)\b"
    r"|\b(?:triggers?|fires?|raises?|sends?|sets? off|disparan?|dispara[mr]?|activan?|genera[nm]?|envían?"
    r"|aciona[m]?|gera[m]?"
    r"|déclenche(?:nt)?|lance(?:nt)?|envoie(?:nt)?|lös(?:en|t)|erzeug(?:en|t)) (?:an?\s|the\s|el\s"
    r"|la\s|las\s|una?\s|o\s"
    r"|os\s|as\s"
    r"|uma?\s|l['’]|les\s|une\s|einen\s|den\s)?(?:\w{1,12}\s){0,2}(?:alert|alarm)"
    r"|\b(?:вызывает|поднимает|отправляет) (?:алерт|тревог|оповещ)"
    r"|\bалерт\w*\b[^.]{0,30}\b(?:если|при)\b"
    r"|срабатывает|(?:告警|报警|アラート|発報|경고).*(?:[<>超以이초]|大于|小于|高于|低于|少于|多于|不足|达到|下回"
    r"|未満|미만|넘|达)"
    r"|(?:[<>超以이초]|大于|小于|高于|低于|少于|多于|不足|达到|下回|未満|미만|넘).{0,30}(?:告警|报警|アラート|発報"
    r"|경고 발생|알림 발생)",
    re.IGNORECASE,
)
RECOVERY = re.compile(
    r"\b(?:return\w*|back to|recover\w*|drops? back|should|stays?(?! (?:above|over|below|under|high|low|elevated|at))"
    r"|normal|(?:auto-?)?(?:resolv|resolution|clear)\w*)\b"
    r"|\b(?:zurück|erholt|recuper\w+|rétabli\w*|retour\w*|restablec\w+|normaliz\w+|volta a|восстан\w+)|恢复|復旧|복구",
    re.IGNORECASE,
)
ASKED = re.compile(  # the query that an alert is made of
    r"^\W*(?:prom|log|metrics)?ql(?: (?:query|expression|rule|condition|alert\w*)s?)?\W*$|^\W*(?:prom"
    r"|log)ql\s*(?:表达式|查询|语句|式|クエリ|쿼리|표현식)"
    r"|\balert(?:ing)? (?:query|expression|expr|promql)\b|^\W*(?:alert )?(?:query|expr|expression|abfrage|ausdruck"
    r"|consulta"
    r"|expresión|expressão|requête|expression promql|запрос|выражение|查询|表达式|クエリ|쿼리)\W*$|告警(?:表达式"
    r"|语句)|アラート式"
    r"|expresión de (?:la )?alerta|expressão d[eo] alerta|alarmausdruck",
    re.IGNORECASE,
)
QUERY_LINE = re.compile(
    r"^\W*(?:(?:alert |prom|log)?(?:query|ql|expr|expression)|abfrage|ausdruck|consulta|expresión|expressão|requête"
    r"|запрос"
    r"|выражение|查询|表达式|クエリ|쿼리)\s*(?:\([^()]{0,20}\))?\s*[:：]",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"auto(?:matic(?:ally)?)?[- ]?(?:resol|clear|recover)|\b(?:resolves|resolved|clears|cleared|recovers"
    r"|recovered) (?:when|if)\b"
    r"|恢复条件|解除条件|自动恢复|自動復旧|復旧条件",
    re.IGNORECASE,
)  # what ends an alert
OPENS = re.compile(
    r"\b(?:trigger|open|declare|fire|raise)\w*\b.*\b(?:incident|alert)\b.*\b(?:when|if|any|one of|following)\b",
    re.IGNORECASE,
)
NOTICES = re.compile(  # a heading over how a failure is noticed
    r"^(?:how (?:do|will|would|can|to) (?:\w+ )?(?:notice|know|tell|recogni[sz]e|detect|spot)|how (?:it"
    r"|this) (?:shows|is"
    r" (?:noticed|detected))|wie (?:merk|erkenn|bemerk)\w*|woran (?:merk|erkenn)\w*|so merk\w*|comment (?:savoir"
    r"|le savoir"
    r"|détecter|s['’]en rendre|reconnaître)|cómo (?:saber|se (?:detecta|nota)|detectar|reconocer)|como (?:saber"
    r"|se detecta|detectar"
    r"|perceber|reconhecer)|как (?:понять|узнать|заметить|обнаружить|распознать)|как мы узна|如何(?:发现|发觉|识别"
    r"|判断)|怎么发现"
    r"|どう(?:やって)?気づ|検知方法|気づき方|어떻게 (?:알|감지)|감지 방법"
    r"|(?:detect|detectar|détecter|erkennen|обнаружить|发现|检测|検知|감지|탐지)$|(?:障害|異常|故障|事故"
    r"|问题)の?(?:検知|发现|检测|検出)$"
    r"|(?:장애|이상|인시던트|사고|문제) ?(?:감지|탐지|인지)$"
    r"|when (?:does|do|will|would) (?:this|the|it|they|these)\b.{0,20}\b(?:fire|trigger|alert|page)"
    r"|(?:alert )?(?:firing|fires?|fired"
    r"|triggers?|triggered) (?:when|if|conditions?|criteria)|alert criteria|se dispara|(?:quando )?dispara\b"
    r"|se déclenche"
    r"|déclenchement|conditions? d['’]alerte|löst aus|wann\b.{0,20}\b(?:alarm|ausgelöst)|auslösebedingung"
    r"|condici[óo]n(?:es)? de (?:alerta"
    r"|disparo)|condiç(?:ão|ões) de (?:alerta|disparo)|срабатыва|услови[ея] (?:срабатывания|алерта)|触发条件|告警条件"
    r"|発報条件|発生条件|发生条件|アラート条件|알림 조건|경보 조건|발생 조건"
    r"|(?:signals?|symptoms?|signs|indicators|red flags|señales|sinais|signaux|anzeichen|признаки)\s+(?:that|which|of"
    r"|que|qui|für|того)\b)",
    re.IGNORECASE,
)
EXPLAINS = re.compile(  # a heading over what an alert says
    r"^(?:what (?:this|the|that|it|does)\b.{0,20}\b(?:means?|says?|fires?)|(?:alert )?(?:meaning|description)"
    r"|was bedeutet\b.{0,30}|(?:was )?(?:das|der alarm)"
    r" bedeutet|bedeutung|significado|qué significa|o que significa|signification|ce que (?:ça|cela) (?:veut dire"
    r"|signifie)"
    r"|значение|что это (?:значит|означает)|описание(?: алерта)?|含义|告警(?:说明|含义|描述)|アラートの(?:意味|説明"
    r"|概要)|意味|의미|알림 설명)\W*$",
    re.IGNORECASE,
)
TESTS = re.compile(
    r"^(?:test(?:s|ing|ar|en|e)?|tester|prob(?:ar|ando)|pruebas?|simul\w+|drills?|valida\w*|übung|game ?days?"
    r"|exercises?"
    r"|тест\w*|测试|演练|テスト|訓練|테스트|훈련)\b",
    re.IGNORECASE,
)
