/**
 * Imported for its effect, before the X.509 library: `Reflect.defineMetadata`, `getMetadata` and `getOwnMetadata` on classes.
 * `tsyringe`, which that library wires itself with, refuses to load without them and calls no others of the withdrawn proposal.
 * A polyfill that is there already is left alone.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

if (!("getMetadata" in Reflect)) Object.assign(Reflect, { defineMetadata, getMetadata, getOwnMetadata });

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own.set(key, value));
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    if (metadata.get(at)?.has(key)) return metadata.get(at)?.get(key);
  }
  return undefined;
}
