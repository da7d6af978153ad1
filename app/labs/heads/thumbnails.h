// The grid of all heads of "Many heads": each head's weights small, with its number, its job where it is
// known, and its entropy.
#pragma once

#include "app/labs/heads/board.h"

namespace vitrine::labs {

// Returns the head that was clicked.
std::optional<core::Index> draw_thumbnails(widgets::Canvas& canvas, const HeadsBoard& board,
                                           const std::shared_ptr<const ManyHeads::Result>& result,
                                           const ManyHeads::Focus& focus);

}  // namespace vitrine::labs
