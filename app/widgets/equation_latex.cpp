// Equations as LaTeX, for documents that use amsmath and amssymb.
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "app/widgets/equation.h"
#include "engine/core/utf8.h"

namespace vitrine::widgets {
namespace {

// What LaTeX has other words for, or a use of its own.
constexpr std::array<std::pair<char32_t, std::string_view>, 68> kSigns = {{
    {U'−', "-"},         {U'–', "\\text{--}"},    {U'—', "\\text{---}"}, {U'·', "\\cdot "},
    {U'×', "\\times "},  {U'÷', "\\div "},        {U'±', "\\pm "},       {U'⊙', "\\odot "},
    {U'⋆', "\\star "},   {U'∑', "\\sum "},        {U'Σ', "\\Sigma "},    {U'√', "\\surd "},
    {U'→', "\\to "},     {U'←', "\\leftarrow "},  {U'↑', "\\uparrow "},  {U'↓', "\\downarrow "},
    {U'≈', "\\approx "}, {U'≠', "\\ne "},         {U'≤', "\\le "},       {U'≥', "\\ge "},
    {U'∞', "\\infty "},  {U'∂', "\\partial "},    {U'∇', "\\nabla "},    {U'∈', "\\in "},
    {U'‖', "\\|"},       {U'⌊', "\\lfloor "},     {U'⌋', "\\rfloor "},   {U'…', "\\dots "},
    {U'′', "'"},         {U'°', "^{\\circ}"},     {U'□', "\\square "},   {U'½', "\\tfrac{1}{2}"},
    {U'α', "\\alpha "},  {U'β', "\\beta "},       {U'γ', "\\gamma "},    {U'δ', "\\delta "},
    {U'Δ', "\\Delta "},  {U'ε', "\\varepsilon "}, {U'η', "\\eta "},      {U'θ', "\\theta "},
    {U'λ', "\\lambda "}, {U'μ', "\\mu "},         {U'π', "\\pi "},       {U'ρ', "\\rho "},
    {U'σ', "\\sigma "},  {U'τ', "\\tau "},        {U'φ', "\\varphi "},   {U'ω', "\\omega "},
    {U'ᵀ', "^{\\top}"},  {U'²', "^{2}"},          {U'³', "^{3}"},        {U'⁴', "^{4}"},
    {U'₁', "_{1}"},      {U'₂', "_{2}"},          {U'ₙ', "_{n}"},        {U'ₕ', "_{h}"},
    {U'₊', "_{+}"},      {U'₋', "_{-}"},          {U'“', "\\text{``}"},  {U'”', "\\text{''}"},
    {U'_', "\\_"},       {U'%', "\\%"},           {U'#', "\\#"},         {U'&', "\\&"},
    {U'$', "\\$"},       {U'{', "\\{"},           {U'}', "\\}"},         {U' ', "\\ "},
}};

bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c <= 0x17F && c != U'×' && c != U'÷');
}

// A letter stands for itself, a word upright.
std::string letters(std::u32string_view word) {
  const std::string text = core::utf8(word);
  constexpr std::array<std::string_view, 8> kFunctions = {"exp",  "log", "max", "min",
                                                          "tanh", "sin", "cos", "arg"};
  if (std::ranges::find(kFunctions, text) != kFunctions.end()) return '\\' + text + ' ';
  if (word.size() == 1 && word[0] < 0x80) return text;
  return (text == "softmax" ? "\\operatorname{" : "\\text{") + text + '}';
}

std::string latex_of(std::string_view words) {
  const std::u32string text = core::code_points(words);
  std::string out;
  std::string_view last;  // the script that the last sign opened and closed
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end > at) {
      out += letters(std::u32string_view(text).substr(at, end - at));
      at = end;
      last = "";
      continue;
    }
    const char32_t c = text[at++];
    const auto* sign = std::ranges::find(kSigns, c, &std::pair<char32_t, std::string_view>::first);
    const std::string_view script = sign != kSigns.end() ? sign->second.substr(0, 2) : "";
    const bool goes_on = (script == "^{" || script == "_{") && script == last;  // x²³ has one exponent
    last = script;
    if (goes_on) {
      out.pop_back();
      out += sign->second.substr(2);
    } else if (sign != kSigns.end())
      out += sign->second;
    else if (c < 0x80 && c >= 0x20 && c != '\\' && c != '^' && c != '~')
      out += static_cast<char>(c);
    else
      out += "\\text{?}";
  }
  return out;
}

}  // namespace

std::string latex(const Math& m) {
  std::string out;
  switch (m.kind) {
    case Math::Kind::kWord:
    case Math::Kind::kNumber:
      return latex_of(m.text);
    case Math::Kind::kRow:
      for (const Math& part : m.parts) out += (out.empty() ? "" : " ") + latex(part);
      return out;
    case Math::Kind::kScripts: {
      const std::string base = latex(m.parts[0]), sub = latex(m.parts[1]), sup = latex(m.parts[2]);
      const bool has_scripts = base.find_first_of("_^'") != std::string::npos;
      return (has_scripts ? "{" + base + "}" : base) + (sub.empty() ? "" : "_{" + sub + "}") +
             (sup.empty() ? "" : "^{" + sup + "}");
    }
    case Math::Kind::kFraction:
      return "\\frac{" + latex(m.parts[0]) + "}{" + latex(m.parts[1]) + "}";
    case Math::Kind::kRoot:
      return "\\sqrt{" + latex(m.parts[0]) + "}";
    case Math::Kind::kMatrix:
      for (std::size_t i = 0; i < m.parts.size(); ++i) {
        const bool new_row = i % static_cast<std::size_t>(m.columns) == 0;
        out += (i == 0 ? "" : new_row ? " \\\\ " : " & ") + latex(m.parts[i]);
      }
      return "\\begin{bmatrix} " + out + " \\end{bmatrix}";
  }
  return out;
}

std::string latex(const Equation& equation) {
  std::string out;
  for (const Math& line : equation.lines)
    if (const std::string one = latex(line); !one.empty()) out += (out.empty() ? "" : " \\\\\n") + one;
  return out;
}

}  // namespace vitrine::widgets
