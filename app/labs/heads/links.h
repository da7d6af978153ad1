// The tokens of "Many heads": as two columns of names with ribbons between them, or as patches of a picture.
#pragma once

#include "app/labs/heads/board.h"

namespace vitrine::labs {

inline const ManyHeads::Head& head_of(const ManyHeads::Result& r, const ManyHeads::Focus& f) {
  return r.heads[static_cast<std::size_t>(f.head)];
}

// A word as the fonts can write it: what they cannot is a box.
std::string written(std::string_view word);
// "“cat”", "patch 7"; t counts from 0.
std::string token_name(const ManyHeads::Result& result, core::Index t);

// The tokens that a query looks at most, the strongest first.
std::vector<core::Index> most_looked_at(const ManyHeads::Head& head, core::Index query, core::Index most);

// The lit query's weights or the lit key's, as wide as they are large; pale all others where they are few.
void draw_ribbons(widgets::Canvas& canvas, const HeadsBoard& board, const ManyHeads::Result& result,
                  const ManyHeads::Focus& focus);
// The picture under the weights of the lit patch, which is marked.
void draw_patches(widgets::Canvas& canvas, const HeadsBoard& board,
                  const std::shared_ptr<const ManyHeads::Result>& result, const ManyHeads::Focus& focus);
// Under either: whom the lit token looks at most.
void draw_links_caption(widgets::Canvas& canvas, const HeadsBoard& board, const ManyHeads::Result& result,
                        const ManyHeads::Focus& focus);

}  // namespace vitrine::labs
