import { Metadata, ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor } from "@grpc/grpc-js";
import { type ClientId, FlError, invariant, type Logger, type OperatorId } from "@sotto/base";
import { adminMethods, coordinatorMethods, type MethodShape } from "@sotto/wire";
import { reportFailure } from "./status.ts";

/** Who calls, proven by the client certificate of the connection. */
export type Caller = { readonly kind: "client"; readonly client: ClientId } | { readonly kind: "operator"; readonly operator: OperatorId };

/** The one place where a call gets its caller. */
export interface CallerCheck {
  /** Lets a call through when its certificate is enrolled and its method is for that kind of caller. */
  readonly interceptor: ServerInterceptor;
  /** Who makes the call that a handler was given. */
  callerOf(metadata: Metadata): Caller;
}

/**
 * Looks the certificate up on every call, so that revoking one takes effect with the next poll. `identify` is given the
 * SHA-256 fingerprint as node writes it: upper case, with colons.
 */
export function createCallerCheck(identify: (fingerprint: string) => Caller | null, logger: Logger): CallerCheck {
  // Keyed by an object made here: nothing that a caller sends can claim to be in it.
  const proven = new WeakMap<Metadata, Caller>();

  const interceptor: ServerInterceptor = ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (_, pass) => {
            const metadata = new Metadata();
            const failure = prove(metadata, call, path);
            if (failure === null) pass(metadata);
            else call.sendStatus(failure);
          },
        }),
    });

  function prove(metadata: Metadata, call: ServerInterceptingCallInterface, path: string): ReturnType<typeof reportFailure> | null {
    try {
      proven.set(metadata, admit(call, path));
      return null;
    } catch (thrown) {
      return reportFailure(logger.child({ peer: call.getPeer() }), path, thrown);
    }
  }

  function admit(call: ServerInterceptingCallInterface, path: string): Caller {
    const certificate = call.getAuthContext().sslPeerCertificate;
    if (certificate === undefined) throw new FlError("unauthenticated", "the connection has no verified certificate");
    const caller = identify(certificate.fingerprint256);
    if (caller === null) throw new FlError("unauthenticated", `certificate ${certificate.fingerprint256} is not enrolled`);
    if (callerKinds.get(path) !== caller.kind) throw new FlError("permission-denied", `a ${caller.kind} may not call ${path}`);
    return caller;
  }

  return {
    interceptor,
    callerOf: (metadata) => {
      const caller = proven.get(metadata);
      invariant(caller !== undefined, "every call went through the interceptor");
      return caller;
    },
  };
}

const callerKinds: ReadonlyMap<string, Caller["kind"]> = new Map([
  ...kindsOf(coordinatorMethods, "client"),
  ...kindsOf(adminMethods, "operator"),
]);

function kindsOf(methods: Readonly<Record<string, MethodShape>>, kind: Caller["kind"]): [string, Caller["kind"]][] {
  return Object.values(methods).map(({ path }) => [path, kind]);
}
