import { featureCount } from "@sotto/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHospitals, hospitalSchema, logOdds, type Patient } from "./hospitals.ts";

const patient: Patient = { age: 55, sex: "female", smoker: "no", pain: "atypical", systolic: 130, cholesterol: 230, maxHeartRate: 145 };

function cellsOf(csv: string): string[][] {
  return csv
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
}

describe("synthetic hospitals", () => {
  test("the reference patient has the base log-odds, and smoking costs more with age", () => {
    expect(logOdds(patient, 0)).toBeCloseTo(-0.6, 12);
    const cost = (age: number): number => logOdds({ ...patient, age, smoker: "yes" }, 0) - logOdds({ ...patient, age }, 0);
    expect(cost(45)).toBeCloseTo(0, 12);
    expect(cost(65)).toBeCloseTo(1.8, 12);
  });

  test("a seed gives the same bytes again, another seed others, and more clients leave the first ones as they are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 3, max: 6 }), (seed, clients) => {
        const hospitals = createHospitals({ clients, seed });
        expect(createHospitals({ clients: clients + 1, seed }).slice(0, clients)).toEqual(hospitals);
        expect(createHospitals({ clients, seed: (seed + 1) % 2 ** 32 })[0]?.csv).not.toBe(hospitals[0]?.csv);
      }),
      { numRuns: 10 },
    );
  });

  test("every row fits the schema's columns, and every hospital has both outcomes", () => {
    const schema = hospitalSchema(1);
    expect(featureCount(schema)).toBe(11);
    for (const hospital of createHospitals({ clients: 12, seed: 3 })) {
      const rows = cellsOf(hospital.csv);
      expect(rows).toHaveLength(hospital.rows);
      expect(hospital.csv.split("\n", 1)[0]).toBe(schema.columns.map((column) => column.name).join(","));
      for (const row of rows) expect(row).toHaveLength(schema.columns.length);
      expect(new Set(rows.map((row) => row.at(-1)))).toEqual(new Set(["0", "1"]));
    }
  });

  test("hospitals differ in size, age, prevalence and missing values", () => {
    const hospitals = createHospitals({ clients: 16, seed: 1 });
    const spread = (of: (rows: string[][]) => number): number => {
      const values = hospitals.map((hospital) => of(cellsOf(hospital.csv)));
      return Math.max(...values) - Math.min(...values);
    };
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(spread((rows) => rows.length)).toBeGreaterThan(200);
    expect(spread((rows) => mean(rows.map((row) => Number(row[0]))))).toBeGreaterThan(8);
    expect(spread((rows) => mean(rows.map((row) => Number(row.at(-1)))))).toBeGreaterThan(0.15);
    expect(spread((rows) => mean(rows.map((row) => (row[5] === "" ? 1 : 0))))).toBeGreaterThan(0.1);
  });

  test("fewer than three hospitals are refused", () => {
    expect(() => createHospitals({ clients: 2, seed: 1 })).toThrow(/3 to 128/);
  });
});
