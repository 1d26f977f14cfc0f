"""`damask p2p` against py-libp2p 0.8.1, each side once as the dialler and once as the listener.

The last line of the output counts what held; the exit status is 1 if anything did not.
"""

import hashlib
import json
import logging
import subprocess
import sys

import multiaddr
import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.host.ping import PingService
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.identify import parse_identify_response
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.pubsub.gossipsub import PROTOCOL_ID_V11, PROTOCOL_ID_V12, GossipSub
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import Pubsub
from libp2p.tools.anyio_service import background_trio_service

ECHO = TProtocol("/damask/echo/1")
TOPIC = "interop/news"
MESSAGES = 100

logging.disable(logging.CRITICAL)


def message_id(message):
    """The id that every peer of the network gives a message (specs/network/gossip.md)."""
    topic = message.topicIDs[0].encode()
    body = bytes(4) + len(topic).to_bytes(8, "little") + topic + message.data
    return hashlib.sha256(body).digest()[:20]


class UnsignedPubsub(Pubsub):
    """Publishes what StrictNoSign asks for: neither author nor sequence number."""

    async def publish(self, topic_id, data):
        await self.push_msg(self.my_id, rpc_pb2.Message(data=data, topicIDs=[topic_id]))


class UnsignedGossipSub(GossipSub):
    """Does not take all messages without author and number for versions of one."""

    def _check_equivocation(self, msg):
        return True


class Damask:
    """A running `damask p2p serve`."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [path, "p2p", "serve", "--listen", "/ip4/127.0.0.1/tcp/0", "--topic", TOPIC, "--json",
             "--commands"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().decode().strip()
        self.peer = self.address.rsplit("/", 1)[1]
        self.events = []

    def command(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    async def read(self):
        while True:
            line = await trio.to_thread.run_sync(
                self.process.stdout.readline, abandon_on_cancel=True)
            if not line:
                return
            self.events.append(json.loads(line))

    def all(self, event):
        return [entry for entry in self.events if entry["event"] == event]

    async def wait(self, event, count=1, seconds=20):
        with trio.move_on_after(seconds):
            while len(self.all(event)) < count:
                await trio.sleep(0.02)
        return self.all(event)

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "killed"


checks = []


def check(name, holds, detail=""):
    checks.append(bool(holds))
    print(f"{'ok    ' if holds else 'FAILED'}  {name}{'' if holds or not detail else f': {detail}'}")


def frame(body):
    length, prefix = len(body), b""
    while True:
        prefix += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if length == 0:
            return prefix + body


async def read_frame(stream, pending):
    """One message from the stream; `pending` keeps bytes that came early."""
    length, shift = 0, 0
    while True:
        byte = (await take(stream, pending, 1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return await take(stream, pending, length)


async def take(stream, pending, count):
    while len(pending) < count:
        part = await stream.read(65536)
        if not part:
            raise EOFError
        pending.extend(part)
    taken = bytes(pending[:count])
    del pending[:count]
    return taken


async def echo_in_pieces(stream):
    """Answers a request with its bytes in ten messages instead of one."""
    body = await read_frame(stream, bytearray())
    step = max(1, -(-len(body) // 10))
    for start in range(0, len(body), step):
        await stream.write(frame(body[start:start + step]))
    await stream.close()


async def exercise(name, damask, connect):
    """Everything over one connection; `connect` makes it."""
    host = new_host(
        key_pair=create_new_key_pair(),
        listen_addrs=[multiaddr.Multiaddr("/ip4/127.0.0.1/tcp/0")])
    host.set_stream_handler(ECHO, echo_in_pieces)
    router = UnsignedGossipSub(
        protocols=[PROTOCOL_ID_V12, PROTOCOL_ID_V11], degree=6, degree_low=4, degree_high=12,
        heartbeat_interval=1, spam_protection_enabled=False)
    pubsub = UnsignedPubsub(
        host, router, strict_signing=False, msg_id_constructor=message_id)
    async with host.run(listen_addrs=host.get_addrs() or [
            multiaddr.Multiaddr("/ip4/127.0.0.1/tcp/0")]), trio.open_nursery() as nursery:
        async with background_trio_service(pubsub):
            async with background_trio_service(router):
                await pubsub.wait_until_ready()
                subscription = await pubsub.subscribe(TOPIC)
                nursery.start_soon(damask.read)
                peer = ID.from_string(damask.peer)
                await connect(host)
                connected = await damask.wait("connected")
                check(f"{name}: connected over Noise and yamux", connected)
                await identify(name, host, peer, damask)
                await ping(name, host, peer, damask)
                await gossip(name, host, pubsub, subscription, damask)
                await requests(name, host, peer, damask)
                await host.disconnect(peer)
                check(f"{name}: disconnected", await damask.wait("disconnected"))
                nursery.cancel_scope.cancel()


async def identify(name, host, peer, damask):
    stream = await host.new_stream(peer, [IDENTIFY])
    answer = parse_identify_response(await read_frame(stream, bytearray()))
    spoken = set(answer.protocols)
    wanted = {"/ipfs/id/1.0.0", "/ipfs/ping/1.0.0", "/meshsub/1.2.0", str(ECHO)}
    check(f"{name}: identify of damask", wanted <= spoken, sorted(spoken))
    events = await damask.wait("identified")
    check(f"{name}: identify by damask", events and "py-libp2p" in events[0]["agent"], events)


async def ping(name, host, peer, damask):
    with trio.move_on_after(10):
        times = await PingService(host).ping(peer, ping_amt=5)
        check(f"{name}: 5 pings to damask", len(times) == 5, times)
    damask.command(f"ping {host.get_id()}")
    check(f"{name}: ping by damask", await damask.wait("pinged"), damask.all("pingFailed"))


async def gossip(name, host, pubsub, subscription, damask):
    await damask.wait("subscribed")
    await trio.sleep(2.5)  # Both routers' heartbeats build the mesh.
    theirs = [b"from python %d " % index + bytes(500) for index in range(MESSAGES)]
    ours = [b"from damask %d " % index + bytes(500) for index in range(MESSAGES)]
    received = []

    async def receive():
        while len(received) < MESSAGES:
            message = await subscription.get()
            if message.data.startswith(b"from damask"):
                received.append(message)

    for body in theirs:
        await pubsub.publish(TOPIC, body)
        await trio.sleep(0.005)  # Its outbound queue holds few messages and drops the rest.
    for body in ours:
        damask.command(f"publish {TOPIC} {body.hex()}")
    with trio.move_on_after(20):
        await receive()
    events = await damask.wait("message", MESSAGES)
    check(
        f"{name}: {MESSAGES} messages to damask",
        sorted(bytes.fromhex(event["data"]) for event in events) == sorted(theirs), len(events))
    check(
        f"{name}: {MESSAGES} messages from damask",
        sorted(message.data for message in received) == sorted(ours), len(received))
    unsigned = all(
        not (message.HasField("from_id") or message.HasField("seqno")
             or message.HasField("signature") or message.HasField("key"))
        for message in received)
    check(f"{name}: they carry no author, number, signature or key", unsigned)


async def requests(name, host, peer, damask):
    for size in (0, 1, 1_000_000):
        body = bytes(index * 7 % 251 for index in range(size))
        stream = await host.new_stream(peer, [ECHO])
        # The answer comes without waiting for the end of the stream.
        answer = None
        with trio.move_on_after(20):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(stream.write, frame(body))
                answer = await read_frame(stream, bytearray())
        check(f"{name}: echo of {size} bytes by damask", answer == body)
        await stream.close()
    body = bytes(index * 11 % 253 for index in range(50_000))
    damask.command(f"echo {host.get_id()} {body.hex()}")
    finished = await damask.wait("responseFinished")
    chunks = [bytes.fromhex(event["data"]) for event in damask.all("response")]
    check(
        f"{name}: answer in 10 parts to damask",
        finished and b"".join(chunks) == body and len(chunks) == 10,
        damask.all("responseFailed") or len(chunks))


async def main(path):
    damask = Damask(path)

    async def dial(host):
        await host.connect(info_from_p2p_addr(multiaddr.Multiaddr(damask.address)))

    await exercise("python dials", damask, dial)
    status = damask.stop()
    check("damask ends when told to", status == 0, status)

    damask = Damask(path)

    async def be_dialled(host):
        address = str(host.get_addrs()[0]).split("/p2p/")[0]
        damask.command(f"dial {address}/p2p/{host.get_id()}")
        with trio.move_on_after(10):
            while not host.get_connected_peers():
                await trio.sleep(0.02)

    await exercise("damask dials", damask, be_dialled)
    check("damask ends when told to", damask.stop() == 0)


if __name__ == "__main__":
    trio.run(main, sys.argv[1])
    print(f"{sum(checks)} of {len(checks)} checks with py-libp2p 0.8.1 held")
    sys.exit(0 if all(checks) else 1)
