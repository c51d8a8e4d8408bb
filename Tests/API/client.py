"""What the scripts here share: HTTP over the daemon's socket, docker's command line, and attempts one after another."""
import http.client, json, os, socket, subprocess


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def request(path, method, uri, body=None):
    connection = Connection(path)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    try:
        connection.request(method, "/v1.43" + uri, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def docker(path, *words, data=None, binary=False):
    """Status, output (text unless `binary`) and errors of docker's command line."""
    done = subprocess.run(["docker", *words], env={**os.environ, "DOCKER_HOST": "unix://" + path}, input=data,
                          capture_output=True, timeout=60)
    output = done.stdout if binary else done.stdout.decode(errors="replace")
    return done.returncode, output, done.stderr.decode(errors="replace")


def attempt(*tests):
    """Stops at the first that fails, and names it."""
    for test in tests:
        try:
            test()
        except Exception as error:
            print(f"{test.__name__}: {type(error).__name__} {error}")
            raise
