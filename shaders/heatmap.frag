// A matrix as colours. colour = table[round(510 * (v - lo) / (hi - lo))] where v is the pixel's cell, the bilinear
// mix of the four nearest, or the mean of all cells under the pixel when those are smaller than a pixel.
#version 330 core

uniform highp sampler2D cells;   // R32F: (row, column), or three such planes one below the other
uniform lowp sampler2D table;    // 511 x 1 colours
uniform int channels;            // 1: through the table; 3: red, green and blue planes
uniform int smooth_cells;        // 1: bilinear between the centres of cells
uniform vec2 target_px;
uniform vec4 visible;            // x, y, width, height in cells
uniform vec2 range;              // lo, hi
uniform float mark_scale;        // screen pixels for a pixel of hatch
uniform vec4 trouble;
uniform vec4 background;

out vec4 colour;

const int kFinite = 0, kMinusInfinite = 1, kPlusInfinite = 2, kNan = 3;  // in order of gravity

// By its bits: compilers may assume that arithmetic meets no NaN.
int kind_of(float value) {
  int bits = floatBitsToInt(value);
  if ((bits & 0x7F800000) != 0x7F800000) return kFinite;
  if ((bits & 0x007FFFFF) != 0) return kNan;
  return bits < 0 ? kMinusInfinite : kPlusInfinite;
}

int rows() { return textureSize(cells, 0).y / channels; }
int columns() { return textureSize(cells, 0).x; }

// The value of a cell in one plane, at the nearest cell where there is none.
float value_at(ivec2 cell, int plane) {
  cell = clamp(cell, ivec2(0), ivec2(columns(), rows()) - 1);
  return texelFetch(cells, ivec2(cell.x, plane * rows() + cell.y), 0).r;
}

// The gravest kind among the planes of the cells from..to.
int kind_among(ivec2 from, ivec2 to) {
  int worst = kFinite;
  for (int plane = 0; plane < channels; ++plane)
    for (int y = from.y; y <= to.y; ++y)
      for (int x = from.x; x <= to.x; ++x) worst = max(worst, kind_of(value_at(ivec2(x, y), plane)));
  return worst;
}

float mean_of(ivec2 from, ivec2 to, int plane) {
  float sum = 0.0;
  float count = float((to.x - from.x + 1) * (to.y - from.y + 1));
  for (int y = from.y; y <= to.y; ++y)
    for (int x = from.x; x <= to.x; ++x) sum += value_at(ivec2(x, y), plane) / count;
  return sum;
}

// `at` in cells; cell (x, y) has its centre at (x + 0.5, y + 0.5).
float bilinear(vec2 at, int plane) {
  vec2 corner = floor(at - 0.5);
  vec2 t = at - 0.5 - corner;
  ivec2 cell = ivec2(corner);
  float top = mix(value_at(cell, plane), value_at(cell + ivec2(1, 0), plane), t.x);
  float bottom = mix(value_at(cell + ivec2(0, 1), plane), value_at(cell + ivec2(1, 1), plane), t.x);
  return mix(top, bottom, t.y);
}

// 0..1 through the range; halves, so that no finite range overflows.
float position(float value) {
  float width = 0.5 * range.y - 0.5 * range.x;
  return width > 0.0 ? clamp((0.5 * value - 0.5 * range.x) / width, 0.0, 1.0) : 0.5;
}

// Diagonal stripes, three pixels on and three off, fixed to the target and not to the cell.
vec4 hatch(vec2 at_px) { return mod((at_px.x + at_px.y) / mark_scale, 6.0) < 3.0 ? trouble : background; }

// A triangle that fills most of the cell; nothing but trouble where a cell is too small for one.
vec4 triangle(vec2 in_cell, vec2 cell_px, bool up) {
  if (min(cell_px.x, cell_px.y) < 6.0 * mark_scale) return trouble;
  float down = (up ? in_cell.y : 1.0 - in_cell.y) - 0.15;  // below the tip
  bool inside = down >= 0.0 && down <= 0.7 && abs(in_cell.x - 0.5) <= 0.5 * down;
  return inside ? trouble : background;
}

void main() {
  vec2 at_px = vec2(gl_FragCoord.x, target_px.y - gl_FragCoord.y);  // from the top left
  vec2 cells_a_px = visible.zw / target_px;
  vec2 at = visible.xy + at_px * cells_a_px;
  if (at.x < 0.0 || at.y < 0.0 || at.x >= float(columns()) || at.y >= float(rows())) {
    colour = vec4(0.0);
    return;
  }

  // The cells that this pixel answers for: the one under its centre, or all those whose centre it holds.
  ivec2 cell = ivec2(at), last = ivec2(columns(), rows()) - 1;
  ivec2 from = cell, to = cell;
  if (cells_a_px.x > 1.0) {
    from.x = max(int(ceil(at.x - 0.5 * cells_a_px.x - 0.5)), 0);
    to.x = clamp(int(ceil(at.x + 0.5 * cells_a_px.x - 0.5)) - 1, from.x, last.x);
  }
  if (cells_a_px.y > 1.0) {
    from.y = max(int(ceil(at.y - 0.5 * cells_a_px.y - 0.5)), 0);
    to.y = clamp(int(ceil(at.y + 0.5 * cells_a_px.y - 0.5)) - 1, from.y, last.y);
  }

  int kind = kind_among(from, to);
  if (kind == kNan) {
    colour = hatch(at_px);
    return;
  }
  if (kind != kFinite) {
    colour = triangle(fract(at), 1.0 / cells_a_px, kind == kPlusInfinite);
    return;
  }

  ivec2 corner = ivec2(floor(at - 0.5));
  bool blend = smooth_cells == 1 && from == to && kind_among(corner, corner + 1) == kFinite;
  vec3 positions;
  for (int plane = 0; plane < channels; ++plane)
    positions[plane] = position(blend ? bilinear(at, plane) : mean_of(from, to, plane));
  colour = channels == 3 ? vec4(positions, 1.0) : texelFetch(table, ivec2(int(positions[0] * 510.0 + 0.5), 0), 0);
}
