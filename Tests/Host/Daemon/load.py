"""Work for a daemon that is killed meanwhile, for DaemonLifeTests.swift: load.py SOCKET SEED END, until there is a file END.

Whatever was acknowledged has to be so afterwards; what was not may be so or not, but never by halves."""
import http.client, json, os, random, sys, threading, time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../API"))
import client

path, seed, order = sys.argv[1], int(sys.argv[2]), sys.argv[3]
is_over = threading.Event()
lock = threading.Lock()
boxes, removed, stopped = {}, set(), set()


def ask(method, target, body=None):
    """Status and body; None when the daemon did not live to answer."""
    try:
        return client.request(path, method, target, body)
    except (OSError, http.client.HTTPException):
        return None


def create(name, script, policy="no"):
    return ask("POST", "/containers/create?name=" + name, {
        "Image": "host", "Cmd": ["sh", "-c", script],
        "HostConfig": {"NetworkMode": "none", "RestartPolicy": {"Name": policy}}})


def counting(name, chance):
    lines, code = chance.randint(1, 120), chance.randint(0, 99)
    answer = create(name, f"for i in $(seq {lines}); do echo $i; sleep 0.00{chance.randint(0, 9)}; done; exit {code}")
    if answer is None:
        return
    assert answer[0] == 201, answer
    started = ask("POST", f"/containers/{name}/start")
    assert started is None or started[0] in (204, 304), started
    with lock:
        boxes[name] = (lines, code, started is not None)
    if chance.random() < 0.3:
        ask("POST", f"/containers/{name}/wait")
        ask("GET", f"/containers/{name}/logs?stdout=1&follow=1")
    if chance.random() < 0.2:
        answer = ask("DELETE", f"/containers/{name}?force=1")
        with lock:
            del boxes[name]
            if answer is not None:
                assert answer[0] == 204, answer
                removed.add(name)


def standing(name, chance):
    if create(name, "sleep 1000", "unless-stopped") is None or ask("POST", f"/containers/{name}/start") is None:
        return
    ask("POST", f"/containers/{name}/exec", {"Cmd": ["true"]})
    answer = ask("POST", f"/containers/{name}/stop?t=0")
    if answer is not None:
        assert answer[0] in (204, 304), answer
        with lock:
            stopped.add(name)


def work(number):
    chance, count = random.Random(seed * 100 + number), 0
    while not is_over.is_set():
        count += 1
        (standing if chance.random() < 0.2 else counting)(f"w{number}-{count}", chance)
        time.sleep(0.01)


failures = []


def guarded(number):
    try:
        work(number)
    except BaseException as error:
        failures.append(repr(error))
        raise


def state(name):
    answer = ask("GET", f"/containers/{name}/json")
    return json.loads(answer[1])["State"] if answer[0] == 200 else None


def log(name):
    data, text = ask("GET", f"/containers/{name}/logs?stdout=1")[1], b""
    while data:
        size = int.from_bytes(data[4:8], "big")
        text, data = text + data[8:8 + size], data[8 + size:]
    return text.decode().split()


threads = [threading.Thread(target=guarded, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
while not os.path.exists(order):
    time.sleep(0.02)
is_over.set()
for thread in threads:
    thread.join()
assert not failures, failures
for name, (lines, code, was_started) in boxes.items():
    end = time.monotonic() + 20
    while (now := state(name)) and now["Running"] and time.monotonic() < end:
        time.sleep(0.05)
    assert now, f"{name} was created and is not there"
    if not was_started and now["Status"] == "created":
        continue
    assert (now["Status"], now["ExitCode"]) == ("exited", code), (name, code, now)
    assert log(name) == [str(line) for line in range(1, lines + 1)], (name, lines, log(name))
for name in removed:
    assert state(name) is None, f"{name} was removed and is there"
for name in stopped:
    assert not state(name)["Running"], f"{name} was stopped and runs"
print(f"{len(boxes)} boxes ended, {len(removed)} were removed, {len(stopped)} stopped: as it should be")
