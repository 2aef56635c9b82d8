"""The demo's world: a shop's web server with a system disk and a data disk, the same files in every run.

It is written by a program as a repository can't hold empty directories, setuid bits, FIFOs and hard links.
"""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

WORLD = """\
# The embedded cloud before the demo: a shop's web server in Hangzhou, an empty network in Beijing.
regions:
  cn-hangzhou:
    vpcs: [{id: vpc-a, cidr: 10.0.0.0/16}]
    vswitches: [{id: vsw-a, vpc: vpc-a, zone: cn-hangzhou-h, cidr: 10.0.1.0/24}]
    security_groups: [{id: sg-a, vpc: vpc-a}]
    instances:
      - id: i-web
        name: web
        type: ecs.g7.large
        zone: cn-hangzhou-h
        vswitch: vsw-a
        security_groups: [sg-a]
        status: Running
        private_ip: 10.0.1.21
        tags: {app: web}
        disks:
          - {kind: system, category: cloud_essd, performance_level: PL1, size: 40, dir: ./web-root}
          - kind: data
            device: /dev/xvdb
            category: cloud_essd
            performance_level: PL0
            size: 100
            dir: ./web-data
            mount: /data
  cn-beijing:
    vpcs: [{id: vpc-b, cidr: 10.1.0.0/16}]
    vswitches: [{id: vsw-b, vpc: vpc-b, zone: cn-beijing-h, cidr: 10.1.1.0/24}]
    security_groups: [{id: sg-b, vpc: vpc-b}]
faults: []
"""
REQUEST = """\
source: {region: cn-hangzhou, instance: i-web}
target: {region: cn-beijing, vswitch: vsw-b, security_groups: [sg-b]}
goal: replica
image_name: Created_from_hangzhouECS1
copy_name: Copy_from_hangzhouImage1
"""

#: The last moment at which anything was written in the demo's world, which begins a day later.
_WRITTEN = datetime(2026, 1, 4, 2, 0, tzinfo=UTC)

_NGINX = """\
user nginx;
worker_processes auto;
events { worker_connections 1024; }
http {
    include sites-enabled/*.conf;
    access_log /var/log/nginx/access.log;
}
"""
_SITE = """\
server {
    listen 80;
    server_name shop.example;
    root /data/images;
    location /orders { proxy_pass http://127.0.0.1:8080; }
}
"""
_SERVICE = """\
[Unit]
Description=The shop
After=network-online.target

[Service]
ExecStart=/usr/bin/shop
User=shop

[Install]
WantedBy=multi-user.target
"""
_OS_RELEASE = """\
NAME="Alibaba Cloud Linux"
VERSION="3 (Soaring Falcon)"
ID="alinux"
ID_LIKE="rhel fedora centos anolis"
VERSION_ID="3"
"""
_HOST_KEY = "host key of the source (demo), {kind}: not a real key\n"
_TEXTS = {
    "etc/hostname": "web\n",
    "etc/hosts": "127.0.0.1\tlocalhost\n10.0.1.21\tweb\tweb\n",
    "etc/machine-id": "20260104000000000000000000000021\n",
    "etc/resolv.conf": "nameserver 100.100.2.136\nnameserver 100.100.2.138\n",
    "etc/os-release": _OS_RELEASE,
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nshop:x:1000:1000:the shop:/home/shop:/bin/sh\n",
    "etc/group": "root:x:0:\nshop:x:1000:\n",
    "etc/fstab": "/dev/vda1\t/\text4\tdefaults\t1 1\n/dev/vdb\t/data\text4\tdefaults,nofail\t0 2\n",
    "etc/nginx/nginx.conf": _NGINX,
    "etc/nginx/sites-available/shop.conf": _SITE,
    "etc/systemd/system/shop.service": _SERVICE,
    "etc/cron.d/shop": "15 3 * * * shop /usr/bin/shop-backup\n",
    "etc/ssh/sshd_config": "PermitRootLogin no\nPasswordAuthentication no\n",
    "home/shop/.profile": "umask 027\nexport SHOP_DATA=/data\n",
    "home/shop/notes.txt": "Orders of 2024 are in the archive.\n",
    "usr/share/zoneinfo/Asia/Shanghai": "TZif (demo): CST-8\n",
    "usr/share/zoneinfo/UTC": "TZif (demo): UTC0\n",
    "var/lib/cloud/data/instance-id": "i-web\n",
    "var/lib/cloud/data/previous-instance-id": "NO_PREVIOUS_INSTANCE_ID\n",
    "var/log/cloud-init.log": "2025-03-01 09:00:00 - cloud-init: first boot of i-web\n",
    "var/log/cloud-init-output.log": "Cloud-init finished at Sat, 01 Mar 2025 09:00:04 +0000\n",
}
_PROGRAMS = ("shop", "shop-backup", "shop-report", "shop-import", "shop-invoice", "shop-health")


def build_demo_world(directory: Path) -> Path:
    """Write the demo's world and request (`request.yaml`, beside it) to a new directory; the world file's path."""
    directory.mkdir(parents=True)
    draws = random.Random(20260105)
    for name, fill in (("web-root", _fill_root), ("web-data", _fill_data)):
        fill(_Builder(directory / name, draws))
        _settle(directory / name)
    (directory / "request.yaml").write_text(REQUEST)
    world = directory / "world.yaml"
    world.write_text(WORLD)
    return world


class _Builder:
    """Writes below one directory, with the same modes whatever the umask says."""

    def __init__(self, top: Path, draws: random.Random) -> None:
        self.top = top
        self.draws = draws
        top.mkdir()
        top.chmod(0o755)

    def file(self, name: str, content: str | bytes, mode: int = 0o644) -> None:
        path = self._place(name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)

    def directory(self, name: str, mode: int = 0o755) -> None:
        path = self._place(name)
        path.mkdir(exist_ok=True)
        path.chmod(mode)

    def link(self, name: str, target: str) -> None:
        self._place(name).symlink_to(target)

    def second_name(self, name: str, first: str) -> None:
        os.link(self.top / first, self._place(name))

    def fifo(self, name: str, mode: int) -> None:
        path = self._place(name)
        os.mkfifo(path)
        path.chmod(mode)

    def _place(self, name: str) -> Path:
        """The path of *name*, the directories above it made."""
        path = self.top / name
        if not path.parent.exists():
            self.directory(os.fspath(path.parent.relative_to(self.top)))
        return path


# --- the system disk


def _fill_root(root: _Builder) -> None:
    for name, text in _TEXTS.items():
        root.file(name, text)
    for kind in ("rsa", "ecdsa", "ed25519"):
        root.file(f"etc/ssh/ssh_host_{kind}_key", _HOST_KEY.format(kind=kind), 0o600)
        root.file(f"etc/ssh/ssh_host_{kind}_key.pub", _HOST_KEY.format(kind=f"{kind}, public"))
    for program in _PROGRAMS:
        root.file(f"usr/bin/{program}", f'#!/bin/sh\nexec python3 -m shop {program} "$@"\n', 0o755)
    root.file("usr/bin/shop-restart", "#!/bin/sh\nexec systemctl restart shop\n", 0o4755)
    for number in range(24):
        root.file(f"usr/lib/shop/part{number:02}.py", _module(number, root.draws))
    for language in ("de", "en", "es", "fr", "ja", "ko", "pt", "ru", "zh"):
        root.file(f"usr/share/locale/{language}/shop.po", f'msgid "cart"\nmsgstr "cart ({language})"\n')
    root.file("var/log/nginx/access.log", "".join(_requests(root.draws, 4000)), 0o640)
    root.file("var/log/nginx/error.log", "", 0o640)
    _fill_odds(root)


def _fill_odds(root: _Builder) -> None:
    """What is neither a plain file nor a plain directory."""
    for name in ("dev", "proc", "sys", "run", "mnt", "data", "var/spool/mail", "var/empty"):
        root.directory(name)
    root.directory("root", 0o700)
    root.directory("home/shop", 0o700)
    root.directory("tmp", 0o1777)
    root.link("bin", "usr/bin")
    root.link("etc/localtime", "../usr/share/zoneinfo/Asia/Shanghai")
    root.link("etc/nginx/sites-enabled/shop.conf", "../sites-available/shop.conf")
    root.link("etc/systemd/system/multi-user.target.wants/shop.service", "/etc/systemd/system/shop.service")
    root.link("var/lib/cloud/instance", "/var/lib/cloud/instances/i-web")


def _module(number: int, draws: random.Random) -> str:
    rates = ", ".join(str(draws.randrange(1000)) for _ in range(600))
    return f'"""Part {number} of the shop."""\n\nRATES = ({rates})\n'


def _requests(draws: random.Random, count: int) -> Iterator[str]:
    for number in range(count):
        at = _WRITTEN - timedelta(seconds=20 * (count - number))
        address = f"203.0.113.{draws.randrange(1, 255)}"
        page = draws.choice(("/", "/cart", "/orders", "/images/product-07.jpg"))
        yield f'{address} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {page} HTTP/1.1" 200 {draws.randrange(9000)}\n'


# --- the data disk


def _fill_data(data: _Builder) -> None:
    for month in range(24):
        data.file(f"orders/{2024 + month // 12}-{month % 12 + 1:02}.csv", "".join(_orders(data.draws, month)))
    for number in range(1, 31):
        # No picture, but as incompressible and as binary as one.
        picture = b"\xff\xd8\xff\xe0" + data.draws.randbytes(data.draws.randrange(8_000, 40_000))
        data.file(f"images/products/product-{number:02}.jpg", picture)
    data.file("db/shop.sqlite", b"SQLite format 3\0" + data.draws.randbytes(400_000), 0o640)
    data.file("db/shop.sqlite-wal", data.draws.randbytes(32_000), 0o640)
    for number in range(8):
        data.file(f"archive/2024/q{number // 2 + 1}/part{number % 2}.bin", data.draws.randbytes(12_000), 0o440)
    data.file("images/products/empty.jpg", b"")
    data.directory("uploads/incoming", 0o2775)
    data.directory("uploads/rejected")
    data.link("orders/latest.csv", "2025-12.csv")
    data.link("archive/self", ".")
    data.link("archive/gone", "/mnt/old-disk/archive")
    data.file("notes/line one\nline two", b"")
    data.link(os.fsdecode(b"notes/caf\xe9"), "line one\nline two")
    data.fifo("uploads/queue", 0o660)
    data.second_name("db/backup/orders.csv", "orders/2025-12.csv")


def _orders(draws: random.Random, month: int) -> Iterator[str]:
    yield "order,day,customer,product,amount,paid\n"
    for number in range(1200):
        order = month * 10_000 + number
        customer, product = draws.randrange(1, 5000), draws.randrange(1, 31)
        yield f"{order},{number % 28 + 1},{customer},{product},{draws.randrange(100, 99_999) / 100:.2f},yes\n"


# --- times


def _settle(top: Path) -> None:
    """Give everything a fixed time, what is in a directory before the directory."""
    for above, directories, files in os.walk(top, topdown=False):
        for name in (*directories, *files):
            _set_time(Path(above) / name, top)
    _set_time(top, top)


def _set_time(path: Path, top: Path) -> None:
    age = timedelta(minutes=sum(os.fsencode(path.relative_to(top))) % 500_000)
    moment = int((_WRITTEN - age).timestamp()) * 1_000_000_000
    os.utime(path, ns=(moment, moment), follow_symlinks=False)
