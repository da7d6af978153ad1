#!/usr/bin/env python3
"""Draws still-life.png: three spheres on a chequered table, the picture that the image lab opens with.

A small ray tracer with nothing but the standard library; run it in this folder to draw the picture anew.
"""
import math
import struct
import zlib

WIDTH, HEIGHT, SAMPLES = 240, 180, 3
LIGHT = (-4.0, 6.5, -3.0)
SPHERES = [  # centre, radius, colour, mirror
    ((-1.35, 0.75, 4.3), 0.75, (0.34, 0.71, 0.91), 0.15),
    ((0.35, 1.0, 5.2), 1.0, (0.90, 0.62, 0.00), 0.20),
    ((1.55, 0.5, 3.6), 0.5, (0.17, 0.71, 0.58), 0.10),
    ((-0.25, 0.32, 3.2), 0.32, (0.92, 0.92, 0.94), 0.55),
]


def sub(a, b): return tuple(x - y for x, y in zip(a, b))
def add(a, b): return tuple(x + y for x, y in zip(a, b))
def scale(a, s): return tuple(x * s for x in a)
def dot(a, b): return sum(x * y for x, y in zip(a, b))
def unit(a): return scale(a, 1 / math.sqrt(dot(a, a)))


def hit(origin, ray):
    """The nearest surface: (distance, point, normal, colour, mirror), or None."""
    best = None
    for centre, radius, colour, mirror in SPHERES:
        to = sub(centre, origin)
        along = dot(to, ray)
        gap = radius * radius - dot(to, to) + along * along
        if gap > 0 and along - math.sqrt(gap) > 1e-4:
            distance = along - math.sqrt(gap)
            if best is None or distance < best[0]:
                point = add(origin, scale(ray, distance))
                best = (distance, point, unit(sub(point, centre)), colour, mirror)
    if ray[1] < -1e-6:
        distance = -origin[1] / ray[1]
        if distance > 1e-4 and (best is None or distance < best[0]):
            point = add(origin, scale(ray, distance))
            light = (math.floor(point[0] * 1.25) + math.floor(point[2] * 1.25)) % 2 == 0
            best = (distance, point, (0.0, 1.0, 0.0), (0.86, 0.84, 0.80) if light else (0.32, 0.30, 0.29), 0.05)
    return best


def shade(origin, ray, depth=0):
    found = hit(origin, ray)
    if found is None:
        glow = max(0.0, ray[1])
        return (0.30 + 0.25 * glow, 0.33 + 0.28 * glow, 0.40 + 0.35 * glow)
    distance, point, normal, colour, mirror = found
    to_light = sub(LIGHT, point)
    far = math.sqrt(dot(to_light, to_light))
    to_light = unit(to_light)
    blocked = hit(add(point, scale(normal, 1e-3)), to_light)
    lit = 0.0 if blocked and blocked[0] < far else max(0.0, dot(normal, to_light))
    gloss = max(0.0, dot(to_light, sub(scale(normal, 2 * dot(normal, ray)), ray)) * -1) ** 40 if lit else 0.0
    own = tuple(c * (0.22 + 0.78 * lit) + 0.5 * gloss for c in colour)
    if depth < 2 and mirror > 0:
        bounce = unit(sub(ray, scale(normal, 2 * dot(ray, normal))))
        seen = shade(add(point, scale(normal, 1e-3)), bounce, depth + 1)
        own = tuple((1 - mirror) * a + mirror * b for a, b in zip(own, seen))
    fog = min(1.0, distance / 40)
    return tuple((1 - fog) * a + fog * b for a, b in zip(own, (0.30, 0.33, 0.40)))


def main():
    rows = []
    for y in range(HEIGHT):
        row = bytearray([0])  # PNG's "no filter"
        for x in range(WIDTH):
            total = (0.0, 0.0, 0.0)
            for i in range(SAMPLES * SAMPLES):
                u = (x + (i % SAMPLES + 0.5) / SAMPLES) / WIDTH * 2 - 1
                v = 1 - (y + (i // SAMPLES + 0.5) / SAMPLES) / HEIGHT * 2
                ray = unit((u * 0.62, v * 0.62 * HEIGHT / WIDTH - 0.22, 1.0))
                total = add(total, shade((0.0, 1.9, -0.6), ray))
            for channel in scale(total, 1 / SAMPLES ** 2):
                row.append(round(255 * min(1.0, max(0.0, channel)) ** (1 / 1.8)))
        rows.append(bytes(row))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    with open("still-life.png", "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b""))


if __name__ == "__main__":
    main()
