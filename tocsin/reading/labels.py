"""The words that announce the parts of a runbook, in the languages that runbooks are written in. Data.

Patterns are searched in `tocsin.reading.letters.fold`-ed text. ``<kind>`` stands for the words of `KIND`.
"""

from __future__ import annotations

from typing import Literal

Meaning = Literal[
    "symptoms", "detection", "causes", "diagnosis", "actions", "mitigation", "resolution", "verification", "prevention",
    "rollback", "impact", "escalation", "contacts", "communication", "template", "postmortem", "severity", "metrics",
    "thresholds", "rotation", "channels", "access", "review", "links", "commands", "checklist", "questions", "overview",
]  # fmt: skip

PARTS: frozenset[Meaning] = frozenset(
    {"symptoms", "detection", "causes", "diagnosis", "mitigation", "resolution", "actions"}
)

# Words that may stand before the noun of a label ("Initial Diagnostic Steps").
KIND = (
    r"(?:(?:immediate|quick|rapid|fast|initial|first|urgent|emergency|critical|basic|general|standard|common|typical"
    r"|possible|potential|likely|probable|known|frequent|most|observed|visible|user|customer|client|key|main|primary"
    r"|detailed|deep|further|additional|manual|automated|automatic|recommended|required|suggested|specific|temporary"
    r"|interim|permanent|long-term|short-term|final|full|incident|response|technical|early|warning|minute"
    r"|runbook|playbook|containment and|and|&|/|do|the|this|your)[\s-]+)*"
)
# The first row that matches wins, so the narrow meanings stand above the wide ones.
ROWS: tuple[tuple[Meaning, str], ...] = (
    ("template", (r"\btemplates?\b|\bvorlagen?\b|plantillas?\b|\bmodeles?\b|\bmodelos?\b(?! de (?:ia|ml|datos|dados))"
                 r"|模板|템플릿|テンプレート|ひな形|雛形|шаблон|양식")),
    ("questions", (r"^(?:key )?questions?\b|^(?:leit|kern)?fragen\b|^preguntas\b|^perguntas\b|^questions cles"
                   r"|^вопросы"
                  r"|^질문|^質問|^问题清单")),
    ("escalation", (r"^(?:cuando|quando|como|por que) escalar(?! (?:horizontal|vertical|los? |las? |os |as |replicas"
                    r"|pods|recursos|el servicio))")),
    ("mitigation", (r"\bescalar (?:horizontal|vertical|los? |as |os? |a (?!(?:un|una|um|uma|la|los|el|nivel)\b)"
                    r"(?=aplica|api\b|infra|base|capacid|instanc|fila|carga)|replicas|pods|recursos|el servicio)")),
    ("escalation", (r"escalat|escalad[aeo]|escalar\b|escalonam|escalam|escalac[iao]|escalaz|ескалац|eskal(?:ation|ier)"
                    r"|升级(?!版|包|系统|到)|何时升级|上报|에스컬|상위 보고|エスカレ|эскал(?:ац|ир)|ескал[юу]")),
    ("contacts", (r"\bcontacts?\b|\bcontact (?:information|list)|kontakte?\b|ansprechpartner|contactos?\b|contatos?\b"
                 r"|contatt[oi]\b|^who to call\b|联系方式|联系人|연락처|연락망|連絡先|контакт")),
    ("verification", (r"^(?:signs|indicators) of (?:recovery|success)|^(?:resol\w+|exit|clos\w+|recovery|success"
                      r"|completion"
                      r"|acceptance|stand-?down|done|all-clear) criteria\b|^(?:is )?(?:resolved|recovered|done"
                      r"|closed|fixed"
                      r"|mitigated|over) (?:when|if)\b|^definition of done|^when (?:is it|are we|it is) (?:over"
                      r"|done"
                      r"|resolved|fixed)|^back to normal|^(?:confirm|verify|check) (?:that )?(?:it|this|the (?:fix"
                      r"|issue|problem"
                      r"|service)) (?:is|works|has)\b|^after (?:the )?(?:fix|resolution|recovery|repair|restore"
                      r"|rollback)$"
                      r"|^post-?(?:fix|deploy\w*|restore|recovery|resolution|mitigation|rollback) (?:verif|check"
                      r"|valid|test)"
                      r"|^monitor(?:ing)? (?:for |the )?(?:recovery|results?|improvement|outcome|effects?|stability"
                      r"|fix)"
                      r"|^behoben, wenn|^abschlusskriterien|^erfolgskriterien|^criteres de (?:resolution|sortie"
                      r"|succes|cloture|retour)|^resolu (?:quand|si|lorsque)|^retour a la normale"
                      r"|^criterios? de (?:resol|salida|exito|cierre|recuper|saida|sucesso|encerr)"
                      r"|^resuelto (?:cuando|si)"
                      r"|^resolvido (?:quando|se)|^критерии (?:успех|восстан|закры|заверш|выход|решен)"
                      r"|^решено, (?:если|когда)"
                      r"|^(?:恢复|解决|关闭|完成|成功|退出)(?:标准|判据|条件)|^(?:復旧|解決|完了|終了|クローズ"
                      r"|収束)(?:条件|基準|判定|の判断)|^(?:복구|해결|종료|완료|성공) ?(?:기준|조건|판단)")),
    ("symptoms", (r"^<kind>(?:symptoms?|signs?|signals?|indicators?|manifestations?|red flags|error messages?)\b"
                  r"|^(?:[\w-]+ ){1,3}symptoms$|^symptome|^anzeichen|^fehlerbild|^sintoma|^senal|^sinais|^sinal$"
                  r"|^indicios|^signes|^manifesta"
                  r"|现象|現象|症状|故障表现|^表现$|征兆|증상|이상 ?징후|^현상|^事象|^兆候|симптом|^признак|^проявлен"
                  r"|^what (?:you(?:'ll| will)?|users?|customers|guests|it) (?:see|notice|experience|report"
                  r"|looks? like)"
                  r"|^how it (?:looks|shows|manifests)|^so sieht (?:es|das) aus|^ce que l'on voit|^como se (?:ve"
                  r"|manifiesta|manifesta)|^como (?:aparece|luce)|^segnali\b|^sintomi\b|^ознак|^symptomen\b"
                  r"|^objawy\b|^belirtiler"
                  r"|^(?:was|what) (?:man |ihr |sie |du )?(?:sieht|seht|siehst|auffallt)|^que se observa"
                  r"|^o que se (?:ve|observa)"
                  r"|^как (?:это )?(?:проявляется|выглядит)|^(?:故障|异常|告警)(?:现象|表现|特征)|^どう見えるか"
                  r"|^見え方|^이런 증상")),
    ("review", (r"^(?:document |runbook |doc )?review(?: (?:&|and) updates?| frequency| schedule| cycle)?$"
                r"|^(?:last|next) reviewed?|^revision(?:es)?$|^ultima revis|^(?:nachste|letzte) (?:prufung"
                r"|uberprufung)")),
    ("postmortem", (r"post[- ]?(?:incident|mortem)|after[- ]?action|lessons learned|retrospe[ck]ti|\bpir\b"
                    r"|after[- ](?:the )?incident"
                    r"|nachbereitung|nach dem (?:vorfall|incident)|复盘|事后|故障总结|사후|회고|ポストモーテム"
                    r"|振り返り|事後"
                    r"|pos-?incidente|apos o incidente|despues del incidente|apres l'incident|retour d'experience"
                    r"|licoes aprendidas|lecciones aprendidas|после инцидента|постмортем|разбор инцидента"
                    r"|posterior al incidente|\brca (?:template|document)")),
    ("detection", (r"^(?:detection|identification|deteccion|detecc?ao|erkennung|обнаружение|检测|検知|탐지) ?(?:&"
                   r"|and|y|e|et"
                   r"|und|и|与|和|と|및)(?= )? ?(?:(?:initial |erste )?(?:classif|klassifiz|triage|assess|einstuf"
                   r"|классиф"
                   r"|分类|分類|분류|初動|triaj))")),
    ("severity", (r"severit|\bpriorit(?:y|ies) (?:levels?|matrix|definitions?|classification)|^priorit(?:y|ies)$"
                  r"|incident (?:classification|levels?|priorit)|schweregrad|dringlichkeit|prioritatsstufe"
                  r"|^prioritaten"
                  r"|kritikalitat|gravite|niveaux? de (?:priorite|criticite)|^priorites?$|severidad|gravedad"
                  r"|gravidade"
                  r"|criticid|niveles de|niveis de|^prioridad(?:e|es)?$|紧急程度|级别|严重|等级|优先级|分级|심각도"
                  r"|등급|우선순위"
                  r"|중요도|장애 (?:레벨|분류)|重大度|深刻度|重要度|優先度|緊急度|障害レベル|серьезност|критичност"
                  r"|^приоритет|уровни (?:инцидент|важност|приоритет)|classifica")),
    ("thresholds", (r"alert(?:ing)? (?:thresholds?|rules?|inventory|conditions table)|^(?:critical |warning "
                    r"|p\d |sev\W?\d )?alerts$|^thresholds?\b"
                    r"|schwellen?wert|umbral|limiares|limiar|^seuils?\b|seuils? d'alerte|阈值|임계|閾値|しきい値"
                    r"|порог")),
    ("metrics", (r"^(?:key |important |critical |core |main |recovery |success )*metrics\b|\bmetrics$|^sl[oa]s?\b"
                r"|service level|objectives?\b|^targets?\b|kennzahlen|metricas|^metriques|^objetivos|^objectifs"
                r"|指标|지표|指標|метрик|показател")),
    ("rotation", (r"on[- ]?call (?:rotation|schedule)|^rotation|^schedule$|bereitschaft|^astreinte|^guardias?\b"
                  r"|^plantao|值班|당직|当番|дежурств")),
    ("channels", (r"(?:communication|alert|notification)s? channels?|^channels?$|kanale\b|canales|canais|canaux"
                 r"|通知渠道|沟通渠道|каналы")),
    ("mitigation", r"^(?:stabili[sz]e|mitigate|contain|fix|repair|resolve) (?:&|and) (?:prevent|harden|improve)"),
    ("prevention", (r"^(?:permanent|definitive|proper|root cause) (?:fix(?:es)?|solutions?|resolutions?|repairs?)\b"
                    r"|dauerhafte (?:losung|behebung)|(?:solucion|solucao|correccion|correcao) (?:definitiva"
                    r"|permanente)"
                    r"|(?:correction|solution|resolution) (?:definitive|permanente|perenne)|恒久対(?:応|策)"
                    r"|根本(?:対応|解决|解決)"
                    r"|근본 ?(?:해결|조치)|영구 ?조치|постоянное решение|\bprevent|long[- ]term|follow[- ]?ups?\b"
                    r"|future improvements?|^improvements?\b|\bharden|pravention"
                    r"|praventiv|prevenzion|vorbeug|langfristig|verbesserung|prevenci|prevenc|medidas preventivas"
                    r"|a largo plazo|longo prazo|mejoras|melhorias|ameliorations|mesures preventives"
                    r"|预防|防范|后续|改进措施|长期|예방|재발 ?방지|후속|予防|再発防止|профилакт|предотвращ"
                    r"|долгосрочн")),
    ("rollback", (r"\broll(?:ing)?[- ]?back|\brevert\b|zuruckrollen|zurucksetzen auf|ruckgangig|retour arriere"
                 r"|\breversion|\brevertir|\breverter|\bdeshacer|回滚|回退|롤백|되돌리기|ロールバック|切り戻し"
                 r"|откат")),
    ("verification", (r"^(?:monitor (?:&|and) verify|verif(?:y|ication of) (?:the )?(?:recovery|fix"
                      r"|improvement|resolution|mitigation|restoration|"
                      r"deployment|restore|rollback|outcome|success|all|data|system integrity|integrity|it works?)\b|"
                      r"(?:recovery |post-?\w+ |fix |final |service |health |resolution )?(?:verification"
                      r"|validation)\b|validat|verify$"
                      r"|smoke tests?$|all[- ]clear|service restoration|confirm (?:the )?(?:recovery|resolution|fix"
                      r"|restoration|stability)|recovery confirm)"
                      r"|^verifizier|^erfolgskontrolle|^nachkontrolle|^(?:uberprufung|prufung) (?:der|nach)"
                      r"|^verificaci|^verificacao|^verification$|^verification (?:de|du|apres|finale)|^validier"
                      r"|^validac|^verifica (?:uscita|finale|esito|ripristino|chiusura)|^(?:恢复|修复|结果)?(?:验证"
                      r"|恢复确认)|^(?:복구|정상(?:화)?|조치|결과) ?확인"
                      r"|^(?:복구 ?)?검증|^検証|^(?:復旧|動作"
                      r"|正常性)確認|^проверка (?:восст|результат|решен|исправлен)|^верификац|^валидац")),
    ("diagnosis", (r"root[- ]cause (?:analysis|identif|investigat|the\b|diagnos)|identify (?:the )?root cause"
                   r"|^(?:decision tree|decision point)$|根因(?:分析|定位)|原因(?:分析|调查|調査|究明|特定)"
                   r"|원인 ?(?:분석|파악|조사)"
                   r"|ursachen(?:analyse|forschung|suche)|analisis de (?:la )?causa|analise de causa"
                   r"|analyse des? causes?|(?:анализ|поиск|определение|выявление) (?:корнев\w+ )?причин")),
    ("mitigation", (r"(?:causes?|issues?|problems?|reasons) (?:&|and) (?:possible |quick )?(?:solutions?|fix(?:es)?"
                    r"|remed\w+|mitigations?|resolutions?|actions?|what to do)"
                    r"|(?:ursachen?|grunde) (?:&|und) (?:losung|massnahm|behebung|abhilfe|gegenmass)"
                    r"|causas? [ey] (?:soluc|resoluc|correc|remed|acc?[ao]|mitig|como )"
                    r"|causes? et (?:solution|correct|remed|resolution|action|mesure)"
                    r"|原因(?:与|和|及|以及|、)?(?:解决|处理|处置|对策|措施|対処|対策|対応)|原因(?:と|および|・)(?:対策"
                    r"|対処|対応|解決|解消)|원인(?: ?[및과와·] ?|별 ?)(?:해결|조치|대응|대책|복구)"
                    r"|причин\w* и (?:решен|устран|действи|способ|исправл|меры)")),
    ("causes", (r"^(?:(?:common|possible|potential|likely|known|typical|probable|frequent|usual"
                r"|most(?: common| likely)?|contributing) )*(?:root )?(?:causes?|reasons|factors)(?: categor\w+)?$"
                r"|^why (?:it|this) happens|^(?:mogliche|haufige|typische|wahrscheinliche|bekannte)?\s?(?:ursachen?"
                r"|grunde)$"
                r"|^(?:posibles? |probables? |possiveis |provaveis |principais |principales )*causas?(?: \w+)*$"
                r"|^causes? (?:possibles?|probables?|frequentes?|courantes?|racines?|connues)$"
                r"|^(?:可能|常见|根本|故障|主要)?的?原因$|^根因$|^(?:가능한 |예상 |주요 |근본 |추정 )?원인$"
                r"|^(?:想定|推定|主な|考えられる|よくある)?原因"
                r"|^(?:возможн\w+ |вероятн\w+ |частые |типовые |корнев\w+ )?причин")),
    ("detection", (r"^<kind>(?:trigger )?detection\b|^triggers?\b|^detect(?:ing)?\b"
                   r"|^trigger(?:ed)? (?:when|by|condition)|^alert (?:condition|name|details?|definition|rule"
                   r"|expression|query|info\w*|description)|^(?:firing|trigger|activation) (?:conditions?|criteria)"
                   r"|^alert$|^alerta$|^alerte$|^how (?:to|we|do we) (?:detect|notice)|^how (?:it"
                   r"|this) is (?:detected|noticed)"
                   r"|^how (?:do|will|would|can) (?:i|we|you) (?:know|notice|tell|recogni[sz]e|spot)"
                   r"|^how to (?:recogni[sz]e|spot|tell)"
                   r"|^wie (?:merk|erkenn|bemerk)\w+|^woran (?:erkenn|merk)\w+|^comment (?:(?:le|la|les|l'|s'en"
                   r"|on) ?)?(?:savoir|detecte|reconnai|voir|rendre compte|apercevoir)"
                   r"|^como (?:saber|detectar|reconocer|reconhecer|se detecta|perceber|identificar (?:el|la|o|a) )"
                   r"|^как (?:понять|узнать|заметить|распознать)|^(?:如何|怎么|怎样)(?:发现|判断|识别|得知)"
                   r"|^(?:どう|どのように)(?:気づ|検知|わか)|気づき方$|の見分け方$|^어떻게 (?:알|감지|발견)|(?:감지"
                   r"|탐지|발견) ?방법$"
                   r"|^виявлен|^rilevament|^rilevazione|^come (?:si )?(?:rileva|accorger|capire)|^detectie|^wykryci"
                   r"|^tespit"
                   r"|^declencheurs?|^deteccion|^detecc?ao|^erkennung|^detektion|^ausloser|^alarmbedingung"
                   r"|^disparador|^desencadenant|^gatilhos?\b|^acionador|^declench|^condic(?:ion|ao|oes"
                   r"|iones) de alerta"
                   r"|^检测|^触发|^发现(?:方式)?$|^(?:告警|报警)(?:条件|名称|信息|规则|触发|表达式|描述|详情|定义"
                   r"|含义)?$"
                   r"|^promql(?:表达式| expression)?$|^expr(?:ession)?$|^(?:conditions?|condicion|condiciones|condicao"
                   r"|condicoes|bedingung|bedingungen|条件|조건|услови[ея])$"
                   r"|^감지|^탐지|^트리거"
                   r"|^(?:알림|알람|경보|발생) ?조건"
                   r"|^検知|^検出|^トリガー|^発火条件|^アラート(?:条件|名|内容)?$|^обнаруж|^триггер|^срабатыван"
                   r"|^как обнаружить|^when (?:this|the alert|it) (?:fires|alert|triggers)|^fires when")),
    ("impact", (r"^(?:business |user |slo |customer |service |severity (?:&|and) |technical )?(?:impact|effects?"
                r"|meaning"
                r"|consequences)\b|^(?:who|what) is affected|^affected (?:users|services?|systems?|components?)"
                r"|^what (?:this|it) means|^impacto|^alcance$|^afectaci|^consecuencias|^consequencias|^portee$"
                r"|^bedeutung"
                r"|^auswirkung|^betroffen|^folgen$|^影响|^含义|^영향|^影響|^blast radius|^влияние|^последств"
                r"|^воздейств")),
    ("actions", (r"^<kind>(?:actions?|steps?|responses?|respond|procedures?|playbook steps|step-by-step\b.*|to ?do"
                 r"|what to do(?: \w+)?|measures)(?: (?:steps?|actions?|procedures?|plan))?$"
                 r"|^what (?:we|you|to|one) (?:must |should |have to |need to )?do\b"
                 r"|^immediate (?:actions?|response|steps)|^(?:initial|first) (?:response|actions?|steps)"
                 r"|^how to respond"
                 r"|^response (?:steps|actions|procedures?)|^actions? (?:to take|required|items)$|^action$"
                 r"|^sofortmassnahmen|^(?:erst)?massnahmen|^handlungsschritte|^was (?:ist )?(?:jetzt )?zu tun"
                 r"|^(?:erste )?reaktion$"
                 r"|^acoes|^acciones|^acao|^accion|^pasos\b|^passos\b|^que hacer|^o que fazer|^medidas\b"
                 r"|^respuesta\b|^resposta\b"
                 r"|^providencias|^actions? (?:imm|urgent|a )|^que faire|^marche a suivre|^mesures (?:imm|d'urg)"
                 r"|^etapes\b"
                 r"|^(?:즉시|즉각|긴급|우선|초기|1차)? ?(?:조치|대응)|^즉시|^초동|^처리|^해야 할|^(?:初期|一次|緊急"
                 r"|即時)?対応|^初動|^対処手順|^即時|^やること|^действия|^немедленн|^первые (?:шаги"
                 r"|действия)|^первоочередн|^что делать|^меры\b|^порядок действий|^处理步骤|^处置步骤|^操作步骤"
                 r"|^(?:应急|紧急|快速)(?:处理|措施|处置|响应|操作)?$|^应急|^立即|^行动"
                 r"|^handgriffe\b|^sofort (?:tun|machen|handeln)|^(?:schritt fur schritt|das ist zu tun|jetzt tun)\b"
                 r"|^pas a pas|^paso a paso|^passo a passo|^(?:conduite a tenir|reflexes?\b|premiers? (?:gestes"
                 r"|reflexes))"
                 r"|^primeros? (?:pasos|auxilios)|^primeir[ao]s (?:passos|acoes)|^(?:por )?donde empezar|^пошагов"
                 r"|^последовательность действий|^послідовн\w+ дій|^дії\b|^що робити|^azioni\b|^cosa fare|^passi\b"
                 r"|^(?:directe )?acties\b|^wat te doen|^dzialania\b|^co robic|^ne yapmali|^eylemler|^(?:処置"
                 r"|対処)の流れ"
                 r"|^do(?: this(?: first| now)?)?$"
                 r"|^(?:手順|操作|操作手順|作業手順|流程|步骤|处置|절차|순서|대처|처치)$|^(?:vorgehen|ablauf|schritte)$"
                 r"|^(?:procedure|procedimi?ento|proceso|marche|порядок|процедура|шаги)$"
                 r"|^やるべきこと|^まずやること|^할 일$|^행동 요령|^行动步骤|^怎么做|^该做什么")),
    ("mitigation", (r"\bmitigat|\bcontain(?!er)|\bremediat|work[- ]?around|quick (?:fix|wins?|relief)|\bstabili[sz]"
                    r"|^restart|^scal(?:e|ing)\b|^fail[- ]?over|optimi[sz]ation|^reset\b|^clear\b|^increase\b"
                    r"|^enable\b|^disable\b|^temporary\b|^immediate (?:scaling|fix|relief|containment)"
                    r"|^cache warming|^degrad\w+ (?:mode|service)|^maintenance mode|^kill\b|^block\b|^isolat"
                    r"|^quarantine"
                    r"|^activate\b|^throttl|^(?:short-term|interim) (?:fix|measures?|solution)|^damage control"
                    r"|mitigac|mitiga(?:r|tion)\b|attenua|contencio|contenc|\bcontener\b|\bconter\b|confinement"
                    r"|eindamm"
                    r"|schadensbegrenzung|abmilder|entscharf|notlosung|umgehung|ubergangslosung|neustart"
                    r"|stabilisier"
                    r"|estabiliz|contournement|paliativ|solucion temporal|solucao temporaria|\bcontorno\b"
                    r"|缓解|止血|止损|降级|遏制|隔离|临时(?:方案|处理|措施|解决)|완화|격리|임시|우회|緩和|暫定|応急"
                    r"|回避策|封じ込め"
                    r"|^mitigazion|^conteniment|^пом'якшен|^стриман|^тимчасов|^beperk|^lagodzen|^hafiflet"
                    r"|смягчен|сдержив|локализаци|временн\w+ (?:решен|мер)|обходн\w+ (?:решен|пут)|стабилизац")),
    ("resolution", (r"^(?:\w+ )?resolutions?\b|^resolv|^(?:the |quick |common )?(?:fix(?:es|ing)?"
                    r"|hot[- ]?fix(?:es)?)\b"
                    r"|^(?:\w+ )?solutions?\b|^recover|recovery\b|^restor|\beradicat|^repair|^remed(?:y|ies)\b"
                    r"|^(?:apply|execute|deploy|implement) (?:the |a )?(?:\w+ )?(?:fix|hot[- ]?fix|solution|patch"
                    r"|recovery)|^how to (?:fix|resolve|recover|repair)|^corrective"
                    r"|解决|修复|恢复|处置|处理(?:方法|方案|措施)|^处理$|^abhilfe|^losung|behebung|^beseitigung|^entstorung"
                    r"|^reparatur|^korrektur"
                    r"|^resolution|^correct(?:ion|if)|^resoudre|^reparation|^retablissement|^restauration"
                    r"|^remise en"
                    r"|^resolucao|^soluc|^resolucion|^soluci|^recuperaci|^recuperac|^restaurac|^reparacion"
                    r"|^correccion"
                    r"|^correcao|^restablec|^erradica|^resolver\b|^해결|^복구|^복원|^수정|^復旧|^解決|^修復|^対処"
                    r"|^risoluzion|^ripristin|^soluzion|^вирішен|^відновлен|^усунен|^виправлен|^oplossing"
                    r"|^herstel\b|^rozwiazan|^naprawa"
                    r"|^cozum|^是正|^решен|^восстановл|^устранен|^исправлен|^wiederherstell")),
    ("overview", (r"^risk (?:assessment|analysis|matrix|register|evaluation)s?$|^risiko(?:bewertung|analyse|matrix)"
                  r"|^(?:evaluacion|analisis|matriz|avaliacao|analise|evaluation|analyse|matrice) (?:de (?:los )?"
                  r"|des )(?:riesgos?|riscos?|risques)$|^(?:оценка|анализ|матрица) рисков$|^风险(?:评估|分析|矩阵)$"
                  r"|^リスク(?:評価|分析)$|^(?:위험|리스크) ?(?:평가|분석)$")),
    ("diagnosis", (r"^<kind>(?:diagnos|investigat|triage|assess|analy[sz]|debug|troubleshoot|inspect|root[- ]caus)"
                   r"|^(?:check(?!out|point|sum|list)|gather|diagnos|quantify)\w*\b"
                   r"|\bdiagnos(?:is|tics?|tic steps|e)\b|investigations?\b|\btriage\b|\bassessment\b"
                   r"|^<kind>(?:status |health |sanity )?checks?(?:list)?$"
                   r"|^(?:preserve|collect|gather|secure|save) (?:the )?(?:evidence|logs|data)|^evidence (?:preserv"
                   r"|collect|gather)"
                   r"|\bdiagnostico (?:rapido|inicial)|^(?:fluxos?|flujos?|arvore|arbol) de (?:diagnostico|decis)"
                   r"|^(?:schnell|erst)diagnose"
                   r"|^forensic|^what to (?:check|look)|^where to look|^how to (?:confirm|verify|check|diagnose"
                   r"|investigate)"
                   r"|^(?:故障|问题|快速|初步)?(?:排查|诊断)|检查$|^检查(?!清单)|^定位|^调查|^初步|^分析|^确认"
                   r"|^查看|^diagnostic|^diagnosi|^verificar|^verificacion (?:rapida"
                   r"|inicial)|^verificacao (?:rapida|inicial)|^verifications? (?:rapides?|initiales?"
                   r"|preliminaires?)"
                   r"|^pruf|^uberpruf|^verifier|^controles?\b|^depannage|^enquete|^evalua|^avalia|^triag|^triaje"
                   r"|^checar|^checagem"
                   r"|^como (?:confirmar|verificar|diagnosticar|comprobar)|^investiga|^comprobar|^comprobacion"
                   r"|^revisar\b"
                   r"|^analis|^analiz|^analyse|^analysier|^untersuch|^fehlersuche|^fehleranalyse|^eingrenzung"
                   r"|^einschatzung"
                   r"|^ersteinschatzung|^lagebild|^bewertung|^점검|^진단|^확인|^조사|^분석|^상황 파악|(?:점검|확인"
                   r"|진단)$"
                   r"|^調査|^確認|切り分け|^診断|^分析|^トリアージ|^状況(?:把握|確認)|確認$|^диагност|^провер"
                   r"|^indagin|^diagnosi\b|^controll[io]\b|^verifiche\b|^перевірк|^діагност|^аналіз|^розслідуван"
                   r"|^diagnoz|^controleer"
                   r"|^onderzoek|^teshis|^анализ|^оценк|^расследован|^выяснить|^убедит")),
    ("communication", (r"communicat|status (?:page|update)|stakeholder|notif(?:y|ication)|announce"
                       r"|customer update|kommunikation|benachrichtig|comunica|沟通|通报|通知|커뮤니|공지|전파|連絡"
                       r"|報告|周知|оповещ|уведомл|коммуникац")),
    ("links", (r"^(?:tools?|resources?|references?|related|useful links|links|dashboards?|documentation"
               r"|key urls?|important urls?|external links|see also|scripts?)\b|^referenzen|^weiterfuhrend"
               r"|^siehe auch"
               r"|^referencias|^enlaces|^recursos|^ver tambem|^ver tambien|^voir aussi|^liens|^参考|^参照|^関連"
               r"|^相关|^참고|^관련|^ссылки|^см\. также")),
    ("access", (r"access requirements?|prerequisites?|^required access|voraussetzung|prerequis|requisitos|前提"
                r"|^准备|사전 ?준비|^требования")),
    ("commands", (r"operating procedures?|\bautomation\b|\bscripts$|^appendi|^annex|^附录|^anhang|^anexo|^apendice"
                 r"|\bcommands?\b|cheat ?sheet|quick reference|befehle|comandos|commandes|命令|명령|コマンド"
                 r"|команды")),
    ("checklist", (r"checklist|checkliste|检查清单|체크리스트|チェックリスト|чек-?лист|liste de controle"
                   r"|lista de verifica")),
    ("overview", (r"^overview|^(?:incident |problem |issue |alert )?(?:description|summary|details)$|^опис\b"
                  r"|^beschreibung|^descripci"
                  r"|^descric|^(?:incident|problem|alert)beschreibung|^description d|^描述|^故障描述|^설명|^purpose"
                  r"|^summary|^introduction|^scope$|^table of contents|^contents$|^background"
                  r"|^context$"
                  r"|^about\b|^features?\b|^architecture\b|^components?\b|^how it works|^what (?:is|are"
                  r"|has been) (?:this|it|implemented|included|covered|provided)\b"
                  r"|^design\b|^implementation\b|^目录|^uberblick|^ubersicht|^zweck|^resumen|^resumo|^proposito"
                  r"|^objetivo$"
                  r"|^visao geral|^vision general|^apercu|^presentation|^objet$|^sommaire|^概要|^概述|^目的"
                  r"|^はじめに|^개요|^목적|^описание|^обзор|^назначение|^введение")),
)  # fmt: skip
# Vietnamese, whose words nobody asks of a label without accents.
VIETNAMESE: tuple[tuple[Meaning, str], ...] = (
    ("escalation", r"leo thang"),
    ("contacts", r"(?:thông tin|danh sách) liên (?:hệ|lạc)|^liên hệ"),
    ("symptoms", r"^(?:các )?(?:triệu chứng|dấu hiệu|biểu hiện)"),
    ("severity", r"mức độ|phân loại|độ ưu tiên"),
    ("rotation", r"^lịch trực"),
    ("channels", r"^kênh "),
    ("prevention", r"phòng (?:ngừa|tránh)|cải tiến"),
    ("verification", r"^(?:xác minh|kiểm chứng|kiểm tra sau)"),
    ("causes", r"^(?:các )?nguyên nhân"),
    ("detection", r"^phát hiện|^điều kiện cảnh báo"),
    ("impact", r"^(?:ảnh hưởng|tác động|phạm vi)"),
    ("actions", r"^(?:hành động|các bước|việc cần làm|bước xử lý|thao tác)"),
    ("mitigation", r"giảm thiểu|^(?:ngăn chặn|cô lập|khoanh vùng)|^(?:giải pháp|biện pháp) tạm thời"),
    ("resolution", r"^(?:cách )?(?:khắc phục|xử lý|giải pháp|giải quyết|khôi phục|phục hồi|sửa)"),
    ("diagnosis", r"^(?:chẩn đoán|kiểm tra|điều tra|xác định|phân tích|đánh giá)"),
    ("communication", r"^thông báo"),
    ("overview", r"^(?:tổng quan|mục đích|giới thiệu|mô tả|phạm vi áp dụng)"),
)  # fmt: skip
# Verbs that say "look" or "do" only where nothing above them says otherwise ("Identify …" within a repair is repair).
SOFT: tuple[tuple[Meaning, str], ...] = (
    ("diagnosis", (r"^(?:collect|identify|examine|review|look|determine|measure|confirm|find|test|run manual|scope"
                   r"|evaluate|query|verify|monitor|locate|observe|trace|compare|understand|list|watch|establish)\b"
                   r"|^(?:identifi|localis|localiz|mesur|medir|observ(?:ar|er)|buscar|recherch|find)\w*\b|^查找"
                   r"|^観察|^определить|^найти")),
    ("mitigation", (r"^(?:(?:immediate|emergency|temporary|quick|expedited|manual) )?(?:decrease|reduce|drain"
                    r"|switch|shed|purge|flush|free|terminate|stop|pause|redirect|bypass|patch"
                    r"|revoke|rotate|replace|reload|redeploy|rebuild|recreate|restrict|limit|remove|delete|evict"
                    r"|shut)\b"
                    r"|^(?:reinici|redemarr|reduzi|reduire|reducir|aument|isol|aisl|bloque|desactiv|activar|liber"
                    r"|limpi|limpa"
                    r"|vider|erhoh|leeren|abschalt|deaktiv|neu ?starten)\w*\b|^重启|^扩容|^清理|^重置|재시작"
                    r"|^再起動|^перезапус|^(?:(?:standard|quick|manual|emergency|disk|log|cache"
                    r"|data) )*clean(?:ing)?[- ]?up\b|^cleanup\b"
                    r"|^(?:aufraumen|bereinig|nettoy|limpar\b|limpieza|limpeza|очист|чистк|清扫|정리|掃除"
                    r"|クリーンアップ)")),
)  # fmt: skip
