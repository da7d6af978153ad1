#include "engine/nn/layer_stack.h"

#include <algorithm>

#include "engine/core/product.h"
#include "engine/nn/kernel.h"

namespace vitrine::nn {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string name_of(std::size_t number) { return "layers." + std::to_string(number); }

std::string words_of(const LayerSpec& spec, Index outputs) {
  std::string words(kLayerKinds[static_cast<std::size_t>(spec.kind)]);
  if (spec.windowed()) {
    words += " " + std::to_string(spec.kernel) + " x " + std::to_string(spec.kernel);
    words += ", stride " + std::to_string(spec.stride);
    if (spec.padding > 0) words += ", padding " + std::to_string(spec.padding);
  }
  if (spec.kind == LayerKind::kDense) words += " " + std::to_string(outputs);
  return words + (spec.frozen ? ", frozen" : "");
}

// Whether a layer's backward reads its own output, which must then stay as it is.
bool reads_output(LayerKind kind) { return kind == LayerKind::kRelu || kind == LayerKind::kMaxPool; }
bool elementwise(LayerKind kind) {
  return kind == LayerKind::kRelu || kind == LayerKind::kGelu || kind == LayerKind::kDropout;
}

}  // namespace

template <class T>
LayerStack<T>::LayerStack(const std::vector<LayerSpec>& layers, const ImageSizes& image, Index classes)
    : Model<T>(image, classes),
      first_trained_(
          static_cast<std::size_t>(std::ranges::find_if(layers, &LayerSpec::learns) - layers.begin())),
      steps_([&] {
        const auto outputs = outputs_of(layers, image);
        std::vector<Step> steps;
        for (std::size_t i = 0; i < layers.size(); ++i)
          steps.push_back(make_step(i, layers[i], i == 0 ? image : outputs[i - 1], outputs[i]));
        for (std::size_t i = 1; i < layers.size(); ++i)
          steps[i].in_place = elementwise(layers[i].kind) && !reads_output(layers[i - 1].kind);
        return steps;
      }()),
      head_(make_head()) {}

template <class T>
auto LayerStack<T>::make_step(std::size_t number, const LayerSpec& spec, const ImageSizes& in,
                              const ImageSizes& out) -> Step {
  const Window window{in, spec.kernel, spec.stride, spec.padding};
  const Trains trains = spec.frozen ? Trains::kNo : Trains::kYes;
  const InputGradient input_gradient = number > first_trained_ ? InputGradient::kYes : InputGradient::kNo;
  const auto step = [&](auto layer) {
    return Step{spec, in, out, in.count(), out.count(), false, std::move(layer)};
  };
  switch (spec.kind) {
    case LayerKind::kConv:
      return step(Conv<T>(this->layout_, name_of(number), window, spec.filters, trains));
    case LayerKind::kMaxPool:
      return step(MaxPool<T>(window));
    case LayerKind::kAveragePool:
      return step(AveragePool<T>(window));
    case LayerKind::kDense:
      return step(Dense<T>(this->layout_, name_of(number), in, spec.units, trains, input_gradient));
    case LayerKind::kGelu:
      return step(Gelu<T>());
    case LayerKind::kDropout:
      return step(Dropout<T>(number));
    case LayerKind::kRelu:
      break;
  }
  return step(Relu<T>());
}

template <class T>
Linear<T> LayerStack<T>::make_head() {
  const core::Shape shape{this->classes(), head_input().count()};
  return Linear<T>(this->layout_,
                   kernel_weight("head", shape, head_input().channels, Innermost::kInputs, Trains::kYes),
                   kernel_bias("head", shape, Trains::kYes));
}

template <class T>
Index LayerStack<T>::Step::kept_count() const {
  if (const auto* conv = std::get_if<Conv<T>>(&layer)) return conv->padded_count();
  return spec.kind == LayerKind::kGelu ? out_count : 0;
}

template <class T>
Index LayerStack<T>::chunk_images() const {
  constexpr Index kNear = 1 << 17, kLeast = 4, kMost = 16;
  Index image = 0;
  for (const Step& step : steps_)
    image =
        core::checked_add(image, core::checked_add(step.kept_count(), step.in_place ? 0 : step.out_count));
  return std::clamp(kNear / std::max<Index>(image, 1), kLeast, kMost);
}

template <class T>
core::Shape LayerStack<T>::output_shape(std::size_t step) const {
  const ImageSizes& out = steps_[step].out;
  const bool flat = std::any_of(steps_.begin(), steps_.begin() + static_cast<Index>(step) + 1,
                                [](const Step& each) { return each.spec.kind == LayerKind::kDense; });
  return flat ? core::Shape{out.count()} : core::Shape{out.channels, out.height, out.width};
}

template <class T>
std::vector<LayerFacts> LayerStack<T>::layers() const {
  std::vector<LayerFacts> facts;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const auto& [spec, in, out, in_count, out_count, in_place, layer] = steps_[i];
    Index multiply_adds = 0;
    if (spec.kind == LayerKind::kConv)
      multiply_adds = core::Shape{out_count, in.channels, spec.kernel, spec.kernel}.count();
    if (spec.kind == LayerKind::kDense) multiply_adds = core::checked_mul(in_count, out_count);
    facts.push_back({name_of(i), output_shape(i), this->layout_.count_of(name_of(i)), multiply_adds,
                     words_of(spec, out.channels)});
  }
  facts.push_back({"head",
                   {this->classes()},
                   this->layout_.count_of("head"),
                   core::checked_mul(head_input().count(), this->classes())});
  return facts;
}

template <class T>
auto LayerStack<T>::take_activations(Arena<T>& arena, Index images) const -> std::unique_ptr<Base> {
  auto own = std::make_unique<Activations>();
  Activations& at = *own;
  if (this->image().channels > 1) at.own_image = arena.take(core::checked_mul(images, this->image().count()));
  Index most = head_input().count(), scratch = 0;
  for (const Step& step : steps_) {
    const Index count = core::checked_mul(images, step.out_count);
    at.outputs.push_back(step.in_place ? at.outputs.back() : arena.take(count));
    at.kept.push_back(arena.take(core::checked_mul(images, step.kept_count())));
    most = std::max(most, step.out_count);
    if (const auto* conv = std::get_if<Conv<T>>(&step.layer))
      scratch = std::max(scratch, conv->scratch_count());
  }
  for (T** part : {&at.d_output, &at.d_input}) *part = arena.take(core::checked_mul(images, most));
  for (T** part : {&at.logits, &at.d_logits}) *part = arena.take(images * this->classes());
  at.scratch = arena.take(scratch);
  return own;
}

template <class T>
const T* LayerStack<T>::input_of(std::size_t step, const Activations& at) const {
  return step == 0 ? at.image : at.outputs[step - 1];
}

template <class T>
void LayerStack<T>::forward(const Pass<T>& pass, const T* images, Base& activations) const {
  auto& at = static_cast<Activations&>(activations);
  const auto& [channels, height, width] = this->image();
  at.image = channels > 1 ? at.own_image : images;
  for (Index image = 0; channels > 1 && image < pass.images; ++image) {
    const Index offset = image * this->image().count();
    core::transpose<T>({images + offset, channels, height * width},
                       {at.own_image + offset, height * width, channels});
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    const T* x = input_of(i, at);
    T* y = at.outputs[i];
    const Index all = pass.images * step.out_count;
    const auto rows_of = [&](auto* values) { return MatrixView(values, pass.images, step.out_count); };
    std::visit(Overloaded{[&](const Conv<T>& conv) { conv.forward(pass, x, at.kept[i], at.scratch, y); },
                          [&](const Relu<T>&) { Relu<T>::forward(x, all, y); },
                          [&](const Gelu<T>&) { Gelu<T>::forward(x, all, at.kept[i], y); },
                          [&](const MaxPool<T>& pool) { pool.forward(pass.images, x, y); },
                          [&](const AveragePool<T>& pool) { pool.forward(pass.images, x, y); },
                          [&](const Dense<T>& dense) { dense.forward(pass, x, y); },
                          [&](const Dropout<T>& dropout) { dropout.forward(pass, rows_of(x), rows_of(y)); }},
               step.layer);
  }
  head_.forward(pass, {input_of(steps_.size(), at), pass.images, head_input().count()},
                {at.logits, pass.images, this->classes()});
}

template <class T>
void LayerStack<T>::backward(const Pass<T>& pass, Base& activations) const {
  auto& at = static_cast<Activations&>(activations);
  const auto rows = [&](auto* data, Index columns) { return MatrixView(data, pass.images, columns); };
  const Index inputs = head_input().count();
  T *dy = at.d_output, *dx = at.d_input;
  head_.backward(pass, rows(input_of(steps_.size(), at), inputs),
                 MatrixView<const T>(rows(at.d_logits, this->classes())),
                 rows(first_trained_ < steps_.size() ? dy : nullptr, inputs));
  for (std::size_t i = steps_.size(); i-- > first_trained_;) {
    const Step& step = steps_[i];
    const bool in_place = elementwise(step.spec.kind);  // dx takes the place of dy
    const T *x = input_of(i, at), *y = at.outputs[i];
    T* const asked = i > first_trained_ ? dx : nullptr;
    const Index all = pass.images * step.out_count;
    const auto rows_of = [&](auto* values) { return MatrixView(values, pass.images, step.out_count); };
    std::visit(
        Overloaded{[&](const Conv<T>& conv) { conv.backward(pass, at.kept[i], dy, at.scratch, asked); },
                   [&](const Relu<T>&) { Relu<T>::backward(y, dy, all, dy); },
                   [&](const Gelu<T>&) { Gelu<T>::backward(at.kept[i], dy, all, dy); },
                   [&](const MaxPool<T>& pool) { pool.backward(pass.images, x, y, dy, dx); },
                   [&](const AveragePool<T>& pool) { pool.backward(pass.images, dy, dx); },
                   [&](const Dense<T>& dense) { dense.backward(pass, x, dy, asked); },
                   [&](const Dropout<T>& dropout) { dropout.backward(pass, rows_of(dy), rows_of(dy)); }},
        step.layer);
    if (!in_place) std::swap(dy, dx);
  }
}

template <class T>
std::string LayerStack<T>::first_bad(const Base& activations, Index images) const {
  const auto& at = static_cast<const Activations&>(activations);
  const auto finite = [&](const T* values, Index per_image) {
    return core::all_finite(std::span<const T>(values, static_cast<std::size_t>(images * per_image)));
  };
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (!finite(at.outputs[i], steps_[i].out_count)) return name_of(i) + " output";
  return finite(at.logits, this->classes()) ? "" : "logits";
}

template <class T>
std::vector<NamedActivation<T>> LayerStack<T>::activations_of(const Base& activations, Index image) const {
  const auto& at = static_cast<const Activations&>(activations);
  std::vector<NamedActivation<T>> named;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (i + 1 < steps_.size() && steps_[i + 1].in_place) continue;
    const ImageSizes& out = steps_[i].out;
    named.push_back({name_of(i) + " output", core::Tensor<T>(output_shape(i))});
    core::transpose<T>({at.outputs[i] + image * out.count(), out.height * out.width, out.channels},
                       {named.back().values.data(), out.channels, out.height * out.width});
  }
  named.push_back({"logits", core::Tensor<T>({this->classes()})});
  std::copy_n(at.logits + image * this->classes(), this->classes(), named.back().values.data());
  return named;
}

template class LayerStack<float>;
template class LayerStack<double>;

}  // namespace vitrine::nn
