#include "app/labs/trio/layers.h"

#include "app/labs/formula.h"

namespace vitrine::labs {
namespace {

using core::Index;
using nn::LayerKind;
using widgets::Math;
using widgets::Role;

Math squared(Math base) { return widgets::scripts(std::move(base), {}, widgets::word("2")); }
Math times() { return widgets::word("·"); }

// The same formula twice: in letters, and with the numbers of this layer.
class Counted {
 public:
  Counted& letter(const std::string& name, Index value, Role role, bool square = false) {
    const auto add = [&](Line& line, Math m) { line << (square ? squared(std::move(m)) : std::move(m)); };
    add(letters_, widgets::word(name, role));
    add(numbers_, widgets::word(core::grouped(value), role));
    return *this;
  }
  Counted& operator<<(std::string_view words) {
    letters_ << words;
    numbers_ << words;
    return *this;
  }
  Counted& product() {
    letters_ << times();
    numbers_ << times();
    return *this;
  }
  Math done(std::string_view name, Index total) {
    Line line;
    line << widgets::word(std::string(name)) << "=" << letters_.done() << "=" << numbers_.done() << "="
         << widgets::word(core::grouped(total), Role::kFocus);
    return line.done();
  }

 private:
  Line letters_, numbers_;
};

constexpr std::string_view kParameters = "parameters", kWork = "multiply-adds forward";

std::string sides(Index n) { return std::to_string(n) + " × " + std::to_string(n); }

LayerRow of_conv(const nn::LayerSpec& spec, const nn::ImageSizes& in, const nn::LayerFacts& facts) {
  LayerRow row{"conv " + sides(spec.kernel), facts.output, facts.parameters, facts.multiply_adds,
               spec.frozen};
  Counted parameters, work;
  parameters.letter("F", spec.filters, Role::kOutput) << "(";
  parameters.letter("C", in.channels, Role::kInput).product();
  parameters.letter("K", spec.kernel, Role::kKernel, true) << "+ 1 )";
  row.parameter_formula = parameters.done(kParameters, facts.parameters);
  work.letter("F", spec.filters, Role::kOutput).product();
  work.letter("H", facts.output[1], Role::kOutput).product();
  work.letter("W", facts.output[2], Role::kOutput).product();
  work.letter("C", in.channels, Role::kInput).product();
  work.letter("K", spec.kernel, Role::kKernel, true);
  row.work_formula = work.done(kWork, facts.multiply_adds);
  return row;
}

// A dense layer or the head.
LayerRow of_dense(const std::string& name, const std::string& letter, Index units, Index inputs,
                  const nn::LayerFacts& facts, bool frozen = false) {
  LayerRow row{name, facts.output, facts.parameters, facts.multiply_adds, frozen};
  Counted parameters, work;
  parameters.letter(letter, units, Role::kOutput) << "(";
  parameters.letter("N", inputs, Role::kInput) << "+ 1 )";
  row.parameter_formula = parameters.done(kParameters, facts.parameters);
  work.letter(letter, units, Role::kOutput).product();
  work.letter("N", inputs, Role::kInput);
  row.work_formula = work.done(kWork, facts.multiply_adds);
  return row;
}

std::string name_of(const nn::LayerSpec& spec) {
  switch (spec.kind) {
    case LayerKind::kRelu:
      return "ReLU";
    case LayerKind::kGelu:
      return "GELU";
    case LayerKind::kDropout:
      return "dropout";
    case LayerKind::kMaxPool:
      return "max pool " + sides(spec.kernel);
    default:
      return "average pool " + sides(spec.kernel);
  }
}

std::vector<LayerRow> of_stack(const train::Contestant& c, const nn::ImageSizes& image) {
  const auto& specs = c.model.layers;
  const auto outputs = nn::outputs_of(specs, image);
  std::vector<LayerRow> rows;
  nn::ImageSizes in = image;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const nn::LayerFacts& facts = c.layers[i];
    const bool windowed = specs[i].windowed();
    if (specs[i].kind == LayerKind::kConv)
      rows.push_back(of_conv(specs[i], in, facts));
    else if (specs[i].kind == LayerKind::kDense)
      rows.push_back(of_dense("dense", "U", specs[i].units, in.count(), facts, specs[i].frozen));
    else if (windowed || rows.empty())
      rows.push_back({name_of(specs[i]), facts.output});
    else  // changes no shape: said beside the layer whose output it takes
      rows.back().name += ", " + name_of(specs[i]);
    in = outputs[i];
  }
  const nn::LayerFacts& head = c.layers.back();
  rows.push_back(of_dense("head", "V", head.output[0], in.count(), head));
  return rows;
}

// A ViT's letters with their numbers.
struct VitLetters {
  nn::VitSizes s;
  Index tokens;

  void dim(Counted& c) const { c.letter("D", s.embed_dim, Role::kInput); }
  void rows(Counted& c, bool square = false) const { c.letter("T", tokens, Role::kInput, square); }
  void mlp(Counted& c) const { c.letter("M", s.mlp_dim, Role::kOutput); }
  void inner(Counted& c) const {
    c.letter("h", s.heads, Role::kKernel).product();
    c.letter("Dh", s.head_dim, Role::kKernel);
  }
  void depth(Counted& c) const { c.letter("L", s.depth, Role::kText) << "("; }
};

LayerRow of_patches(const VitLetters& v, const nn::LayerFacts& facts) {
  const nn::VitSizes& s = v.s;
  LayerRow row{"patches " + sides(s.patch_size), facts.output, facts.parameters, facts.multiply_adds};
  Counted parameters, work;
  v.dim(parameters);
  parameters << "(";
  parameters.letter("C", s.channels, Role::kInput).product();
  parameters.letter("P", s.patch_size, Role::kKernel, true) << "+ 1 )";
  if (s.pool == nn::Pool::kClassToken) {
    parameters << "+";
    v.dim(parameters);
  }
  if (s.positions == nn::Positions::kLearned) {
    parameters << "+";
    v.rows(parameters);
    parameters.product();
    v.dim(parameters);
  }
  row.parameter_formula = parameters.done(kParameters, facts.parameters);
  work.letter("patches", s.embedding().patches(), Role::kInput).product();
  v.dim(work);
  work.product().letter("C", s.channels, Role::kInput).product();
  work.letter("P", s.patch_size, Role::kKernel, true);
  row.work_formula = work.done(kWork, facts.multiply_adds);
  return row;
}

void write_attention(const VitLetters& v, LayerRow& row) {
  Counted parameters, work;
  v.depth(parameters);
  parameters << "4 ·";
  v.dim(parameters);
  parameters.product();
  v.inner(parameters);
  if (v.s.qkv_bias == nn::Bias::kYes) {
    parameters << "+ 3 ·";
    v.inner(parameters);
  }
  parameters << "+";
  v.dim(parameters);
  row.parameter_formula = (parameters << ")").done(kParameters, row.parameters);
  v.depth(work);
  work << "4 ·";
  v.rows(work);
  work.product();
  v.dim(work);
  work.product();
  v.inner(work);
  work << "+ 2 ·";
  v.rows(work, true);
  work.product();
  v.inner(work);
  row.work_formula = (work << ")").done(kWork, row.multiply_adds);
}

void write_mlp(const VitLetters& v, LayerRow& row) {
  Counted parameters, work;
  v.depth(parameters);
  v.mlp(parameters);
  parameters << "(";
  v.dim(parameters);
  parameters << "+ 1 ) +";
  v.dim(parameters);
  parameters << "(";
  v.mlp(parameters);
  row.parameter_formula = (parameters << "+ 1 ) )").done(kParameters, row.parameters);
  v.depth(work);
  work << "2 ·";
  v.rows(work);
  work.product();
  v.dim(work);
  work.product();
  v.mlp(work);
  row.work_formula = (work << ")").done(kWork, row.multiply_adds);
}

void write_norms(const VitLetters& v, LayerRow& row) {
  Counted parameters;
  parameters << "( 2 ·";
  parameters.letter("L", v.s.depth, Role::kText) << "+ 1 ) 2 ·";
  v.dim(parameters);
  row.parameter_formula = parameters.done(kParameters, row.parameters);
}

std::vector<LayerRow> of_vit(const train::Contestant& c, const nn::ImageSizes& image) {
  const nn::LayerFacts& head = c.layers.back();
  const nn::VitSizes sizes = c.model.sizes(image.channels, image.height, image.width, head.output[0]);
  const VitLetters v{sizes, sizes.embedding().tokens()};
  const core::Shape tokens = c.layers.front().output;
  const std::string often = " × " + std::to_string(sizes.depth);
  LayerRow attention{"attention" + often, tokens}, mlp{"MLP" + often, tokens}, norms{"norms", tokens};
  for (const nn::LayerFacts& facts : c.layers) {
    LayerRow* row = facts.name.ends_with(".attn")                ? &attention
                    : facts.name.ends_with(".mlp")               ? &mlp
                    : facts.name.find("norm") != facts.name.npos ? &norms
                                                                 : nullptr;
    if (!row) continue;
    row->parameters += facts.parameters;
    row->multiply_adds += facts.multiply_adds;
  }
  write_attention(v, attention);
  write_mlp(v, mlp);
  write_norms(v, norms);
  return {of_patches(v, c.layers.front()), attention, mlp, norms,
          of_dense("head", "V", head.output[0], sizes.embed_dim, head)};
}

}  // namespace

std::vector<LayerRow> layer_rows(const train::Contestant& contestant, const nn::ImageSizes& image) {
  return contestant.model.kind == train::ModelKind::kVit ? of_vit(contestant, image)
                                                         : of_stack(contestant, image);
}

}  // namespace vitrine::labs
