"""Words by which a command is told from prose, and one that changes something from one that only looks.

The last only places a command under "diagnosis" or "mitigation" where the document doesn't say; what may run is
decided in `tocsin.safety`, never here.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SHELL = """
bash sh shell zsh console terminal shellsession powershell pwsh ps1 cmd bat batch fish ksh shell-session
sh-session
"""
_SQL = "sql postgresql postgres pgsql psql mysql plpgsql sqlite tsql mariadb"
_PROGRAMS = """
ab alembic amtool ansible ansible-playbook apk apt apt-get argocd arp awk aws az base64 bash brew bun bundle
caddy cargo cat cd celery certbot chmod chown chroot cmctl composer consul convex cp cqlsh createdb crictl
crontab curl cut date dd deno df dig dir direnv dmesg dnf docker docker-compose doctl dotnet dpkg dropdb du
dumpe2fs echo eksctl env etcd etcdctl ethtool eval exit export fail2ban-client find firebase firewall-cmd flask
flux fly flyctl for free fuser gcloud Get-ChildItem Get-Content Get-EventLog Get-Process Get-Service gh git
gitops glab go gradle grafana-cli grep gsutil gunicorn gunzip gzip hcloud head helm heroku hey host hostname
hostnamectl htop http httpie id if ifconfig influx Invoke-WebRequest iostat ip ipconfig iptables istioctl java
jmap journalctl jps jq jstack k6 k9s kafka-consumer-groups kafka-topics kill killall kind kinit kn kubectl
kubectx kubens kubeseal kustomize last less linkerd ln locust logger loginctl logrotate logtail ls lsblk lsof
lynx mailq make manage.py mc minikube mkdir mongo mongodump mongorestore mongosh more mount mpstat mtr multipass
mv mvn mysql mysqladmin mysqldump nc ncat ncdu netlify netstat nft nginx ngrok nice nmap node nodetool nohup
nomad npm npx nslookup ntpq nvidia-smi oc open openshift openssl packer patronictl pg_basebackup pg_ctl pg_dump
pg_dumpall pg_isready pg_restore pgbench pgcli pgrep php ping pip pip3 pipenv pkill playwright pm2 pnpm podman
poetry printf prisma prometheus promtool ps psql pulumi pv pytest python python3 rabbitmqadmin rabbitmqctl rails
railway rake rclone read redis-cli redis-server render renice repmgr Restart-Service restic rm rmdir route rpm
rsync ruby s3cmd sam sar scp screen sed sentry-cli serverless service set sh sha256sum skaffold sls snap sort
source sqlite3 sqlplus ss ssh Start-Service stat Stop-Process Stop-Service strace stripe su sudo supabase
supervisorctl swapoff sync sysctl systemctl tail tar taskkill tasklist tcpdump tee telnet terraform test
Test-NetConnection tilt time timedatectl timeout tkn tmux top touch tracepath traceroute tree truncate ufw
umount uname unset until unzip uptime uv uvicorn vacuumdb vagrant vault velero vercel vi vim vmstat wait watch
wc wget which while who whoami whois winget wrangler wrk xargs yarn yum zcat zgrep zip
"""
SHELL = frozenset(_SHELL.split())
CONSOLE = frozenset({"console", "terminal", "shellsession", "shell-session", "sh-session"})
POWERSHELL = frozenset({"powershell", "pwsh", "ps1"})
CMD = frozenset({"cmd", "bat", "batch"})
SQL = frozenset(_SQL.split())
QUERIES = frozenset({"promql", "logql"})
EXECUTABLES = frozenset(_PROGRAMS.split())
_SQL_START = re.compile(
    r"^(?:SELECT(?:\s+\S|$)|INSERT\s+INTO\s|UPDATE\s+[\w.\"]+(?:\s+SET\b|$)|DELETE\s+FROM\s|ALTER\s+(?:TABLE|SYSTEM"
    r"|ROLE|USER"
    r"|DATABASE|INDEX|SEQUENCE|SESSION)\s"
    r"|CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX|DATABASE|ROLE|USER|EXTENSION|VIEW|MATERIALIZED)\b"
    r"|DROP\s+(?:TABLE|INDEX|DATABASE|ROLE|USER|VIEW|SCHEMA)\s|TRUNCATE\s"
    r"|VACUUM\b|ANALYZE\b|EXPLAIN\s|REINDEX\s|WITH\s+\w+\s+AS\s*\(|GRANT\s+\w+|REVOKE\s+\w+"
    r"|KILL\s+(?:QUERY\s+)?[\d<]|SHOW\s+(?:\w+\s*)+;?$|SET\s+GLOBAL\s|BEGIN\s*;|COMMIT\s*;|ROLLBACK\s*;"
    r"|CHECKPOINT\s*;)"
)
_WHOLE_SQL = re.compile(
    r"^(?:SELECT\b.+\bFROM\b|SELECT\s+\w+\(|INSERT\s+INTO\b.+|UPDATE\b.+\bSET\b|DELETE\s+FROM\s+\S+"
    r"|VACUUM\s+\S+|EXPLAIN\s+\S+|ALTER\s+SYSTEM\b.+|TRUNCATE\s+\S+|DROP\s+\w+\s+\S+|(?-i:KILL)\s+(?:(?:QUERY"
    r"|CONNECTION)\s+)?[\d<\[{])",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"^(?:(?:sum|avg|min|max|count|stddev|topk|bottomk|quantile|group|count_values)\s*(?:by|without)?\s*\("
    r"|(?:i?rate|increase|i?delta|deriv|predict_linear|histogram_quantile|label_replace|label_join"
    r"|absent(?:_over_time)?"
    r"|(?:avg|min|max|sum|count|last|quantile|stddev)_over_time|changes|resets|clamp(?:_max|_min)?|vector"
    r"|scalar)\s*\()"
    r"|^[A-Za-z_:][\w:]*\{\s*\w+\s*(?:=~|!~|!=|=)\s*\"[^\"{}]*\"|^\{\s*\w+\s*(?:=~|!~|!=|=)\s*\"[^\"{}]*\"[^{}]*\}"
)
# A program that only this team has, with an argument; the part of a command that a sentence goes on with ("`up -d`
# again") is none.
_OWN_PROGRAM = re.compile(
    r"(?!(?:up|down|start|stop|restart|re?run|exec|get|set|apply|delete|describe|edit|patch|rollout|scale|logs?|pull|push"
    r"|build|deploy|list|show|status|init|install|upgrade|rollback|with|and|or|the|an?)\s)"
    r"[a-z][a-z0-9_.-]{0,30}[a-z0-9] +(?![=|])\S"
)
_OPTION = re.compile(r"--?[A-Za-z][\w-]*(?:=\S*)?$")
# A command that says on what it works only in the sentence around it ("`docker stop` the big ones") is none.
_WANTS_OBJECT = re.compile(
    r"(?:sudo )?(?:(?:docker|podman) (?:stop|start|rm|rmi|kill|restart|exec|inspect|logs|cp|pull|run|build|tag)"
    r"|kubectl (?:get|describe|delete|logs|exec|apply|patch|edit|scale|drain|cordon|uncordon|rollout|port-forward"
    r"|label|set)"
    r"|systemctl (?:start|stop|restart|status|reload|enable|disable)|helm (?:upgrade|rollback|install|uninstall)"
    r"|(?:apt|apt-get|yum|dnf|brew|pip|pip3|npm) (?:install|remove)|git (?:revert|checkout|cherry-pick|clone|merge))"
)
_ASSIGNMENTS = re.compile(r"^(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|\S*)\s+)+(?=\S)")
_CHANGES = re.compile(
    r"\b(?:restart|reload|stop|start|kill|pkill|killall|taskkill|terminate|pg_terminate_backend"
    r"|pg_cancel_backend|pg_reload_conf|delete|remove|rm|drop|truncate|insert|update|alter|create|"
    r"uninstall|apply|patch|scale|rollout undo|undo|rollback|revert|reset|push|deploy|redeploy|promote|env set"
    r"|set env"
    r"|set image|set|up -d|up|down|install|upgrade|flush\w*|purge\w*|clear|enable|disable|"
    r"drain|cordon|uncordon|cancel|replay|restore|pg_restore|import|migrate|cp|mv|mkdir|chmod|chown|rotate"
    r"|revoke|block|unblock|iptables|ufw|renew|failover|switch|merge|vacuum|reindex|"
    r"warm|modify\S*|put|post|register|add|grant|sync|prune|exec -it \S+ -- (?:rm|kill)|pull|checkout|commit"
    r"|attach|detach|FLUSHALL|FLUSHDB|DEL)\b|-X\s*(?:POST|PUT|DELETE|PATCH)|--replicas"
    r"|(?<![-\w])(?:clone|activate|deactivate|resize|reboot|suspend|resume|pause|unpause|taint|evict|invalidate"
    r"|bootstrap"
    r"|requeue|retry|unlock|lock|ban|unban|quarantine|archive|expire|swap|destroy|force-\w+)(?![\w.])"
    r"|^(?:sudo )?ansible-playbook\b(?!.*--(?:check|list|syntax-check|diff --check))",
    re.IGNORECASE,
)  # fmt: skip
_REDIRECTS = re.compile(r"(?<![<>=2&-])>(?!\s*/dev/null|&|=)\s*\S")
_WRITERS = frozenset({"cat", "echo", "printf", "tee", "git", "sed", "awk", "envsubst"})
_SYSTEM_FILE = re.compile(r">\s*/(?:etc|proc|sys|dev|usr|boot)/")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ASKS = re.compile(r"^(?:SELECT|SHOW|WITH|EXPLAIN|DESCRIBE|DESC)\b", re.IGNORECASE)
_ACTS = re.compile(
    r"\b(?:pg_(?:terminate_backend|cancel_backend|reload_conf|promote|switch_wal|rotate_logfile)|set_config|setval"
    r"|dblink_exec"
    r"|lo_unlink)\s*\(|\b(?:update|delete|remove|disable|enable|set|reset|insert|create|drop|kill|cancel|toggle"
    r"|revoke"
    r"|rotate|purge|clear|promote|terminate|refresh|rebuild|restart|activate|deactivate|unlock|lock|block|unblock"
    r"|retry"
    r"|requeue|expire|archive)_\w{1,60}\s*\(|\b(?:INSERT\s+INTO|UPDATE\s+[\w.\"]+\s+SET|DELETE\s+FROM|INTO\s+(?:OUT"
    r"|DUMP)FILE)\b",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"\b(?:restart|kill|pkill|pg_terminate_backend|pg_cancel_backend|delete|rm|drop|truncate|insert|alter|apply|patch"
    r"|scale|undo|rollback|revert|push|deploy|prune|(?:un)?install|upgrade|reset|flushall|flushdb|create"
    r"|systemctl \w*(?:start|stop))\b|^(?:sudo )?ansible-playbook\b(?!.*--(?:check|list|syntax-check))"
    r"|\bSELECT (?:update|delete|remove|disable|enable|set|reset|insert|create|drop|kill|cancel)_\w{1,60}\s*\("
    r"|-X\s*(?:POST|PUT|DELETE|PATCH)|--replicas",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"^(?:sudo\s+)?(?:grep|cat|tail|head|less|ls|df|du|ps|top|free|netstat|ss|lsof|dig|ping|which"
    r"|docker(?:-compose| compose)? (?:ps|logs|stats|inspect|images)|"
    r"kubectl (?:-n \S+ )?(?:get|describe|logs|top|rollout (?:history|status))|git (?:log|status|diff|show"
    r"|blame)|journalctl|systemctl status|redis-cli (?:\S+ )*(?:ping|info)|"
    r"aws \S+ (?:describe|list|get)\S*|npm (?:ls|list|audit)|time curl|watch)\b", re.IGNORECASE,
)  # fmt: skip


def sql_starts(text: str) -> bool:
    """Whether a line begins an SQL statement, written in capitals as people do outside SQL fences."""
    return bool(_SQL_START.match(text.strip()))


def is_query(text: str) -> bool:
    """Whether a line begins a PromQL or LogQL query: it calls one of its functions, or selects a series by labels."""
    return bool(_QUERY.match(text.strip()))


@lru_cache(maxsize=4096)
def executable(command: str) -> str:
    """The first word of a command that names a program, behind assignments and ``sudo``."""
    text = _ASSIGNMENTS.sub("", command.strip())
    words = text.split()
    while (
        words
        and words[0] in ("sudo", "time", "nohup", "watch", "env")
        and len(words) > 1
        and not words[1].startswith("-")
    ):
        words.pop(0)
    return words[0] if words else ""


def knows(command: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether the text begins with a known program, one that the document runs in a shell fence, or a path to one."""
    word = executable(command).strip("\"'()`;")
    return (
        word in EXECUTABLES
        or word in seen
        or bool(
            re.match(
                r"(?:\.{1,2}/|/usr/|/opt/|/bin/|~/"
                r"|scripts?/)\S*\w",
                word,
            )
        )
    )


def inline_command(text: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a piece of inline code is a whole command with at least one argument."""
    plain = text.strip()
    if _WHOLE_SQL.match(plain):
        return True
    words = plain.split()
    if (
        len(words) < 2
        or "→" in plain
        or plain.endswith((":", "...", "…"))
        or _WANTS_OBJECT.fullmatch(plain)
        or words[1] in ("=", "is", "and", "or", "|")
    ):
        return False
    known = knows(plain, seen) or (_OWN_PROGRAM.match(plain) and any(map(_OPTION.match, words[1:])))
    return bool(known) and not re.fullmatch(r"[A-Z_]+", words[0])


def own_command(text: str) -> bool:
    """Whether inline code that a sentence says to run may be a command of a program that nobody else knows."""
    return bool(_OWN_PROGRAM.match(text.strip()))


@lru_cache(maxsize=4096)
def seems_to_change(command: str) -> bool:
    """A guess, good enough to sort a command under diagnosis or mitigation."""
    if only_looks(command):
        return False
    if _ASKS.match(command.strip()):
        return bool(_ACTS.search(command))
    redirected = _REDIRECTS.search(_QUOTED.sub('""', command))
    if redirected and (executable(command) in _WRITERS or ("> /" in command and _SYSTEM_FILE.search(command))):
        return True
    if _ACTS.search(command):
        return True
    without = re.sub(r"""-H\s+(["']).*?\1|https?://\S+|--?(?:show|format|filter|sort)\S*""", " ", command)
    return bool(_CHANGES.search(without))


def only_looks(command: str) -> bool:
    """Whether a command begins with a program that only looks."""
    return bool(_LOOKS.match(command.strip()))


def surely_changes(command: str) -> bool:
    """Whether a command changes something whatever its title says."""
    return bool(_SURELY.search(command))
