#include "engine/lessons/functions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/text.h"
#include "engine/sequence/attention.h"
#include "engine/sequence/layer_norm.h"
#include "engine/sequence/positions.h"
#include "engine/sequence/softmax.h"
#include "engine/signal/convolution.h"
#include "engine/signal/pooling.h"
#include "engine/signal/window.h"

namespace vitrine::lessons {
namespace {

using Arguments = std::span<const Value>;

std::string shape_of(const Value& value) { return core::to_string(value.shape()); }

double real(const Value& value) {
  if (value.count() != 1) throw ExpressionError("a number is expected, not the shape " + shape_of(value));
  return value[0];
}

Index whole(const Value& value) {
  const double x = real(value);
  if (x != std::floor(x) || std::abs(x) > 1e15)
    throw ExpressionError("a whole number is expected, not " + core::shown(x, 6));
  return static_cast<Index>(x);
}

// Argument i, or what stands for it.
double real_or(Arguments a, std::size_t i, double other) { return i < a.size() ? real(a[i]) : other; }
Index whole_or(Arguments a, std::size_t i, Index other) { return i < a.size() ? whole(a[i]) : other; }

template <double (*kFunction)(double)>
Value mapped(Arguments a) {
  Value value = a[0];
  for (double& x : value.values()) x = kFunction(x);
  return value;
}

template <double (*kFunction)(double, double)>
Value folded(Arguments a) {
  Value value = a[0];
  if (a.size() == 1) {
    if (value.empty()) throw ExpressionError("there is nothing to choose from");
    return number(std::accumulate(value.values().begin() + 1, value.values().end(), value[0], kFunction));
  }
  for (const Value& other : a.subspan(1)) value = each(value, other, kFunction);
  return value;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double relu(double x) { return std::max(x, 0.0); }
double least(double a, double b) { return std::min(a, b); }
double greatest(double a, double b) { return std::max(a, b); }
double exponential(double x) { return std::exp(x); }
double logarithm(double x) { return std::log(x); }
double root(double x) { return std::sqrt(x); }
double down(double x) { return std::floor(x); }
double up(double x) { return std::ceil(x); }
double magnitude(double x) { return std::abs(x); }
double tangens(double x) { return std::tanh(x); }
double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }

Value total(Arguments a) { return number(std::accumulate(a[0].values().begin(), a[0].values().end(), 0.0)); }
Value mean(Arguments a) { return number(total(a)[0] / static_cast<double>(a[0].count())); }
Value norm(Arguments a) {
  double squares = 0;
  for (const double x : a[0].values()) squares += x * x;
  return number(std::sqrt(squares));
}

// Numbers, vectors and matrices as a matrix; a vector is a row of it.
Value rows_of(const Value& value) {
  if (value.rank() > 2)
    throw ExpressionError("a vector or a matrix is expected, not the shape " + shape_of(value));
  return value.rank() == 2 ? value : value.reshaped({1, value.count()});
}

Value softmax(Arguments a) { return sequence::softmax(rows_of(a[0])).reshaped(a[0].shape()); }

Value diagonal(Arguments a) {
  const Index n = a[0].count();
  if (a[0].rank() != 1) throw ExpressionError("a vector is expected, not the shape " + shape_of(a[0]));
  Value matrix(core::within_limit({n, n}));
  for (Index i = 0; i < n; ++i) matrix(i, i) = a[0][i];
  return matrix;
}
Value identity(Arguments a) {
  const Index n = whole(a[0]);
  if (n < 1 || n > 1'000) throw ExpressionError("1 to 1,000 rows are expected");
  Value matrix({n, n});
  for (Index i = 0; i < n; ++i) matrix(i, i) = 1;
  return matrix;
}
Value length(Arguments a) { return number(static_cast<double>(a[0].rank() == 0 ? 1 : a[0].size(0))); }
Value sizes(Arguments a) {
  Value value({static_cast<Index>(a[0].rank())});
  for (std::size_t i = 0; i < a[0].rank(); ++i)
    value[static_cast<Index>(i)] = static_cast<double>(a[0].size(i));
  return value;
}
Value flat(Arguments a) { return a[0].reshaped({a[0].count()}); }

// A vector as one channel of one row, a matrix as one channel.
Value picture(const Value& value) {
  if (value.rank() == 1) return value.reshaped({1, 1, value.size(0)});
  if (value.rank() == 2) return value.reshaped({1, value.size(0), value.size(1)});
  if (value.rank() == 3) return value;
  throw ExpressionError("a vector, a matrix or a stack of them is expected");
}
// The same way back.
Value as_rank(const Value& result, std::size_t rank) {
  if (rank == 1) return result.reshaped({result.count()});
  return rank == 2 ? result.reshaped({result.size(1), result.size(2)}) : result;
}

// stride, padding and dilation from argument i on, of the columns and, where there are rows, of them too.
signal::ConvSpec windows(Arguments a, std::size_t i, std::size_t rank) {
  signal::ConvSpec spec;
  spec.columns.stride = whole_or(a, i, 1);
  spec.columns.padding_before = spec.columns.padding_after = whole_or(a, i + 1, 0);
  spec.columns.dilation = whole_or(a, i + 2, 1);
  if (rank > 1) spec.rows = spec.columns;
  return spec;
}
Value as_filter(const Value& kernel, const Value& input) {
  const Value planes = picture(kernel);
  if (planes.size(0) != input.size(0))
    throw ExpressionError("a kernel of " + std::to_string(planes.size(0)) +
                          " channels does not fit an input of " + std::to_string(input.size(0)));
  return planes.reshaped({1, planes.size(0), planes.size(1), planes.size(2)});
}
// correlate(x, k, stride, padding, dilation)
Value correlate(Arguments a) {
  const Value input = picture(a[0]);
  const Value y =
      signal::correlate(input, as_filter(a[1], input), core::Tensor<double>(), windows(a, 2, a[0].rank()));
  return a[0].rank() == 1 ? y.reshaped({y.count()}) : y.reshaped({y.size(1), y.size(2)});
}
// toeplitz(k, n, stride, padding): of a kernel over n numbers
Value toeplitz(Arguments a) {
  const Index n = whole(a[1]);
  if (a[0].rank() != 1 || n < 1 || n > 1'000)
    throw ExpressionError("a kernel and how many numbers it slides over are expected");
  return signal::toeplitz({1, 1, n}, a[0].reshaped({1, 1, 1, a[0].count()}), windows(a, 2, 1)).matrix;
}
// size(n, K, stride, padding, dilation): how many outputs there are
Value output_size(Arguments a) {
  return number(static_cast<double>(signal::output_size(whole(a[0]), whole(a[1]), windows(a, 2, 1).columns)));
}
signal::PoolSpec pools(Arguments a) {
  signal::PoolSpec spec;
  const signal::ConvSpec windows_of = windows(a, 2, 2);
  spec.kernel_rows = a[0].rank() == 1 ? 1 : whole(a[1]);
  spec.kernel_columns = whole(a[1]);
  spec.columns = windows_of.columns;
  spec.rows = a[0].rank() == 1 ? signal::WindowSpec{} : windows_of.rows;
  return spec;
}
// max_pool(x, K, stride, padding), avg_pool(x, K, stride, padding)
Value max_pool(Arguments a) { return as_rank(signal::max_pool(picture(a[0]), pools(a)).output, a[0].rank()); }
Value average_pool(Arguments a) {
  return as_rank(signal::average_pool(picture(a[0]), pools(a), signal::CountPadding::kYes), a[0].rank());
}

// attention(Q, K, V, scale, causal)
sequence::Attention attended(Arguments a) {
  const Value q = rows_of(a[0]), k = rows_of(a[1]), v = rows_of(a[2]);
  const bool causal = real_or(a, 4, 0) != 0;
  return sequence::attention(
      q, k, v, real_or(a, 3, 1),
      causal ? sequence::causal_mask(q.size(0), k.size(0)) : sequence::no_mask(q.size(0), k.size(0)));
}
Value attention(Arguments a) { return attended(a).output; }
// attention_weights(Q, K, scale, causal)
Value attention_weights(Arguments a) {
  std::vector<Value> with_values{a[0], a[1], a[1]};
  with_values.insert(with_values.end(), a.begin() + 2, a.end());
  return attended(with_values).weights;
}
// positions(T, D): the sinusoidal codes of 0 to T - 1
Value positions(Arguments a) { return sequence::sinusoidal_encoding(whole(a[0]), whole(a[1])); }
Value layer_norm(Arguments a) {
  const Value rows = rows_of(a[0]);
  return sequence::layer_norm(rows, core::Tensor<double>(), core::Tensor<double>(),
                              std::numeric_limits<double>::min())
      .output.reshaped(a[0].shape());
}

constexpr std::array kFunctions{Function{"sqrt", 1, 1, mapped<root>},
                                Function{"exp", 1, 1, mapped<exponential>},
                                Function{"ln", 1, 1, mapped<logarithm>},
                                Function{"log", 1, 1, mapped<logarithm>},
                                Function{"sin", 1, 1, mapped<sine>},
                                Function{"cos", 1, 1, mapped<cosine>},
                                Function{"tanh", 1, 1, mapped<tangens>},
                                Function{"floor", 1, 1, mapped<down>},
                                Function{"ceil", 1, 1, mapped<up>},
                                Function{"abs", 1, 1, mapped<magnitude>},
                                Function{"relu", 1, 1, mapped<relu>},
                                Function{"ReLU", 1, 1, mapped<relu>},
                                Function{"sigmoid", 1, 1, mapped<sigmoid>},
                                Function{"sigma", 1, 1, mapped<sigmoid>},
                                Function{"min", 1, 9, folded<least>},
                                Function{"max", 1, 9, folded<greatest>},
                                Function{"total", 1, 1, total},
                                Function{"mean", 1, 1, mean},
                                Function{"norm", 1, 1, norm},
                                Function{"softmax", 1, 1, softmax},
                                Function{"softargmax", 1, 1, softmax},
                                Function{"diag", 1, 1, diagonal},
                                Function{"identity", 1, 1, identity},
                                Function{"length", 1, 1, length},
                                Function{"sizes", 1, 1, sizes},
                                Function{"flat", 1, 1, flat},
                                Function{"correlate", 2, 5, correlate},
                                Function{"toeplitz", 2, 4, toeplitz},
                                Function{"output_size", 2, 5, output_size},
                                Function{"max_pool", 2, 4, max_pool},
                                Function{"average_pool", 2, 4, average_pool},
                                Function{"attention", 3, 5, attention},
                                Function{"attention_weights", 2, 4, attention_weights},
                                Function{"positions", 2, 2, positions},
                                Function{"layer_norm", 1, 1, layer_norm}};

// A vector is a column.
Value column(const Value& value) { return value.rank() == 1 ? value.reshaped({value.count(), 1}) : value; }

}  // namespace

const Function* find_function(std::string_view name) {
  const auto same = [&](const Function& f) {  // whether with its _ or without
    std::string bare(f.name);
    std::erase(bare, '_');
    return f.name == name || bare == name;
  };
  const auto found = std::ranges::find_if(kFunctions, same);
  return found == kFunctions.end() ? nullptr : &*found;
}
std::span<const Function> functions() { return kFunctions; }

Value each(const Value& a, const Value& b, double (*f)(double, double)) {
  if (a.count() != 1 && b.count() != 1 && !(a.shape() == b.shape()))
    throw ExpressionError("the shapes " + shape_of(a) + " and " + shape_of(b) + " do not suit");
  Value out(a.count() == 1 ? b.shape() : a.shape());
  for (Index i = 0; i < out.count(); ++i)
    out[i] = f(a.count() == 1 ? a[0] : a[i], b.count() == 1 ? b[0] : b[i]);
  return out;
}

Value transpose(const Value& a) {
  if (a.rank() == 0) return a;
  if (a.rank() > 2) throw ExpressionError("a tensor of shape " + shape_of(a) + " has no transpose");
  const Value m = column(a);
  Value out({m.size(1), m.size(0)});
  for (Index r = 0; r < m.size(0); ++r)
    for (Index c = 0; c < m.size(1); ++c) out(c, r) = m(r, c);
  return out;
}

Value product(const Value& a, const Value& b) {
  const auto times = [](double x, double y) { return x * y; };
  if (a.rank() == 0 || b.rank() == 0) return each(a, b, times);
  if (a.rank() > 2 || b.rank() > 2)
    throw ExpressionError("the shapes " + shape_of(a) + " and " + shape_of(b) + " do not suit");
  if (a.rank() == 1 && b.rank() == 1) {
    const Value products = each(a, b, times);
    return total(std::span(&products, 1));
  }
  const Value left = column(a), right = column(b);
  if (left.size(1) != right.size(0))
    throw ExpressionError("the shapes " + shape_of(a) + " and " + shape_of(b) + " do not suit a product");
  if (core::checked_mul(left.count(), right.size(1)) > core::kResultLimit)
    throw ExpressionError("a product is too large");
  Value out(core::within_limit({left.size(0), right.size(1)}));
  for (Index i = 0; i < left.size(0); ++i)
    for (Index k = 0; k < left.size(1); ++k)
      for (Index j = 0; j < right.size(1); ++j) out(i, j) += left(i, k) * right(k, j);
  if (out.count() == 1) return number(out[0]);
  return b.rank() == 1 ? out.reshaped({out.count()}) : out;
}

}  // namespace vitrine::lessons
