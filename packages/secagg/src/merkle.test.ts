import { toHex } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { merklePath, merkleRoot, merkleTree, rootOfClaim } from "./merkle.ts";

const leaves = fc.array(fc.uint8Array({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 40 });

test("the root over five leaves equals that of an independent model in Python", () => {
  const five = [0, 1, 2, 3, 4].map((byte) => new Uint8Array(64).fill(byte));
  expect(toHex(merkleRoot(merkleTree(five)))).toBe("e541afb6f02b6f52467550b72181d5f66ab20cf1374e7346451572937bf3bf8e");
});

test("every leaf's path leads to the root, and no other leaf, position or path does", () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat({ max: 7 }), (all, pick, bit) => {
      const tree = merkleTree(all);
      const root = merkleRoot(tree);
      const position = pick % all.length;
      const claim = { leaf: all[position]!, position, leafCount: all.length, path: merklePath(tree, position) };
      expect(rootOfClaim(claim)).toEqual(root);
      const changed = Uint8Array.from(claim.leaf);
      changed[0]! ^= 1 << bit;
      expect(rootOfClaim({ ...claim, leaf: changed })).not.toEqual(root);
      for (let other = 0; other < all.length; other++) {
        if (toHex(all[other]!) !== toHex(claim.leaf)) expect(rootOfClaim({ ...claim, position: other })).not.toEqual(root);
      }
    }),
  );
});

test("a path of another length, with a node of another size, or a position past the end leads nowhere", () => {
  const all = [1, 2, 3, 4, 5].map((byte) => new Uint8Array(4).fill(byte));
  const tree = merkleTree(all);
  const claim = { leaf: all[2]!, position: 2, leafCount: 5, path: merklePath(tree, 2) };
  expect(claim.path.length).toBe(3);
  expect(merklePath(tree, 4).length).toBe(1);
  expect(rootOfClaim({ ...claim, path: claim.path.slice(1) })).toBeNull();
  expect(rootOfClaim({ ...claim, path: [...claim.path, new Uint8Array(32)] })).toBeNull();
  expect(rootOfClaim({ ...claim, path: claim.path.map((node) => node.subarray(1)) })).toBeNull();
  expect(rootOfClaim({ ...claim, position: 5 })).toBeNull();
});

test("a leaf is not a node: the two children of a node do not stand for a leaf", () => {
  const all = [1, 2].map((byte) => new Uint8Array(4).fill(byte));
  const tree = merkleTree(all);
  const joined = Uint8Array.from([...tree.levels[0]![0]!, ...tree.levels[0]![1]!]);
  expect(merkleRoot(merkleTree([joined]))).not.toEqual(merkleRoot(tree));
});
