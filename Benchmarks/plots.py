# SPDX-License-Identifier: Apache-2.0
"""Small plots as SVG, several beside each other, with nothing but Python."""
import math
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 380, 275, 30, 30, 70, 45
MEASURED, EXPECTED = "#0057b8", "gray"


def word(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def text(across, down, words, anchor="middle", color="black"):
    return f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}" fill="{color}">{escape(words)}</text>'


class Plot:
    """Values over a measure, both on logarithmic axes, beside what was expected of them."""

    def __init__(self, title, measure, places, values, expected=(), names=None):
        """`expected`: pairs of what a line means and its values; `names`: what stands below the places instead of numbers."""
        self.title, self.measure, self.places, self.values = title, measure, places, values
        self.expected, self.names = expected, names or [word(place) for place in places]
        every = [*values, *(value for _, line in expected for value in line)]
        self.low, self.high = min(every) * 0.85, max(every) * 1.2

    def point(self, place, value):
        first, last = self.places[0], self.places[-1]
        across = math.log(place / first) / math.log(last / first) if last != first else 0.5
        up = math.log(value / self.low) / math.log(self.high / self.low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def line(self, values, color, dashes):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.point, self.places, values))
        return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dashes}"/>'

    def svg(self):
        ground = HEIGHT - BOTTOM + 8
        parts = [
            text(WIDTH / 2, 18, self.title),
            f'<path d="M{LEFT - 12},{ground} H{WIDTH - RIGHT + 12}" fill="none" stroke="lightgray"/>',
            text(WIDTH / 2, HEIGHT - 8, self.measure, color="dimgray")]
        for index, (name, values) in enumerate(self.expected):
            dashes = ("6 4", "2 3")[index % 2]
            parts.append(self.line(values, EXPECTED, dashes))
            parts.append(
                f'<path d="M{LEFT},{34 + 13 * index} h24" stroke="{EXPECTED}" stroke-width="2" stroke-dasharray="{dashes}"/>')
            parts.append(text(LEFT + 30, 38 + 13 * index, name, "start", "dimgray"))
        parts.append(self.line(self.values, MEASURED, ""))
        for place, value, name in zip(self.places, self.values, self.names):
            x, y = self.point(place, value)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{MEASURED}"/>')
            parts += [text(x, y - 7, word(value), color=MEASURED), text(x, ground + 14, name)]
        return "\n".join(parts)


def write(path, plots, columns=2):
    """The plots row by row into one file."""
    rows = math.ceil(len(plots) / columns)
    size = f'width="{columns * WIDTH}" height="{rows * HEIGHT}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">', f'<rect {size} fill="white"/>']
    for index, plot in enumerate(plots):
        parts.append(f'<g transform="translate({index % columns * WIDTH},{index // columns * HEIGHT})">\n{plot.svg()}\n</g>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([*parts, "</svg>", ""]))
