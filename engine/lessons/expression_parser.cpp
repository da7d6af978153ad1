#include <charconv>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <utility>

#include "engine/core/text.h"
#include "engine/lessons/expression_tree.h"
#include "engine/lessons/spelling.h"

namespace vitrine::lessons {
namespace {

constexpr std::size_t kLongest = 4'000;  // characters
constexpr int kDeepest = 60;             // brackets in brackets

class Parser {
 public:
  using Node = Expression::Node;

  Parser(std::string_view text, const std::set<std::string>& symbols)
      : text_(without_subscripts(plain(text))) {
    for (const std::string& symbol : symbols) symbols_.insert(without_subscripts(plain(symbol)));
    names_ = symbols_;
    for (const Function& f : functions()) names_.insert(without_subscripts(f.name));
    for (const char* word : {"sum", "and", "pi", "inf", "e"}) names_.emplace(word);
  }

  Node whole() {
    Node node = condition();
    if (!at_end()) unexpected();
    return node;
  }

 private:
  static Node node_of(Op op, Node a, Node b) {
    Node node{op};
    node.arguments.push_back(std::move(a));
    node.arguments.push_back(std::move(b));
    return node;
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool sees(std::string_view token) {
    skip_blanks();
    return std::string_view(text_).substr(at_).starts_with(token);
  }
  bool take(std::string_view token) {
    if (!sees(token)) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (take(token)) return;
    if (at_end()) throw ExpressionError("it ends where a " + std::string(token) + " is missing");
    throw ExpressionError("a " + std::string(token) + " is missing before \"" + rest() + "\"");
  }
  std::string rest() const { return core::printable(std::string_view(text_).substr(at_), 30); }
  [[noreturn]] void unexpected() {
    if (at_end()) throw ExpressionError("it ends too early");
    throw ExpressionError("\"" + rest() + "\" is not expected here");
  }

  Node condition() {
    Node node = comparison();
    while (peek_name() == "and") {
      take_name();
      node = node_of(Op::kAnd, std::move(node), comparison());
    }
    return node;
  }
  Node comparison() {
    Node node = sum();
    if (take("==")) return node_of(Op::kEqual, std::move(node), sum());
    if (take("<=")) return node_of(Op::kLessOrEqual, std::move(node), sum());
    if (take("<")) return node_of(Op::kLess, std::move(node), sum());
    if (take(">=")) {
      Node right = sum();
      return node_of(Op::kLessOrEqual, std::move(right), std::move(node));
    }
    if (take(">")) {
      Node right = sum();
      return node_of(Op::kLess, std::move(right), std::move(node));
    }
    return node;
  }
  Node sum() {
    Node node = term();
    for (;;) {
      if (take("+"))
        node = node_of(Op::kAdd, std::move(node), term());
      else if (take("-"))
        node = node_of(Op::kSubtract, std::move(node), term());
      else
        return node;
    }
  }
  // ⊙ binds less than a product: (1 - c) ⊙ W x is (1 - c) ⊙ (W x).
  Node term() {
    Node node = factors();
    while (take("#")) node = node_of(Op::kEach, std::move(node), factors());
    return node;
  }
  Node factors() {
    Node node = signed_power();
    for (;;) {
      if (take("*"))
        node = node_of(Op::kMultiply, std::move(node), signed_power());
      else if (take("/"))
        node = node_of(Op::kDivide, std::move(node), signed_power());
      else if (begins_factor())
        node = node_of(Op::kMultiply, std::move(node), power());
      else
        return node;
    }
  }
  // A factor that stands next to another without a sign; two numbers do not.
  bool begins_factor() {
    if (at_end()) return false;
    const char c = text_[at_];
    return c == '(' || c == '[' || (is_letter(c) && peek_name() != "and");
  }
  Node signed_power() {
    if (take("-")) {
      Node node{Op::kNegate};
      node.arguments.push_back(nested([&] { return signed_power(); }));
      return node;
    }
    if (take("+")) return nested([&] { return signed_power(); });
    return power();
  }
  Node power() {
    Node node = indexed();
    while (take("^")) {
      const bool braces = take("{");
      if (sees("T") && !symbols_.contains("T")) {
        take("T");
        Node turned{Op::kTranspose};
        turned.arguments.push_back(std::move(node));
        node = std::move(turned);
      } else {
        node = node_of(Op::kPower, std::move(node), nested([&] { return braces ? sum() : signed_atom(); }));
      }
      if (braces) expect("}");
    }
    return node;
  }
  Node signed_atom() {
    if (!take("-")) return indexed();
    Node node{Op::kNegate};
    node.arguments.push_back(indexed());
    return node;
  }
  Node indexed() {
    Node node = atom();
    // An index follows its name at once; "2 [1, 2]" is a product.
    while (at_ < text_.size() && text_[at_] == '[' && node.op != Op::kNumber) {
      ++at_;
      Node part{Op::kIndex};
      part.arguments.push_back(std::move(node));
      do part.arguments.push_back(nested([&] { return sum(); }));
      while (take(","));
      expect("]");
      node = std::move(part);
    }
    return node;
  }
  Node atom() {
    if (at_end()) unexpected();
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number_token();
    if (take("(")) return in_brackets(")");
    if (take("[")) return in_brackets("]");
    if (is_letter(c)) return named();
    unexpected();
  }
  Node number_token() {
    double value = 0;
    const char* begin = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    // "1..9" is a range, not "1." and ".9".
    const std::size_t dots = text_.find("..", at_);
    if (dots != text_.npos) end = text_.data() + std::max(dots, at_);
    auto [stop, error] = std::from_chars(begin, end, value);
    if (error == std::errc::result_out_of_range)
      throw ExpressionError("\"" + rest() + "\" is larger than a number here can be");
    if (error != std::errc{}) unexpected();
    at_ += static_cast<std::size_t>(stop - begin);
    Node node{Op::kNumber};
    node.number = value;
    return node;
  }
  // One in round brackets is itself; several, or any in square ones, are a list.
  Node in_brackets(std::string_view close) {
    Node list{Op::kList};
    do {
      Node item = nested([&] { return condition(); });
      if (take("..")) item = node_of(Op::kRange, std::move(item), nested([&] { return sum(); }));
      list.arguments.push_back(std::move(item));
    } while (take(","));
    expect(close);
    if (close == ")" && list.arguments.size() == 1) return std::move(list.arguments.front());
    return list;
  }

  // The longest name that begins here; empty: none.
  std::string peek_name() {
    skip_blanks();
    const std::string_view left = std::string_view(text_).substr(at_);
    std::string found;
    for (const std::string& name : names_)
      if (name.size() > found.size() && left.starts_with(name)) found = name;
    for (const auto& [name, depth] : bound_)
      if (depth > 0 && name.size() > found.size() && left.starts_with(name)) found = name;
    return found;
  }
  std::string take_name() {
    std::string name = peek_name();
    at_ += name.size();
    return name;
  }
  std::string word_here() const {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  static std::optional<double> constant(std::string_view name) {
    if (name == "pi") return std::numbers::pi;
    if (name == "e") return std::numbers::e;
    return name == "inf" ? std::optional(HUGE_VAL) : std::nullopt;
  }
  Node named() {
    const std::string name = peek_name();
    if (name.empty() || name == "and")
      throw ExpressionError("there is no \"" + core::printable(word_here(), 30) + "\" here");
    take_name();
    Node node{Op::kName};
    node.name = name;
    if (name == "sum") return summed();
    if (const auto number = constant(name); number && !symbols_.contains(name) && bound_[name] == 0) {
      node.op = Op::kNumber;
      node.number = *number;
      return node;
    }
    const Function* function = find_function(name);
    if (!function || bound_[name] > 0 || symbols_.contains(name)) return node;
    node.op = Op::kCall;
    node.function = function;
    if (!take("(")) {  // "ln 4", "√3"
      node.arguments.push_back(nested([&] { return power(); }));
    } else {
      do node.arguments.push_back(nested([&] { return condition(); }));
      while (take(","));
      expect(")");
    }
    const std::size_t count = node.arguments.size();
    if (count < function->fewest || count > function->most)
      throw ExpressionError(
          name + "() takes " + std::to_string(function->fewest) +
          (function->most > function->fewest ? " to " + std::to_string(function->most) : "") +
          (function->most == 1 ? " argument" : " arguments") + ", not " + std::to_string(count));
    return node;
  }
  // sum(x), sum(k = 1..3, ...) and sum_{k=1}^{3} ..., of which the word is taken already.
  Node summed() {
    const std::size_t begin = at_;
    const bool round = take("(");
    if (!round && !take("[")) throw ExpressionError("sum needs what it goes over: sum(k = 1..3, ...)");
    const std::string variable = (skip_blanks(), word_here());
    const std::size_t after = at_ + variable.size();
    if (variable.empty() || !is_letter(variable.front()) || after >= text_.size() ||
        text_.find_first_not_of(' ', after) == text_.npos ||
        text_[text_.find_first_not_of(' ', after)] != '=' ||
        text_.compare(text_.find_first_not_of(' ', after), 2, "==") == 0) {
      if (!round) throw ExpressionError("sum needs what it goes over: sum(k = 1..3, ...)");
      at_ = begin;
      Node node{Op::kCall};
      node.function = find_function("total");
      expect("(");
      node.arguments.push_back(nested([&] { return condition(); }));
      expect(")");
      return node;
    }
    at_ = after;
    expect("=");
    Node node{Op::kSum};
    node.name = variable;
    node.arguments.push_back(nested([&] { return sum(); }));
    if (round) {
      expect("..");
      node.arguments.push_back(nested([&] { return sum(); }));
      expect(",");
    } else {
      expect("]");
      expect("^");
      node.arguments.push_back(nested([&] {
        if (!take("{")) return atom();
        Node end = sum();
        expect("}");
        return end;
      }));
    }
    ++bound_[variable];
    node.arguments.push_back(nested([&] { return round ? sum() : term(); }));
    --bound_[variable];
    if (round) expect(")");
    return node;
  }

  template <class Parse>
  Node nested(const Parse& parse) {
    if (++depth_ > kDeepest) throw ExpressionError("brackets are nested too deeply");
    Node node = parse();
    --depth_;
    return node;
  }

  std::string text_;
  std::set<std::string> symbols_, names_;  // names_: all that may stand in a formula
  std::map<std::string, int> bound_;       // of the sums around: how often
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Expression::Node parsed(std::string_view text, const std::set<std::string>& symbols) {
  if (text.size() > kLongest)
    throw ExpressionError("it is longer than " + core::grouped(kLongest) + " characters");
  return Parser(text, symbols).whole();
}

}  // namespace vitrine::lessons
