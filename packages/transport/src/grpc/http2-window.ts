import http2, { type SecureServerOptions } from "node:http2";

const windowKey: unique symbol = Symbol("sotto.server-window");

/** Options of an HTTP/2 server whose connections are to have a larger window; takes effect by {@link installServerWindow}. */
export interface WindowedOptions extends SecureServerOptions {
  readonly [windowKey]?: number;
}

/** Options for windows of `sizeBytes`, of each stream and of the connection that carries them. */
export function windowedOptions(options: SecureServerOptions, sizeBytes: number): WindowedOptions {
  return { ...options, settings: { ...options.settings, initialWindowSize: sizeBytes }, [windowKey]: sizeBytes };
}

/**
 * Lets servers have the connection window that {@link windowedOptions} asks for. grpc-js 1.14.7 has no option for it on a
 * server, and with the default of 64 KiB an upload runs at 1 MB/s over 40 ms (PLATFORM 1; grpc-node pull request 3058), so
 * `http2.createSecureServer`, which it calls through the module object, is wrapped, once. Other servers are left as they
 * are. To be dropped when the option is there.
 */
export function installServerWindow(): void {
  const original = http2.createSecureServer;
  if (installed.has(original)) return;
  const wrapped = (...parameters: Parameters<typeof original>): ReturnType<typeof original> => {
    const server = original(...parameters);
    const [options] = parameters;
    const sizeBytes = options instanceof Object && windowKey in options ? options[windowKey] : undefined;
    if (typeof sizeBytes === "number") server.on("session", (session) => session.setLocalWindowSize(sizeBytes));
    return server;
  };
  installed.add(wrapped);
  Object.defineProperty(http2, "createSecureServer", { value: wrapped, configurable: true, enumerable: true, writable: true });
}

const installed = new WeakSet<object>();
