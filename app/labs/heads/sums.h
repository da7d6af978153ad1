// The equations behind single numbers of "Many heads", with their real numbers.
//   q = W_q x,  s = beta q . k,  a = softmax(s),  head = a V,  y = W_O concat
#pragma once

#include <string>

#include "app/labs/heads/lab.h"

namespace vitrine::labs {

// Cells are (token, component); tokens, heads and components count from 0.
class HeadSums {
 public:
  HeadSums(const ManyHeads::Result& result, core::Index head) : r_(result), head_(head) {}

  // A number of q, k or v.
  widgets::Equation projected(ManyHeads::Panel sheet, widgets::Cell at) const;
  // How well a query and a key match.
  widgets::Equation score(core::Index query, core::Index key) const;
  // The score, and what the softmax makes of it.
  widgets::Equation weight(core::Index query, core::Index key) const;
  // A number of concat, of whichever head it is.
  widgets::Equation mixed(widgets::Cell at) const;
  // A number of Y.
  widgets::Equation output(widgets::Cell at) const;
  // Whom a token looks at most in each head, and the entropies of its rows.
  widgets::Equation looks(core::Index query) const;
  // A token's row of X, or of concat head by head, as many numbers as there is room for.
  widgets::Equation token_row(core::Index token) const;
  widgets::Equation concat_row(core::Index token) const;

 private:
  // Whether a query of a head looks at all tokens that it may see with the same weight.
  bool alike(core::Index head, core::Index query) const;
  widgets::Math score_line(core::Index query, core::Index key, std::size_t terms) const;
  const ManyHeads::Head& head() const { return r_.heads[static_cast<std::size_t>(head_)]; }

  const ManyHeads::Result& r_;
  core::Index head_;
};

}  // namespace vitrine::labs
