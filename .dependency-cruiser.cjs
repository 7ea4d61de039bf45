/**
 * The house rules of ARCHITECTURE 1 as checks: floors, doors, faces and purity. `npm run check` runs them;
 * test/house proves that a break fails.
 */

/** What each room may import: rooms of lower floors only. */
const below = {
  base: [],
  schema: ["base"],
  vector: ["base"],
  crypto: ["base"],
  secagg: ["base", "vector", "crypto"],
  aggregation: ["base", "vector"],
  identity: ["base", "schema", "crypto"],
  protocol: ["base", "schema", "vector", "crypto", "secagg", "aggregation", "identity"],
  wire: ["base", "vector", "crypto", "secagg", "protocol"],
  transport: ["base", "crypto", "identity", "protocol", "wire"],
  storage: ["base", "crypto"],
  ml: ["base", "schema", "vector", "crypto", "protocol"],
  telemetry: ["base"],
  masking: ["base", "vector", "crypto", "secagg"],
};
const pure = ["base", "schema", "vector", "crypto", "secagg", "aggregation", "identity", "protocol", "wire"];
const outer = ["transport", "storage", "telemetry", "masking"];
below.coordinator = [...pure, ...outer];
below.client = [...pure.filter((room) => room !== "aggregation"), ...outer, "ml"];
below.simulations = [...pure, ...outer, "ml", "coordinator", "client"];
below.cli = [...pure, ...outer, "ml", "coordinator", "client", "simulations"];

/** Outside libraries and the one place each may be imported from. */
const doors = [
  ["@grpc/grpc-js", "^packages/transport/src/grpc/"],
  ["@bufbuild/protobuf", "^packages/wire/src/"],
  ["@tensorflow/", "^packages/ml/src/"],
  ["@noble/", "^packages/crypto/src/"],
  ["tweetnacl", "^packages/crypto/src/"],
  ["@peculiar/x509", "^packages/identity/src/"],
  ["pino", "^packages/telemetry/src/"],
  ["commander", "^packages/cli/src/"],
  ["zod", "^packages/schema/src/"],
  ["yaml", "^packages/schema/src/"],
  ["csv-parse", "^client/src/data/"],
  ["fast-check", "(\\.test\\.ts|/contract\\.ts)$|/(contract|testing)/|^test/"],
  ["vitest", "(\\.test\\.ts|/contract\\.ts)$|/(contract|testing)/|^test/|^vitest\\.config\\.ts$"],
];

const top = ["coordinator", "client", "simulations"];
const folder = (room) => (top.includes(room) ? room : `packages/${room}`);
const rooms = Object.keys(below);
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const anyRoom = "^(packages/[^/]+|coordinator|client|simulations)/";
const pureFolders =
  "^(packages/(base|schema|vector|secagg|aggregation|protocol)|coordinator/src/(round|task|cohort|release)|client/src/(round|guard|update))/";
const tests = "(\\.test\\.ts|/contract\\.ts)$|/(contract|testing)/";

module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    { name: "nothing-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...rooms.map((room) => ({
      name: `floor-of-${room}`,
      comment: `${room} may import only ${below[room].join(", ") || "nothing of the house"}`,
      severity: "error",
      from: { path: `^${folder(room)}/`, pathNot: tests },
      to: { path: anyRoom, pathNot: [room, ...below[room]].map((other) => `^${folder(other)}/`) },
    })),
    {
      name: "enter-by-the-face",
      comment: "a package is entered by its index.ts, or by contract.ts from tests",
      severity: "error",
      from: { path: anyRoom },
      to: { path: `${anyRoom}src/`, pathNot: ["^$1/", "/src/index\\.ts$", "/src/contract\\.ts$"] },
    },
    {
      name: "tests-enter-by-the-face",
      severity: "error",
      from: { path: "^test/" },
      to: { path: `${anyRoom}src/`, pathNot: ["/src/index\\.ts$", "/src/contract\\.ts$"] },
    },
    {
      name: "contracts-are-for-tests",
      severity: "error",
      from: { pathNot: [tests, "^test/"] },
      to: { path: "/src/contract\\.ts$" },
    },
    {
      name: "pure-rooms-touch-no-machine",
      comment: "what assembles a kernel runs before the package does",
      severity: "error",
      from: { path: pureFolders, pathNot: [tests, "^packages/vector/wasm/"] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-rooms-know-no-shell",
      severity: "error",
      from: { path: "^(coordinator|client)/src/(round|task|cohort|release|guard|update)/", pathNot: tests },
      to: {
        path: "^((coordinator|client)/src/(effects|endpoints|data|main|coordinator|client)|packages/(transport|storage|ml|telemetry)/)",
      },
    },
    {
      name: "node-crypto-in-crypto",
      comment: "primitives have one door; a TLS file hash or an OS service is no exception",
      severity: "error",
      from: { pathNot: ["^packages/(crypto|identity)/src/", tests, "^test/", "^scripts/"] },
      to: { path: "^(node:)?crypto$" },
    },
    {
      name: "portable-primitives-know-no-node",
      comment: "what runs in a browser reaches nothing of Node's provider",
      severity: "error",
      from: { path: "^packages/crypto/src/", pathNot: ["^packages/crypto/src/(node/|index\\.ts$)", tests] },
      to: { path: "^packages/crypto/src/node/" },
    },
    {
      name: "portable-primitives-touch-no-machine",
      severity: "error",
      from: { path: "^packages/crypto/src/", pathNot: ["^packages/crypto/src/node/", tests] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "node-loads-no-portable-library",
      severity: "error",
      from: { path: "^packages/crypto/src/", pathNot: ["^packages/crypto/src/(portable/|browser\\.ts$)", tests] },
      to: { path: "^packages/crypto/src/portable/|node_modules/(@noble/|tweetnacl/)" },
    },
    ...doors.map(([library, door]) => ({
      name: `door-of-${library}`,
      severity: "error",
      from: { pathNot: door },
      to: { path: `(^|node_modules/)${literal(library)}${library.endsWith("/") ? "" : "(/|$)"}` },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(packages/[^/]+|coordinator|client|simulations|test)/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "types", "default"],
      extensions: [".ts", ".mts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
