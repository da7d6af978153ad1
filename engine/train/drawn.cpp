#include "engine/train/drawn.h"

#include <algorithm>

#include "engine/core/stop.h"

namespace vitrine::train {

Split drawn_split(const core::Shape& picture, Index classes, Index first, Index count,
                  const DrawPicture& draw, core::Workers& workers, std::stop_token stop,
                  core::Progress* progress) {
  constexpr Index kPiece = 64;
  const Index pieces = core::divide_up(count, kPiece);
  Split out{core::Tensor<std::uint8_t>({count, picture[0], picture[1], picture[2]}),
            core::Tensor<std::uint8_t>({count})};
  if (progress) progress->begin(std::max<Index>(1, pieces));
  workers.run(static_cast<int>(pieces), [&](int piece) {
    core::throw_if_stopped(stop);
    for (Index i = piece * kPiece; i < std::min(count, (piece + 1) * kPiece); ++i) {
      const Index number = first + i, label = number % classes;
      out.labels[i] = static_cast<std::uint8_t>(label);
      draw(static_cast<std::uint64_t>(number), static_cast<int>(label), &out.images(i, 0, 0, 0));
    }
    if (progress) progress->advance();
  });
  return out;
}

}  // namespace vitrine::train
