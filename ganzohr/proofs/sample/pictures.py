"""The pictures of the page's posts, drawn here: flat shapes in warm colours, so that none must be kept or licensed."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDE, HIGH, FINE = 800, 420, 2
NIGHT, CREAM, CLAY, BRICK, SAND, LEAF, SKY, INK = (
    "#2f3a56", "#fbf3e4", "#d9825b", "#b5533c", "#ecd3a8", "#7d9a6a", "#bcd5dd", "#4a3f3a",
)  # fmt: skip
Point = tuple[float, float]


class Sheet:
    """Shapes by their place on a sheet of 800 to 420."""

    def __init__(self, draw: ImageDraw) -> None:
        self._draw = draw

    def box(self, left: float, top: float, wide: float, high: float, colour: str, round_: float = 0) -> None:
        """A rectangle."""
        at = [one * FINE for one in (left, top, left + wide, top + high)]
        self._draw.rounded_rectangle(at, round_ * FINE, fill=colour)

    def disc(self, x: float, y: float, wide: float, colour: str, high: float = 0) -> None:
        """A circle, or an ellipse, round its middle."""
        tall = high or wide
        at = [one * FINE for one in (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)]
        self._draw.ellipse(at, fill=colour)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """A polygon."""
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def line(self, points: Sequence[Point], colour: str, thick: float) -> None:
        """A line with round corners."""
        self._draw.line([(x * FINE, y * FINE) for x, y in points], fill=colour, width=int(thick * FINE), joint="curve")

    def ring(self, x: float, y: float, wide: float, colour: str, thick: float) -> None:
        """A circle without its inside."""
        at = [one * FINE for one in (x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2)]
        self._draw.ellipse(at, outline=colour, width=int(thick * FINE))


def _roster(sheet: Sheet) -> None:
    """A roster of eight weeks on the wall, a mug on the desk."""
    sheet.box(0, 0, WIDE, HIGH, "#f0dfc4")
    sheet.box(0, 345, WIDE, 75, "#a9774f")
    sheet.box(150, 34, 430, 286, "#d8c3a0", 10)
    sheet.box(142, 26, 430, 286, CREAM, 10)
    shifts = (CLAY, SAND, LEAF, "#f3e8d4", NIGHT, SAND, "#f3e8d4")
    for week in range(8):
        for day in range(7):
            shift = shifts[(day * 3 + week * 5 + (week * day) % 4) % 7]
            sheet.box(166 + day * 56, 66 + week * 29, 46, 20, shift, 5)
    sheet.line([(166, 48), (330, 48)], INK, 7)
    sheet.disc(357, 24, 16, BRICK)
    sheet.box(650, 262, 74, 86, BRICK, 12)
    sheet.ring(728, 304, 46, BRICK, 9)
    sheet.disc(687, 264, 72, "#8e3d2b", 16)
    for number in range(3):
        wave = [(666 + number * 21 + 6 * math.sin(step / 3), 246 - step * 4) for step in range(14)]
        sheet.line(wave, CREAM, 4)
    sheet.box(60, 316, 60, 32, LEAF, 6)
    sheet.shape([(90, 318), (52, 226), (78, 300)], "#5f7d50")
    sheet.shape([(90, 318), (92, 206), (104, 300)], LEAF)
    sheet.shape([(90, 318), (136, 240), (110, 306)], "#5f7d50")


def _nursery(sheet: Sheet) -> None:
    """Before sunrise: a lit house with a small door beside the big one."""
    for number, colour in enumerate(("#46507a", "#6d6690", "#a97f93", "#dc9f86", "#f2c48d")):
        sheet.box(0, number * 66, WIDE, 90, colour)
    sheet.disc(640, 330, 150, "#f9dfa6")
    sheet.box(0, 322, WIDE, 98, "#66794f")
    sheet.shape([(150, 176), (340, 66), (530, 176)], BRICK)
    sheet.box(176, 174, 328, 158, "#f3dfc0")
    for left in (206, 290, 424):
        sheet.box(left, 202, 56, 54, "#fbd983", 6)
        sheet.line([(left + 28, 202), (left + 28, 256)], "#f3dfc0", 5)
    sheet.box(362, 222, 52, 110, CLAY, 8)
    sheet.box(312, 274, 38, 58, LEAF, 8)
    sheet.disc(403, 280, 7, CREAM)
    sheet.disc(342, 305, 6, CREAM)
    sheet.shape([(352, 420), (424, 420), (412, 332), (366, 332)], "#d9c39a")
    for x, colour in ((92, CLAY), (118, SKY), (578, SAND)):
        sheet.disc(x, 348, 26, colour)
    sheet.line([(690, 330), (690, 236)], INK, 9)
    sheet.disc(690, 212, 92, "#566b45", 110)
    sheet.line([(226, 372), (256, 330), (286, 372)], INK, 5)
    sheet.line([(256, 332), (256, 356)], INK, 3)
    sheet.box(243, 354, 26, 6, CLAY, 2)


def _ward(sheet: Sheet) -> None:
    """A late shift: a cot by the window, a monitor, a bear that keeps watch."""
    sheet.box(0, 0, WIDE, HIGH, "#56607f")
    sheet.box(0, 330, WIDE, 90, "#454e6b")
    sheet.box(70, 40, 230, 190, CREAM, 8)
    sheet.box(80, 50, 210, 170, NIGHT, 4)
    sheet.disc(242, 94, 46, "#f8e3a8")
    sheet.disc(228, 86, 42, NIGHT)
    for x, y in ((112, 82), (150, 128), (188, 74), (118, 172), (262, 168), (206, 156)):
        sheet.disc(x, y, 6, CREAM)
    sheet.line([(185, 50), (185, 220)], CREAM, 6)
    sheet.box(350, 262, 300, 60, CREAM, 12)
    sheet.box(372, 228, 96, 52, "#ffffff", 20)
    sheet.disc(424, 232, 52, "#e9b897")
    sheet.disc(424, 216, 50, "#7a4d38", 26)
    sheet.box(452, 240, 190, 62, CLAY, 22)
    for left in (352, 640):
        sheet.box(left, 176, 12, 176, "#d8dde3", 6)
    for left in range(384, 640, 32):
        sheet.box(left, 286, 6, 54, "#d8dde3", 3)
    sheet.box(346, 334, 312, 10, "#d8dde3", 4)
    sheet.box(690, 70, 84, 74, "#273048", 8)
    sheet.line([(696, 112), (714, 112), (722, 92), (732, 126), (740, 112), (768, 112)], "#9fd3a4", 4)
    sheet.line([(732, 146), (732, 340)], "#d8dde3", 7)
    for x, y, wide in ((566, 200, 54), (546, 178, 20), (586, 178, 20), (566, 240, 64)):
        sheet.disc(x, y, wide, "#b98555")
    sheet.disc(566, 208, 24, "#e4c095")
    for x in (556, 576):
        sheet.disc(x, 194, 6, INK)
    sheet.disc(566, 204, 8, INK)


def _border(sheet: Sheet) -> None:
    """Flat land in the morning: a cycle path, poplars, a mill, a signpost with two ways."""
    for number, colour in enumerate(("#f6cf9c", "#f8dcb4", "#f4e6cd", "#dfe6dc")):
        sheet.box(0, number * 62, WIDE, 64, colour)
    sheet.disc(180, 210, 96, "#fff0c8")
    sheet.box(0, 236, WIDE, 184, "#8fa873")
    sheet.shape([(0, 300), (WIDE, 258), (WIDE, 292), (0, 344)], "#9cc0c9")
    sheet.shape([(330, 420), (560, 420), (452, 236), (438, 236)], "#d9b48a")
    for number in range(6):
        x, size = 500 + number * 50, 1 - number * 0.1
        sheet.line([(x, 262), (x, 250 - 60 * size)], INK, 5)
        sheet.disc(x, 214 - 20 * size, 34 * size, "#5f7d50", 120 * size)
    sheet.shape([(92, 262), (104, 168), (136, 168), (148, 262)], "#8a5a44")
    sheet.shape([(98, 170), (120, 142), (142, 170)], BRICK)
    for turn in range(4):
        angle = math.radians(28 + 90 * turn)
        sheet.line([(120, 164), (120 + 74 * math.cos(angle), 164 + 74 * math.sin(angle))], INK, 5)
    for x in (372, 466):
        sheet.ring(x, 350, 66, INK, 5)
    sheet.line([(372, 350), (404, 300), (450, 300), (466, 350)], BRICK, 7)
    sheet.line([(404, 300), (424, 350), (450, 300)], BRICK, 6)
    sheet.line([(424, 350), (372, 350)], BRICK, 6)
    sheet.line([(396, 290), (416, 290)], INK, 7)
    sheet.line([(450, 300), (446, 280), (462, 276)], INK, 6)
    sheet.box(652, 250, 10, 146, INK, 3)
    sheet.shape([(586, 262), (690, 262), (690, 292), (586, 292), (566, 277)], CREAM)
    sheet.shape([(634, 304), (732, 304), (752, 319), (732, 334), (634, 334)], CLAY)


def _kitchen(sheet: Sheet) -> None:
    """Pots on the stove, steam, carrots on the board."""
    sheet.box(0, 0, WIDE, HIGH, "#f4e1c1")
    for row in range(4):
        for column in range(11):
            sheet.box(6 + column * 74 - (row % 2) * 36, 8 + row * 58, 68, 52, "#f9ecd6", 4)
    sheet.box(0, 268, WIDE, 26, "#8a8f95")
    sheet.box(0, 294, WIDE, 126, "#cfd3d6")
    for x, wide, colour in ((150, 190, BRICK), (372, 150, "#6f8c93"), (556, 120, CLAY)):
        high = wide * 0.62
        sheet.box(x - wide / 2, 268 - high, wide, high, colour, 14)
        sheet.box(x - wide / 2 - 16, 268 - high * 0.8, wide + 32, 14, INK, 7)
        sheet.box(x - wide / 2 - 4, 262 - high, wide + 8, 14, "#e7e2da", 7)
        for number in range(3):
            across = x - wide / 4 + number * wide / 4
            wave = [(across + 8 * math.sin(step / 2.4 + number), 246 - high - step * 5) for step in range(12)]
            sheet.line(wave, "#ffffff", 6)
    for x in (150, 372, 556):
        sheet.disc(x, 330, 34, "#5c6167")
        sheet.line([(x, 330), (x + 8, 318)], CREAM, 5)
    sheet.box(634, 226, 150, 42, "#b98555", 8)
    for number in range(3):
        left, top = 650 + number * 34, 204 + (number % 2) * 8
        sheet.shape([(left, top), (left + 66, top + 12), (left, top + 22)], "#e0793a")
        sheet.shape([(left, top + 11), (left - 20, top - 4), (left - 8, top + 11), (left - 20, top + 24)], LEAF)


DRAWN: dict[str, Callable[[Sheet], None]] = {
    "dienstplan": _roster, "kita": _nursery, "mira": _ward, "vechtehof": _border, "kueche": _kitchen,
}  # fmt: skip


@cache
def draw(key: str) -> bytes:
    """The picture of the post with that key, a JPEG of some 20 kB; KeyError where there is none."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDE * FINE, HIGH * FINE))
    DRAWN[key](Sheet(ImageDraw.Draw(image)))
    found = io.BytesIO()
    image.resize((WIDE, HIGH), Image.Resampling.LANCZOS).save(found, "JPEG", quality=84, optimize=True)
    return found.getvalue()
