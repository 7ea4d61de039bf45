import * as portable from "../browser.ts";
import * as node from "../index.ts";

/** Both faces of the package, for suites that every provider must pass. */
export const faces: readonly { readonly provider: string; readonly face: typeof node }[] = [
  { provider: "node:crypto", face: node },
  { provider: "the portable libraries", face: portable },
];

export { node, portable };
