// What is typed, in the characters that the grammar knows.
#include "engine/lessons/spelling.h"

#include <algorithm>
#include <array>

#include "engine/lessons/expression.h"

namespace vitrine::lessons {
namespace {

struct Spelling {
  std::string_view printed, typed;
};
constexpr std::array kSpellings{
    Spelling{"−", "-"},      Spelling{"–", "-"},      Spelling{"×", "*"},      Spelling{"·", "*"},
    Spelling{"⋅", "*"},      Spelling{"∗", "*"},      Spelling{"÷", "/"},      Spelling{"⁄", "/"},
    Spelling{"⊙", "#"},      Spelling{"∘", "#"},      Spelling{".*", "#"},     Spelling{"ᵀ", "^T "},
    Spelling{"⊤", "T"},      Spelling{"√", " sqrt "}, Spelling{"Σ", " sum "},  Spelling{"∑", " sum "},
    Spelling{"≤", "<="},     Spelling{"≥", ">="},     Spelling{"…", ".."},     Spelling{"′", "'"},
    Spelling{"’", "'"},      Spelling{"\u00a0", " "}, Spelling{"\u2009", " "}, Spelling{"\u202f", " "},
    Spelling{"α", "alpha"},  Spelling{"β", "beta"},   Spelling{"δ", "delta"},  Spelling{"Δ", "delta"},
    Spelling{"λ", "lambda"}, Spelling{"μ", "mu"},     Spelling{"µ", "mu"},     Spelling{"σ", "sigma"},
    Spelling{"π", "pi"},     Spelling{"ℝ", "R"},      Spelling{"∞", "inf"},    Spelling{"⌊", " floor("},
    Spelling{"⌋", ")"},      Spelling{"⌈", " ceil("}, Spelling{"⌉", ")"},      Spelling{"∂", "d"},
    Spelling{"⁰", "^0"},     Spelling{"¹", "^1"},     Spelling{"²", "^2"},     Spelling{"³", "^3"},
    Spelling{"⁴", "^4"},     Spelling{"⁵", "^5"},     Spelling{"⁶", "^6"},     Spelling{"⁷", "^7"},
    Spelling{"⁸", "^8"},     Spelling{"⁹", "^9"},     Spelling{"⁻", "^-"},     Spelling{"ₓ", "_x"},
    Spelling{"ₕ", "_h"},     Spelling{"ᵢ", "_i"},     Spelling{"ⱼ", "_j"},     Spelling{"ₖ", "_k"},
    Spelling{"ₜ", "_t"},     Spelling{"ₙ", "_n"},     Spelling{"₀", "_0"},     Spelling{"₁", "_1"},
    Spelling{"₂", "_2"},     Spelling{"₃", "_3"},     Spelling{"₄", "_4"},     Spelling{"₅", "_5"},
    Spelling{"₆", "_6"},     Spelling{"₇", "_7"},     Spelling{"₈", "_8"},     Spelling{"₉", "_9"}};

// All but ".*" begin outside of ASCII: most of a text is passed by at once.
constexpr bool begins_spelling(char c) { return static_cast<unsigned char>(c) >= 0x80 || c == '.'; }
static_assert(std::ranges::all_of(kSpellings,
                                  [](const Spelling& s) { return begins_spelling(s.printed[0]); }));

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  bool was_raised = false;
  while (!text.empty()) {
    const auto spelling =
        begins_spelling(text.front())
            ? std::ranges::find_if(kSpellings, [&](const Spelling& s) { return text.starts_with(s.printed); })
            : kSpellings.end();
    if (spelling == kSpellings.end()) {
      out += text.front();
      text.remove_prefix(1);
      was_raised = false;
      continue;
    }
    const bool raised = spelling->typed.starts_with('^') && spelling->typed != "^T ";
    out += raised && was_raised ? spelling->typed.substr(1) : spelling->typed;  // "10¹²" is 10^12
    text.remove_prefix(spelling->printed.size());
    was_raised = raised;
  }
  return out;
}

// Subscripts written one way: "x_1" and "x_{1}" as "x1", "x_{k+1}" as "x[k+1]".
std::string without_subscripts(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    if (i + 1 >= text.size() || text[i + 1] != '{') continue;
    const std::size_t end = text.find('}', i);
    if (end == text.npos) throw ExpressionError("a { is never closed");
    const std::string_view inner = text.substr(i + 2, end - i - 2);
    const bool word = std::ranges::all_of(inner, is_word);
    out += word ? std::string(inner) : "[" + std::string(inner) + "]";
    i = end;
  }
  return out;
}

}  // namespace vitrine::lessons
