"""Words that name something gone wrong ("Oven down", "Backup failures"), in the languages of runbooks."""

from __future__ import annotations

import re

_LATIN = (
    r"\b(?:down|outages?|unavailab\w*|unreachable|unresponsive|offline|fail(?:s|ed|ing|ures?)?|errors?|crash\w*"
    r"|time-?outs?"
    r"|timing out|slow\w*|latency|degrad\w+|exhaust\w*|leak\w*|lag(?:ging)?|backlog|stuck|hung|hang(?:s|ing)?"
    r"|deadlocks?"
    r"|saturat\w*|overload\w*|spikes?|surge|full|out of|oom\w*|corrupt\w*|lost|loss|missing|expir\w+|breach\w*"
    r"|compromis\w*"
    r"|intrusion|attacks?|ddos|malware|ransomware|phishing|expos(?:ed|ure)|unauthori[sz]ed|suspicious|vulnerab\w+"
    r"|drift"
    r"|mismatch\w*|inconsisten\w+|broken|unable|refused|rejected|denied|throttl\w*|delay\w*|stale|stall\w*"
    r"|incidents?|(?:posibles?|possive(?:l|is)|sospecha de|suspeita de) incidentes?|absent|flapping|burn(?:ing|s)?"
    r"|filling up|restarting|evict\w+|circuit open|unhealthy|not ?ready"
    r"|disasters?|split[- ]brain|bottlenecks?|contention|pressure|flood\w*|abuse|fraud|anomal\w+|violations?"
    r"|disruptions?"
    r"|interruptions?|runaway|suspected \w+|deplet\w+|starvation|hijack\w*|unplanned \w+|rogue|issues?|problems?"
    r"|(?:high|low|excessive|elevated|abnormal|unexpected|increased) \w+|[45](?:xx"
    r"|\d\d)s?)\b|\bnot \w+|\b(?:won|can|don|doesn|isn|aren|didn|hasn)['’]t\b|\bcannot\b"
    r"|ausfall|storung|fehler|ausgefallen|\bnicht \w+|langsam|\bvoll\b|uberlast|verlust|\bleck|absturz|abgelaufen"
    r"|angriff"
    r"|defekt|\bhohe[rs]?\b|uberschritten|\bhangt\b|\bpannes?\b|\bechecs?\b|\berreurs?\b|indisponib|\blente?s?\b"
    r"|\blenteur"
    r"|satur|\bplein\b|\bfuites?\b|\bpertes?\b|expire|\battaques?\b|\bbloque|injoignable|\beleve|\bcaid[ao]"
    r"|\bfall[oa]s?\b"
    r"|\berror(?:es)?\b|\bno (?:responde|funciona|disponible|arranca|carga)|\blent[oa]s?\b|\bllen[oa]\b|\bfugas?\b"
    r"|perdida"
    r"|\bno (?:data|response|metrics|logs|traffic|connection|connectivity|space|heartbeat|power|signal)\b"
    r"|\bfrozen\b|\bfreez\w+"
    r"|\bjam(?:s|med)\b|\bdoes not \w+|\btravad|\bcongelad|\bquebrad|\bcolgad|\btrabad|\bbloquead|\bplante\b"
    r"|\beingefroren|\bhangt\b"
    r"|\bnao \w+|\bno (?:se )?(?:genera|envia|llega|carga|inicia|abre|actualiza|conecta)\w*|\bne (?:repond"
    r"|fonctionne|demarre)"
    r"|\bincumpl\w+|\bsin (?:acceso|conexion|respuesta|servicio|espacio)|\bsem (?:acesso|conexao|resposta|servico"
    r"|espaco)"
    r"|\bsans (?:reponse|acces)|\bkein(?:e|en)? (?:verbindung|zugriff|antwort|strom|internet)|\bgestort"
    r"|\bhors (?:service|ligne)"
    r"|\btombe\b|\bsospechos|\bsuspeit|\bcomprometid[oa]s?\b|\bvazad[oa]s?\b|\bfiltrad[oa]s?\b|\bviolad[oa]s?\b"
    r"|\bverdacht auf\b|\bkompromitt|\bsoupcon|\bverdachtig|\bindispo\b|\bcorrup\w+|\bcaduc\w+|\brot[oa]s?\b"
    r"|\bcae[n]?\b"
    r"|caducad|\bataques?\b|brecha|degradac|\balt[oa]s?\b|elevad|agotad|vencid|\bqueda\b|\bcaiu\b|fora do ar"
    r"|\bfalhas?\b|\berros?\b|indispon|\bchei[oa]\b|vazamento|\bperda\b|esgotad|\bparad[oa]\b"
)
_OTHER = (
    r"\bне (?:проход|працю|відповіда|запуска|приход|доход|отправля|загруж|открыва|обновля)\w*|помилк|збій|збо[їю]"
    r"|відмов"
    r"|нет (?:ответа|доступа|связи|места|данных)|пропал|недоступ|сбо[йея]|отказ|ошибк|перебо[ийея]|паден|упал"
    r"|не (?:работает"
    r"|отвечает|запуска)|медленн|переполн|утечк|потер|истек"
    r"|атак|завис"
    r"|поврежд|подозрени|расхожден|взлом|компромет|высок|деградац|авари|проблем|宕机|不一致|失控|被盗|入侵|故障"
    r"|失败|异常|错误|不可用|超时"
    r"|缓慢|过高|过低|泄露|泄漏"
    r"|丢失|过期|攻击|卡住|满$|[写占打已]满"
    r"|阻塞|死锁|崩溃|中断|延迟|积压|无响应|不足|障害|停止|失敗|エラー|異常|遅延|遅い|ダウン|応答なし|不可|枯渇"
    r"|漏洩|漏えい|消失|不一致|不整合|ドリフト|暴走|期限切れ"
    r"|攻撃|高騰|逼迫|できない|しない|タイムアウト|満杯|いっぱい|장애|다운|중단|실패|오류|에러|지연|느림|불가"
    r"|고갈|누수|유출|손실"
    r"|만료|불일치|공격|과부하|급증|포화|부족|멈춤|무응답|가득|꽉 찬|타임아웃|폭증|lỗi|sự cố|thất bại"
    r"|khong (?:hoạt động|phản hồi|kết nối|truy cập"
    r"|khả dụng|tạo)"
    r"|qua tải|\bchậm|mất (?:dữ liệu|kết nối|điện)|ro rỉ|\bđầy\b|hết (?:dung lượng|bộ nhớ|hạn)|tấn cong"
)
_FAILURE = re.compile(f"{_LATIN}|{_OTHER}")
_PREDICATE = re.compile(
    r"\b(?:won|can|don|doesn|isn|aren|didn)['’]t \w+|\bcannot \w+|\bnot \w+(?:ing|ed)?$|\b(?:down|outage"
    r"|unavailable"
    r"|unreachable|unresponsive|offline|fail(?:s|ed|ing|ures?)|crash(?:es|ed|ing|loop)?|stuck|exhaust(?:ed|ion)"
    r"|leak(?:s|ed)?"
    r"|broken|missing|lost|loss|corrupt(?:ed|ion)|compromised|breach|degraded|delayed|overload(?:ed)?|expired"
    r"|backlog)$"
    r"|\w (?:is |are |was |were |does |do |did |has |have )?not (?!applicable|required|needed|used|supported)"
    r"(?:\w+ing|\w+ed|\w+able|respond|start|connect|load|work)\b"
    r"|\w (?:is |are |drops? |dropped |fell |falls? |rose |rises? )?(?:above|below|over|under) (?:the )?\w+"
    r"|\w exceed(?:s|ed|ing)\b"
    r"|\w (?:esta |cayo |caiu |cae |subio |subiu |sube )?(?:por debajo|por encima|abaixo|acima|au-dessus"
    r"|en dessous)\b"
    r"|\w (?:supera|superou|supero|excede|excedio|depasse|uberschreitet|unterschreitet|ubersteigt)\b"
    r"|\w (?:не работает|не отвечает|превыш\w+|упал\w*)\b|.(?:过高|过低|超过|低于|高于|超出)"
    r"|.(?:失败|异常|不可用|超时|宕机|崩溃|中断|泄露|泄漏|失敗|遅延|停止|できない|不可|실패|오류|지연|중단|불가)$"
)
_TELLS_PART = re.compile(
    r"^(?:check|investigat|identif|find|look|review|analy|verif|confirm|test|fix|resolv|repair|recover from|restor"
    r"|mitigat"
    r"|handl|monitor|notif|report|assess|determin|gather|diagnos|detect|if|when|how|what|is|are|wait)\w*\b"
    r"|\b(?:of|from|to|on|for|during|after|because|if|when) "
)


def names_failure(folded: str) -> bool:
    """Whether a title (lower case, without accents) has a word for something gone wrong in it."""
    return bool(_FAILURE.search(folded))


def is_failure(folded: str) -> bool:
    """Whether a title says as a whole that something went wrong ("Rollback stuck"): no word in it is a label."""
    return bool(_PREDICATE.search(folded)) and not _TELLS_PART.search(folded)
