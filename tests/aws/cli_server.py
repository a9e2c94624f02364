"""The AWS CLI, loaded once: a call is a fork of this process, which takes over the caller's streams.

    cli_server.py SOCKET

Loading the CLI takes most of the second that a call costs, and the tests make hundreds. `CLIENT` is the program that is
called `aws` in the tests: it hands over its arguments, folder, environment and streams, and ends as the call does.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import sys
import traceback

CLIENT = """#!{python} -SE
import json, os, socket, struct, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({socket!r})
    call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [struct.pack("!I", len(call))], [0, 1, 2])
    server.sendall(call)
    status = server.recv(1)
sys.exit(status[0] if status else 255)
"""


def call(connection: socket.socket, endpoint: str) -> int:
    length, streams, _, _ = socket.recv_fds(connection, 4, 3)
    (left,), text = struct.unpack("!I", length), b""
    while left > len(text):
        text += connection.recv(left - len(text))
    arguments, folder, environment = json.loads(text)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    # The CLI notes where its own data is when it is loaded.
    data = os.environ.get("AWS_DATA_PATH")
    os.environ.clear()
    os.environ.update(environment | ({"AWS_DATA_PATH": data} if data else {}))
    sys.argv = ["aws", "--endpoint-url", endpoint, *arguments]
    # New ones, as those of the server belong to its own streams.
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
    from awscli.clidriver import main

    return main()


def serve(path: str, endpoint: str) -> None:
    from awscli.clidriver import create_clidriver

    create_clidriver()  # loads what every call needs
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                status = 255
                try:
                    status = call(connection, endpoint)
                except SystemExit as end:
                    status = end.code if isinstance(end.code, int) else 255
                except BrokenPipeError:
                    pass
                except Exception:
                    traceback.print_exc()
                finally:
                    for stream in (sys.stdout, sys.stderr):
                        with contextlib.suppress(OSError):
                            stream.flush()
                    connection.sendall(bytes([status & 255]))
                    os._exit(0)
            connection.close()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
