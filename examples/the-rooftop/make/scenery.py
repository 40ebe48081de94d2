"""What the cameras of The Rooftop saw: a dusk skyline and two people, in scene-linear light.

Every picture is an array (height, width, 3) of linear Rec.709 light, 0.18 a mid grey, painted at
half the cameras' resolution and enlarged: soft like a cheap lens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float32]
KEY = np.array([1.30, 0.92, 0.62], np.float32)
"""The low sun from the right: warm."""
SKY = np.array([0.30, 0.40, 0.62], np.float32)
"""What the sky fills in: cool."""


@dataclass(frozen=True)
class Person:
    """How somebody looks: albedos in linear light."""

    skin: tuple[float, float, float]
    hair: tuple[float, float, float]
    coat: tuple[float, float, float]
    long_hair: bool


MIA = Person((0.46, 0.27, 0.19), (0.035, 0.02, 0.015), (0.33, 0.055, 0.05), True)
JON = Person((0.36, 0.21, 0.145), (0.02, 0.018, 0.016), (0.045, 0.06, 0.085), False)


def grid(width: int, height: int) -> tuple[Light, Light]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y


def _ellipse(x: Light, y: Light, cx: float, cy: float, a: float, b: float, soft: float) -> Light:
    distance = (np.sqrt(((x - cx) / a) ** 2 + ((y - cy) / b) ** 2) - 1) * min(a, b)
    return np.clip(0.5 - distance / soft, 0, 1)


def _paint(view: Light, x: Light, y: Light, cx: float, cy: float, a: float, b: float, soft: float,
           color: Light | NDArray[np.float32], opacity: float = 1.0) -> None:
    """A soft ellipse of one color, worked out only where it lies."""
    left, top, margin = float(x[0, 0]), float(y[0, 0]), 2 * soft + 2
    rows = slice(max(0, int(cy - b - margin - top)), max(0, int(cy + b + margin - top)))
    columns = slice(max(0, int(cx - a - margin - left)), max(0, int(cx + a + margin - left)))
    part = view[rows, columns]
    if part.size:
        mask = _ellipse(x[rows, columns], y[rows, columns], cx, cy, a, b, soft)
        _over(part, mask * opacity, color)


def _over(canvas: Light, mask: Light, color: Light | NDArray[np.float32]) -> None:
    canvas *= (1 - mask)[..., None]
    canvas += mask[..., None] * color


def rooftop(width: int, height: int, shift: float, blur: float, seed: int = 11) -> Light:
    """Sky, far and near buildings with lit windows, the parapet. `shift` pans, in pixels."""
    x, y = grid(width, height)
    up = np.clip(1 - y / (height * 0.72), 0, 1)[..., None]
    glow = np.exp(-(((x - width * 0.82 - shift) / (width * 0.5)) ** 2
                    + ((y - height * 0.62) / (height * 0.30)) ** 2))[..., None]
    sky = (1 - up) * np.array([0.55, 0.34, 0.24]) + up * np.array([0.085, 0.13, 0.26])
    canvas = (sky + glow * np.array([1.1, 0.55, 0.2])).astype(np.float32)
    random = np.random.default_rng(seed)
    for layer, (base, tone, count) in enumerate(((0.40, 0.075, 16), (0.50, 0.035, 11))):
        for _ in range(count):
            left = random.uniform(-0.1, 1.05) * width + shift * (0.6 + 0.5 * layer)
            wide = random.uniform(0.05, 0.11) * width
            top = random.uniform(base - 0.16, base + 0.12) * height
            mask = ((x > left) & (x < left + wide) & (y > top)).astype(np.float32)
            _over(canvas, mask, np.array([tone, tone * 1.05, tone * 1.35], np.float32))
            _windows(canvas, random, left, wide, top, height, width)
    parapet = np.clip((y - height * 0.80) / 2, 0, 1)
    stone = 0.11 + 0.03 * np.sin(x * 0.9 - shift)[..., None] * np.sin(y * 0.55)[..., None]
    _over(canvas, parapet, (stone * (0.5 * KEY + SKY)).astype(np.float32))
    rail = np.clip(1 - np.abs(y - height * 0.795) / 3, 0, 1)
    _over(canvas, rail, 0.3 * KEY)
    return cv2.GaussianBlur(canvas, (0, 0), blur) if blur > 0 else canvas


def _windows(canvas: Light, random: np.random.Generator, left: float, wide: float, top: float,
             height: int, width: int) -> None:
    step = max(4, int(width * 0.012))
    for row in range(int(top) + step, int(height * 0.80) - step, step + 2):
        for column in range(int(left) + 3, int(left + wide) - 4, step):
            lit = random.random() < 0.34
            warm = random.uniform(0.4, 1.6)
            if lit and 0 <= column < width - 2:
                canvas[row:row + 3, column:column + 2] = np.array([1.0, 0.72, 0.34]) * warm


def person(canvas: Light, who: Person, cx: float, cy: float, size: float, *, mouth: float,
           blink: bool, turn: float, soft: float = 1.6) -> None:
    """Head and shoulders: face centered on (cx, cy), `size` half a face's height in pixels.

    `mouth` 0..1 opens it; `turn` -1..1 looks left or right.
    """
    height, width = canvas.shape[:2]
    top, bottom = max(0, int(cy - 2.2 * size)), height
    left, right = max(0, int(cx - 3.4 * size)), min(width, int(cx + 3.4 * size))
    if right <= left or bottom <= top:
        return
    view = canvas[top:bottom, left:right]
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    coat = np.array(who.coat, np.float32)
    hair = np.array(who.hair, np.float32)
    if who.long_hair:
        _over(view, _ellipse(x, y, cx, cy + 0.45 * size, 1.02 * size, 1.55 * size, soft * 2),
              hair * (0.4 * KEY + SKY))
    shoulders = np.maximum(
        _ellipse(x, y, cx, cy + 3.1 * size, 2.1 * size, 1.75 * size, soft * 2),
        _box(x, y, cx, cy + 9.0 * size, 1.95 * size, 6.0 * size, 0.6 * size))
    shoulder_light = np.clip(0.55 + 0.55 * (x - cx) / (2.1 * size), 0.12, 1.2)[..., None]
    _over(view, shoulders, coat * (shoulder_light * KEY + SKY))
    skin = np.array(who.skin, np.float32)
    neck = _ellipse(x, y, cx, cy + 1.15 * size, 0.42 * size, 0.75 * size, soft)
    _over(view, neck, skin * 0.55 * (0.35 * KEY + SKY))
    _face(view, x, y, who, cx, cy, size, mouth, blink, turn, soft)
    strands = 1 + 0.35 * np.sin((x - cx) * 9.0 / size + 2.0 * np.sin(y / size))[..., None]
    fringe = _ellipse(x, y, cx, cy - 0.62 * size, 0.86 * size, 0.58 * size, soft * 2)
    brow_line = np.clip((cy - 0.42 * size + 0.10 * (x - cx) ** 2 / size - y) / soft, 0, 1)
    _over(view, fringe * brow_line, (hair * strands * (0.7 * KEY + SKY)).astype(np.float32))


def _face(view: Light, x: Light, y: Light, who: Person, cx: float, cy: float, size: float,
          mouth: float, blink: bool, turn: float, soft: float) -> None:
    a, b = 0.74 * size, 1.0 * size
    left, top = int(x[0, 0]), int(y[0, 0])
    rows = slice(max(0, int(cy - b) - 4 - top), int(cy + b) + 5 - top)
    columns = slice(max(0, int(cx - a) - 4 - left), int(cx + a) + 5 - left)
    view, x, y = view[rows, columns], x[rows, columns], y[rows, columns]
    head = _ellipse(x, y, cx, cy, a, b, soft)
    nx, ny = (x - cx) / a, (y - cy) / b
    nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0.02, 1))
    key = np.clip(0.62 * nx - 0.25 * ny + 0.70 * nz, 0, None)[..., None]
    fill = (0.55 + 0.45 * nz)[..., None]
    skin = np.array(who.skin, np.float32)
    fx = cx + 0.16 * turn * size
    cheeks = sum(_ellipse(x, y, fx + s * 0.40 * size, cy + 0.30 * size, 0.24 * size, 0.18 * size,
                          0.3 * size) for s in (-1, 1))[..., None]
    albedo = skin * (1 + cheeks * np.array([0.12, -0.04, -0.06], np.float32))
    _over(view, head, (albedo * (key * KEY + fill * SKY)).astype(np.float32))
    lit = 0.75 * KEY + 0.8 * SKY
    for side in (-1, 1):
        ex, ey = fx + side * 0.33 * size, cy - 0.10 * size
        hair = np.array(who.hair, np.float32) * lit
        _paint(view, x, y, ex, ey - 0.05 * size, 0.24 * size, 0.17 * size, 0.25 * size,
               skin * 0.45 * lit, 0.45)
        open_height = 0.015 * size if blink else 0.085 * size
        _paint(view, x, y, ex, ey, 0.155 * size, open_height, soft * 0.8,
               np.array([0.55, 0.54, 0.52], np.float32) * lit)
        if not blink:
            _paint(view, x, y, ex + 0.06 * turn * size, ey, 0.075 * size, 0.078 * size, soft,
                   np.array([0.035, 0.022, 0.014], np.float32) * lit)
            _paint(view, x, y, ex + 0.05 * size, ey - 0.03 * size, 0.018 * size, 0.018 * size,
                   soft, KEY)
        _paint(view, x, y, ex, ey - 0.10 * size, 0.19 * size, 0.028 * size, soft, hair * 1.5, 0.9)
        _paint(view, x, y, ex, ey - 0.25 * size, 0.21 * size, 0.045 * size, soft * 1.5, hair * 1.2)
    _paint(view, x, y, fx - 0.05 * size, cy + 0.18 * size, 0.07 * size, 0.22 * size, 0.12 * size,
           skin * 0.5 * lit, 0.35)
    _paint(view, x, y, fx + 0.03 * size, cy + 0.12 * size, 0.05 * size, 0.22 * size, 0.1 * size,
           skin * 1.5 * lit, 0.35)
    _paint(view, x, y, fx, cy + 0.33 * size, 0.13 * size, 0.04 * size, 0.05 * size,
           skin * 0.4 * lit, 0.5)
    _paint(view, x, y, fx, cy + 0.58 * size, 0.26 * size, (0.075 + 0.05 * mouth) * size, soft,
           np.array([0.34, 0.10, 0.085], np.float32) * lit * 0.8)
    _paint(view, x, y, fx, cy + 0.58 * size, 0.21 * size, (0.012 + 0.085 * mouth) * size, soft,
           np.array([0.02, 0.008, 0.007], np.float32))


@lru_cache(maxsize=1)
def _behind_phone(width: int, height: int) -> Light:
    return rooftop(width, height, 30, 9.0, seed=23)


def phone(width: int, height: int, glow: float, shake: float) -> Light:
    """An insert: a phone on the parapet, its screen lighting up."""
    canvas = _behind_phone(width, height).copy()
    x, y = grid(width, height)
    stone = np.clip((y - height * 0.45) / 3, 0, 1)
    grain = np.random.default_rng(5).normal(0, 0.012, (height, width, 1)).astype(np.float32)
    _over(canvas, stone, (0.15 + cv2.GaussianBlur(grain, (0, 0), 1.5)[..., None])
          * (0.6 * KEY + SKY))
    cx, cy = width * 0.5 + shake, height * 0.62
    spill = np.exp(-(((x - cx) / (width * 0.20)) ** 2 + ((y - cy) / (height * 0.34)) ** 2))
    canvas += spill[..., None] * glow * np.array([0.05, 0.12, 0.20], np.float32)
    body = _box(x, y, cx, cy, 0.085 * width, 0.27 * height, 8)
    _over(canvas, body, np.array([0.012, 0.012, 0.014], np.float32))
    screen = _box(x, y, cx, cy, 0.077 * width, 0.25 * height, 5)
    shade = 0.02 + glow * (0.55 + 0.25 * (y - cy) / height)
    _over(canvas, screen, shade[..., None] * np.array([0.35, 0.75, 1.15], np.float32))
    for row, half in ((-0.10, 0.045), (-0.055, 0.030)):
        line = _box(x, y, cx, cy + row * height, half * width, 0.010 * height, 2)
        _over(canvas, line * min(1.0, glow * 1.5), np.array([1.5, 1.5, 1.5], np.float32))
    for side, color in ((-1, (0.9, 0.06, 0.05)), (1, (0.06, 0.8, 0.16))):
        button = _ellipse(x, y, cx + side * 0.035 * width, cy + 0.16 * height, 0.018 * width,
                          0.018 * width, 1.5)
        _over(canvas, button * min(1.0, glow * 1.5), np.array(color, np.float32) * 1.3)
    return canvas


def _box(x: Light, y: Light, cx: float, cy: float, a: float, b: float, round_: float) -> Light:
    dx, dy = np.abs(x - cx) - a + round_, np.abs(y - cy) - b + round_
    distance = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(
        np.maximum(dx, dy), 0) - round_
    return np.clip(0.5 - distance / 1.5, 0, 1)
