"""A real nginx in front of the dashboard, with the configuration that we ship and a certificate of its
own."""

import http.client
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile

from harness import ROOT, wait_for

SHIPPED = ROOT / "systemd" / "waternet-dashboard.nginx.conf"
MAIN = """
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nginx():
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


class Proxy:
    """path: of the dashboard's socket; `more` changes lines of what we ship: {pattern: text}."""

    def __init__(self, path, more=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wn-", dir="/tmp"))
        self.port, self.plain = free_port(), free_port()
        self.certificate = self.folder / "certificate.pem"
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=waternet.example", "-addext", "subjectAltName=DNS:waternet.example",
                        "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        text = SHIPPED.read_text()
        changes = {r"unix:/run/waternet-dashboard/http\.sock": f"unix:{path}",
                   r"listen 443 ssl http2": f"listen 127.0.0.1:{self.port} ssl http2",
                   r"listen 80;": f"listen 127.0.0.1:{self.plain};",
                   r" *listen \[::\]:.*\n": "",
                   r"/etc/ssl/waternet\.example\.pem": str(self.certificate),
                   r"/etc/ssl/private/waternet\.example\.key": str(key), **(more or {})}
        for pattern, instead in changes.items():
            text, count = re.subn(pattern, instead, text)
            assert count > 0, f"{SHIPPED.name} has no {pattern}"
        (self.folder / "site.conf").write_text(text)
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder))
        self.process = subprocess.Popen(
            [nginx(), "-p", self.folder, "-e", self.folder / "error.log",
             "-c", self.folder / "nginx.conf"], stdin=subprocess.DEVNULL)
        wait_for(lambda: self.process.poll() is not None or self.answers())
        assert self.process.poll() is None, self.log_text()

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self):
        path = self.folder / "error.log"
        return path.read_text() if path.exists() else ""

    def trust(self):
        return ssl.create_default_context(cafile=self.certificate)

    def connect(self):
        """A TLS connection that has checked the certificate."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self.trust().wrap_socket(plain, server_hostname="waternet.example")

    def ask(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("waternet.example", self.port, timeout=20)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body=body, headers={
                name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            connection.close()
