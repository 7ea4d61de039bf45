import { type ClientId, FlError, parseClientId } from "@sotto/base";
import type { DataSchema } from "@sotto/protocol";
import { type RandomNumbers, randomNumbers } from "./random.ts";

/** One synthetic hospital: a name and the text of its CSV file, with a header. */
export interface Hospital {
  readonly client: ClientId;
  readonly csv: string;
  readonly rows: number;
}

/** How one hospital differs from the others. */
export interface Site {
  readonly rows: number;
  /** Mean age of its patients. */
  readonly ageMean: number;
  /** Added to every patient's log-odds: referral practice that the columns do not show. */
  readonly offset: number;
  /** Probability that a laboratory value is missing. */
  readonly missingness: number;
}

/** One synthetic patient before anything is lost. */
export interface Patient {
  readonly age: number;
  readonly sex: "female" | "male";
  readonly smoker: "no" | "yes";
  readonly pain: "none" | "atypical" | "typical";
  readonly systolic: number;
  readonly cholesterol: number;
  readonly maxHeartRate: number;
}

const columnNames = ["age", "sex", "smoker", "pain", "systolic", "cholesterol", "max_heart_rate", "disease"] as const;

/** Most hospitals that are made: as many clients as one cohort holds. */
export const hospitalsMax = 128;

/**
 * The ground truth: the log-odds of disease. A logistic model with one interaction, smoking counts double at 65 and nothing
 * at 45, that a linear model of the columns cannot express. `offset` is the site's.
 */
export function logOdds(patient: Patient, offset: number): number {
  const age = (patient.age - 55) / 10;
  const smoker = patient.smoker === "yes" ? 1 : 0;
  return (
    offset -
    0.6 +
    0.7 * age +
    0.6 * (patient.sex === "male" ? 1 : 0) +
    0.9 * smoker +
    0.9 * smoker * age +
    { none: -0.8, atypical: 0, typical: 1.3 }[patient.pain] +
    0.5 * ((patient.systolic - 130) / 18) +
    0.5 * ((patient.cholesterol - 230) / 45) -
    0.8 * ((patient.maxHeartRate - 145) / 20)
  );
}

/**
 * `clients` synthetic hospitals of a seed (0 to 2^32 - 1). The same arguments give the same bytes, and a hospital is the same however many
 * others there are. No patient is real.
 * @throws FlError `invalid-argument` unless 3 to {@link hospitalsMax} hospitals
 */
export function createHospitals({ clients, seed }: { readonly clients: number; readonly seed: number }): readonly Hospital[] {
  if (!Number.isInteger(clients) || clients < 3 || clients > hospitalsMax) {
    throw new FlError("invalid-argument", `${clients} clients must be an integer from 3 to ${hospitalsMax}`);
  }
  return Array.from({ length: clients }, (_, index) => createHospital(`hospital-${String(index + 1).padStart(2, "0")}`, seed));
}

/** How the hospital of a name and seed differs. */
export function siteOf(random: RandomNumbers): Site {
  return {
    rows: Math.round(80 * 4 ** random.uniform()),
    ageMean: 48 + 14 * random.uniform(),
    offset: random.normal(0, 0.5),
    missingness: 0.25 * random.uniform(),
  };
}

function createHospital(name: string, seed: number): Hospital {
  const random = randomNumbers(seed, name);
  const site = siteOf(random);
  const lines = Array.from({ length: site.rows }, () => line(random, site));
  return { client: parseClientId(name), csv: `${[columnNames.join(","), ...lines].join("\n")}\n`, rows: site.rows };
}

function line(random: RandomNumbers, site: Site): string {
  const patient = createPatient(random, site);
  const disease = random.isHit(1 / (1 + Math.exp(-logOdds(patient, site.offset)))) ? 1 : 0;
  const measured = [patient.systolic, patient.cholesterol, patient.maxHeartRate].map((value) =>
    random.isHit(site.missingness) ? "" : String(value),
  );
  return [patient.age, patient.sex, patient.smoker, patient.pain, ...measured, disease].join(",");
}

function createPatient(random: RandomNumbers, site: Site): Patient {
  const between = (value: number, min: number, max: number): number => Math.round(Math.min(max, Math.max(min, value)));
  const age = between(random.normal(site.ageMean, 10), 25, 90);
  return {
    age,
    sex: random.isHit(0.55) ? "male" : "female",
    smoker: random.isHit(0.4) ? "yes" : "no",
    pain: random.pick([["none", 0.4] as const, ["atypical", 0.35] as const], "typical"),
    systolic: between(random.normal(130 + 0.5 * (age - 55), 16), 80, 230),
    cholesterol: between(random.normal(230, 45), 100, 450),
    maxHeartRate: between(random.normal(145 - 0.7 * (age - 55), 18), 70, 210),
  };
}

/** How the columns of {@link createHospitals} become model inputs: 11 of them. Constants from the definition above, not from data. */
export function hospitalSchema(seed: number): DataSchema {
  const numeric = (
    name: string,
    mean: number,
    deviation: number,
    [min, max]: readonly [number, number],
  ): DataSchema["columns"][number] => ({
    type: "numeric",
    name,
    mean,
    deviation,
    imputed: mean,
    min,
    max,
    missing: [],
  });
  return {
    format: "csv",
    delimiter: ",",
    header: true,
    missing: [],
    columns: [
      numeric("age", 55, 10, [0, 120]),
      { type: "categorical", name: "sex", levels: ["female", "male"] },
      { type: "categorical", name: "smoker", levels: ["no", "yes"] },
      { type: "categorical", name: "pain", levels: ["none", "atypical", "typical"] },
      numeric("systolic", 130, 18, [50, 300]),
      numeric("cholesterol", 230, 45, [50, 700]),
      numeric("max_heart_rate", 145, 20, [40, 250]),
      { type: "ignored", name: "disease" },
    ],
    target: { type: "binary", column: "disease", above: 0.5 },
    heldBack: { fraction: 0.25, seed },
  };
}
