#!/usr/bin/env python3
"""A small seccomp agent: answers the system calls that a box's profile hands to it (SCMP_ACT_NOTIFY).

    seccomp-agent.py SOCKET

The box's profile names SOCKET in linux.seccomp.listenerPath. For each process that is put under the profile, the runtime
connects once and sends the container process state of the OCI runtime specification as JSON, the descriptor named
"seccompFd" beside it. Whatever call is notified, this agent prints; a path that a mkdir asks for must begin with what
listenerMetadata says, else the caller gets EACCES. Everything else goes on to the kernel.

An answer "go on" is no protection: the caller can change the path after it was looked at (seccomp_unotify(2)). An agent
that guards something does the call itself and answers with the result.
"""
import array
import errno
import fcntl
import json
import os
import select
import socket
import struct
import sys

NOTIF_RECV, NOTIF_SEND, NOTIF_ID_VALID = 0xC0502100, 0xC0182101, 0x40082102
CONTINUE = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE
MKDIR, MKDIRAT = {"x86_64": (83, 258), "aarch64": (-1, 34)}[os.uname().machine]


def receive(connection):
    """One state and its descriptor; the runtime closes the connection behind it."""
    descriptors, text = array.array("i"), b""
    while True:
        data, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(descriptors.itemsize))
        for level, kind, value in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors.frombytes(value)
        if not data:
            state = json.loads(text)
            return state, descriptors[state["fds"].index("seccompFd")]
        text += data


def path_of(pid, address):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(4096).split(b"\0")[0].decode(errors="replace")


def answer(listener, state):
    request = bytearray(80)
    try:
        fcntl.ioctl(listener, NOTIF_RECV, request)
    except OSError as problem:
        if problem.errno == errno.ENOENT:  # the caller was killed meanwhile
            return
        raise
    number, pid, _, call, _, _, *arguments = struct.unpack("=QIIiIQ6Q", request)
    error, flags, what = 0, CONTINUE, ""
    if call in (MKDIR, MKDIRAT):
        what = path_of(pid, arguments[call == MKDIRAT])
        if not what.startswith(state.get("metadata", "/")):
            error, flags = -errno.EACCES, 0
    try:
        # What was read is the caller's only if it still waits.
        fcntl.ioctl(listener, NOTIF_ID_VALID, struct.pack("=Q", number))
        fcntl.ioctl(listener, NOTIF_SEND, struct.pack("=QqiI", number, 0, error, flags))
    except OSError as problem:
        if problem.errno != errno.ENOENT:
            raise
    print(f"box {state['state']['id']}: call {call} {what}: {'refused' if error else 'goes on'}", flush=True)


def main():
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(sys.argv[1])
    server.listen()
    print("listening", flush=True)
    boxes, poll = {}, select.poll()
    poll.register(server, select.POLLIN)
    while True:
        for descriptor, events in poll.poll():
            if descriptor == server.fileno():
                connection, _ = server.accept()
                with connection:
                    state, listener = receive(connection)
                boxes[listener] = state
                poll.register(listener, select.POLLIN)
                print("state " + json.dumps(state), flush=True)
            elif events & select.POLLIN:
                answer(descriptor, boxes[descriptor])
            else:  # the last process under the filter is gone
                poll.unregister(descriptor)
                os.close(descriptor)
                print(f"box {boxes.pop(descriptor)['state']['id']}: over", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
