#include "app/widgets/equation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kScript = 0.68f;     // a script's size to its base's
constexpr float kRaise = 0.38f;      // how far its axis is moved, in base sizes
constexpr float kHalfHeight = 0.6f;  // of a line, in sizes

// The letters of mathematics are no language's.
TextStyle style_of(const Math& m, float size) {
  return {size, m.kind == Math::Kind::kNumber ? Face::kNumbers : Face::kWords, m.role, Align::kLeft, true};
}

bool is_operator(const Math& m) {
  static constexpr std::array<std::string_view, 9> kOperators{"+", "−", "=", "·", "×", "⊙", "→", "≈", "≥"};
  return m.kind == Math::Kind::kWord &&
         std::find(kOperators.begin(), kOperators.end(), m.text) != kOperators.end();
}

float gap_after(const Math& a, const Math* b, float size) {
  return is_operator(a) || (b && is_operator(*b)) ? size * 0.28f : size * 0.08f;
}

struct MatrixSizes {
  std::vector<float> widths;   // a column
  std::vector<float> heights;  // a row
};

MatrixSizes matrix_sizes(const Canvas& canvas, const Math& m, float size) {
  const auto columns = static_cast<std::size_t>(m.columns);
  MatrixSizes sizes{std::vector<float>(columns),
                    std::vector<float>((m.parts.size() + columns - 1) / columns)};
  for (std::size_t i = 0; i < m.parts.size(); ++i) {
    const MathSize cell = measure(canvas, m.parts[i], size);
    sizes.widths[i % columns] = std::max(sizes.widths[i % columns], cell.width);
    sizes.heights[i / columns] = std::max(sizes.heights[i / columns], cell.above + cell.below);
  }
  return sizes;
}

float total(const std::vector<float>& lengths) {
  float sum = 0;
  for (const float length : lengths) sum += length;
  return sum;
}

}  // namespace

Math word(std::string text, Role role) { return {Math::Kind::kWord, role, std::move(text), {}, 0}; }
Math number(double value, Role role, int digits) {
  return {Math::Kind::kNumber, role, core::shown(value, digits), {}, 0};
}
Math factor(double value, Role role, int digits) {
  Math n = number(value, role, digits);
  if (value < 0) n.text = "(" + n.text + ")";
  return n;
}
Math row(std::vector<Math> parts) { return {Math::Kind::kRow, Role::kText, "", std::move(parts), 0}; }
Math scripts(Math base, Math sub, Math sup) {
  const Role role = base.role;
  return {Math::Kind::kScripts, role, "", {std::move(base), std::move(sub), std::move(sup)}, 0};
}
Math symbol(std::string base, std::string sub, Role role) {
  return scripts(word(std::move(base), role), word(std::move(sub), role));
}
Math fraction(Math above, Math below) {
  return {Math::Kind::kFraction, Role::kText, "", {std::move(above), std::move(below)}, 0};
}
Math root(Math inside) { return {Math::Kind::kRoot, inside.role, "", {std::move(inside)}, 0}; }
Math matrix(int columns, std::vector<Math> cells) {
  return {Math::Kind::kMatrix, Role::kText, "", std::move(cells), columns};
}

bool Sum::add(std::initializer_list<Math> term) {
  if (terms_ > most_) return false;
  if (terms_ > 0) parts_.push_back(word("+"));
  const bool room = terms_++ < most_;
  if (room)
    parts_.insert(parts_.end(), term);
  else
    parts_.push_back(word("…"));
  return room;
}

void Sum::add_last(Math term) {
  if (terms_++ > 0) parts_.push_back(word("+"));
  parts_.push_back(std::move(term));
}

std::vector<Math> Sum::parts() const {
  return parts_.empty() ? std::vector<Math>{word("0", Role::kQuiet)} : parts_;
}

std::string plain_text(const Math& m) {
  std::string out;
  switch (m.kind) {
    case Math::Kind::kWord:
    case Math::Kind::kNumber:
      return m.text;
    case Math::Kind::kRow:
      for (std::size_t i = 0; i < m.parts.size(); ++i) {
        const bool spaced = i > 0 && (is_operator(m.parts[i]) || is_operator(m.parts[i - 1]));
        out += (spaced ? " " : "") + plain_text(m.parts[i]);
      }
      return out;
    case Math::Kind::kScripts: {
      const std::string sub = plain_text(m.parts[1]), sup = plain_text(m.parts[2]);
      return plain_text(m.parts[0]) + (sub.empty() ? "" : "_" + sub) + (sup.empty() ? "" : "^" + sup);
    }
    case Math::Kind::kFraction:
      return "(" + plain_text(m.parts[0]) + ")/(" + plain_text(m.parts[1]) + ")";
    case Math::Kind::kRoot:
      return "√(" + plain_text(m.parts[0]) + ")";
    case Math::Kind::kMatrix:
      for (std::size_t i = 0; i < m.parts.size(); ++i) {
        const bool new_row = i % static_cast<std::size_t>(m.columns) == 0;
        out += (i == 0 ? "" : new_row ? "; " : ", ") + plain_text(m.parts[i]);
      }
      return "[" + out + "]";
  }
  return out;
}

std::string plain_text(const Equation& equation) {
  std::string out;
  for (const Math& line : equation.lines) out += (out.empty() ? "" : "\n") + plain_text(line);
  return out;
}

MathSize measure(const Canvas& canvas, const Math& m, float size) {
  switch (m.kind) {
    case Math::Kind::kWord:
    case Math::Kind::kNumber:
      return {canvas.text_width(m.text, style_of(m, size)), size * kHalfHeight, size * kHalfHeight};
    case Math::Kind::kRow: {
      MathSize all{0, 0, 0};
      for (std::size_t i = 0; i < m.parts.size(); ++i) {
        const MathSize part = measure(canvas, m.parts[i], size);
        const Math* next = i + 1 < m.parts.size() ? &m.parts[i + 1] : nullptr;
        all.width += part.width + (next ? gap_after(m.parts[i], next, size) : 0);
        all.above = std::max(all.above, part.above);
        all.below = std::max(all.below, part.below);
      }
      return all;
    }
    case Math::Kind::kScripts: {
      const MathSize base = measure(canvas, m.parts[0], size);
      const MathSize sub = measure(canvas, m.parts[1], size * kScript),
                     sup = measure(canvas, m.parts[2], size * kScript);
      return {base.width + std::max(sub.width, sup.width) + size * 0.04f,
              std::max(base.above, sup.width > 0 ? sup.above + size * kRaise : 0),
              std::max(base.below, sub.width > 0 ? sub.below + size * kRaise : 0)};
    }
    case Math::Kind::kFraction: {
      const MathSize a = measure(canvas, m.parts[0], size * 0.85f),
                     b = measure(canvas, m.parts[1], size * 0.85f);
      return {std::max(a.width, b.width) + size * 0.4f, a.above + a.below + size * 0.12f,
              b.above + b.below + size * 0.12f};
    }
    case Math::Kind::kRoot: {
      const MathSize inside = measure(canvas, m.parts[0], size);
      return {inside.width + size * 0.75f, inside.above + size * 0.1f, inside.below};
    }
    case Math::Kind::kMatrix: {
      const MatrixSizes sizes = matrix_sizes(canvas, m, size);
      const float half = total(sizes.heights) / 2 + size * 0.1f;
      return {total(sizes.widths) + size * (0.7f * static_cast<float>(sizes.widths.size()) + 0.4f), half,
              half};
    }
  }
  return {0, 0, 0};
}

void typeset(Canvas& canvas, Point at, const Math& m, float size) {
  switch (m.kind) {
    case Math::Kind::kWord:
    case Math::Kind::kNumber:
      canvas.text(at, m.text, style_of(m, size));
      return;
    case Math::Kind::kRow:
      for (std::size_t i = 0; i < m.parts.size(); ++i) {
        typeset(canvas, at, m.parts[i], size);
        const Math* next = i + 1 < m.parts.size() ? &m.parts[i + 1] : nullptr;
        at.x += measure(canvas, m.parts[i], size).width + gap_after(m.parts[i], next, size);
      }
      return;
    case Math::Kind::kScripts: {
      typeset(canvas, at, m.parts[0], size);
      const float x = at.x + measure(canvas, m.parts[0], size).width + size * 0.04f;
      typeset(canvas, {x, at.y + size * kRaise}, m.parts[1], size * kScript);
      typeset(canvas, {x, at.y - size * kRaise}, m.parts[2], size * kScript);
      return;
    }
    case Math::Kind::kFraction: {
      const float small = size * 0.85f, width = measure(canvas, m, size).width;
      const MathSize a = measure(canvas, m.parts[0], small), b = measure(canvas, m.parts[1], small);
      canvas.line({at.x + size * 0.1f, at.y}, {at.x + width - size * 0.1f, at.y}, Role::kText);
      typeset(canvas, {at.x + (width - a.width) / 2, at.y - a.below - size * 0.1f}, m.parts[0], small);
      typeset(canvas, {at.x + (width - b.width) / 2, at.y + b.above + size * 0.1f}, m.parts[1], small);
      return;
    }
    case Math::Kind::kRoot: {
      const MathSize inside = measure(canvas, m.parts[0], size);
      const float top = at.y - inside.above - size * 0.05f, x = at.x + size * 0.6f;
      const std::array<Point, 5> sign{{{at.x + size * 0.05f, at.y},
                                       {at.x + size * 0.18f, at.y - size * 0.05f},
                                       {at.x + size * 0.35f, at.y + inside.below * 0.8f},
                                       {x, top},
                                       {x + inside.width + size * 0.12f, top}}};
      canvas.polyline(sign, m.role, 1.2f);
      typeset(canvas, {x + size * 0.05f, at.y}, m.parts[0], size);
      return;
    }
    case Math::Kind::kMatrix: {
      const MatrixSizes sizes = matrix_sizes(canvas, m, size);
      const MathSize whole = measure(canvas, m, size);
      for (const bool left : {true, false}) {
        const float x = left ? at.x + size * 0.1f : at.x + whole.width - size * 0.1f,
                    lip = left ? size * 0.18f : -size * 0.18f;
        const std::array<Point, 4> bracket{{{x + lip, at.y - whole.above},
                                            {x, at.y - whole.above},
                                            {x, at.y + whole.below},
                                            {x + lip, at.y + whole.below}}};
        canvas.polyline(bracket, Role::kQuiet, 1.2f);
      }
      float y = at.y - total(sizes.heights) / 2;
      for (std::size_t r = 0; r < sizes.heights.size(); ++r) {
        float x = at.x + size * 0.55f;
        for (std::size_t c = 0; c < sizes.widths.size() && r * sizes.widths.size() + c < m.parts.size();
             ++c) {
          const Math& cell = m.parts[r * sizes.widths.size() + c];
          const float slack = sizes.widths[c] - measure(canvas, cell, size).width;
          typeset(canvas, {x + slack, y + sizes.heights[r] / 2}, cell, size);
          x += sizes.widths[c] + size * 0.7f;
        }
        y += sizes.heights[r];
      }
      return;
    }
  }
}

namespace {

// The line cut before top-level operators and behind commas, so that each piece fits the width.
std::vector<Math> broken(const Canvas& canvas, const Math& line, float size, float width) {
  if (line.kind != Math::Kind::kRow || measure(canvas, line, size).width <= width) return {line};
  std::vector<Math> pieces{row({})};
  Math term = row({});
  const auto flush = [&] {
    Math longer = pieces.back();
    longer.parts.insert(longer.parts.end(), term.parts.begin(), term.parts.end());
    if (!pieces.back().parts.empty() && measure(canvas, longer, size).width > width) {
      Math indented = row({word("   ")});
      indented.parts.insert(indented.parts.end(), term.parts.begin(), term.parts.end());
      pieces.push_back(std::move(indented));
    } else {
      pieces.back() = std::move(longer);
    }
    term.parts.clear();
  };
  for (const Math& part : line.parts) {
    if (part.text == "+" || part.text == "−" || part.text == "=") flush();
    term.parts.push_back(part);
    if (part.text == ",") flush();
  }
  flush();
  return pieces;
}

}  // namespace

void typeset(Canvas& canvas, const Rect& box, const Equation& equation) {
  for (float size = kExplainSize_px;; size -= 1) {
    std::vector<Math> lines;
    for (const Math& line : equation.lines)
      for (Math& piece : broken(canvas, line, size, box.w)) lines.push_back(std::move(piece));
    const float words_height = equation.words.empty() ? 0 : kTextSize_px * 1.5f;
    float height = words_height;
    bool fits = true;
    for (const Math& line : lines) {
      const MathSize m = measure(canvas, line, size);
      height += m.above + m.below + size * 0.15f;
      fits = fits && m.width <= box.w;
    }
    if ((fits && height <= box.h) || size <= kQuietSize_px - 2) {
      canvas.push_clip(box);
      float y = box.y + std::max(0.0f, (box.h - height) / 2);
      if (!equation.words.empty()) {
        TextStyle style{kTextSize_px, Face::kWords, Role::kQuiet};
        const std::string words = elided(canvas, equation.words, style, box.w);
        style.translated = true;
        canvas.text({box.x, y + words_height / 2}, words, style);
        y += words_height;
      }
      for (const Math& line : lines) {
        const MathSize m = measure(canvas, line, size);
        typeset(canvas, {box.x, y + m.above}, line, size);
        y += m.above + m.below + size * 0.15f;
      }
      canvas.pop_clip();
      return;
    }
  }
}

}  // namespace vitrine::widgets
