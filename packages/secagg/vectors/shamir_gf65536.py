"""Known answers for Shamir's sharing over GF(2^16), from a model that shares nothing with src/shamir.ts: SECAGG 2.10.

Polynomials over GF(2) are integers, bit i the coefficient of x^i; elements are multiplied without carries and reduced by
x^16 + x^12 + x^3 + x + 1; inverses are powers; a polynomial is evaluated term by term. No tables, no Horner, no logarithms.

    python3 shamir_gf65536.py > shamir-gf65536.json
"""

import hashlib
import json

REDUCTION = (1 << 16) | (1 << 12) | (1 << 3) | (1 << 1) | 1
WORDS = 16


def multiply(a, b):
    product = 0
    for i in range(16):
        if b >> i & 1:
            product ^= a << i
    for i in range(30, 15, -1):
        if product >> i & 1:
            product ^= REDUCTION << (i - 16)
    return product


def power(a, exponent):
    if exponent == 0:
        return 1
    half = power(multiply(a, a), exponent // 2)
    return multiply(half, a) if exponent % 2 else half


def inverse(a):
    """Fermat: the multiplicative group has 2^16 - 1 elements."""
    assert a != 0
    return power(a, 2**16 - 2)


def words(data):
    return [int.from_bytes(data[2 * i : 2 * i + 2], "big") for i in range(WORDS)]


def join(elements):
    return b"".join(element.to_bytes(2, "big") for element in elements)


def split(coefficients, coordinate):
    """The share at `coordinate` of the polynomials with these coefficients, 32 bytes a degree, the secret first."""
    share = [0] * WORDS
    for degree, data in enumerate(coefficients):
        factor = power(coordinate, degree)
        share = [a ^ multiply(b, factor) for a, b in zip(share, words(data))]
    return join(share)


def combine(shares):
    """The secret of {coordinate: share}, by Lagrange's formula at 0."""
    secret = [0] * WORDS
    for x, share in shares.items():
        weight = 1
        for other in shares:
            if other != x:
                weight = multiply(weight, multiply(other, inverse(other ^ x)))
        secret = [a ^ multiply(b, weight) for a, b in zip(secret, words(share))]
    return join(secret)


def pseudorandom(label, count):
    """`count` times 32 bytes that look random, the same in every run."""
    return [hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(count)]


def sharing(label, secret, coefficients, coordinates):
    threshold = len(coefficients) + 1
    shares = {x: split([secret, *coefficients], x) for x in coordinates}
    chosen = coordinates[-threshold:]
    assert combine({x: shares[x] for x in chosen}) == secret, label
    return {
        "label": label,
        "threshold": threshold,
        "secret": secret.hex(),
        "coefficients": b"".join(coefficients).hex(),
        "shares": [{"coordinate": x, "share": shares[x].hex()} for x in coordinates],
    }


def sharings():
    zeros, ones = bytes(32), b"\xff" * 32
    counted = bytes(range(1, 33))
    yield sharing("two of three", counted, pseudorandom("two of three", 1), [1, 2, 3])
    yield sharing("three, to the last coordinate", counted, pseudorandom("three", 2), [1, 2, 5, 128, 255, 256, 32768, 65535])
    yield sharing("zeros among the coefficients", ones, [zeros, pseudorandom("zeros", 1)[0], zeros], [1, 3, 4, 300, 10000])
    yield sharing("a secret of zeros", zeros, pseudorandom("zero secret", 3), [7, 8, 9, 261])
    yield sharing("all bits set", ones, [ones, ones], [1, 2, 65534, 65535])
    yield sharing("holders of 300 clients", pseudorandom("300", 1)[0], pseudorandom("300 coefficients", 14), list(range(17, 33)))


def products():
    pairs = [(0x8000, 2), (0xFFFF, 0xFFFF), (0x1234, 0xABCD), (3, 7), (1, 0xBEEF), (0, 0x1234), (0x8000, 0x8000)]
    return [{"a": a, "b": b, "product": multiply(a, b)} for a, b in pairs]


def inverses():
    return [{"element": a, "inverse": inverse(a)} for a in (1, 2, 3, 0x1234, 0x8000, 0xFFFF)]


if __name__ == "__main__":
    print(json.dumps({"products": products(), "inverses": inverses(), "sharings": list(sharings())}, indent=2))
