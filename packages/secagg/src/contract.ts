// What tests of other rooms hold a transcript of this protocol against.
export { type CoordinatorView, type MaskRow, maskName, maskRow, type OpenedSum, openedSums } from "./testing/opened-sums.ts";
