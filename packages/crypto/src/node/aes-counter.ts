import { createCipheriv } from "node:crypto";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { CounterReader, CounterStreamStart } from "../counter-stream.ts";
import { keystreamTileBytes } from "../keystream.ts";

/**
 * The `CounterStream` of OpenSSL: 4 to 5 GB/s a core where OpenSSL alone does 6.5. `update` cannot write where it is told: it allocates
 * one output a byte too long, a second of the right length, zeroes that, copies, and drops the first. What that costs depends on where the
 * allocator puts them, and four things keep it cheap, none of them an environment variable. Each figure is of one core of a Zen 3 server, GB/s at tiles of
 * 78 KiB; without any of the four, at 128 KiB, it was 2.1 (Node 20) and 1.5 (Node 24).
 *
 * 1. Outputs are given back at once ({@link release}), so that the next tile gets the same memory, still in cache. Left to the collector, they
 *    walk through 32 MiB before each scavenge: 2.7 on Node 20, 2.3 on Node 24.
 * 2. The heap keeps them ({@link keepHeap}). glibc returns what is free at the top of the heap to the system from 128 KiB on; then every tile
 *    pays page faults, 7 to 23 of them, depending on what else lies there: 1.0 to 1.4.
 * 3. A tile is half a page more than a multiple of 4 KiB. The two outputs are neighbours, so at a multiple the copy's destination
 *    can lie 16 bytes behind its source modulo 4 KiB, where `rep movsb` of Zen 3, the copy of glibc before 2.39, runs at a twentieth of its speed: 1.2 to 1.9.
 * 4. One cipher a stream, not one a tile: a new one costs 2 to 5 µs on Node 20 and 30 on Node 24, against 18 for the tile.
 */
export function aes256CounterStream({ key, counter }: CounterStreamStart): CounterReader {
  const cipher = createCipheriv("aes-256-ctr", key, counter);
  return {
    readInto(target) {
      const bytes = cipher.update(target.length === zeros.length ? zeros : zeros.subarray(0, target.length));
      target.set(bytes);
      release(bytes);
    },
    // Frees the cipher now, and with it the key, which OpenSSL overwrites; otherwise the collector would some time.
    close: () => void cipher.final(),
  };
}

const zeros = new Uint8Array(keystreamTileBytes);

/** What is smaller is left to the collector: giving it back costs 1 µs, and saves more from here on. */
const releasedBytesMin = 16 * 1024;

/**
 * Buffers transferred to a closed port are detached and dropped: "we still want to serialize the message to ensure spec-compliant behavior
 * w.r.t. transfers", says `MessagePort::PostMessage` of Node. `ArrayBuffer.prototype.transfer`, from Node 22 on, is not faster.
 */
const closedPort: MessagePort = keepHeap(createClosedPort());

/** Gives the memory of bytes that fill their buffer back to the allocator now. */
function release(bytes: Uint8Array, port: MessagePort = closedPort): void {
  const { buffer } = bytes;
  if (bytes.length < releasedBytesMin || bytes.length !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  port.postMessage(null, [buffer]);
}

/**
 * Frees a block of 4 MiB. glibc had mapped it on its own, and takes that for a hint: from now on the process keeps up to twice as much free at the
 * top of a heap (`M_TRIM_THRESHOLD` of mallopt(3), "dynamic adjustment of the mmap threshold"). 1 MiB would do for tiles; other allocators ignore it.
 */
function keepHeap(port: MessagePort): MessagePort {
  release(new Uint8Array(4 * 2 ** 20), port);
  return port;
}

function createClosedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
