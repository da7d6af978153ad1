#include "engine/nn/batch_pass.h"

#include <algorithm>
#include <cmath>

#include "engine/nn/flush_denormals.h"

namespace vitrine::nn {
namespace {

constexpr Index kShardImages = 8;  // at least so many images, and a chunk, share a gradient buffer
constexpr Index kMostShards = 8;   // and at most so many buffers are summed
constexpr Index kSlice = 8192;     // numbers of one piece of the sum

Index pieces_of(Index count, Index size) { return (count + size - 1) / size; }

template <class T>
Index shards_of(const Model<T>& model, Index batch) {
  return std::clamp<Index>(pieces_of(batch, std::max(kShardImages, model.chunk_images())), 1, kMostShards);
}

}  // namespace

template <class T>
class BatchPass<T>::Loan {
 public:
  explicit Loan(BatchPass& owner) : owner_(owner) {
    {
      std::lock_guard lock(owner.mutex_);
      if (!owner.idle_.empty()) {
        workspace_ = std::move(owner.idle_.back());
        owner.idle_.pop_back();
        return;
      }
    }
    workspace_ = std::make_unique<Workspace>();
    workspace_->activations = owner.model_.take_activations(workspace_->arena, owner.model_.chunk_images());
  }
  ~Loan() {
    std::lock_guard lock(owner_.mutex_);
    owner_.idle_.push_back(std::move(workspace_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  Activations& operator*() const { return *workspace_->activations; }
  Activations* operator->() const { return workspace_->activations.get(); }

 private:
  BatchPass& owner_;
  std::unique_ptr<Workspace> workspace_;
};

template <class T>
BatchPass<T>::BatchPass(const Model<T>& model, core::Workers& workers)
    : model_(model),
      workers_(workers),
      gradient_(static_cast<std::size_t>(model.layout().size())),
      squares_(static_cast<std::size_t>(pieces_of(model.layout().size(), kSlice))) {}

template <class T>
Index BatchPass<T>::needed_bytes(const Model<T>& model, int threads, Index batch) {
  Arena<T> arena(Arena<T>::Mode::kMeasure);
  model.take_activations(arena, model.chunk_images());
  const Index gradients = core::checked_mul(model.layout().size(), shards_of(model, batch) + 1);
  const Index numbers = core::checked_add(gradients, core::checked_mul(arena.taken(), threads));
  return core::checked_mul(numbers, sizeof(T));
}

template <class T>
void BatchPass<T>::run_chunk(Pass<T> pass, const T* images, const std::uint8_t* labels) {
  const FlushDenormals flush;
  const Index classes = model_.classes();
  Loan at(*this);
  model_.forward(pass, images, *at);
  for (Index i = 0; i < pass.images; ++i)
    losses_[static_cast<std::size_t>(pass.first_image + i)] =
        cross_entropy(at->logits + i * classes, classes, labels[i], 1 / static_cast<T>(pass.batch),
                      pass.gradient ? at->d_logits + i * classes : nullptr);
  if (pass.gradient) model_.backward(pass, *at);
}

template <class T>
BatchLoss BatchPass<T>::loss_and_gradient(const Weights<T>& weights, const T* images,
                                          std::span<const std::uint8_t> labels, const DropoutDraw& dropout) {
  const auto batch = static_cast<Index>(labels.size());
  const Index shards = shards_of(model_, batch), image = model_.image().count(), most = model_.chunk_images();
  losses_.resize(labels.size());
  while (static_cast<Index>(shard_gradients_.size()) < shards)
    shard_gradients_.emplace_back(gradient_.size());
  workers_.run(static_cast<int>(shards), [&](int shard) {
    auto& gradient = shard_gradients_[static_cast<std::size_t>(shard)];
    for (const ParameterInfo& info : model_.layout().infos())
      if (!info.written) std::fill_n(gradient.data() + info.offset, info.shape.count(), T{0});
    const Index begin = batch * shard / shards, end = batch * (shard + 1) / shards;
    for (Index first = begin; first < end; first += most) {
      const Pass<T> pass{weights.values.data(),
                         weights.transposed.data(),
                         gradient.data(),
                         std::min(most, end - first),
                         first,
                         batch,
                         dropout,
                         first == begin};
      run_chunk(pass, images + first * image, labels.data() + first);
    }
  });
  sum_shards(shards);
  return total(batch);
}

template <class T>
BatchLoss BatchPass<T>::loss(const Weights<T>& weights, const T* images,
                             std::span<const std::uint8_t> labels) {
  const auto batch = static_cast<Index>(labels.size());
  const Index image = model_.image().count(), most = model_.chunk_images();
  losses_.resize(labels.size());
  workers_.run(static_cast<int>(pieces_of(batch, most)), [&](int chunk) {
    const Index first = chunk * most;
    const Pass<T> pass{weights.values.data(),
                       weights.transposed.data(),
                       nullptr,
                       std::min(most, batch - first),
                       first,
                       batch,
                       {},
                       false,
                       true};
    run_chunk(pass, images + first * image, labels.data() + first);
  });
  BatchLoss sum = total(batch);
  sum.grad_norm = 0;
  return sum;
}

template <class T>
void BatchPass<T>::sum_shards(Index shards) {
  const auto size = static_cast<Index>(gradient_.size());
  workers_.run(static_cast<int>(squares_.size()), [&](int piece) {
    const FlushDenormals flush;
    const Index first = piece * kSlice, count = std::min(kSlice, size - first);
    T* sum = gradient_.data() + first;
    const T* start = shard_gradients_[0].data() + first;
    if (shards == 1) std::copy_n(start, count, sum);
    for (Index shard = 1; shard < shards; ++shard) {
      const T* part = shard_gradients_[static_cast<std::size_t>(shard)].data() + first;
      for (Index i = 0; i < count; ++i) sum[i] = start[i] + part[i];
      start = sum;
    }
    double squares[8] = {};               // eight sums side by side, so that they vectorise
    for (Index i = 0; i < count; i += 8)  // slices are multiples of 16 long
      for (Index j = 0; j < 8; ++j)
        squares[j] += static_cast<double>(sum[i + j]) * static_cast<double>(sum[i + j]);
    squares_[static_cast<std::size_t>(piece)] = ((squares[0] + squares[1]) + (squares[2] + squares[3])) +
                                                ((squares[4] + squares[5]) + (squares[6] + squares[7]));
  });
}

template <class T>
BatchLoss BatchPass<T>::total(Index batch) const {
  BatchLoss sum;
  for (Index i = 0; i < batch; ++i) {
    sum.loss += losses_[static_cast<std::size_t>(i)].loss;
    sum.correct += losses_[static_cast<std::size_t>(i)].correct;
  }
  sum.loss /= static_cast<double>(batch);
  double squares = 0;
  for (const double part : squares_) squares += part;
  sum.grad_norm = std::sqrt(squares);
  return sum;
}

template <class T>
std::string BatchPass<T>::first_bad(const Weights<T>& weights, const T* images, Index batch) {
  Loan at(*this);
  for (Index i = 0; i < batch; ++i) {
    const Pass<T> pass{weights.values.data(), weights.transposed.data(), nullptr, 1, i, batch, {}};
    model_.forward(pass, images + i * model_.image().count(), *at);
    if (const auto name = model_.first_bad(*at, 1); !name.empty()) return name;
  }
  if (gradient_.empty()) return "";  // there was no backward pass yet
  const auto& infos = model_.layout().infos();
  const auto bad = std::find_if(infos.rbegin(), infos.rend(), [&](const ParameterInfo& info) {
    const T* first = gradient_.data() + info.offset;
    return !std::all_of(first, first + info.shape.count(), [](T value) { return std::isfinite(value); });
  });
  return bad == infos.rend() ? "" : bad->name + " gradient";
}

template <class T>
void BatchPass<T>::look(const Weights<T>& weights, const T* image,
                        const std::function<void(const Activations&)>& read) {
  Loan at(*this);
  const Pass<T> pass{weights.values.data(), weights.transposed.data(), nullptr, 1, 0, 1, {}};
  model_.forward(pass, image, *at);
  read(*at);
}

template class BatchPass<float>;
template class BatchPass<double>;

}  // namespace vitrine::nn
