import { FlError } from "@sotto/base";
import { createLaneMachine, type LaneMachine } from "./lane-kernels.ts";
import { createLanes, type Lanes, laneWidth } from "./lanes.ts";
import { unpackInto } from "./pack.ts";
import { addInto, subtractInto } from "./ring.ts";

/**
 * Adds many sources to a tile of lanes, modulo 2^16 or 2^32: `load` lanes, write to `sources` and add, again and again, then `storeInto` where the
 * lanes came from. The tile stays in cache meanwhile, so each lane crosses memory once, however many sources there are (SECAGG 5.4).
 */
export interface LaneAdder {
  /** Lanes of a full tile: a multiple of 64. */
  readonly tileLanes: number;
  /**
   * Two of `tileBytes` each, to be written to before an addition: lane i at byte 2 i or 4 i, or packed. Adding two at once touches the
   * tile half as often, which makes masking a tenth faster; four would be no faster and leave the cache.
   */
  readonly sources: readonly [Uint8Array, Uint8Array];
  /** Copies lanes into the tile. @throws FlError `invalid-argument` on more than `tileLanes`, or lanes of the other width */
  load(lanes: Lanes): void;
  /** Adds as many lanes as are loaded from the first source, or from both, to the tile. */
  add(sourceCount: 1 | 2): void;
  /** Takes as many lanes as are loaded from the first source, or from both, away from the tile. */
  subtract(sourceCount: 1 | 2): void;
  /** Adds as many lanes as are loaded from the first source, packed as by `packLanes` with the adder's `bits`, to the tile. */
  addPacked(): void;
  /** Copies the tile back. @throws FlError `invalid-argument` unless as many lanes of the same width as were loaded */
  storeInto(lanes: Lanes): void;
  /** Overwrites tile and sources, which held keystream, with zeros. */
  wipe(): void;
}

/** What an adder is made for. */
export interface LaneAdderOptions {
  /** b of the session, 8 to 32: lanes are of 16 bits when it is at most 16. */
  readonly bits: number;
  /** Bytes of lanes in a tile: a multiple of 256 above 0. */
  readonly tileBytes: number;
}

/**
 * An adder by WebAssembly vector instructions (20 to 50 GB of source a second), or the {@link createPlainLaneAdder} where there are none. It costs 0.1 ms and
 * address space: make one and keep it. To add one vector to another, once, prefer `addInto`.
 * @throws FlError `invalid-argument` outside the ranges of {@link LaneAdderOptions}
 */
export function createLaneAdder(options: LaneAdderOptions): LaneAdder {
  const layout = layoutOf(options);
  const machine = createLaneMachine(layout.sizeBytes);
  return machine === null ? createPlainLaneAdder(options) : tileAdder(machineTile(machine, layout), options.bits);
}

/**
 * The same in plain JavaScript (1 to 8 GB of source a second): for hosts without WebAssembly, for vectors too small to be worth a machine, and as
 * the oracle of the other.
 * @throws FlError `invalid-argument` outside the ranges of {@link LaneAdderOptions}
 */
export function createPlainLaneAdder(options: LaneAdderOptions): LaneAdder {
  const { tileLanes } = layoutOf(options);
  const { bits } = options;
  const target = createLanes({ laneCount: tileLanes, bits });
  const first = createLanes({ laneCount: tileLanes, bits });
  const second = createLanes({ laneCount: tileLanes, bits });
  const sources = [first, second];
  return tileAdder(
    {
      target,
      sources: [new Uint8Array(first.buffer), new Uint8Array(second.buffer)],
      add(loaded, sourceCount) {
        for (const source of sources.slice(0, sourceCount)) addInto(target.subarray(0, loaded), source.subarray(0, loaded));
      },
      subtract(loaded, sourceCount) {
        for (const source of sources.slice(0, sourceCount)) subtractInto(target.subarray(0, loaded), source.subarray(0, loaded));
      },
      addPacked(loaded) {
        const lanes = createLanes({ laneCount: loaded, bits });
        unpackInto(lanes, new Uint8Array(first.buffer), bits);
        addInto(target.subarray(0, loaded), lanes);
      },
    },
    bits,
  );
}

/** A tile, its sources and the arithmetic between them, for the `loaded` first lanes, above 0. */
interface Tile {
  readonly target: Lanes;
  readonly sources: readonly [Uint8Array, Uint8Array];
  add(loaded: number, sourceCount: number): void;
  subtract(loaded: number, sourceCount: number): void;
  addPacked(loaded: number): void;
}

function tileAdder(tile: Tile, bits: number): LaneAdder {
  const { target, sources } = tile;
  let loaded = 0;
  return {
    tileLanes: target.length,
    sources,
    load(lanes) {
      assertWidth(lanes, bits);
      if (lanes.length > target.length) {
        throw new FlError("invalid-argument", `${lanes.length} lanes must be at most the ${target.length} of a tile`);
      }
      target.set(lanes);
      loaded = lanes.length;
    },
    add(sourceCount) {
      if (loaded > 0) tile.add(loaded, sourceCount);
    },
    subtract(sourceCount) {
      if (loaded > 0) tile.subtract(loaded, sourceCount);
    },
    addPacked() {
      if (loaded > 0) tile.addPacked(loaded);
    },
    storeInto(lanes) {
      assertWidth(lanes, bits);
      if (lanes.length !== loaded) throw new FlError("invalid-argument", `${lanes.length} lanes must be the ${loaded} that were loaded`);
      lanes.set(target.subarray(0, loaded));
    },
    wipe() {
      for (const part of [target, ...sources]) part.fill(0);
    },
  };
}

/** Copying lanes of the other width would convert them without a word. */
function assertWidth(lanes: Lanes, bits: number): void {
  const [width, expected] = [8 * lanes.BYTES_PER_ELEMENT, laneWidth(bits)];
  if (width !== expected) throw new FlError("invalid-argument", `lanes of ${width} bits must be of ${expected} for ${bits} bits each`);
}

interface TileLayout extends LaneAdderOptions {
  readonly tileLanes: number;
  readonly targetAt: number;
  readonly sourceAt: number;
  readonly sizeBytes: number;
}

/**
 * The target begins 1 KiB into a page. On AMD Zen 3 a copy by `rep movsb`, which is what glibc before 2.39 does, runs at a twentieth of its speed when
 * the destination is 1 to 31 bytes behind the source modulo 4 KiB; large arrays begin 16 bytes into a page, or 16 and half a page at odd tiles,
 * so a target at the start of a page would meet that at every `storeInto`. Behind the sources are the 8 bytes that the packed kernels may read.
 */
function layoutOf({ bits, tileBytes }: LaneAdderOptions): TileLayout {
  if (!Number.isInteger(tileBytes) || tileBytes <= 0 || tileBytes % 256 !== 0) {
    throw new FlError("invalid-argument", `a tile of ${tileBytes} bytes must have a multiple of 256 above 0`);
  }
  const targetAt = 1024;
  const sourceAt = targetAt + tileBytes;
  return { bits, tileBytes, tileLanes: (8 * tileBytes) / laneWidth(bits), targetAt, sourceAt, sizeBytes: sourceAt + 2 * tileBytes + 8 };
}

function machineTile({ kernels, memory }: LaneMachine, layout: TileLayout): Tile {
  const { bits, tileBytes, tileLanes, targetAt, sourceAt } = layout;
  const narrow = laneWidth(bits) === 16;
  const laneBytes = narrow ? 2 : 4;
  const add = narrow ? kernels.add16 : kernels.add32;
  const subtract = narrow ? kernels.subtract16 : kernels.subtract32;
  const addPacked = narrow ? kernels.addPacked16 : kernels.addPacked32;
  /** Lanes beyond those loaded, to the next 64 bytes, change too: they are in the tile, and nothing stores them. */
  const stepped = (loaded: number): number => 64 * Math.ceil((laneBytes * loaded) / 64);
  return {
    target: narrow ? new Uint16Array(memory, targetAt, tileLanes) : new Uint32Array(memory, targetAt, tileLanes),
    sources: [new Uint8Array(memory, sourceAt, tileBytes), new Uint8Array(memory, sourceAt + tileBytes, tileBytes)],
    add: (loaded, sourceCount) => add(targetAt, tileBytes, sourceCount, stepped(loaded)),
    subtract: (loaded, sourceCount) => subtract(targetAt, tileBytes, sourceCount, stepped(loaded)),
    addPacked(loaded) {
      if (bits === 8 * laneBytes) add(targetAt, tileBytes, 1, stepped(loaded));
      else addPacked(targetAt, sourceAt, loaded, bits);
    },
  };
}
