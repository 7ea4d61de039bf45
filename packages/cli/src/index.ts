export { heartDiseaseSchema } from "./demo/heart-disease.ts";
export { createHospitals, type Hospital, hospitalSchema } from "./demo/hospitals.ts";
export { type DemoRecipe, heartDiseaseRecipe, hospitalRecipe } from "./demo/recipe.ts";
export { type DemoTables, findTables } from "./demo/tables.ts";
export { type DemoTask, demoTaskSpec, demoTopology } from "./demo/task.ts";
export { type ExitName, exitCodeOf, exitCodes } from "./exit-code.ts";
export { systemClock } from "./system-clock.ts";
