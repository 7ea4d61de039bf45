export { createMasker, defaultWorkerCount, type Masker, type MaskerOptions } from "./masker.ts";
