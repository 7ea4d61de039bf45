export { type LoadedTable, loadTable, type SkippedRow } from "./load-table.ts";
